"""Reads the errors of Chat Completions servers: unsuccessful responses, and errors inside a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pointsman.v1.completion_pb2 import FailureKind

from pointsman_server.adapters import retry_after
from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.adapters.failure_kind import LONGEST_READ_BYTES, SERVER_ERRORS, clean, of_status
from pointsman_server.adapters.payload import garbage, parse

_LONGEST_RAW = 4096

_BY_CODE = {
    "insufficient_quota": FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
    "billing_hard_limit_reached": FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
    "insufficient_credits": FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
    "payment_required": FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
    "context_length_exceeded": FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED,
    "exceed_context_size_error": FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED,
    "request_too_large": FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED,
    "content_filter": FailureKind.FAILURE_KIND_CONTENT_FILTERED,
    "content_policy": FailureKind.FAILURE_KIND_CONTENT_FILTERED,
    "content_policy_violation": FailureKind.FAILURE_KIND_CONTENT_FILTERED,
    "responsibleaipolicyviolation": FailureKind.FAILURE_KIND_CONTENT_FILTERED,
    "moderation_blocked": FailureKind.FAILURE_KIND_CONTENT_FILTERED,
    "invalid_api_key": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "authentication_error": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "permission_error": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "model_not_found": FailureKind.FAILURE_KIND_MODEL_NOT_FOUND,
    "rate_limit_exceeded": FailureKind.FAILURE_KIND_RATE_LIMITED,
    "rate_limit_error": FailureKind.FAILURE_KIND_RATE_LIMITED,
    "rate_limited": FailureKind.FAILURE_KIND_RATE_LIMITED,
    "timeout": FailureKind.FAILURE_KIND_TIMEOUT,
    "overloaded": FailureKind.FAILURE_KIND_UNAVAILABLE,
    "overloaded_error": FailureKind.FAILURE_KIND_UNAVAILABLE,
}
"""What a code or type says, whatever the status."""

_BY_TYPE = {
    "invalid_request_error": FailureKind.FAILURE_KIND_INVALID_REQUEST,
    "badrequesterror": FailureKind.FAILURE_KIND_INVALID_REQUEST,
    "validation": FailureKind.FAILURE_KIND_INVALID_REQUEST,
}
"""What a type says where there is no status: OpenAI uses the first for rejected keys too."""

_CONTEXT_WORDS = (
    "maximum context length",
    "context size",
    "context window",
    "maximum model length",
    "prompt is too long",
    "`inputs` tokens + ",  # TGI: … `max_new_tokens` must be <= 4096
    "`inputs` must have less than",
)
"""How servers without a code say that the input is too long; read only where the request is what they refuse."""


@dataclass(frozen=True, slots=True)
class _Complaint:
    """What an error says: its codes and types in lower case, a status that it names, and its text."""

    codes: tuple[str, ...] = ()
    status: int | None = None
    text: str = ""
    flagged: bool = False


def read(status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
    """Reads an unsuccessful response. Never raises, whatever the body is.

    What the error's own code says counts before the status; a status that fits nothing is ``GARBAGE``.
    """
    complaint = _complaint_of_body(body)
    kind = _kind(complaint, status)
    wait = retry_after.read(headers, rate_limited=kind == FailureKind.FAILURE_KIND_RATE_LIMITED)
    return ProviderFailure(kind, http_status=status, retry_after=wait, provider_text=complaint.text)


def from_payload(value: Mapping[str, object]) -> ProviderFailure:
    """Reads an error inside an answer: a chunk, a choice or a document that holds one."""
    complaint = _complaint(value)
    return ProviderFailure(_kind(complaint, complaint.status), provider_text=complaint.text)


def from_list(values: list[object]) -> ProviderFailure:
    """Reads errors that come as a list, as Gemini's compatible endpoint sends them."""
    first = values[0] if values else None
    return from_payload(first) if isinstance(first, dict) and first.get("error") else garbage("a chunk is no object")


def from_error_event(data: str) -> ProviderFailure:
    """Reads an event of type ``error``."""
    try:
        value = parse(data)
    except ProviderFailure:
        value = data
    return from_payload(value if isinstance(value, dict) else {"error": value})


def _kind(complaint: _Complaint, status: int | None) -> FailureKind.ValueType:
    for code in complaint.codes:
        if code in _BY_CODE:
            return _BY_CODE[code]
    if complaint.flagged:
        return FailureKind.FAILURE_KIND_CONTENT_FILTERED
    kind = _kind_of_status(complaint, status)
    if kind == FailureKind.FAILURE_KIND_INVALID_REQUEST or status in SERVER_ERRORS:
        text = complaint.text.lower()
        if any(words in text for words in _CONTEXT_WORDS):
            return FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED
    return kind


def _kind_of_status(complaint: _Complaint, status: int | None) -> FailureKind.ValueType:
    if status is None:
        return next(
            (_BY_TYPE[code] for code in complaint.codes if code in _BY_TYPE), FailureKind.FAILURE_KIND_UNAVAILABLE
        )
    return of_status(status)


def _complaint_of_body(body: bytes) -> _Complaint:
    text = body[:LONGEST_READ_BYTES].decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _Complaint(text=clean(text))
    if isinstance(value, list) and value:
        value = value[0]
    return _complaint(value) if isinstance(value, dict) else _Complaint(text=clean(text))


def _complaint(value: Mapping[str, object]) -> _Complaint:
    error = value.get("error")
    outer = error if isinstance(error, Mapping) else value
    metadata = outer.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    return _Complaint(
        codes=tuple(_codes(outer, value)),
        status=_status(outer.get("code")),
        text=clean(" ".join(_texts(outer, error, metadata))),
        flagged="flagged_input" in metadata,
    )


def _status(code: object) -> int | None:
    """Some servers give the HTTP status as the code, as a number or as text."""
    if isinstance(code, str) and len(code) == len("429") and code.isascii() and code.isdigit():
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _codes(error: Mapping[str, object], outer: Mapping[str, object]) -> Iterator[str]:
    inner = error.get("innererror")
    inner_code = inner.get("code") if isinstance(inner, Mapping) else None
    for value in (error.get("code"), error.get("type"), inner_code, outer.get("error_type")):
        if isinstance(value, str):
            yield value.lower()


def _texts(outer: Mapping[str, object], error: object, metadata: Mapping[str, object]) -> Iterator[str]:
    for value in (error, outer.get("message"), outer.get("detail"), metadata.get("raw")):
        if isinstance(value, str) and value:
            yield value[:_LONGEST_RAW]
