"""Which addresses a provider may be reached at, decided on the very address that a socket is about to connect to.

A name says nothing: it may resolve to another address each time it is asked for. So the URL is checked for its form
alone, and the address is checked by the factory that makes the socket (the SSRF guard of ``transport.py``).
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from pointsman_server.catalog.model import Access

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


# IANA's special-purpose registries of IPv4 and IPv6: what is not of the public internet. Written out, since what
# ``is_global`` says has changed between Python's releases.
_NOT_PUBLIC_V4 = _networks(
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
)  # fmt: skip
# All global unicast lies in here; the exceptions within it are protocol assignments (Teredo, ORCHID), documentation
# and 6to4, which carries an IPv4 address.
_PUBLIC_V6 = ip_network("2000::/3")
_NOT_PUBLIC_V6 = _networks("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")

# Never reached as a private network either, whatever an operator lists: this machine, link-local addresses, every
# IPv6 form that carries an IPv4 address, and the metadata services of clouds.
_NEVER = _networks(
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "168.63.129.16/32", "100.100.100.200/32",
    "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16",
    "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128", "fd20:ce::254/128", "fd00:42::42/128",
)  # fmt: skip

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?)|\[[0-9A-Fa-f:.]+\])"
    r"(?::[1-9][0-9]{0,4})?"
    r"(?:/[!-\[\]-~]*)?"  # printable ASCII without the backslash, which some parsers take for a slash
)
_QUERY = re.compile(r"[!-\[\]-~]*")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")


class BlockedAddress(OSError):
    """An address or a URL that the provider may not be reached at. An ``OSError``, as failing sockets raise."""

    def __init__(self) -> None:
        # One text for all addresses: where several are tried, equal texts keep the error's class.
        super().__init__("the address is not allowed")


def check_url(url: str, access: Access) -> None:
    """Checks the form of a URL: http or https, a plain host, no user name, nothing that two parsers read differently.

    Raises:
        BlockedAddress: it has another form, or is not encrypted where it must be.
    """
    # Without the query, which may hold a key and would fill the cache.
    base, _, query = url.partition("?")
    _check_base(base, access)
    if query and not _QUERY.fullmatch(query):
        raise BlockedAddress


@lru_cache(maxsize=1024)
def _check_base(url: str, access: Access) -> None:
    match = _URL.fullmatch(url)
    if match is None or (access is Access.PUBLIC and match["scheme"] != "https"):
        raise BlockedAddress
    name = match["name"]
    # Resolvers take 2130706433, 0x7f.1 and 0177.0.0.1 for IPv4 addresses: only the canonical form passes.
    if name is not None and _NUMBER.fullmatch(name.rstrip(".").rpartition(".")[2]) and not _is_ipv4(name):
        raise BlockedAddress


def _is_ipv4(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


def is_public(address: Address) -> bool:
    """Whether the address is global unicast, and no form that carries an IPv4 address."""
    if address in _AZURE_HOST:
        return False
    if isinstance(address, IPv4Address):
        return not _within(address, _NOT_PUBLIC_V4)
    return address in _PUBLIC_V6 and not _within(address, _NOT_PUBLIC_V6)


# In public space, and yet the metadata service of one cloud.
_AZURE_HOST = ip_network("168.63.129.16/32")


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def common_networks(asked: Sequence[str], allowed: Iterable[Network]) -> tuple[Network, ...]:
    """The parts of ``asked`` that lie in ``allowed``.

    Raises:
        BlockedAddress: one of ``asked`` is no network.
    """
    try:
        networks = [ip_network(text, strict=False) for text in asked]
    except ValueError:
        raise BlockedAddress from None
    pairs = ((a, b) for a in networks for b in allowed if a.version == b.version and a.overlaps(b))
    return tuple(dict.fromkeys(a if a.prefixlen >= b.prefixlen else b for a, b in pairs))


class OwnAddresses:
    """Where this process listens itself: never connected to, or a request could feed itself."""

    def __init__(self) -> None:
        self._exact: set[tuple[Address, int]] = set()
        self._any_address: set[int] = set()

    def add(self, host: str, port: int) -> None:
        """Adds a listening address; a name counts with all that it resolves to, a wildcard with all of this machine.

        Raises:
            OSError: the name does not resolve.
        """
        if not host:
            self._any_address.add(port)
            return
        for info in socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM):
            address = ip_address(info[4][0])
            if address.is_unspecified:
                self._any_address.add(port)
            else:
                self._exact.add((address, port))

    def contains(self, address: Address, port: int) -> bool:
        """Whether a connection to it would reach this process."""
        if (address, port) in self._exact:
            return True
        return port in self._any_address and (address.is_loopback or _is_this_machine(address))


def _is_this_machine(address: Address) -> bool:
    # Only an address of this machine can be bound, and no list of interfaces can be out of date.
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Decides for one class of providers; connections that one guard allowed are never used under another.

    Attributes:
        networks: with ``Access.PRIVATE``, what the operator allows beside public addresses.
        encrypted: whether the connections are; public addresses are reached over encrypted ones only.
    """

    access: Access
    networks: tuple[Network, ...] = ()
    encrypted: bool = True
    own: OwnAddresses = field(default_factory=OwnAddresses, compare=False)

    def check(self, host: str, port: int) -> None:
        """Checks the address that is about to be connected to.

        Raises:
            BlockedAddress: it may not be.
        """
        try:
            address = ip_address(host)
        except ValueError:
            raise BlockedAddress from None
        if not self._allows(address) or self.own.contains(address, port):
            raise BlockedAddress

    def _allows(self, address: Address) -> bool:
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            return False
        if self.access is Access.LOOPBACK:
            # A mapped address (::ffff:127.0.0.1) counts as loopback in newer Pythons only: in none here.
            return address.is_loopback and getattr(address, "ipv4_mapped", None) is None
        if self.encrypted and is_public(address):
            return True
        return self.access is Access.PRIVATE and _within(address, self.networks) and not _within(address, _NEVER)
