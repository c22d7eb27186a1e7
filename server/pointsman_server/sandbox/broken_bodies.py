"""Answers that are none: pages, nonsense, nothing, too much."""

from __future__ import annotations

from typing import Final

from pointsman_server.sandbox.faults import Fault
from pointsman_server.sandbox.http1 import Reply
from pointsman_server.sandbox.playback import GARBAGE, JSON

_PAGE: Final = (
    b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
)
_PIECE: Final = b'{"filler": "' + b"x" * 65_000 + b'"},\n'


async def send_broken_body(reply: Reply, fault: Fault) -> None:
    """Sends what the fault names in place of an answer."""
    kind = fault.content_type
    match fault.body:
        case "html":
            reply.send(200, kind or "text/html; charset=utf-8", _PAGE)
        case "not_json":
            reply.send(200, kind or JSON, b"upstream connect error or disconnect before headers")
        case "empty":
            reply.send(200, kind or JSON, b"")
        case "huge":
            await _send_huge(reply, fault.huge_bytes, kind or JSON)
        case _:
            reply.raw(GARBAGE)
            reply.cut()


async def _send_huge(reply: Reply, size_bytes: int, content_type: str) -> None:
    reply.start(200, content_type)
    for _ in range(size_bytes // len(_PIECE)):
        reply.write(_PIECE)
        await reply.drain()
    reply.end(_PIECE[: size_bytes % len(_PIECE)])
