"""How the decoder treats what no recording shows: hostile bytes, odd tool calls, limits."""

import contextlib
import json
import random
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.completion_pb2 import CompletionEvent, FailureKind, FinishReason
from pointsman_server.adapters import openai_answer, response
from pointsman_server.adapters.base import DecodedEvent, ProviderFailure, Stopped, UsageReported
from pointsman_server.adapters.openai import OpenAIDialect
from pointsman_server.adapters.openai_decode import OpenAIDecoder
from pointsman_server.ledger.model import flag_names

FUZZED = 20_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SEEDS = [
    b'data: {"choices":[{"index":0,"delta":{"content":"a","tool_calls":[{"index":0,"function":{"name":"f"}}]}}]}\n\n',
    b'data: {"choices":[{"delta":{"reasoning":"r","reasoning_details":[{"type":"t","text":"u"}]}}]}\r\n\r\n',
    b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\ndata: [DONE]\n\n',
    b'data: {"error":{"code":429,"message":"no"}}\n\n',
    b'event: error\ndata: {"message":"no"}\n\n',
    b'{"choices":[{"message":{"content":"a","refusal":"b"},"finish_reason":"stop"}]}',
]


def chunk(delta: Any, reason: str | None = None, **more: Any) -> bytes:
    value = {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]} | more
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def calls(*tool_calls: Any) -> bytes:
    return chunk({"tool_calls": list(tool_calls)})


def call(name: str | None = None, arguments: Any = None, **more: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}} | more


DONE = b"data: [DONE]\n\n"


def decode(*pieces: bytes, quirks: frozenset[str] = frozenset()) -> list[DecodedEvent]:
    decoder = OpenAIDialect().decoder("text/event-stream", quirks)
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return [*events, *decoder.close()]


def failure_of(*pieces: bytes) -> FailureKind.ValueType:
    with pytest.raises(ProviderFailure) as failed:
        decode(*pieces)
    return failed.value.kind


def deltas(events: list[DecodedEvent]) -> list[CompletionEvent]:
    return [event for event in events if isinstance(event, CompletionEvent)]


def joined_calls(*pieces: bytes) -> dict[int, tuple[str, str, str]]:
    joined: dict[int, tuple[str, str, str]] = {}
    for event in deltas(decode(*pieces, DONE)):
        delta = event.tool_call_delta
        before = joined.get(event.part_index, ("", "", ""))
        joined[event.part_index] = (before[0] + delta.id, before[1] + delta.name, before[2] + delta.arguments_json)
    return joined


def stopped(*pieces: bytes) -> list[FinishReason.ValueType]:
    return [event.reason for event in decode(*pieces, DONE) if isinstance(event, Stopped)]


def fuzzed(number: int) -> bytes:
    """Bytes that are nearly right: recordings with pieces repeated, swapped, cut and overwritten."""
    rand = random.Random(number)
    body = bytearray(b"".join(rand.choices(SEEDS, k=rand.randint(1, 3))))
    for _ in range(rand.randint(0, 4)):
        at, size = rand.randrange(len(body) + 1), rand.randint(0, 12)
        body[at : at + rand.choice([0, size])] = rand.choice(
            [rand.randbytes(size), b"\\ud83d", b'"', b"}", b"[", b"\r", b"\xef\xbb\xbf", b"-1e999", b"null", b"{}"]
        )
    return bytes(body)


def test_fuzzed_bytes_raise_nothing_but_provider_failures() -> None:
    began = time.monotonic()
    kinds = set()
    for number in range(FUZZED):
        body = fuzzed(number)
        cut = number % (len(body) + 1)
        decoder = OpenAIDecoder()
        try:
            decoder.feed(body[:cut])
            decoder.feed(body[cut:])
            decoder.close()
        except ProviderFailure as failure:
            kinds.add(failure.kind)
    assert {FailureKind.FAILURE_KIND_CUT, FailureKind.FAILURE_KIND_GARBAGE} <= kinds
    assert time.monotonic() - began < 30


@given(JSON, st.sampled_from(["choices", "delta", "content", "tool_calls", "function", "reasoning_details", "usage"]))
def test_any_json_anywhere_raises_nothing_but_provider_failures(value: Any, place: str) -> None:
    tool_call: Any = {"index": 0, "function": value if place == "function" else {"name": "f", "arguments": value}}
    delta = {
        "content": value if place == "content" else "a",
        "tool_calls": value if place == "tool_calls" else [tool_call],
        "reasoning_details": value if place == "reasoning_details" else [{"type": value, "text": value}],
    }
    choices = [{"index": 0, "delta": value if place == "delta" else delta, "finish_reason": value}]
    body = {"choices": value if place == "choices" else choices, "usage": value, "id": value, "error": None}
    decoder = OpenAIDecoder()
    with contextlib.suppress(ProviderFailure):  # nothing else may come out
        decoder.feed(b"data: " + json.dumps(body).encode() + b"\n\n")
        decoder.close()


