"""What the writers of requests share: refusals, warnings, JSON that callers gave, and opaque state."""

from __future__ import annotations

import json
from typing import Any

from pointsman.v1.completion_pb2 import (
    FailureKind,
    Warning,  # noqa: A004  # the contract's word
    WarningCode,
)
from pointsman.v1.content_pb2 import OpaqueState

from pointsman_server.adapters.base import ProviderFailure


def unsayable(what: str) -> ProviderFailure:
    """The failure of a request that the dialect has no words for; ``what`` holds no content."""
    return ProviderFailure(FailureKind.FAILURE_KIND_INVALID_REQUEST, provider_text=what)


def dropped(field: str, message: str) -> Warning:
    """The warning about a field of the specification that is not sent as it was given."""
    return Warning(code=WarningCode.WARNING_CODE_PARAMETER_DROPPED, field=f"specification.{field}", message=message)


def schema(text: str) -> object:
    """A JSON Schema as a value whose members keep their order; what JSON cannot hold again is refused."""
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise unsayable("a JSON Schema is not JSON") from error
    return value


def opaque(state: OpaqueState, dialect: str) -> dict[str, Any]:
    """The JSON object that a dialect once put into an opaque state; empty where the state is another dialect's.

    Raises:
        ProviderFailure: the bytes were changed.
    """
    if state.dialect != dialect:
        return {}
    try:
        held = json.loads(state.data)
    except (ValueError, RecursionError) as error:
        raise unsayable("an opaque_state is not as the provider gave it") from error
    return held if isinstance(held, dict) else {}
