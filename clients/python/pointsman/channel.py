"""How both clients reach a server: its address, and gRPC's options."""

from __future__ import annotations

import json
import os

ADDRESS_VARIABLE = "POINTSMAN_ADDRESS"
DEFAULT_ADDRESS = "127.0.0.1:50051"

_LOOPBACK = ("127.", "localhost:", "[::1]:", "unix:")

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
    """The address to use: the one given, else ``POINTSMAN_ADDRESS``, else the server's default."""
    return address or os.environ.get(ADDRESS_VARIABLE) or DEFAULT_ADDRESS


def options(address: str) -> list[tuple[str, str | int]]:
    """The channel's options."""
    return [
        ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
        # The server bounds what it sends; gRPC's own 4 MB would cut a long answer or a large page.
        ("grpc.max_receive_message_length", -1),
        # A proxy that the environment names cannot reach this machine's own loopback.
        ("grpc.enable_http_proxy", 0 if address.startswith(_LOOPBACK) else 1),
    ]