def test_memory_stays_bounded_whatever_is_streamed() -> None:
    tracemalloc.start()
    decoder = OpenAIDecoder()
    text, ping = chunk({"content": "x" * 1000}), b": ping\n" * 100
    for _ in range(5_000):
        decoder.feed(text)
        decoder.feed(ping)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_what_follows_done_is_not_read() -> None:
    assert [event.text_delta.text for event in deltas(decode(chunk({"content": "a"}, "stop"), DONE, b"\xff{"))] == ["a"]


def test_a_failure_waits_for_the_events_before_it() -> None:
    decoder = OpenAIDecoder()
    events = decoder.feed(chunk({"content": "a"}) + b'data: {"error":{"code":429}}\n\n')
    assert [event.text_delta.text for event in deltas(events)] == ["a"]
    for again in (lambda: decoder.feed(b"x"), decoder.close):
        with pytest.raises(ProviderFailure) as failed:
            again()
        assert failed.value.kind == FailureKind.FAILURE_KIND_RATE_LIMITED


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "CUT"),
        (b"\xef\xbb\xbf", "GARBAGE"),
        (b"\r\n\r\n", "CUT"),
        (b": ping\n\n", "CUT"),
        (b"hello\n\n", "GARBAGE"),
        (b"data: 1\n\n", "GARBAGE"),
        (b"data: []\n\n", "GARBAGE"),
        (b"data: {} {}\n\n", "GARBAGE"),
        (b"data: " + b"[" * 100_000 + b"\n\n", "GARBAGE"),
        (b'data: {"choices":{}}\n\n', "GARBAGE"),
        (b'data: {"choices":[1]}\n\n', "GARBAGE"),
        (b'data: {"choices":[{"delta":"x"}]}\n\n', "GARBAGE"),
        (b'data: {"choices":[{"delta":{"refusal":1}}]}\n\n', "GARBAGE"),
        (b'data: {"choices":[{"delta":{"reasoning_details":[1]}}]}\n\n', "GARBAGE"),
        (b'data: {"choices":[{"delta":{"content":[1]}}]}\n\n', "GARBAGE"),
        (b'data: {"choices":[{"delta":{},"error":{"code":503,"message":"down"}}]}\n\n', "UNAVAILABLE"),
        (b'data: {"choices":[{"delta":{},"finish_reason":"error"}]}\n\n', "UNAVAILABLE"),
        (b"event: error\ndata: it broke\n\n", "UNAVAILABLE"),
        (b"event: error\ndata: it broke", "UNAVAILABLE"),
        (b'{"choices":[]}', "GARBAGE"),
        (b'{"detail":"x"}', "GARBAGE"),
        (b'{"a":\xff}', "GARBAGE"),
        (b'[{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}]', "RATE_LIMITED"),
        (b"[1]", "GARBAGE"),
        (b'{"choices":[{"mess', "CUT"),
    ],
)
def test_what_is_no_answer(body: bytes, kind: str) -> None:
    assert FailureKind.Name(failure_of(body)) == f"FAILURE_KIND_{kind}"


def test_a_document_may_not_be_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response, "MAX_DOCUMENT_BYTES", 100)
    assert failure_of(b"{", b" " * 100) == FailureKind.FAILURE_KIND_TOO_LARGE


def test_kept_reasoning_may_not_be_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_answer, "_MAX_OPAQUE_CHARACTERS", 1000)
    detail = {"reasoning_details": [{"type": "reasoning.encrypted", "data": "x" * 300}]}
    assert failure_of(*[chunk(detail)] * 4) == FailureKind.FAILURE_KIND_TOO_LARGE


