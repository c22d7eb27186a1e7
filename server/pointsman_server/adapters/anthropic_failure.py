"""Reads the errors of the Messages API: unsuccessful responses, and errors inside a stream."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pointsman.v1.completion_pb2 import FailureKind

from pointsman_server.adapters import retry_after
from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.adapters.failure_kind import LONGEST_READ_BYTES, clean, of_status
from pointsman_server.adapters.payload import parse, text_or_empty

_BY_CODE = {
    "contract_spend_limit_reached": FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
    "enforced_spend_limit_reached": FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
    "linked_organization_spend_limit_reached": FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
}
"""What ``error.details.error_code`` says beyond the type."""

_BY_TYPE = {
    "authentication_error": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "permission_error": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "billing_error": FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
    "not_found_error": FailureKind.FAILURE_KIND_MODEL_NOT_FOUND,
    "request_too_large": FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED,
    "rate_limit_error": FailureKind.FAILURE_KIND_RATE_LIMITED,
    "timeout_error": FailureKind.FAILURE_KIND_TIMEOUT,
    "overloaded_error": FailureKind.FAILURE_KIND_UNAVAILABLE,
    "api_error": FailureKind.FAILURE_KIND_UNAVAILABLE,
    "invalid_request_error": FailureKind.FAILURE_KIND_INVALID_REQUEST,
}

_BY_WORDS = (
    ("prompt is too long", FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED),
    ("context window", FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED),
    ("exceed context limit", FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED),
    ("credit balance is too low", FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED),
    ("api usage limits", FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED),
    ("content filtering policy", FailureKind.FAILURE_KIND_CONTENT_FILTERED),
)
"""What the API says in words alone, where the type is that of any request which it refuses."""


@dataclass(frozen=True, slots=True)
class _Complaint:
    """What an error says: its code, its type, and its text."""

    code: str = ""
    type: str = ""
    text: str = ""


def read(status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
    """Reads an unsuccessful response. Never raises, whatever the body is.

    What the error's own code or type says counts before the status; a status that fits nothing is ``GARBAGE``.
    """
    complaint = _complaint_of_body(body)
    kind = _kind(complaint, of_status(status))
    wait = retry_after.read(headers, rate_limited=kind == FailureKind.FAILURE_KIND_RATE_LIMITED)
    return ProviderFailure(kind, http_status=status, retry_after=wait, provider_text=complaint.text)


def from_payload(value: Mapping[str, object]) -> ProviderFailure:
    """Reads an error inside an answer."""
    complaint = _complaint(value)
    return ProviderFailure(_kind(complaint, FailureKind.FAILURE_KIND_UNAVAILABLE), provider_text=complaint.text)


def from_error_event(data: str) -> ProviderFailure:
    """Reads an event of type ``error``."""
    try:
        value = parse(data)
    except ProviderFailure:
        value = data
    return from_payload(value if isinstance(value, dict) else {"error": value})


def _kind(complaint: _Complaint, otherwise: FailureKind.ValueType) -> FailureKind.ValueType:
    kind = _BY_CODE.get(complaint.code) or _BY_TYPE.get(complaint.type) or otherwise
    if kind in {FailureKind.FAILURE_KIND_INVALID_REQUEST, FailureKind.FAILURE_KIND_UNAVAILABLE}:
        text = complaint.text.lower()
        return next((told for words, told in _BY_WORDS if words in text), kind)
    return kind


def _complaint_of_body(body: bytes) -> _Complaint:
    text = body[:LONGEST_READ_BYTES].decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _Complaint(text=clean(text))
    return _complaint(value) if isinstance(value, dict) else _Complaint(text=clean(text))


def _complaint(value: Mapping[str, object]) -> _Complaint:
    error = value.get("error")
    if not isinstance(error, Mapping):
        return _Complaint(text=clean(text_or_empty(error) or text_or_empty(value.get("message"))))
    details = error.get("details")
    return _Complaint(
        code=text_or_empty(details.get("error_code")) if isinstance(details, Mapping) else "",
        type=text_or_empty(error.get("type")),
        text=clean(text_or_empty(error.get("message"))),
    )
