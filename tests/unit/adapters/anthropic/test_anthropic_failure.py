"""Unsuccessful responses: kinds, waits, and what an operator may read."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.completion_pb2 import FailureKind
from pointsman_server.adapters.anthropic import AnthropicDialect
from pointsman_server.adapters.base import ProviderFailure

LONG_PROMPT = "prompt is too long: 210000 tokens > 200000 maximum"
LIMIT = "input length and `max_tokens` exceed context limit: 199000 + 4096 > 200000"
CREDIT = "Your credit balance is too low to access the Anthropic API."
SPENT = "You have reached your specified API usage limits. You will regain access on 2026-12-01."
FILTERED = "Output blocked by content filtering policy"


def failure(status: int, body: object, headers: dict[str, str] | None = None) -> ProviderFailure:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return AnthropicDialect().failure(status, headers or {}, data)


def error(kind: str, message: str = "No.", **more: object) -> dict[str, object]:
    return {"type": "error", "error": {"type": kind, "message": message, **more}, "request_id": "req_1"}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, error("invalid_request_error"), "INVALID_REQUEST"),
        (400, error("invalid_request_error", LONG_PROMPT), "CONTEXT_EXCEEDED"),
        (400, error("invalid_request_error", LIMIT), "CONTEXT_EXCEEDED"),
        (400, error("invalid_request_error", CREDIT), "QUOTA_EXHAUSTED"),
        (400, error("invalid_request_error", SPENT), "QUOTA_EXHAUSTED"),
        (400, error("invalid_request_error", FILTERED), "CONTENT_FILTERED"),
        (500, error("api_error", FILTERED), "CONTENT_FILTERED"),
        (401, error("authentication_error"), "KEY_REJECTED"),
        (402, error("billing_error"), "QUOTA_EXHAUSTED"),
        (403, error("permission_error", LONG_PROMPT), "KEY_REJECTED"),
        (404, error("not_found_error", "model: claude-9"), "MODEL_NOT_FOUND"),
        (413, error("request_too_large"), "CONTEXT_EXCEEDED"),
        (413, b"<html>Request Entity Too Large</html>", "CONTEXT_EXCEEDED"),
        (429, error("rate_limit_error"), "RATE_LIMITED"),
        (429, error("rate_limit_error", details={"error_code": "ramp_limit_exceeded"}), "RATE_LIMITED"),
        (429, error("rate_limit_error", details={"error_code": "contract_spend_limit_reached"}), "QUOTA_EXHAUSTED"),
        (500, error("api_error"), "UNAVAILABLE"),
        (504, error("timeout_error"), "TIMEOUT"),
        (529, error("overloaded_error"), "UNAVAILABLE"),
        (529, b"", "UNAVAILABLE"),
        (503, {"message": "no healthy upstream"}, "UNAVAILABLE"),
        (400, {"error": "bad"}, "INVALID_REQUEST"),
        (418, error("teapot_error"), "GARBAGE"),
        (400, b"[1]", "INVALID_REQUEST"),
        (400, b"[" * 100_000, "INVALID_REQUEST"),
    ],
)
def test_kinds(status: int, body: object, kind: str) -> None:
    failed = failure(status, body)
    assert FailureKind.Name(failed.kind) == f"FAILURE_KIND_{kind}"
    assert failed.http_status == status


def test_the_wait() -> None:
    assert failure(429, error("rate_limit_error"), {"Retry-After": "12"}).retry_after == timedelta(seconds=12)
    assert failure(529, error("overloaded_error"), {"retry-after": "2"}).retry_after == timedelta(seconds=2)
    assert failure(429, error("rate_limit_error")).retry_after is None


def test_what_an_operator_reads_holds_no_key() -> None:
    failed = failure(401, error("authentication_error", "invalid x-api-key:\nsk-ant-api03-abcdefgh"))
    assert failed.provider_text == "invalid x-api-key: ***"
    assert failure(503, {"message": "no healthy upstream"}).provider_text == "no healthy upstream"
    assert failure(400, {"error": "bad"}).provider_text == "bad"


@given(st.integers(100, 999), st.binary(max_size=200))
def test_no_body_raises(status: int, body: bytes) -> None:
    assert failure(status, body).http_status == status
