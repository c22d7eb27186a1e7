"""Puts servicers' methods on grpc.aio. Bytes come in and go out: reading and writing messages happens inside the
boundary, since what raises outside of it would reach the caller as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import TypeVar
from urllib.parse import unquote

import grpc
from google.protobuf.message import DecodeError, Message

from pointsman_server.errors import FieldViolation, InvalidRequest, PointsmanError, StreamBroken
from pointsman_server.identity.credentials import API_KEY, AUTHORIZATION, Peer, Presented
from pointsman_server.services.boundary import REQUEST_ID_KEY, Arrival, Boundary
from pointsman_server.services.call import Call
from pointsman_server.services.methods import Method, StreamMethod, UnaryMethod
from pointsman_server.services.size import check_size
from pointsman_server.services.status import status_of

T = TypeVar("T")
Context = grpc.aio.ServicerContext[bytes, bytes]

_STATUS_DETAILS_KEY = "grpc-status-details-bin"
_CODES = {code.value[0]: code for code in grpc.StatusCode}


class Binding:
    """Makes grpc handlers of methods."""

    def __init__(self, boundary: Boundary, *, max_request_bytes: int, write_timeout_s: float) -> None:
        self._boundary = boundary
        self._max_request_bytes = max_request_bytes
        self._write_timeout_s = write_timeout_s

    def handlers(self, methods: Iterable[Method]) -> list[grpc.GenericRpcHandler]:
        """One handler a service."""
        services: dict[str, dict[str, grpc.RpcMethodHandler[bytes, bytes]]] = {}
        for method in methods:
            services.setdefault(method.service, {})[method.name] = self._handler(method)
        return [grpc.method_handlers_generic_handler(name, handlers) for name, handlers in services.items()]

    def _handler(self, method: Method) -> grpc.RpcMethodHandler[bytes, bytes]:
        if isinstance(method, StreamMethod):
            return grpc.unary_stream_rpc_method_handler(self._stream(method))
        return grpc.unary_unary_rpc_method_handler(self._unary(method))

    def _unary(self, method: UnaryMethod) -> Callable[[bytes, Context], Awaitable[bytes]]:
        async def handle(data: bytes, context: Context) -> bytes:
            async def answer(call: Call) -> bytes:
                response = await method.function(self._read(method, data), call)
                return response.SerializeToString()

            return await self._run(method, context, answer)

        return handle

    def _stream(self, method: StreamMethod) -> Callable[[bytes, Context], Awaitable[None]]:
        # Not an async generator: then a caller that goes away while a write waits would leave the servicer's
        # generator to the garbage collector, and its cleanup to chance.
        async def handle(data: bytes, context: Context) -> None:
            async def relay(call: Call) -> None:
                async with aclosing(method.function(self._read(method, data), call)) as responses:
                    await self._write(context, responses)

            await self._run(method, context, relay)

        return handle

    async def _write(self, context: Context, responses: AsyncIterator[Message]) -> None:
        """Sends the responses; a caller who leaves its stream unread must not hold the call for ever."""
        now = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(None) as timer:
                watch = _Watch(timer, self._write_timeout_s)
                try:
                    async for response in responses:
                        watch.began = now()
                        await context.write(response.SerializeToString())
                        watch.began = None
                finally:
                    watch.stop()
        except TimeoutError:
            if not timer.expired():
                raise
            raise StreamBroken("The stream was left unread for too long and was ended.") from None

    def _read(self, method: Method, data: bytes) -> Message:
        try:
            request = method.request_type.FromString(data)
        except DecodeError:
            name = method.request_type.DESCRIPTOR.full_name
            problem = FieldViolation("request", f"is no {name}; use this server's protos")
            raise InvalidRequest(f"{problem.field}: {problem.description}", fields=(problem,)) from None
        check_size(request, len(data), self._max_request_bytes)
        return request

    async def _run(self, method: Method, context: Context, body: Callable[[Call], Awaitable[T]]) -> T:
        metadata = _text_metadata(context)
        request_id = self._boundary.request_id_of(metadata)
        arrival = Arrival(
            f"{method.service}/{method.name}",
            request_id,
            metadata,
            context.time_remaining(),
            _source(context),
            _presented(context),
        )
        context.set_trailing_metadata(((REQUEST_ID_KEY, request_id),))
        try:
            return await self._boundary.run(arrival, body)
        except PointsmanError as error:
            await _abort(context, error, request_id)
            raise AssertionError("abort always raises") from None


class _Watch:
    """Ends a timeout when one of many steps takes too long. A step only says when it began: setting a timer for each
    would cost more than all else that is done for it.
    """

    def __init__(self, timer: asyncio.Timeout, limit_s: float) -> None:
        self.began: float | None = None
        self._loop = asyncio.get_running_loop()
        self._timer = timer
        self._limit_s = limit_s
        self._next_look = self._loop.call_later(limit_s, self._look)

    def stop(self) -> None:
        self._next_look.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        latest = (now if self.began is None else self.began) + self._limit_s
        if latest <= now:
            self._timer.reschedule(now)
        else:
            self._next_look = self._loop.call_at(latest, self._look)


async def _abort(context: Context, error: PointsmanError, request_id: str) -> None:
    status = status_of(error, request_id)
    await context.abort(
        _CODES[status.code],
        status.message,
        ((REQUEST_ID_KEY, request_id), (_STATUS_DETAILS_KEY, status.SerializeToString())),
    )


def _source(context: Context) -> str:
    """The address and port, or ``unix``; gRPC escapes the colons of IPv6 and of its own scheme."""
    scheme, _, address = unquote(context.peer()).partition(":")
    return "unix" if scheme == "unix" else address


def _presented(context: Context) -> Presented:
    """The credentials: each value of a repeated key, so that the boundary can refuse to choose."""
    found: dict[str, list[str]] = {AUTHORIZATION: [], API_KEY: []}
    for key, value in context.invocation_metadata() or ():
        if key.lower() in found and isinstance(value, str):
            found[key.lower()].append(value)
    return Presented(tuple(found[AUTHORIZATION]), tuple(found[API_KEY]), _peer(context))


def _peer(context: Context) -> Peer | None:
    """The client certificate, where the connection has a verified one."""
    found = context.auth_context()
    if not found.get("x509_pem_cert"):
        return None
    names = [name.decode(errors="replace") for name in found.get("peer_uri", ())]
    common_name = next(iter(found.get("x509_common_name", ())), b"").decode(errors="replace")
    return Peer(common_name, tuple(names))


def _text_metadata(context: Context) -> Mapping[str, str]:
    """The caller's metadata without binary values; of a repeated key the first."""
    metadata: dict[str, str] = {}
    for key, value in context.invocation_metadata() or ():
        if isinstance(value, str):
            metadata.setdefault(key.lower(), value)
    return metadata