def test_half_surrogates_become_replacement_characters() -> None:
    [event] = deltas(decode(b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n', DONE))
    assert event.text_delta.text == "a\ufffd"
    [event] = deltas(decode(b'data: {"choices":[{"delta":{"content":"\\uD83D\\uDE82 \\\\ud83d"}}]}\n\n', DONE))
    assert event.text_delta.text == "🚂 \\ud83d"


def test_parts_are_contiguous_runs() -> None:
    events = deltas(
        decode(
            chunk({"reasoning": "a"}),
            chunk({"reasoning": "b", "content": ""}),
            chunk({"content": "c"}),
            chunk({"reasoning": "d"}),
            calls(call("f", "{", index=0)),
            chunk({"content": "e"}),
            calls(call(None, "}", index=0)),
            chunk({"content": "g"}),
            DONE,
        )
    )
    assert [(event.WhichOneof("kind"), event.part_index) for event in events] == [
        ("reasoning_delta", 0),
        ("reasoning_delta", 0),
        ("text_delta", 1),
        ("reasoning_delta", 2),
        ("tool_call_delta", 3),
        ("text_delta", 4),
        ("tool_call_delta", 3),
        ("text_delta", 4),
    ]


def test_other_choices_are_not_mixed_in() -> None:
    other = b'data: {"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":"length"}]}\n\n'
    assert stopped(chunk({"content": "a"}), other, chunk({}, "stop")) == [FinishReason.FINISH_REASON_STOP]
    assert len(deltas(decode(chunk({"content": "a"}), other, DONE))) == 1


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([calls(call("f", "{}"), call("g", {"a": [1]}))], [("call_0", "f", "{}"), ("call_1", "g", '{"a":[1]}')]),
        ([calls(call("f", "{")), calls(call(None, "}"))], [("call_0", "f", "{}")]),
        ([calls(call(None, "{", index=0, id="x")), calls(call("f", "}", index=0))], [("x", "f", "{}")]),
        ([calls(call(None, "{")), calls(call("f", "}"))], [("call_0", "f", "{}")]),
        ([calls(call("f", "{", index=0)), calls(call("f", "}", index=0))], [("call_0", "f", "{}")]),
        (
            [calls(call("f", "{}", index=0, id="a")), calls(call("f", "{}", index=0, id="b"))],
            [("a", "f", "{}"), ("b", "f", "{}")],
        ),
        (
            [calls(call("f", "{}", index=0)), calls(call("g", "{}", index=0))],
            [("call_0", "f", "{}"), ("call_1", "g", "{}")],
        ),
        ([calls(call("f", "{", index=0, id="a")), calls(call(None, "}", index=0, id="b"))], [("a", "f", "{}")]),
        (
            [calls(call("f", "{", id="a"), call("g", "[", id="b")), calls(call(None, "}", id="a"))],
            [("a", "f", "{}"), ("b", "g", "[")],
        ),
        (
            [calls(call("f", "1", index=0), call("g", "2", index=1)), calls(call(None, "3", index=0))],
            [("call_0", "f", "13"), ("call_1", "g", "2")],
        ),
        ([calls(call("f", None, index=7))], [("call_0", "f", "")]),
        ([calls(call("f", "{}", index=True))], [("call_0", "f", "{}")]),
    ],
)
def test_which_call_a_delta_belongs_to(pieces: list[bytes], expected: list[tuple[str, str, str]]) -> None:
    assert list(joined_calls(*pieces).values()) == expected


def test_made_up_ids_differ_between_responses() -> None:
    first, second = (
        joined_calls(chunk({"tool_calls": [call("f", "{}")]}, id=f"chatcmpl-{number}"))[0][0] for number in (1, 2)
    )
    assert (first, second) == ("call_chatcmpl1_0", "call_chatcmpl2_0")


@pytest.mark.parametrize(
    "pieces",
    [
        [calls(call(None, "{}")), chunk({}, "tool_calls"), DONE],
        [calls(call(None, "x" * 70_000))],
        [calls(*[call("f", "{}", index=number) for number in range(2000)])],
        [calls("f")],
    ],
    ids=["no name", "no name for long", "too many", "no object"],
)
def test_calls_that_nobody_could_run_are_garbage(pieces: list[bytes]) -> None:
    assert failure_of(*pieces) == FailureKind.FAILURE_KIND_GARBAGE


