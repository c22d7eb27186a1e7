"""An issuer's web server on a real loopback socket, which can be told to misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass
class KeyServer:
    """Serves one body at every path.

    Attributes:
        asked: how many requests have come.
        hold: where set, answers wait for it.
    """

    body: bytes = b""
    status: str = "200 OK"
    content_type: str = "application/json"
    headers: str = ""
    asked: int = 0
    hold: asyncio.Event | None = None
    paths: list[str] = field(default_factory=list)
    port: int = 0
    _next: asyncio.Event = field(default_factory=asyncio.Event)

    async def asked_for(self, times: int) -> None:
        """Waits until so many requests have come."""
        while self.asked < times:
            await self._next.wait()
            self._next.clear()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/keys"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            self._next.set()
            self.paths.append(request.split(b" ")[1].decode())
            if self.hold is not None:
                await self.hold.wait()
            writer.write(
                f"HTTP/1.1 {self.status}\r\ncontent-type: {self.content_type}\r\n{self.headers}"
                f"content-length: {len(self.body)}\r\nconnection: close\r\n\r\n".encode()
                + self.body
            )
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def serving(body: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[KeyServer]:
    found = KeyServer(body)
    server = await asyncio.start_server(found.answer, "127.0.0.1", 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        if found.hold is not None:
            found.hold.set()
        server.close()
