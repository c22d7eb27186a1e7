"""Unsuccessful responses, read in Pointsman's own terms."""

import json
import random
from datetime import timedelta
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import FailureKind
from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.adapters.openai import OpenAIDialect

DATE = "Fri, 20 Nov 2026 10:00:00 GMT"
NOW = 1_795_168_800  # the same, in seconds since 1970


def read(status: int, body: bytes | dict[str, Any] | list[Any] = b"", **headers: str) -> ProviderFailure:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return OpenAIDialect().failure(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def kind_of(failure: ProviderFailure) -> str:
    return FailureKind.Name(failure.kind).removeprefix("FAILURE_KIND_")


def error(message: str = "No.", **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None} | more}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *[(302, "GARBAGE"), (400, "INVALID_REQUEST"), (401, "KEY_REJECTED"), (402, "QUOTA_EXHAUSTED")],
        *[(403, "KEY_REJECTED"), (404, "MODEL_NOT_FOUND"), (405, "GARBAGE"), (408, "TIMEOUT")],
        *[(413, "CONTEXT_EXCEEDED"), (418, "GARBAGE"), (422, "INVALID_REQUEST"), (429, "RATE_LIMITED")],
        *[(500, "UNAVAILABLE"), (502, "UNAVAILABLE"), (503, "UNAVAILABLE"), (504, "TIMEOUT"), (529, "UNAVAILABLE")],
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html><h1>Oops</h1></html>", b"\xff\x00", b'{"error":{', b"[]", b"null"])
def test_the_status_tells_where_the_body_does_not(status: int, body: bytes, kind: str) -> None:
    failure = read(status, body)
    assert (kind_of(failure), failure.http_status, failure.retry_after) == (kind, status, None)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, error(code="invalid_api_key"), "KEY_REJECTED"),
        (429, error(type="insufficient_quota", code="insufficient_quota"), "QUOTA_EXHAUSTED"),
        (429, error(type="tokens", code="rate_limit_exceeded"), "RATE_LIMITED"),
        (400, error(code="context_length_exceeded"), "CONTEXT_EXCEEDED"),
        (400, error("This model's maximum context length is 4096 tokens."), "CONTEXT_EXCEEDED"),
        (400, error(code="content_filter", innererror={"code": "ResponsibleAIPolicyViolation"}), "CONTENT_FILTERED"),
        (400, error(innererror={"code": "ResponsibleAIPolicyViolation"}), "CONTENT_FILTERED"),
        (400, error(code="model_not_found"), "MODEL_NOT_FOUND"),
        (
            500,
            {"error": {"code": 500, "message": "the request exceeds the available context size"}},
            "CONTEXT_EXCEEDED",
        ),
        (403, error(code=403, metadata={"reasons": ["x"], "flagged_input": "y"}), "CONTENT_FILTERED"),
        (400, {"object": "error", "message": "too long: maximum model length", "code": 400}, "CONTEXT_EXCEEDED"),
        (422, {"error": "`inputs` must have less than 1024 tokens", "error_type": "validation"}, "CONTEXT_EXCEEDED"),
        (422, {"error": "`temperature` must be <= 2", "error_type": "validation"}, "INVALID_REQUEST"),
        (429, {"error": "Model is overloaded", "error_type": "overloaded"}, "UNAVAILABLE"),
        (400, [error(code="content_filter")], "CONTENT_FILTERED"),
        (422, {"detail": [{"loc": ["body"], "msg": "field required"}]}, "INVALID_REQUEST"),
        (400, error(code=["x"], type={"y": 1}), "INVALID_REQUEST"),
        (400, {"error": True}, "INVALID_REQUEST"),
    ],
)
def test_the_body_says_more(status: int, body: Any, kind: str) -> None:
    assert kind_of(read(status, body)) == kind


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (error("It\n is\tbroken.\x1b[31m"), "It is broken. [31m"),
        ({"error": "plain"}, "plain"),
        ({"detail": "Not Found"}, "Not Found"),
        (
            error("Provider returned error", metadata={"raw": "upstream said no"}),
            "Provider returned error upstream said no",
        ),
        (b"<html> <h1>502</h1> </html>", "<html> <h1>502</h1> </html>"),
        (error("Incorrect API key provided: sk-proj-ab*******xyz. See"), "Incorrect API key provided: ***. See"),
        (error("Bearer abc.def is wrong"), "*** is wrong"),
        (error("x" * 1000), "x" * 500),
    ],
)
def test_the_text_is_one_short_line_without_keys(body: Any, text: str) -> None:
    failure = read(400, body)
    assert failure.provider_text == text
    assert text not in repr(failure)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "20"}, 20),
        ({"Retry_After": " 1.5 "}, 1.5),
        ({"retry_after": "0"}, 0),
        ({"retry_after": "-3"}, 0),
        ({"retry_after": "1e300"}, 86_400),
        ({"retry_after": "999999999999"}, 86_400),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": ""}, None),
        ({"retry_after": "x" * 5000}, None),
        ({"retry_after_ms": "250", "retry_after": "9"}, 0.25),
        ({"retry_after": "Fri, 20 Nov 2026 10:00:30 GMT", "date": DATE}, 30),
        ({"retry_after": "Fri, 20 Nov 2026 09:00:00 GMT", "date": DATE}, 0),
        ({"retry_after": "Fri, 20 Nov 2026 10:00:30 GMT"}, None),
        ({"retry_after": "Fri, 20 Nov 2026 10:00:30 GMT", "date": "today"}, None),
        ({"x_ratelimit_reset_requests": "1s", "x_ratelimit_reset_tokens": "6m0s"}, 360),
        (
            {
                "x_ratelimit_reset_requests": "120ms",
                "x_ratelimit_remaining_requests": "0",
                "x_ratelimit_reset_tokens": "6m0s",
                "x_ratelimit_remaining_tokens": "100",
            },
            0.12,
        ),
        ({"x_ratelimit_reset": "2.5"}, 2.5),
        ({"x_ratelimit_reset": f"{NOW + 60}000", "date": DATE}, 60),
        ({"x_ratelimit_reset": f"{NOW + 60}", "date": DATE}, 60),
        ({"x_ratelimit_reset": f"{NOW + 60}"}, None),
        ({"x_ratelimit_reset_tokens": "1s later"}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert read(429, **headers).retry_after == (None if seconds is None else timedelta(seconds=seconds))


def test_a_reset_counts_for_rate_limits_alone() -> None:
    assert read(500, x_ratelimit_reset_requests="1s").retry_after is None
    assert read(503, retry_after="4").retry_after == timedelta(seconds=4)


def test_fuzzed_responses_never_raise() -> None:
    rand = random.Random(1)
    seeds = [
        json.dumps(error(code="x", metadata={"raw": "y"})).encode(),
        b"<html>",
        b'{"error":"x","error_type":1}',
        b"[[[[",
    ]
    dates = [DATE, "Fri, 99 Nov 99999 10:00:00 +9999", "1 2 3", "0", "\x00", "Mon", "6m0s"]
    for _ in range(20_000):
        body = bytearray(rand.choice(seeds))
        at = rand.randrange(len(body))
        body[at : at + rand.randint(0, 4)] = rand.choice(
            [rand.randbytes(3), b"{", b'"', b"\\ud83d", b"1e999", b"[" * 2000]
        )
        names = ("retry-after", "date", "x-ratelimit-reset", "x-ratelimit-reset-tokens", "retry-after-ms")
        headers = {name: rand.choice(dates) for name in names}
        failure = OpenAIDialect().failure(rand.choice([200, 400, 429, 500, 999, -1]), headers, bytes(body))
        assert failure.kind != FailureKind.FAILURE_KIND_UNSPECIFIED
        assert failure.retry_after is None or timedelta(0) <= failure.retry_after <= timedelta(days=1)