@pytest.mark.parametrize(
    ("pieces", "reasons"),
    [
        ([chunk({"content": "a"}, "stop")], ["STOP"]),
        ([chunk({"content": "a"}, "length")], ["LENGTH"]),
        ([chunk({"content": "a"}, "eos_token")], ["STOP"]),
        ([chunk({"content": "a"}, "content_filter")], ["CONTENT_FILTER"]),
        ([chunk({"content": "a"}, "weird")], ["OTHER"]),
        ([chunk({"content": "a"}, "tool_calls")], ["OTHER"]),
        ([chunk({"content": "a"}, "")], ["STOP"]),
        ([chunk({"refusal": "a"}, "stop")], ["REFUSAL"]),
        ([chunk({"refusal": "a", "content": "b"}, "stop")], ["STOP"]),
        ([chunk({"refusal": "a"}, "content_filter")], ["CONTENT_FILTER"]),
        ([calls(call("f", "{}")), chunk({}, "stop")], ["TOOL_CALLS"]),
        ([calls(call("f", "{}")), chunk({}, "function_call")], ["TOOL_CALLS"]),
        ([calls(call("f", "{")), chunk({}, "length")], ["LENGTH"]),
        ([calls(call("f", "{}"))], ["TOOL_CALLS"]),
        ([chunk({"content": "a"}, "stop"), calls(call("f", "{}"))], ["STOP", "TOOL_CALLS"]),
    ],
)
def test_why_the_answer_ended(pieces: list[bytes], reasons: list[str]) -> None:
    assert [FinishReason.Name(reason) for reason in stopped(*pieces)] == [f"FINISH_REASON_{name}" for name in reasons]


def test_a_reason_without_done_is_an_end_even_when_the_rest_is_cut() -> None:
    events = decode(chunk({"content": "a"}, "stop"), b'data: {"choices":[],"usage":{"prompt_to')
    assert isinstance(events[-1], Stopped)


def test_usage_may_stand_in_the_choice_and_is_told_once() -> None:
    body = b'data: {"choices":[{"delta":{"content":"a"},"usage":{"prompt_tokens":3,"completion_tokens":1}}]}\n\n'
    [usage] = [event.usage for event in decode(body, body, DONE) if isinstance(event, UsageReported)]
    assert (usage.input_tokens, usage.output_tokens) == (3, 1)


def test_the_quirk_for_reasoning_reaches_the_usage() -> None:
    told = {"prompt_tokens": 1, "completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 3}}
    body = chunk({}, "stop", usage=told)
    for quirks, expected in ((frozenset[str](), (2, 3)), (frozenset({"reasoning_beside_output"}), (5, 3))):
        [usage] = [event.usage for event in decode(body, quirks=quirks) if isinstance(event, UsageReported)]
        assert (usage.output_tokens, usage.reasoning_tokens) == expected


@given(
    st.lists(
        st.tuples(st.sampled_from(["delta", "reason", "usage", "tool", "thought", "other"]), st.text()), max_size=12
    )
)
def test_a_chunk_counts_the_same_whatever_came_before_it(told: list[tuple[str, str]]) -> None:
    """Chunks of one shape are read without parsing them: each gives what a decoder of its own would read in it."""
    pieces = {
        "delta": lambda text: chunk({"content": text}),
        "reason": lambda text: chunk({"content": text}, "stop"),
        "usage": lambda text: chunk({"content": text}, usage={"prompt_tokens": len(text)}),
        "tool": lambda text: calls(call("tool", text, index=0)),
        "thought": lambda text: chunk({"reasoning_content": text}),
        "other": lambda text: chunk({"content": text}, created=len(text)),
    }
    made = [pieces[kind](text) for kind, text in told]
    together = [delta.text_delta.text for delta in deltas(decode(*made, DONE)) if delta.text_delta.text]
    alone = [delta.text_delta.text for piece in made for delta in deltas(decode(piece, DONE)) if delta.text_delta.text]
    assert together == alone


USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n'


@pytest.mark.parametrize(
    ("after", "reported"),
    [
        (USAGE, [(1, 2)]),
        (b"data: [DONE]\n\n" + USAGE, []),
        (b"data: no JSON\n\n" + USAGE, []),
        (b"data: \xff\n\n" + USAGE, []),
        (b'data: {"choices":[{"delta":{"content":"more"}}]}\n\n' + USAGE, [(1, 2)]),
        (b'data: {"error":{"message":"no"}}\n\n', []),
    ],
    ids=["usage", "a second end", "no JSON", "no text", "more text", "an error"],
)
@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_after_the_end_usage_alone_counts_and_nothing_spoils_the_answer(
    after: bytes, reported: list[tuple[int, int]], size: int
) -> None:
    decoder = OpenAIDecoder()
    data = chunk({"content": "a"}, "stop") + b"data: [DONE]\n\n" + after
    events = [event for at in range(0, len(data), size) for event in decoder.feed(data[at : at + size])]
    events += decoder.close()
    assert sum(isinstance(event, CompletionEvent) for event in events) == 1
    usage = [event for event in events if isinstance(event, UsageReported)]
    assert [(event.usage.input_tokens, event.usage.output_tokens) for event in usage] == reported
    assert all(list(flag_names(event.flags)) == ["late"] for event in usage)
