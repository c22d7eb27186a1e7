"""Which addresses a provider may be reached at, by what its file says and by where its base URL points."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pointsman_server.catalog.model import Access


@dataclass(frozen=True, slots=True)
class Reach:
    """What the transport is told. ``obstacle``: why the provider cannot be used as it is; empty when it can."""

    access: Access
    private_hosts: tuple[str, ...] = ()
    obstacle: str = ""


def reach(base_url: str, declared: Access | None, *, local: bool, private_networks: Sequence[str]) -> Reach:
    """Decides on the access. Where the file declares none, the address does: this machine, a private one, or public.

    A local provider that was pointed at another machine is a private one, and private ones need the operator's list.
    The transport checks the connected address again, since a name may mean any.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    address = _address(host)
    if declared in {None, Access.LOOPBACK} and (host == "localhost" or (address and address.is_loopback)):
        return Reach(Access.LOOPBACK)
    if declared is Access.PRIVATE or local or (address and not address.is_global):
        return _private(address, tuple(private_networks))
    if parts.scheme != "https":
        return Reach(Access.PUBLIC, obstacle=f"{base_url} is not https, which addresses outside must be")
    return Reach(Access.PUBLIC)


def _private(address: ipaddress.IPv4Address | ipaddress.IPv6Address | None, networks: tuple[str, ...]) -> Reach:
    allowed = [ipaddress.ip_network(network, strict=False) for network in networks]
    if not allowed or (address and not address.is_global and not any(address in network for network in allowed)):
        return Reach(Access.PRIVATE, obstacle="its address is private: add its network to POINTSMAN_PRIVATE_NETWORKS")
    return Reach(Access.PRIVATE, networks)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
