"""Reads the errors of Gemini (google.rpc.Status as JSON): unsuccessful responses, and errors inside a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from pointsman.v1.completion_pb2 import FailureKind

from pointsman_server.adapters import retry_after
from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.adapters.failure_kind import LONGEST_READ_BYTES, clean, of_status
from pointsman_server.adapters.payload import parse

_BY_REASON = {
    "API_KEY_INVALID": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "API_KEY_EXPIRED": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "API_KEY_SERVICE_BLOCKED": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "API_KEY_HTTP_REFERRER_BLOCKED": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "API_KEY_IP_ADDRESS_BLOCKED": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "CREDENTIALS_MISSING": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "ACCESS_TOKEN_EXPIRED": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "SERVICE_DISABLED": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "CONSUMER_SUSPENDED": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "CONSUMER_INVALID": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "BILLING_DISABLED": FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
    "RATE_LIMIT_EXCEEDED": FailureKind.FAILURE_KIND_RATE_LIMITED,
}
"""What an ErrorInfo's reason says, whatever the status."""

_BY_WORDS = {
    "api key not valid": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "api key expired": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "api key not found": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "exceeds the maximum number of tokens": FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED,
    "input context is too long": FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED,
    "request payload size exceeds": FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED,
    "user location is not supported": FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
    "free tier is not available": FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
    "enable billing": FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
}
"""What a text says where the status is one for many things: refused requests and internal errors."""

_CREDIT_WORDS = ("credits are depleted", "spending cap", "spend cap")
"""How an exhausted account differs from an exhausted minute: both are RESOURCE_EXHAUSTED."""

_BY_STATUS = {
    "INVALID_ARGUMENT": FailureKind.FAILURE_KIND_INVALID_REQUEST,
    "FAILED_PRECONDITION": FailureKind.FAILURE_KIND_INVALID_REQUEST,
    "OUT_OF_RANGE": FailureKind.FAILURE_KIND_INVALID_REQUEST,
    "UNIMPLEMENTED": FailureKind.FAILURE_KIND_INVALID_REQUEST,
    "UNAUTHENTICATED": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "PERMISSION_DENIED": FailureKind.FAILURE_KIND_KEY_REJECTED,
    "NOT_FOUND": FailureKind.FAILURE_KIND_MODEL_NOT_FOUND,
    "RESOURCE_EXHAUSTED": FailureKind.FAILURE_KIND_RATE_LIMITED,
    "DEADLINE_EXCEEDED": FailureKind.FAILURE_KIND_TIMEOUT,
    "UNAVAILABLE": FailureKind.FAILURE_KIND_UNAVAILABLE,
    "INTERNAL": FailureKind.FAILURE_KIND_UNAVAILABLE,
    "DATA_LOSS": FailureKind.FAILURE_KIND_UNAVAILABLE,
    "ABORTED": FailureKind.FAILURE_KIND_UNAVAILABLE,
    "CANCELLED": FailureKind.FAILURE_KIND_UNAVAILABLE,
}
_WORDS_COUNT_FOR = frozenset({FailureKind.FAILURE_KIND_INVALID_REQUEST, FailureKind.FAILURE_KIND_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class _Complaint:
    """What an error says."""

    status: str = ""
    code: int | None = None
    text: str = ""
    reasons: tuple[str, ...] = ()
    retry_delay: str = ""


def read(status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
    """Reads an unsuccessful response. Never raises, whatever the body is.

    What the error itself says counts before the HTTP status; a status that fits nothing is ``GARBAGE``.
    """
    complaint = _complaint_of_body(body)
    kind = _kind(complaint, status)
    wait = _wait(complaint)
    if wait is None:
        wait = retry_after.read(headers, rate_limited=kind == FailureKind.FAILURE_KIND_RATE_LIMITED)
    return ProviderFailure(kind, http_status=status, retry_after=wait, provider_text=complaint.text)


def from_payload(value: Mapping[str, object]) -> ProviderFailure:
    """Reads an error inside an answer."""
    complaint = _complaint(value)
    kind = _kind(complaint, complaint.code)
    return ProviderFailure(kind, retry_after=_wait(complaint), provider_text=complaint.text)


def from_error_event(data: str) -> ProviderFailure:
    """Reads an event of type ``error``."""
    try:
        value = parse(data)
    except ProviderFailure:
        value = data
    return from_payload(value if isinstance(value, dict) else {"error": {"message": data}})


def _kind(complaint: _Complaint, status: int | None) -> FailureKind.ValueType:
    for reason in complaint.reasons:
        if reason in _BY_REASON:
            return _BY_REASON[reason]
    kind = _BY_STATUS.get(complaint.status)
    if kind is None:
        kind = FailureKind.FAILURE_KIND_UNAVAILABLE if status is None else of_status(status)
    text = complaint.text.lower()
    if kind in _WORDS_COUNT_FOR:
        kind = next((meant for words, meant in _BY_WORDS.items() if words in text), kind)
    elif kind == FailureKind.FAILURE_KIND_RATE_LIMITED and any(words in text for words in _CREDIT_WORDS):
        kind = FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED
    return kind


def _wait(complaint: _Complaint) -> timedelta | None:
    """The delay of a RetryInfo, which is a ``google.protobuf.Duration``: seconds with an ``s``."""
    seconds = complaint.retry_delay.removesuffix("s")
    return retry_after.read({"retry-after": seconds}, rate_limited=False) if seconds else None


def _complaint_of_body(body: bytes) -> _Complaint:
    text = body[:LONGEST_READ_BYTES].decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _Complaint(text=clean(text))
    if isinstance(value, list) and value:
        value = value[0]  # as streams without alt=sse answer
    return _complaint(value) if isinstance(value, dict) else _Complaint(text=clean(text))


def _complaint(value: Mapping[str, object]) -> _Complaint:
    error = value.get("error")
    error = error if isinstance(error, Mapping) else {"message": error} if error else value
    details = error.get("details")
    found = [detail for detail in details if isinstance(detail, Mapping)] if isinstance(details, list) else []
    code, status = error.get("code"), error.get("status")
    return _Complaint(
        status=status if isinstance(status, str) else "",
        code=code if isinstance(code, int) and not isinstance(code, bool) else None,
        text=clean(" ".join(_texts(error.get("message")))),
        reasons=tuple(_texts(*(detail.get("reason") for detail in found))),
        retry_delay=next(_texts(*(detail.get("retryDelay") for detail in found)), ""),
    )


def _texts(*values: object) -> Iterator[str]:
    return (value for value in values if isinstance(value, str) and value)
