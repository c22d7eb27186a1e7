"""The HTTP side: the unary RPCs as JSON, in the manner of the Connect protocol's unary calls, and ``/healthz``."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from google.protobuf.message import Message
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pointsman_server.errors import (
    CallCancelled,
    DeadlineExceeded,
    FeatureNotAvailable,
    InvalidHttpRequest,
    NotFound,
    PointsmanError,
)
from pointsman_server.http import guard, json_body
from pointsman_server.http.responses import error_response, json_response, message_response
from pointsman_server.identity.credentials import API_KEY, AUTHORIZATION, Presented
from pointsman_server.services.boundary import Arrival, Boundary
from pointsman_server.services.call import Call
from pointsman_server.services.methods import Method, Servicer, StreamMethod, UnaryMethod, methods_of
from pointsman_server.services.size import check_size, too_large

_log = structlog.get_logger()
_OFF_LOOP_BODY_BYTES = 64 * 1024
"""Above this, reading the JSON takes more than some milliseconds, which other streams must not wait for."""
_TIMEOUT = re.compile(r"[0-9]{1,10}")
_BODY_FACTOR = 2
"""JSON is longer than protobuf: base64 alone by a third. The message itself is measured once it is read."""


def make_app(
    servicers: Sequence[Servicer], boundary: Boundary, *, allowed_hosts: Sequence[str], max_request_bytes: int
) -> ASGIApp:
    """The ASGI application."""
    rpcs = _Rpcs(boundary, max_request_bytes)
    routes = [Route(f"/{m.service}/{m.name}", rpcs.endpoint(m), methods=["POST"]) for m in methods_of(servicers)]
    app = Starlette(
        routes=[*routes, Route("/healthz", _health(boundary), methods=["GET"])],
        exception_handlers={404: _not_found(boundary), 405: _method_not_allowed(boundary)},
    )
    app.router.redirect_slashes = False
    return _Guard(app, boundary, frozenset(host.lower() for host in allowed_hosts))


class _Guard:
    """Stands before everything: no answer at all for a host or a site that is not allowed."""

    def __init__(self, app: ASGIApp, boundary: Boundary, allowed_hosts: frozenset[str]) -> None:
        self._app = app
        self._boundary = boundary
        self._allowed_hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        try:
            guard.check_host(request.headers.getlist("host"), self._allowed_hosts)
            guard.check_origin(request.headers.getlist("origin"), self._allowed_hosts)
        except PointsmanError as error:
            await _refusal(self._boundary, request, error)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _Rpcs:
    """Makes endpoints of methods."""

    def __init__(self, boundary: Boundary, max_request_bytes: int) -> None:
        self._boundary = boundary
        self._max_request_bytes = max_request_bytes

    def endpoint(self, method: Method) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            metadata = dict(request.headers)
            request_id = self._boundary.request_id_of(metadata)
            try:
                guard.check_content_type(
                    request.headers.getlist("content-type"), request.headers.getlist("content-encoding")
                )
            except PointsmanError as error:
                return _refusal(self._boundary, request, error, 415)
            try:
                seconds_left = _seconds_left(metadata)
                arrival = Arrival(
                    f"{method.service}/{method.name}",
                    request_id,
                    metadata,
                    seconds_left,
                    _source(request),
                    _presented(request),
                )
                return await self._boundary.run(arrival, lambda call: self._answer(method, request, call, arrival))
            except PointsmanError as error:
                return error_response(error, request_id)

        return handle

    async def _answer(self, method: Method, request: Request, call: Call, arrival: Arrival) -> Response:
        if isinstance(method, StreamMethod):
            raise FeatureNotAvailable(
                f"{method.name} streams, which HTTP does not carry yet; call it by gRPC",
                metadata={"field": method.name},
            )
        watch: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(arrival.seconds_left) as limit:
                body = await self._body(request)
                call = await call.renewed()  # whoever lets it wait for its body must not outlive its key
                watch = asyncio.create_task(_end_when_gone(request, limit))
                return message_response(await self._unary(method, body, call), call.request_id)
        except TimeoutError:
            if not limit.expired():
                raise
            if watch is not None and watch.done():
                raise CallCancelled("the caller went away") from None
            raise DeadlineExceeded("the time that Connect-Timeout-Ms allows has passed") from None
        finally:
            if watch is not None:
                watch.cancel()

    async def _unary(self, method: UnaryMethod, body: bytes, call: Call) -> Message:
        if len(body) > _OFF_LOOP_BODY_BYTES:
            message = await asyncio.to_thread(json_body.read, body, method.request_type)
        else:
            message = json_body.read(body, method.request_type)
        check_size(message, message.ByteSize(), self._max_request_bytes)
        return await method.function(message, call)

    async def _body(self, request: Request) -> bytes:
        most = _BODY_FACTOR * self._max_request_bytes
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise too_large(len(body), self._max_request_bytes, "request")
        except ClientDisconnect:
            raise InvalidHttpRequest("the connection closed before the body's end") from None
        return bytes(body)


async def _end_when_gone(request: Request, limit: asyncio.Timeout) -> None:
    """Ends the call when its client disconnects: the server in front does not. The body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    if not limit.expired():
        limit.reschedule(asyncio.get_running_loop().time())


def _source(request: Request) -> str:
    return f"{request.client.host}:{request.client.port}" if request.client else "unix"


def _presented(request: Request) -> Presented:
    headers = request.headers
    return Presented(tuple(headers.getlist(AUTHORIZATION)), tuple(headers.getlist(API_KEY)))


def _seconds_left(headers: Mapping[str, str]) -> float | None:
    value = headers.get("connect-timeout-ms")
    if value is None:
        return None
    if not _TIMEOUT.fullmatch(value):
        raise InvalidHttpRequest("Connect-Timeout-Ms is no number of at most ten digits")
    return int(value) / 1000


def _health(boundary: Boundary) -> Callable[[Request], Awaitable[Response]]:
    async def handle(_request: Request) -> Response:
        if boundary.serving:
            return json_response({"status": "SERVING"}, 200)
        return json_response({"status": "NOT_SERVING"}, 503)

    return handle


def _not_found(boundary: Boundary) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, _error: Exception) -> Response:
        message = "there is nothing at this path; docs/api.md lists what there is"
        error = NotFound(message, metadata={"resource": "path"})
        return _refusal(boundary, request, error)

    return handle


def _method_not_allowed(boundary: Boundary) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, _error: Exception) -> Response:
        allow = "GET" if request.url.path == "/healthz" else "POST"
        error = InvalidHttpRequest(f"this path takes {allow} only")
        return _refusal(boundary, request, error, 405, {"allow": allow})

    return handle


def _refusal(
    boundary: Boundary,
    request: Request,
    error: PointsmanError,
    http_status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answers and logs what never became a call."""
    request_id = boundary.request_id_of(request.headers)
    _log.info("http_refused", reason=error.reason, request_id=request_id)
    return error_response(error, request_id, http_status, headers)
