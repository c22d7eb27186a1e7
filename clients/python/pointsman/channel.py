"""How both clients reach a server: its address, TLS, and gRPC's options."""

from __future__ import annotations

import json
import os
from pathlib import Path

import grpc

from pointsman import contexts
from pointsman.address import Target
from pointsman.errors import CredentialUnusable

ADDRESS_VARIABLE = "POINTSMAN_ADDRESS"
ROOT_CERTIFICATES_VARIABLE = "POINTSMAN_ROOT_CERTIFICATES"
DEFAULT_ADDRESS = "127.0.0.1:50051"

# Reads are safe to repeat. Route and RecordFeedback write; Complete spends money.
_SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [
                {"service": "pointsman.v1.CatalogService"},
                {"service": "pointsman.v1.RouterService", "method": "Usage"},
            ],
            "retryPolicy": {
                "maxAttempts": 3,
                "initialBackoff": "0.1s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}


def resolve(address: str | None) -> str:
    """The address to use: the one given, else ``POINTSMAN_ADDRESS``, the current context's, the server's default."""
    return address or os.environ.get(ADDRESS_VARIABLE) or _current_address() or DEFAULT_ADDRESS


def options(wanted: Target) -> list[tuple[str, str | int]]:
    """The channel's options."""
    return [
        ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
        # The server bounds what it sends; gRPC's own 4 MB would cut a long answer or a large page.
        ("grpc.max_receive_message_length", -1),
        # A proxy that the environment names cannot reach this machine's own loopback.
        ("grpc.enable_http_proxy", 0 if wanted.is_local else 1),
    ]


def tls_credentials(wanted: Target, authorities: str = "") -> grpc.ChannelCredentials | None:
    """How the server proves itself; ``None``: it is spoken to in the clear.

    Args:
        wanted: the server.
        authorities: the file of those that vouch for it. Unset: ``POINTSMAN_ROOT_CERTIFICATES``, or the file of the
            server's context, else those that gRPC trusts.

    Raises:
        CredentialUnusable: the file of authorities cannot be read.
    """
    if not wanted.tls:
        return None
    path = authorities or os.environ.get(ROOT_CERTIFICATES_VARIABLE) or _context_authorities(wanted)
    return grpc.ssl_channel_credentials(_read_authorities(path) if path else None)


def _read_authorities(path: str) -> bytes:
    """The certificates in a file.

    Raises:
        CredentialUnusable: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CredentialUnusable(f"{path} cannot be read: {error.strerror}") from error


def _current_address() -> str:
    known = contexts.load()
    return known.contexts[known.current].address if known.current in known.contexts else ""


def _context_authorities(wanted: Target) -> str:
    known = contexts.load()
    name = known.named_for(wanted)
    return known.contexts[name].root_certificates if name else ""
