"""A small HTTP/1.1 server on asyncio's protocols, whose answers can also be broken on purpose.

An ASGI server would cost ten times as much per request and would never send a broken answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, cast

_MAX_HEAD_BYTES: Final = 64 * 1024
_MAX_BODY_BYTES: Final = 128 * 1024 * 1024
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read whole; header names are lower-case, the query is as it came."""

    method: str
    path: str
    query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class BadRequest(Exception):
    """What arrived is not HTTP/1.1, or too large."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Reply:
    """The answer to one request. Nothing is sent before the first body bytes, so that a short answer is one write."""

    def __init__(self, transport: asyncio.Transport, writable: asyncio.Event) -> None:
        self._transport = transport
        self._writable = writable
        self._pending = b""
        self.complete = False

    def send(self, status: int, content_type: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Sends a whole answer at once."""
        self._pending = _head(status, content_type, headers, f"content-length: {len(body)}")
        self.raw(body)
        self.complete = True

    def start(self, status: int, content_type: str, headers: Mapping[str, str] | None = None) -> None:
        """Begins an answer whose length is not known yet."""
        self._pending = _head(status, content_type, headers, "transfer-encoding: chunked")

    def write(self, data: bytes) -> None:
        """Sends the next piece of the body."""
        # A piece of no bytes would end the body.
        self.raw(b"%x\r\n%b\r\n" % (len(data), data) if data else b"")

    def end(self, data: bytes = b"") -> None:
        """Sends the last piece and ends the answer."""
        self.raw((b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data)) if data else b"0\r\n\r\n")
        self.complete = True

    def raw(self, data: bytes) -> None:
        """Sends bytes as they are, after the head if it is still to be sent."""
        if self._pending:
            data, self._pending = self._pending + data, b""
        self._transport.write(data)

    def cut(self) -> None:
        """Sends what is pending and closes the connection, wherever the answer is."""
        if self._pending:
            self.raw(b"")
        self._transport.close()

    async def drain(self) -> None:
        """Waits until the client has read enough for more to be sent."""
        await self._writable.wait()


def _head(status: int, content_type: str, headers: Mapping[str, str] | None, framing: str) -> bytes:
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Unknown')}", f"content-type: {content_type}", framing]
    if headers:
        lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


Handler = Callable[[Request, Reply], Awaitable[None]]


class HttpServer:
    """Accepts connections and hands each request to the handler, which is cancelled when the client goes away."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.connections: set[_Connection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listens, returns the port.

        Raises:
            OSError: the address cannot be listened at.
        """
        self._server = await asyncio.get_running_loop().create_server(lambda: _Connection(self), host, port)
        return cast(int, self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stops listening, drops the connections and waits for the handlers."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self.connections):
            connection.abort()
        while self.tasks:
            await asyncio.wait(self.tasks)
        await self._server.wait_closed()


class _Connection(asyncio.Protocol):
    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._buffer = bytearray()
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server.connections.add(self)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._server.connections.discard(self)
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def abort(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._task is None:
            self._next()

    def _next(self) -> None:
        try:
            request = self._read()
        except BadRequest as error:
            Reply(self._transport, self._writable).send(error.status, "text/plain", b"", {"connection": "close"})
            self._transport.close()
            return
        if request is not None:
            reply = Reply(self._transport, self._writable)
            self._task = asyncio.get_running_loop().create_task(self._serve(request, reply))
            self._server.tasks.add(self._task)
            self._task.add_done_callback(self._ended)

    async def _serve(self, request: Request, reply: Reply) -> None:
        await self._server.handler(request, reply)
        if not reply.complete or request.headers.get("connection", "").lower() == "close":
            self._transport.close()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._server.tasks.discard(task)
        self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            context = {"message": "the sandbox failed at a request", "exception": error, "task": task}
            task.get_loop().call_exception_handler(context)
            self._transport.abort()
        elif not self._transport.is_closing():
            self._next()

    def _read(self) -> Request | None:
        """Takes one whole request out of the buffer; ``None``: more bytes are needed."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _MAX_HEAD_BYTES:
                raise BadRequest(431)
            return None
        method, target, headers = _parse_head(bytes(self._buffer[:end]))
        self._answer_expectation(headers, end)
        body_at = end + 4
        if "transfer-encoding" in headers:
            body, consumed = _chunked_body(self._buffer, body_at)
        else:
            body, consumed = _sized_body(self._buffer, body_at, headers.get("content-length", "0"))
        if body is None:
            return None
        del self._buffer[:consumed]
        path, _, query = target.partition("?")
        return Request(method, path, query, headers, body)

    def _answer_expectation(self, headers: Mapping[str, str], end: int) -> None:
        # Asked once, right after the head; a client that has begun to send its body does not wait.
        if headers.get("expect", "").lower() == "100-continue" and len(self._buffer) == end + 4:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def _parse_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    line, *fields = head.decode("latin-1").split("\r\n")
    match line.split(" "):
        case [method, target, "HTTP/1.1" | "HTTP/1.0"]:
            pass
        case _:
            raise BadRequest(400)
    headers = {}
    for text in fields:
        name, colon, value = text.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest(400)
        headers[name.lower()] = value.strip()
    return method, target, headers


def _sized_body(buffer: bytearray, start: int, length_text: str) -> tuple[bytes | None, int]:
    if not (length_text.isascii() and length_text.isdigit()):
        raise BadRequest(400)
    length = int(length_text)
    if length > _MAX_BODY_BYTES:
        raise BadRequest(413)
    end = start + length
    return (bytes(buffer[start:end]), end) if len(buffer) >= end else (None, 0)


def _chunked_body(buffer: bytearray, at: int) -> tuple[bytes | None, int]:
    body = bytearray()
    while (line_end := buffer.find(b"\r\n", at)) >= 0:
        try:
            size = int(bytes(buffer[at:line_end]).partition(b";")[0], 16)
        except ValueError:
            raise BadRequest(400) from None
        at = line_end + 2
        if size < 0 or len(body) + size > _MAX_BODY_BYTES:
            raise BadRequest(413)
        if len(buffer) < at + size + 2:
            break
        if size == 0:
            return bytes(body), at + 2
        body += buffer[at : at + size]
        at += size + 2
    return None, 0
