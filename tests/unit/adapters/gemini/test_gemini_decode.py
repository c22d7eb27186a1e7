"""Answers in forms that no recording holds, and what is none."""

import contextlib
import json
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.completion_pb2 import CompletionEvent, FailureKind, FinishReason
from pointsman_server.adapters.base import DecodedEvent, ProviderFailure, Stopped, UsageReported
from pointsman_server.adapters.gemini import GeminiDialect
from pointsman_server.adapters.gemini_answer import Answer
from pointsman_server.adapters.gemini_decode import GeminiDecoder

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PLACES = (
    "candidates", "candidate", "content", "parts", "part", "text", "functionCall", "args", "usageMetadata",
    "promptFeedback", "finishReason",
)  # fmt: skip
SIGNED = {"thoughtSignature": "c2ln"}


def chunk(*parts: Any, reason: str | None = None, **more: Any) -> bytes:
    candidate = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    value = {"candidates": [candidate | ({"finishReason": reason} if reason else {})]} | more
    return b"data: " + json.dumps(value).encode() + b"\r\n\r\n"


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"text": words} | more


def call(name: Any = "f", args: Any = None, **more: Any) -> dict[str, Any]:
    return {"functionCall": {"name": name, "args": args} | more}


def decode(*pieces: bytes) -> list[DecodedEvent]:
    decoder = GeminiDialect().decoder("text/event-stream")
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return [*events, *decoder.close()]


def failure_of(*pieces: bytes) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as failed:
        decode(*pieces)
    return failed.value


def deltas(events: list[DecodedEvent]) -> list[CompletionEvent]:
    return [event for event in events if isinstance(event, CompletionEvent)]


@given(JSON, st.sampled_from(PLACES))
def test_any_json_anywhere_raises_nothing_but_provider_failures(value: Any, place: str) -> None:
    def at(name: str, usual: Any) -> Any:
        return value if place == name else usual

    function = {"name": value if place == "functionCall" else "f", "args": at("args", {"a": value})}
    part = at("part", {"text": at("text", "a"), "thought": value, "thoughtSignature": value})
    content = at("content", {"parts": at("parts", [part, {"functionCall": function}])})
    candidate = at("candidate", {"content": content, "finishReason": at("finishReason", "STOP")})
    body = {
        "candidates": at("candidates", [candidate]),
        "usageMetadata": at("usageMetadata", {"promptTokenCount": value, "promptTokensDetails": value}),
        "promptFeedback": at("promptFeedback", {"blockReason": value}),
        "responseId": value,
    }
    decoder = GeminiDecoder()
    with contextlib.suppress(ProviderFailure):  # nothing else may come out
        decoder.feed(b"data: " + json.dumps(body).encode() + b"\n\n")
        decoder.close()


def test_memory_stays_bounded_whatever_is_streamed() -> None:
    tracemalloc.start()
    decoder = GeminiDecoder()
    said, signed = chunk(text("x" * 1000)), chunk(text("", **SIGNED))
    for _ in range(5_000):
        decoder.feed(said)
        decoder.feed(signed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_parts_are_contiguous_runs_and_a_signature_ends_one() -> None:
    events = deltas(
        decode(
            chunk(text("a", thought=True), text("b", thought=True), text("")),
            chunk(text("c"), text("d", **SIGNED)),
            chunk(text("e"), call()),
            chunk(text("f", thought=True, **SIGNED), text("g", thought=True)),
            chunk(text("h"), SIGNED, reason="STOP"),
        )
    )
    assert [(event.WhichOneof("kind"), event.part_index) for event in events] == [
        *[("reasoning_delta", 0), ("reasoning_delta", 0)],
        *[("text_delta", 1), ("text_delta", 1), ("reasoning_delta", 2)],
        *[("text_delta", 3), ("tool_call_delta", 4)],
        *[("reasoning_delta", 5), ("reasoning_delta", 5), ("reasoning_delta", 6)],
        *[("text_delta", 7), ("reasoning_delta", 8)],
    ]


def test_a_signature_without_text_signs_what_was_thought_just_before() -> None:
    events = deltas(decode(chunk(text("a", thought=True)), chunk({"thought": True} | SIGNED, reason="STOP")))
    assert [event.part_index for event in events] == [0, 0]
    held = json.loads(events[1].reasoning_delta.opaque_state.data)
    assert held == {"thought": True, "thoughtSignature": "c2ln"}


def test_a_failure_waits_for_the_events_before_it() -> None:
    decoder = GeminiDecoder()
    events = decoder.feed(chunk(text("a")) + b'data: {"error":{"code":429}}\n\n')
    assert [event.text_delta.text for event in deltas(events)] == ["a"]
    with pytest.raises(ProviderFailure) as failed:
        decoder.close()
    assert failed.value.kind == FailureKind.FAILURE_KIND_RATE_LIMITED


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "CUT"),
        (b": ping\n\n", "CUT"),
        (b"hello\n\n", "GARBAGE"),
        (b"data: 1\n\n", "GARBAGE"),
        (b"data: [1]\n\n", "GARBAGE"),
        (b"data: []\n\n", "CUT"),
        (b"data: " + b"[" * 100_000 + b"\n\n", "GARBAGE"),
        (b'data: {"candidates":{}}\n\n', "GARBAGE"),
        (b'data: {"candidates":[1]}\n\n', "GARBAGE"),
        (b'data: {"candidates":[{"content":"x"}]}\n\n', "GARBAGE"),
        (b'data: {"candidates":[{"content":{"parts":"x"}}]}\n\n', "GARBAGE"),
        (b'data: {"candidates":[{"content":{"parts":[1]}}]}\n\n', "GARBAGE"),
        (chunk({"text": 1}), "GARBAGE"),
        (chunk({"functionCall": 1}), "GARBAGE"),
        (chunk(call(1)), "GARBAGE"),
        (chunk(call(args=[1])), "GARBAGE"),
        (chunk(*[call()] * 1025), "GARBAGE"),
        (chunk(reason="MALFORMED_RESPONSE"), "GARBAGE"),
        (chunk(reason="UNEXPECTED_TOOL_CALL"), "GARBAGE"),
        (chunk(reason="PUP_LIMITED_DISABLED"), "KEY_REJECTED"),
        (chunk(reason="FINISH_REASON_UNSPECIFIED"), "CUT"),
        (b'data: {"promptFeedback":1}\n\n', "GARBAGE"),
        (b'data: {"promptFeedback":{"blockReason":"OTHER"}}\n\n', "CONTENT_FILTERED"),
        (b"event: error\ndata: it broke\n\n", "UNAVAILABLE"),
        (b'event: error\ndata: {"error":{"status":"RESOURCE_EXHAUSTED"}}\n\n', "RATE_LIMITED"),
        (b"{}", "CUT"),
        (b"[]", "CUT"),
        (b'{"candidates":[{"con', "CUT"),
        (b'{"a":\xff}', "GARBAGE"),
        (b'[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}]', "RATE_LIMITED"),
        (b'{"error":"plain"}', "UNAVAILABLE"),
    ],
)
def test_what_is_no_answer(body: bytes, kind: str) -> None:
    assert FailureKind.Name(failure_of(body).kind) == f"FAILURE_KIND_{kind}"


