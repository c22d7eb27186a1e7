"""Thought signatures as the sandbox issues them: whoever hands one back must hand back what it was for."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from pointsman_server.sandbox.conversation import Refusal

_MARK: Final = b"sandbox:"
_PLACEHOLDERS: Final = frozenset({b"skip_thought_signature_validator", b"context_engineering_is_the_way_to_go"})
"""What Google's documentation names for calls that the model did not make itself."""

TEXT: Final = "text"
"""What the signature of text or thoughts is for: their words may be joined and cut on the way."""


def of_call(name: str, args: Mapping[str, Any]) -> str:
    """What the signature of a tool call is for."""
    return f"{name} {json.dumps(args, sort_keys=True)}"


def issue(what: str) -> str:
    """The signature, as it is written."""
    return base64.b64encode(_MARK + blake2b(what.encode(), digest_size=24).digest()).decode()


def check(given: str, what: str, path: str) -> None:
    """Refuses what was neither issued for this nor is one of the documented placeholders."""
    try:
        padded = given.replace("-", "+").replace("_", "/")
        data = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if given.encode() in _PLACEHOLDERS or data in _PLACEHOLDERS or data == base64.b64decode(issue(what)):
        return
    raise Refusal(400, f"Thought signature is not valid at '{path}'.", param=path)
