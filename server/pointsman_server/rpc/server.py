"""The gRPC server: services, health and reflection on one address."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import SERVICE_NAME as HEALTH_SERVICE_NAME
from grpc_health.v1.health import aio as health_aio

from pointsman_server.errors import ConfigurationError
from pointsman_server.rpc.binding import Binding
from pointsman_server.rpc.reflection import reflection_handlers
from pointsman_server.rpc.tls import credentials
from pointsman_server.services.boundary import Boundary
from pointsman_server.services.methods import Servicer, methods_of
from pointsman_server.tls import TlsFiles

_UNIX = "unix:"
_LAST_BYTES_SECONDS = 0.25
"""How long the last statuses may take to leave, and how long health watchers keep the server at its end."""


class GrpcServer:
    """Serves the servicers. ``start``, then ``drain``."""

    def __init__(
        self,
        servicers: Sequence[Servicer],
        boundary: Boundary,
        *,
        address: str,
        max_request_bytes: int,
        stalled_reader_ms: int,
        tls: TlsFiles | None = None,
    ) -> None:
        """Takes what it serves. With TLS files it speaks TLS on an address, and never on a Unix socket."""
        self._boundary = boundary
        self._address = address
        self._tls = tls
        self._health = health_aio.HealthServicer()
        self._services = [servicer.descriptor.full_name for servicer in servicers]
        # Twice: whoever makes the stream notices first and knows best what becomes of it.
        binding = Binding(boundary, max_request_bytes=max_request_bytes, write_timeout_s=2 * stalled_reader_ms / 1000)
        handlers = binding.handlers(methods_of(servicers))
        self._handlers = [*handlers, *reflection_handlers([*self._services, HEALTH_SERVICE_NAME])]
        self._options = _options(max_request_bytes)
        self._server: grpc.aio.Server | None = None

    async def start(self) -> str:
        """Listens and serves; returns the bound address: ``host:port`` or ``unix:/path``.

        Raises:
            ConfigurationError: the address is taken or cannot be used, or the TLS files cannot.
        """
        server = grpc.aio.server(handlers=self._handlers, options=self._options)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        bound = _bind(server, self._address, self._tls)
        await server.start()
        for service in ("", *self._services):
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        self._server = server
        return bound

    async def drain(self, grace_seconds: float) -> None:
        """Says NOT_SERVING, refuses new calls, lets running ones end within the grace, and stops."""
        await self._health.enter_graceful_shutdown()
        await self._boundary.drain(grace_seconds)
        if self._server is not None:
            await self._server.stop(_LAST_BYTES_SECONDS)


def _options(max_request_bytes: int) -> list[tuple[str, int]]:
    return [
        # Above our own limit, so that callers normally get our own error, which names the field.
        ("grpc.max_receive_message_length", 2 * max_request_bytes),
        ("grpc.max_send_message_length", -1),
        # Two servers on one port would share its calls unseen.
        ("grpc.so_reuseport", 0),
        # Finds callers that vanished without closing, and lets theirs find us.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
    ]


def _bind(server: grpc.aio.Server, address: str, tls: TlsFiles | None) -> str:
    protection = None if tls is None or address.startswith(_UNIX) else credentials(tls)
    try:
        port = server.add_secure_port(address, protection) if protection else server.add_insecure_port(address)
    except RuntimeError as error:
        raise ConfigurationError(f"cannot listen on {address}: it is taken or cannot be used") from error
    if address.startswith(_UNIX):
        # Keys travel on it in the clear.
        Path(address.removeprefix(_UNIX)).chmod(0o600)
        return address
    host, _, _ = address.rpartition(":")
    return f"{host}:{port}"
