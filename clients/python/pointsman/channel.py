"""How both clients reach a server: its address, TLS, and gRPC's options."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import grpc

from pointsman import contexts
from pointsman.address import Target
from pointsman.errors import CredentialUnusable
from pointsman.v1 import (
    audit_service_pb2,
    budget_service_pb2,
    catalog_service_pb2,
    policy_service_pb2,
    router_service_pb2,
    tenant_service_pb2,
)

ADDRESS_VARIABLE = "POINTSMAN_ADDRESS"
ROOT_CERTIFICATES_VARIABLE = "POINTSMAN_ROOT_CERTIFICATES"
CLIENT_CERTIFICATE_VARIABLE = "POINTSMAN_CLIENT_CERTIFICATE"
CLIENT_KEY_VARIABLE = "POINTSMAN_CLIENT_KEY"
DEFAULT_ADDRESS = "127.0.0.1:50051"

_SERVICES = (
    catalog_service_pb2.DESCRIPTOR,
    router_service_pb2.DESCRIPTOR,
    budget_service_pb2.DESCRIPTOR,
    tenant_service_pb2.DESCRIPTOR,
    policy_service_pb2.DESCRIPTOR,
    audit_service_pb2.DESCRIPTOR,
)
_READS = re.compile(r"(Get|List)\w+|Usage|WhoAmI|Evaluate")

REPEATED = [
    {"service": service.full_name, "method": method.name}
    for file in _SERVICES
    for service in file.services_by_name.values()
    for method in service.methods
    if _READS.fullmatch(method.name)
]
"""What is safe to repeat: reads. Route and RecordFeedback write; Complete spends money."""

_SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": REPEATED,
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
    """How server and client prove themselves; ``None``: they speak in the clear.

    Args:
        wanted: the server.
        authorities: the file of those that vouch for it. Unset: ``POINTSMAN_ROOT_CERTIFICATES``, or the file of the
            server's context, else those that gRPC trusts.

    Raises:
        CredentialUnusable: a file cannot be read, or a client certificate has no key.
    """
    if not wanted.tls:
        return None
    roots = authorities or os.environ.get(ROOT_CERTIFICATES_VARIABLE) or _context_authorities(wanted)
    certificate, key = (os.environ.get(name, "") for name in (CLIENT_CERTIFICATE_VARIABLE, CLIENT_KEY_VARIABLE))
    if bool(certificate) != bool(key):
        raise CredentialUnusable(f"set both {CLIENT_CERTIFICATE_VARIABLE} and {CLIENT_KEY_VARIABLE}, or neither")
    return grpc.ssl_channel_credentials(_read(roots), _read(key), _read(certificate))


def _read(path: str) -> bytes | None:
    """The text of a file; ``None`` where none is named."""
    try:
        return Path(path).read_bytes() if path else None
    except OSError as error:
        raise CredentialUnusable(f"{path} cannot be read: {error.strerror}") from error


def _current_address() -> str:
    known = contexts.load()
    return known.contexts[known.current].address if known.current in known.contexts else ""


def _context_authorities(wanted: Target) -> str:
    known = contexts.load()
    name = known.named_for(wanted)
    return known.contexts[name].root_certificates if name else ""
