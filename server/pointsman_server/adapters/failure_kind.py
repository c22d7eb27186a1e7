"""Reads unsuccessful responses of any dialect: what a status says, and texts that an operator may see."""

from __future__ import annotations

import re

from pointsman.v1.completion_pb2 import FailureKind

LONGEST_READ_BYTES = 256 * 1024
"""How much of an error's body is read."""

_LONGEST_TEXT = 500
_LONGEST_RAW = 4096

_BY_STATUS = {
    400: FailureKind.FAILURE_KIND_INVALID_REQUEST,
    401: FailureKind.FAILURE_KIND_KEY_REJECTED,
    402: FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
    403: FailureKind.FAILURE_KIND_KEY_REJECTED,
    404: FailureKind.FAILURE_KIND_MODEL_NOT_FOUND,
    408: FailureKind.FAILURE_KIND_TIMEOUT,
    413: FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED,
    422: FailureKind.FAILURE_KIND_INVALID_REQUEST,
    429: FailureKind.FAILURE_KIND_RATE_LIMITED,
    504: FailureKind.FAILURE_KIND_TIMEOUT,
}
SERVER_ERRORS = range(500, 600)

_KEY_LIKE = re.compile(
    r"\b(?:(?:sk|pk|rk|gsk|xai|hf|key|token)[-_][\w*.-]{5,}[\w*]|AIza[\w-]{10,}|Bearer\s+\S+)", re.IGNORECASE
)


def of_status(status: int) -> FailureKind.ValueType:
    """What a status says where the error itself says nothing; one that fits nothing is ``GARBAGE``."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return FailureKind.FAILURE_KIND_UNAVAILABLE if status in SERVER_ERRORS else FailureKind.FAILURE_KIND_GARBAGE


def clean(text: str) -> str:
    """One line that can be shown to an operator: no control characters, nothing that looks like a key."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text[:_LONGEST_RAW]).split())
    return _KEY_LIKE.sub("***", line)[:_LONGEST_TEXT]
