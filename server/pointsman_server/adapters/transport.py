"""The one HTTP client that speaks to providers: pooled, bounded in time and size, guarded in where it connects."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_network
from types import TracebackType
from typing import Final, Protocol

import aiohttp
from pointsman.v1.completion_pb2 import FailureKind

from pointsman_server.adapters.address_guard import (
    AddressGuard,
    BlockedAddress,
    Network,
    OwnAddresses,
    check_url,
    common_networks,
)
from pointsman_server.adapters.base import HttpCall, ProviderFailure
from pointsman_server.catalog.model import Access, Provider
from pointsman_server.errors import ConfigurationError

_HEADERS: Final = {"user-agent": "pointsman", "accept-encoding": "identity"}
# Below the five seconds after which common servers close an idle connection: a request sent into that is lost.
_KEEP_ALIVE_S: Final = 4.0
# From here on aiohttp wants a file, which it sends in pieces.
_LARGE_BODY_BYTES: Final = 1 << 20
_LOWER_ERRORS: Final = (aiohttp.ClientError, OSError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each step of an exchange may take.

    Attributes:
        connect_ms: until the connection stands, its encryption included.
        first_byte_ms: from then until the headers and the first bytes of the body have come.
        chunk_ms: between two pieces of the body.
        total_ms: the whole exchange.
    """

    connect_ms: int
    first_byte_ms: int
    chunk_ms: int
    total_ms: int


class Response:
    """A provider's answer, whatever its status. Its body can be read once, inside the exchange's ``async with``."""

    __slots__ = ("_chunk_s", "_deadline", "_limit_bytes", "_received_bytes", "_response", "content_type", "status")

    def __init__(self, response: aiohttp.ClientResponse, *, limit_bytes: int, chunk_s: float, deadline: float) -> None:
        self._response = response
        self._limit_bytes = limit_bytes
        self._chunk_s = chunk_s
        self._deadline = deadline
        self._received_bytes = 0
        self.status = response.status
        self.content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers by lower-case name; of a repeated one, the last."""
        return {name.lower(): value for name, value in self._response.headers.items()}

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives.

        Raises:
            ProviderFailure: ``TIMEOUT``, ``CUT`` or ``TOO_LARGE``.
        """
        while data := await self._next():
            yield data

    async def read(self, limit_bytes: int) -> bytes:
        """The whole body.

        Raises:
            ProviderFailure: as ``chunks``; ``TOO_LARGE`` also when it is longer than ``limit_bytes``.
        """
        body = bytearray()
        while data := await self._next():
            body += data
            if len(body) > limit_bytes:
                raise ProviderFailure(FailureKind.FAILURE_KIND_TOO_LARGE, http_status=self.status)
        return bytes(body)

    async def _next(self) -> bytes:
        try:
            data = await self._response.content.readany()
        except _LOWER_ERRORS as error:
            raise _failure(error, self.status) from _safe_cause(error)
        first = not self._received_bytes
        self._received_bytes += len(data)
        if self._received_bytes > self._limit_bytes:
            raise ProviderFailure(FailureKind.FAILURE_KIND_TOO_LARGE, http_status=self.status)
        if self._response.connection is not None:
            self._arm(first=first)
        return data

    def _arm(self, *, first: bool) -> None:
        # aiohttp's own limit for the whole would wrap each read in a timer; this one costs a look at the clock. The
        # timer between chunks runs already, so it is only set anew where it would end too late.
        left_s = self._deadline - asyncio.get_running_loop().time()
        if left_s <= 0:
            raise ProviderFailure(FailureKind.FAILURE_KIND_TIMEOUT, http_status=self.status)
        if first or left_s < self._chunk_s:
            _limit_silence(self._response, min(left_s, self._chunk_s))


class Transport:
    """Sends calls to providers. Connections are kept open and shared, but never across classes of access.

    Raises:
        ConfigurationError: a private network is none.
    """

    def __init__(
        self,
        *,
        private_networks: Sequence[str] = (),
        max_response_bytes: int = 64 * 1024 * 1024,
        connections_per_host: int = 2_000,
    ) -> None:
        self._private_networks = _configured_networks(private_networks)
        self._max_response_bytes = max_response_bytes
        self._connections_per_host = connections_per_host
        self._own = OwnAddresses()
        self._sessions: dict[tuple[Access, tuple[str, ...], bool], aiohttp.ClientSession] = {}
        self._closed = False

    def forbid(self, host: str, port: int) -> None:
        """Names an address where this process listens: it is never connected to.

        Raises:
            OSError: the name does not resolve.
        """
        self._own.add(host, port)

    def exchange(self, call: HttpCall, provider: Provider, timeouts: Timeouts) -> AbstractAsyncContextManager[Response]:
        """Sends the call; entering waits for the headers, leaving ends it. Redirects are failures, not followed.

        A connection goes back to the pool only when its answer was read to the end; otherwise it is closed.

        Raises:
            ProviderFailure: on entering: ``BLOCKED_ADDRESS``, ``CONNECT``, ``TIMEOUT``, ``CUT``, ``TOO_LARGE``;
                ``GARBAGE`` when the answer is a redirect or no HTTP.
        """
        return _Exchange(self._session, self._max_response_bytes, call, provider, timeouts)

    async def close(self) -> None:
        """Closes every connection."""
        self._closed = True
        while self._sessions:
            await self._sessions.popitem()[1].close()

    def _session(self, provider: Provider, *, encrypted: bool) -> aiohttp.ClientSession:
        if self._closed:
            raise RuntimeError("the transport is closed")
        key = (provider.access, provider.private_hosts, encrypted)
        session = self._sessions.get(key)
        if session is None:
            networks = common_networks(provider.private_hosts, self._private_networks)
            session = self._open(AddressGuard(provider.access, networks, encrypted, self._own))
            self._sessions[key] = session
        return session

    def _open(self, guard: AddressGuard) -> aiohttp.ClientSession:
        def guarded_socket(info: aiohttp.AddrInfoType) -> socket.socket:
            family, kind, protocol, _, address = info
            guard.check(str(address[0]), int(address[1]))
            return socket.socket(family, kind, protocol)

        connector = aiohttp.TCPConnector(
            limit=0,
            limit_per_host=self._connections_per_host,
            keepalive_timeout=_KEEP_ALIVE_S,
            resolver=aiohttp.ThreadedResolver(),
            socket_factory=guarded_socket,
        )
        # No cookies, and nothing from the environment: no proxy, no .netrc.
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers=_HEADERS, trust_env=False
        )


