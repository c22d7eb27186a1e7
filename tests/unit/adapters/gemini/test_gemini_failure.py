"""Unsuccessful responses, read in Pointsman's own terms."""

import json
import random
from datetime import timedelta
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import FailureKind
from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.adapters.gemini import GeminiDialect

RETRY = "type.googleapis.com/google.rpc.RetryInfo"
INFO = "type.googleapis.com/google.rpc.ErrorInfo"


def read(status: int, body: Any = b"", **headers: str) -> ProviderFailure:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return GeminiDialect().failure(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def kind_of(failure: ProviderFailure) -> str:
    return FailureKind.Name(failure.kind).removeprefix("FAILURE_KIND_")


def error(status: str = "INVALID_ARGUMENT", message: str = "No.", *details: Any, **more: Any) -> dict[str, Any]:
    return {"error": {"code": 400, "message": message, "status": status, "details": list(details)} | more}


def info(reason: str) -> dict[str, Any]:
    return {"@type": INFO, "reason": reason, "domain": "googleapis.com"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *[(302, "GARBAGE"), (400, "INVALID_REQUEST"), (401, "KEY_REJECTED"), (403, "KEY_REJECTED")],
        *[(404, "MODEL_NOT_FOUND"), (413, "CONTEXT_EXCEEDED"), (429, "RATE_LIMITED"), (499, "GARBAGE")],
        *[(500, "UNAVAILABLE"), (502, "UNAVAILABLE"), (503, "UNAVAILABLE"), (504, "TIMEOUT")],
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"<html><h1>Oops</h1></html>", b"\xff\x00", b'{"error":{', b"[]", b"null", b"{}"]
)
def test_the_status_tells_where_the_body_does_not(status: int, body: bytes, kind: str) -> None:
    failure = read(status, body)
    assert (kind_of(failure), failure.http_status, failure.retry_after) == (kind, status, None)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, error("INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."), "KEY_REJECTED"),
        (400, error("INVALID_ARGUMENT", "x", info("API_KEY_INVALID")), "KEY_REJECTED"),
        (400, error("INVALID_ARGUMENT", "API key expired. Please renew the API key."), "KEY_REJECTED"),
        (
            400,
            error("INVALID_ARGUMENT", "The input token count (9) exceeds the maximum number of tokens allowed (8)."),
            "CONTEXT_EXCEEDED",
        ),
        (400, error("INVALID_ARGUMENT", "Request payload size exceeds the limit: 20971520 bytes."), "CONTEXT_EXCEEDED"),
        (500, error("INTERNAL", "Your input context is too long."), "CONTEXT_EXCEEDED"),
        (400, error("FAILED_PRECONDITION", "User location is not supported for the API use."), "QUOTA_EXHAUSTED"),
        (400, error("FAILED_PRECONDITION", "The file is not in an ACTIVE state."), "INVALID_REQUEST"),
        (403, error("PERMISSION_DENIED", "Your API key was reported as leaked."), "KEY_REJECTED"),
        (403, error("PERMISSION_DENIED", "x", info("SERVICE_DISABLED")), "KEY_REJECTED"),
        (403, error("PERMISSION_DENIED", "x", info("BILLING_DISABLED")), "QUOTA_EXHAUSTED"),
        (401, error("UNAUTHENTICATED"), "KEY_REJECTED"),
        (404, error("NOT_FOUND", "models/x is not found for API version v1beta"), "MODEL_NOT_FOUND"),
        (429, error("RESOURCE_EXHAUSTED", "You exceeded your current quota, check your billing."), "RATE_LIMITED"),
        (429, error("RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."), "QUOTA_EXHAUSTED"),
        (429, error("RESOURCE_EXHAUSTED", "x", info("RATE_LIMIT_EXCEEDED")), "RATE_LIMITED"),
        (499, error("CANCELLED"), "UNAVAILABLE"),
        (501, error("UNIMPLEMENTED"), "INVALID_REQUEST"),
        (500, error("INTERNAL"), "UNAVAILABLE"),
        (503, error("UNAVAILABLE"), "UNAVAILABLE"),
        (504, error("DEADLINE_EXCEEDED"), "TIMEOUT"),
        (402, error("UNKNOWN"), "QUOTA_EXHAUSTED"),
        (500, error("UNKNOWN"), "UNAVAILABLE"),
        (400, [error("RESOURCE_EXHAUSTED")], "RATE_LIMITED"),
        (400, error("OF_TOMORROW"), "INVALID_REQUEST"),
        (400, {"error": True}, "INVALID_REQUEST"),
        (400, {"error": {"status": 1, "code": "x", "details": {"a": 1}, "message": ["x"]}}, "INVALID_REQUEST"),
        (400, error("INVALID_ARGUMENT", "No.", 1, info("OTHER"), {"reason": ["x"]}), "INVALID_REQUEST"),
    ],
)
def test_the_body_says_more(status: int, body: Any, kind: str) -> None:
    assert kind_of(read(status, body)) == kind


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (error("INVALID_ARGUMENT", "It\n is\tbroken.\x1b[31m"), "It is broken. [31m"),
        (error("INVALID_ARGUMENT", "key AIzaSyD-abcdefghijklmn is bad"), "key *** is bad"),
        (error("INVALID_ARGUMENT", "x" * 1000), "x" * 500),
        ({"error": "plain"}, "plain"),
        ({"message": "bare", "status": "INTERNAL"}, "bare"),
        (b"<html> <h1>502</h1> </html>", "<html> <h1>502</h1> </html>"),
    ],
)
def test_the_text_is_one_short_line_without_keys(body: Any, text: str) -> None:
    failure = read(400, body)
    assert failure.provider_text == text
    assert text not in repr(failure)


@pytest.mark.parametrize(
    ("delay", "headers", "seconds"),
    [
        ("22s", {}, 22),
        ("10.689924287s", {}, 10.689924),
        ("0s", {}, 0),
        ("-3s", {}, 0),
        ("999999999s", {}, 86_400),
        ("22s", {"retry_after": "5"}, 22),
        ("soon", {"retry_after": "5"}, 5),
        ("s", {"retry_after": "5"}, 5),
        (7, {"retry_after": "5"}, 5),
        ("x" * 100, {}, None),
        ("nans", {}, None),
        ("", {}, None),
    ],
)
def test_how_long_to_wait(delay: Any, headers: dict[str, str], seconds: float | None) -> None:
    wait = read(429, error("RESOURCE_EXHAUSTED", "No.", {"@type": RETRY, "retryDelay": delay}), **headers).retry_after
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


def test_fuzzed_responses_never_raise() -> None:
    rand = random.Random(1)
    seeds = [
        json.dumps(error("RESOURCE_EXHAUSTED", "y", {"@type": RETRY, "retryDelay": "1s"}, info("X"))).encode(),
        json.dumps([error()]).encode(),
        b"<html>",
    ]
    for _ in range(20_000):
        body = bytearray(rand.choice(seeds))
        at = rand.randrange(len(body))
        body[at : at + rand.randint(0, 4)] = rand.choice(
            [rand.randbytes(3), b"{", b'"', b"\\ud83d", b"1e999", b"[" * 2000]
        )
        failure = GeminiDialect().failure(rand.choice([200, 400, 429, 500, 999, -1]), {"retry-after": "x"}, bytes(body))
        assert failure.kind != FailureKind.FAILURE_KIND_UNSPECIFIED
        assert failure.retry_after is None or timedelta(0) <= failure.retry_after <= timedelta(days=1)
