"""Where a request's change comes from, as stores take it."""

from __future__ import annotations

import hashlib

from google.protobuf.message import Message

from pointsman_server.identity.origin import Origin
from pointsman_server.services.call import Call


def origin_of(request: Message, call: Call) -> Origin:
    """The origin of the change that a request asks for."""
    request_id = getattr(request, "request_id", "")
    body = request.SerializeToString(deterministic=True)
    return Origin(call.actor, call.method, request_id, hashlib.sha256(body).digest())