class _Session(Protocol):
    def __call__(self, provider: Provider, *, encrypted: bool) -> aiohttp.ClientSession: ...


class _Exchange(AbstractAsyncContextManager[Response]):
    # A class, since a generator's context manager would cost as much as the rest of this module.
    __slots__ = ("_call", "_limit_bytes", "_provider", "_response", "_session", "_timeouts")

    def __init__(
        self, session: _Session, limit_bytes: int, call: HttpCall, provider: Provider, timeouts: Timeouts
    ) -> None:
        self._session = session
        self._limit_bytes = limit_bytes
        self._call = call
        self._provider = provider
        self._timeouts = timeouts
        self._response: aiohttp.ClientResponse | None = None

    async def __aenter__(self) -> Response:
        timeouts, now = self._timeouts, asyncio.get_running_loop().time
        end = now() + timeouts.total_ms / 1000
        first_end = min(end, now() + (timeouts.connect_ms + timeouts.first_byte_ms) / 1000)
        try:
            # Headers that trickle in keep aiohttp's timer for silence from ending.
            async with asyncio.timeout_at(first_end):
                response = self._response = await self._send()
        except _LOWER_ERRORS as error:
            raise _failure(error, None) from _safe_cause(error)
        try:
            self._check(response)
        except ProviderFailure:
            response.close()
            raise
        _limit_silence(response, max(0.001, min(first_end - now(), timeouts.first_byte_ms / 1000)))
        return Response(response, limit_bytes=self._limit_bytes, chunk_s=timeouts.chunk_ms / 1000, deadline=end)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._response is not None:
            # Closes the connection, unless the body was read to its end and the connection has gone back already.
            self._response.close()

    async def _send(self) -> aiohttp.ClientResponse:
        call = self._call
        check_url(call.url, self._provider.access)
        session = self._session(self._provider, encrypted=call.url.startswith("https:"))
        body = io.BytesIO(call.body) if len(call.body) > _LARGE_BODY_BYTES else call.body
        return await session.request(
            call.method,
            call.url,
            headers=call.headers,
            data=body or None,
            allow_redirects=False,
            timeout=_client_timeout(self._timeouts),
        )

    def _check(self, response: aiohttp.ClientResponse) -> None:
        if 300 <= response.status < 400:  # noqa: PLR2004  # the statuses of redirects
            raise ProviderFailure(FailureKind.FAILURE_KIND_GARBAGE, http_status=response.status)
        if (response.content_length or 0) > self._limit_bytes:
            raise ProviderFailure(FailureKind.FAILURE_KIND_TOO_LARGE, http_status=response.status)


def _configured_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(text, strict=False) for text in texts)
    except ValueError as error:
        raise ConfigurationError(f"private_networks: {error}; write networks such as 10.1.0.0/16") from error


@lru_cache(maxsize=64)
def _client_timeout(timeouts: Timeouts) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None, connect=timeouts.connect_ms / 1000, sock_read=timeouts.first_byte_ms / 1000
    )


def _limit_silence(response: aiohttp.ClientResponse, seconds: float) -> None:
    # The connection is gone from the response once the body has come whole: then no timer may run on it.
    connection = response.connection
    protocol = connection.protocol if connection is not None else None
    if protocol is not None:
        protocol.read_timeout = seconds
        protocol.start_timeout()


def _failure(error: Exception, status: int | None) -> ProviderFailure:
    return ProviderFailure(_kind(error), http_status=status)


# In this order: the first class that fits tells.
_KINDS: Final[tuple[tuple[tuple[type[Exception], ...], FailureKind.ValueType], ...]] = (
    ((BlockedAddress, aiohttp.InvalidURL), FailureKind.FAILURE_KIND_BLOCKED_ADDRESS),
    ((aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError), FailureKind.FAILURE_KIND_CONNECT),
    ((TimeoutError,), FailureKind.FAILURE_KIND_TIMEOUT),
    ((aiohttp.ClientResponseError,), FailureKind.FAILURE_KIND_GARBAGE),
    ((aiohttp.ClientError, OSError), FailureKind.FAILURE_KIND_CUT),
    ((Exception,), FailureKind.FAILURE_KIND_INTERNAL),
)


def _kind(error: Exception) -> FailureKind.ValueType:
    reason = getattr(error, "os_error", error)
    if isinstance(reason, BlockedAddress):
        return FailureKind.FAILURE_KIND_BLOCKED_ADDRESS
    return next(kind for classes, kind in _KINDS if isinstance(error, classes))


def _safe_cause(error: Exception) -> Exception:
    # aiohttp puts URLs with their query, headers and pieces of the answer into its texts. The operating system's
    # errors name addresses alone and are kept; of any other error its class is.
    inner = getattr(error, "os_error", error)
    if isinstance(inner, OSError) and not isinstance(inner, aiohttp.ClientError):
        return inner
    return ConnectionError(type(error).__name__)
