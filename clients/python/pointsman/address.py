"""The address of a server: what people write, and what gRPC is told."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple

_SCHEMES = {"http://": False, "https://": True}
_HTTPS_PORT = 443
_SOCKETS = ("unix:", "unix-abstract:")


class Target(NamedTuple):
    """A server.

    Attributes:
        endpoint: what gRPC is told.
        tls: whether TLS is spoken there.
    """

    endpoint: str
    tls: bool

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        if self.endpoint.startswith(_SOCKETS):
            return True
        host = self.endpoint.rpartition(":")[0].strip("[]")
        try:
            return ip_address(host).is_loopback
        except ValueError:  # a name
            return host == "localhost"


def target(address: str) -> Target:
    """What an address means: ``https://host`` and ``https://host:port`` speak TLS, all else is plain."""
    for scheme, tls in _SCHEMES.items():
        if address.startswith(scheme):
            endpoint = address.removeprefix(scheme).rstrip("/")
            return Target(_with_port(endpoint) if tls else endpoint, tls)
    return Target(address, tls=False)


def _with_port(endpoint: str) -> str:
    host, _, port = endpoint.rpartition(":")
    return endpoint if host and port.isdecimal() else f"{endpoint}:{_HTTPS_PORT}"
