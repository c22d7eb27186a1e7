"""The HTTP server: the ASGI application under uvicorn, in the loop of the gRPC server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from pointsman_server.errors import ConfigurationError
from pointsman_server.http.tls import context
from pointsman_server.tls import TlsFiles

_UNIX = "unix:"
_LAST_BYTES_SECONDS = 1


class HttpServer:
    """Serves an application on ``host:port`` or ``unix:/path``. ``start``, then ``stop``."""

    def __init__(self, app: ASGIApp, *, address: str, tls: TlsFiles | None = None) -> None:
        """Takes what it serves. With TLS files it speaks TLS on an address, and never on a Unix socket."""
        self._app = app
        self._address = address
        self._tls = None if address.startswith(_UNIX) else tls
        self._server: _Uvicorn | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Listens and serves; returns the bound address.

        Raises:
            ConfigurationError: the address is taken or cannot be used, or the TLS files cannot.
        """
        config = _config(self._app, self._tls)
        listener = await _listen(self._address)
        self._server = _Uvicorn(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            await self._task
        return _bound(listener, self._address)

    async def stop(self) -> None:
        """Closes the listener and waits a moment for running calls; the boundary has drained them before."""
        if self._server is None or self._task is None:
            return
        self._server.should_exit = True
        await self._task
        _remove_socket(self._address)


class _Uvicorn(uvicorn.Server):
    """Leaves signals to the program, and says when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def _config(app: ASGIApp, tls: TlsFiles | None) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_LAST_BYTES_SECONDS,
    )
    config.load()
    # Not by its own settings: those read the files once.
    config.ssl = None if tls is None else context(tls)
    return config


async def _listen(address: str) -> socket.socket:
    try:
        if address.startswith(_UNIX):
            return _listen_unix(Path(address.removeprefix(_UNIX)))
        host, _, port = address.rpartition(":")
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
        family, kind, protocol, _, target = found[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(target)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {address}: it is taken or cannot be used") from error
    return listener


def _listen_unix(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    try:
        if path.is_socket():
            path.unlink()
        listener.bind(str(path))
        # Keys travel on it in the clear.
        path.chmod(0o600)
    except OSError:
        listener.close()
        raise
    return listener


def _remove_socket(address: str) -> None:
    if address.startswith(_UNIX):
        Path(address.removeprefix(_UNIX)).unlink(missing_ok=True)


def _bound(listener: socket.socket, address: str) -> str:
    if address.startswith(_UNIX):
        return address
    host, _, _ = address.rpartition(":")
    return f"{host}:{listener.getsockname()[1]}"
