"""Fetches the keys of JWT issuers through the guarded transport: no redirects, little time, little size."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol
from urllib.parse import urlsplit

from pointsman.v1.completion_pb2 import FailureKind

from pointsman_server.adapters.base import HttpCall, ProviderFailure
from pointsman_server.adapters.transport import Response, Timeouts
from pointsman_server.catalog.model import Access, Provider
from pointsman_server.identity.jwks import FetchedKeys, KeysNotRead
from pointsman_server.issuer_settings import is_loopback

MOST_BYTES: Final = 256 * 1024
"""A set of keys is larger than this only by mistake, or to make its reader work."""

_TIMEOUTS: Final = Timeouts(connect_ms=2_000, first_byte_ms=3_000, chunk_ms=2_000, total_ms=5_000)
_JSON: Final = frozenset({"application/json", "application/jwk-set+json"})
_OK: Final = 200


class Transport(Protocol):
    """What fetches: ``adapters.transport.Transport``."""

    def exchange(
        self, call: HttpCall, provider: Provider, timeouts: Timeouts
    ) -> AbstractAsyncContextManager[Response]: ...


class KeyFetcher:
    """Fetches pinned URLs.

    Args:
        private_networks: where issuers may be beside this machine and public addresses.
    """

    def __init__(self, transport: Transport, private_networks: tuple[str, ...], timeouts: Timeouts = _TIMEOUTS) -> None:
        self._transport = transport
        self._private_networks = private_networks
        self._timeouts = timeouts

    async def __call__(self, url: str, /) -> FetchedKeys:
        call = HttpCall("GET", url, {"accept": ", ".join(sorted(_JSON))})
        try:
            async with self._transport.exchange(call, self._host(url), self._timeouts) as response:
                if response.status != _OK:
                    raise KeysNotRead(f"status {response.status}")
                if response.content_type not in _JSON:
                    raise KeysNotRead("not served as JSON")
                body = await response.read(MOST_BYTES)
                return FetchedKeys(body, response.headers.get("cache-control", ""))
        except ProviderFailure as failure:
            status = "" if failure.http_status is None else f", status {failure.http_status}"
            kind = FailureKind.Name(failure.kind).removeprefix("FAILURE_KIND_").lower()
            raise KeysNotRead(f"{kind}{status}") from failure

    def _host(self, url: str) -> Provider:
        """The host as the transport's guard wants it described."""
        here = is_loopback(urlsplit(url).hostname or "")
        return Provider(
            id="issuer",
            display_name="issuer",
            dialect="",
            base_url=url,
            access=Access.LOOPBACK if here else Access.PRIVATE,
            private_hosts=() if here else self._private_networks,
        )