def test_arguments_that_are_too_deep_to_be_written_are_garbage() -> None:
    args: dict[str, Any] = {}
    for _ in range(100_000):
        args = {"a": args}
    with pytest.raises(ProviderFailure) as failed:
        Answer().take(call(args=args), "", [])
    assert failed.value.kind == FailureKind.FAILURE_KIND_GARBAGE


@pytest.mark.parametrize(
    ("pieces", "reasons"),
    [
        ([chunk(text("a"), reason="STOP")], ["STOP"]),
        ([chunk(call(), reason="STOP")], ["TOOL_CALLS"]),
        ([chunk(call(), reason="MAX_TOKENS")], ["LENGTH"]),
        ([chunk(text("a"), reason="STOP"), chunk(call())], ["STOP", "TOOL_CALLS"]),
        ([chunk(text("a"), reason="STOP"), chunk(reason="SAFETY")], ["STOP", "CONTENT_FILTER"]),
        ([chunk(reason="IMAGE_SAFETY")], ["CONTENT_FILTER"]),
        ([chunk(reason="BLOCKLIST")], ["CONTENT_FILTER"]),
        ([chunk(reason="PROHIBITED_CONTENT")], ["CONTENT_FILTER"]),
        ([chunk(reason="SPII")], ["CONTENT_FILTER"]),
        ([chunk(reason="NO_IMAGE")], ["OTHER"]),
        ([chunk(reason="TOO_MANY_TOOL_CALLS")], ["OTHER"]),
        ([chunk(reason="OF_TOMORROW")], ["OTHER"]),
        ([chunk(call()), b"data: [DONE]\n\n"], ["TOOL_CALLS"]),
    ],
)
def test_why_the_answer_ended(pieces: list[bytes], reasons: list[str]) -> None:
    stops = [event.reason for event in decode(*pieces) if isinstance(event, Stopped)]
    assert [FinishReason.Name(reason) for reason in stops] == [f"FINISH_REASON_{name}" for name in reasons]


def test_usage_is_told_when_it_changes() -> None:
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 1, "totalTokenCount": 4}
    body = chunk(text("a"), usageMetadata=usage)
    last = chunk(text("b"), reason="STOP", usageMetadata=usage | {"candidatesTokenCount": 2, "totalTokenCount": 5})
    told = [event.usage.output_tokens for event in decode(body, body, last) if isinstance(event, UsageReported)]
    assert told == [1, 2]


def test_before_the_output_is_counted_usage_is_of_the_input() -> None:
    thinking = {"promptTokenCount": 3, "thoughtsTokenCount": 9, "totalTokenCount": 12}
    pieces = [
        chunk(text("a", thought=True), usageMetadata=thinking),
        chunk(text("b"), usageMetadata=thinking | {"candidatesTokenCount": 1, "totalTokenCount": 13}),
    ]
    for last in (chunk(reason="STOP"), chunk(reason="STOP", usageMetadata=thinking)):
        told = [event for event in decode(pieces[0], last) if isinstance(event, UsageReported)]
        assert [(event.usage.input_tokens, event.usage.reasoning_tokens, event.whole) for event in told] == [
            (3, 0, False),
            (3, 9, True),
        ]
    told = [event for event in decode(*pieces, chunk(reason="STOP")) if isinstance(event, UsageReported)]
    assert [event.whole for event in told] == [False, True]


def test_an_error_inside_a_stream_says_how_long_to_wait() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.5s"}]
    body = json.dumps({"error": {"code": 503, "details": details}}).encode()
    failure = failure_of(chunk(text("a")), b"data: " + body + b"\n\n")
    assert failure.retry_after == timedelta(seconds=1.5)
    assert failure.http_status is None


def test_made_up_ids_differ_between_responses_and_calls() -> None:
    ids = [
        [event.tool_call_delta.id for event in deltas(decode(chunk(call(), call(), reason="STOP", responseId=name)))]
        for name in ("resp-1", "resp-2")
    ]
    assert ids == [["call_resp1_0", "call_resp1_1"], ["call_resp2_0", "call_resp2_1"]]
