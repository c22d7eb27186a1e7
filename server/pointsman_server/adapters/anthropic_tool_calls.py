"""Writes tool calls of earlier turns, whichever dialect made them."""

from __future__ import annotations

import json
import re
from hashlib import blake2b
from typing import Any

from pointsman.v1.content_pb2 import ToolCallPart

_ID = re.compile(r"[a-zA-Z0-9_-]+")
_NOT_JSON = "INVALID_JSON"


def write(call: ToolCallPart) -> dict[str, Any]:
    """The block of a call."""
    return {"type": "tool_use", "id": wire_id(call.id), "name": call.name, "input": _input(call.arguments_json)}


def wire_id(call_id: str) -> str:
    """The id as the wire takes it: other dialects make ids of letters that this one refuses."""
    if _ID.fullmatch(call_id):
        return call_id
    return "toolu_" + blake2b(call_id.encode(), digest_size=12).hexdigest()


def _input(arguments_json: str) -> dict[str, Any]:
    """The arguments as an object. Anything else goes back wrapped, as Anthropic advises, so that the model sees it."""
    if not arguments_json.strip():
        return {}
    try:
        value = json.loads(arguments_json)
        json.dumps(value, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return {_NOT_JSON: arguments_json}
    return value if isinstance(value, dict) else {_NOT_JSON: arguments_json}
