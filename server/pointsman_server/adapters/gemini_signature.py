"""Thought signatures: what Gemini must see again, and what stands in for one that another model never gave.

A signature comes on a part: a tool call, thoughts or text. It is kept as opaque state, on the tool call or on a
reasoning part; text has no place for one, so a reasoning part without text follows it.
"""

from __future__ import annotations

import json
from typing import Any

from pointsman.v1.content_pb2 import OpaqueState

from pointsman_server.adapters.request_body import opaque, unsayable

DIALECT = "gemini"

PLACEHOLDER = "skip_thought_signature_validator"
"""What Google documents for tool calls that other models made: Gemini 3 refuses the first call of a turn without."""


def keep(signature: str, *, thought: bool = False) -> OpaqueState:
    """The opaque state of a part that had the signature; ``thought``: whether it held thoughts."""
    held: dict[str, Any] = {"thought": True} if thought else {}
    return OpaqueState(dialect=DIALECT, data=json.dumps({**held, "thoughtSignature": signature}).encode())


def given_back(state: OpaqueState) -> dict[str, Any]:
    """The members of the wire's part that an opaque state holds; empty where it is another dialect's.

    Raises:
        ProviderFailure: the bytes were changed.
    """
    held = opaque(state, DIALECT)
    known: dict[str, Any] = {name: held[name] for name in ("thought", "thoughtSignature") if name in held}
    right = isinstance(known.get("thoughtSignature"), str) and known.get("thought", True) is True
    if state.dialect == DIALECT and not right:
        raise unsayable("an opaque_state is not as the provider gave it")
    return known
