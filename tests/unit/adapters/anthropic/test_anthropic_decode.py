"""How the decoder treats what no recording shows: hostile bytes, odd blocks, limits."""

import contextlib
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.completion_pb2 import CompletionEvent, FailureKind, FinishReason
from pointsman_server.adapters import response
from pointsman_server.adapters.anthropic import AnthropicDialect
from pointsman_server.adapters.base import DecodedEvent, ProviderFailure, Stopped

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PLACES = ["message", "usage", "content_block", "delta", "index", "text", "input", "stop_reason", "error", "type"]


def event(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def start(block: Any, index: Any = 0) -> bytes:
    return event("content_block_start", index=index, content_block=block)


def delta(given: Any, index: Any = 0) -> bytes:
    return event("content_block_delta", index=index, delta=given)


def reason(given: Any, **fields: Any) -> bytes:
    return event("message_delta", delta={"stop_reason": given}, **fields)


def stop(index: Any = 0) -> bytes:
    return event("content_block_stop", index=index)


TEXT = start({"type": "text", "text": ""})
TOOL = {"type": "tool_use", "id": "a", "name": "f", "input": {}}
DONE = event("message_stop")


def said(words: Any) -> bytes:
    return delta({"type": "text_delta", "text": words})


def decode(*pieces: bytes) -> list[DecodedEvent]:
    decoder = AnthropicDialect().decoder("text/event-stream", frozenset({"sampling"}))
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return [*events, *decoder.close()]


def deltas(*pieces: bytes) -> list[CompletionEvent]:
    return [event for event in decode(*pieces) if isinstance(event, CompletionEvent)]


def failure_of(*pieces: bytes) -> str:
    with pytest.raises(ProviderFailure) as failed:
        decode(*pieces)
    return FailureKind.Name(failed.value.kind).removeprefix("FAILURE_KIND_")


@given(JSON, st.sampled_from(PLACES))
def test_any_json_anywhere_raises_nothing_but_provider_failures(value: Any, place: str) -> None:
    def put(name: str, usual: Any) -> Any:
        return value if place == name else usual

    usage = put("usage", {"input_tokens": value, "output_tokens": value, "cache_creation": value})
    block = put("content_block", {"type": put("type", "tool_use"), "id": "a", "name": "f", "input": put("input", {})})
    pieces = [
        event("message_start", message=put("message", {"usage": usage})),
        start(block, put("index", 0)),
        start({"type": "text", "text": put("text", "")}, 1),
        delta(put("delta", {"type": "text_delta", "text": put("text", "x")}), 1),
        delta({"type": "input_json_delta", "partial_json": put("text", "{}")}, put("index", 0)),
        stop(put("index", 0)),
        reason(put("stop_reason", "end_turn"), usage=usage, **({"error": value} if place == "error" else {})),
        DONE,
    ]
    with contextlib.suppress(ProviderFailure):  # nothing else may come out
        decode(*pieces)
    document = {"content": put("message", [block]), "usage": usage, "stop_reason": put("stop_reason", None)}
    with contextlib.suppress(ProviderFailure):
        decode(json.dumps(document).encode())


def test_memory_stays_bounded_whatever_is_streamed() -> None:
    tracemalloc.start()
    decoder = AnthropicDialect().decoder("")
    decoder.feed(TEXT)
    words, arguments = said("x" * 1000), delta({"type": "input_json_delta", "partial_json": "x" * 1000}, 1)
    for number in range(3_000):
        decoder.feed(words + start(TOOL, 1) + arguments + stop(1) + event("ping") + start({"type": "text"}, number + 2))
        decoder.feed(stop(number + 2))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_what_follows_the_end_is_not_read() -> None:
    assert [found.text_delta.text for found in deltas(TEXT, said("a"), DONE, b"\xff{")] == ["a"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "CUT"),
        (b"hello\n\n", "GARBAGE"),
        (b"data: 1\n\n", "GARBAGE"),
        (b"data: []\n\n", "GARBAGE"),
        (b"data: " + b"[" * 100_000 + b"\n\n", "GARBAGE"),
        (event("ping"), "CUT"),
        (said("x"), "GARBAGE"),
        (TEXT + stop() + said("x"), "GARBAGE"),
        (TEXT + said(1), "GARBAGE"),
        (TEXT + delta("x"), "GARBAGE"),
        (start("x"), "GARBAGE"),
        (start({"type": "text", "text": 1}), "GARBAGE"),
        (start({"type": "thinking", "signature": 1}), "GARBAGE"),
        (start({"type": "tool_use", "id": "a", "input": {}}), "GARBAGE"),
        (start({"type": "tool_use", "name": "f", "input": {}}), "GARBAGE"),
        (start(TOOL | {"input": "x"}), "GARBAGE"),
        (b"".join(start({"type": "text"}, number) for number in range(1_025)), "GARBAGE"),
        (b"event: error\ndata: it broke\n\n", "UNAVAILABLE"),
        (b'event: error\ndata: {"error":{"type":"rate_limit_error"}}', "RATE_LIMITED"),
        (b'data: {"type":"error"}\n\n', "UNAVAILABLE"),
        (b'data: {"error":{"message":"x"}}\n\n', "UNAVAILABLE"),
        (b"[]", "GARBAGE"),
        (b'{"type":"message"}', "GARBAGE"),
        (b'{"content":{}}', "GARBAGE"),
        (b'{"error":{"type":"overloaded_error"}}', "UNAVAILABLE"),
        (b'{"content":[', "CUT"),
        (b'{"a":\xff}', "GARBAGE"),
    ],
)
def test_what_is_no_answer(body: bytes, kind: str) -> None:
    assert failure_of(body) == kind


def test_a_document_may_not_be_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response, "MAX_DOCUMENT_BYTES", 100)
    assert failure_of(b"{", b" " * 100) == "TOO_LARGE"


def test_half_surrogates_become_replacement_characters() -> None:
    body = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta",'
    [found] = deltas(TEXT, body + b'"text":"a\\ud83d"}}\n\n', DONE)
    assert found.text_delta.text == "a\ufffd"


def test_blocks_may_interleave_and_count_from_their_first_word() -> None:
    thinking = start({"type": "thinking", "thinking": "", "signature": ""}, 1)
    thought = delta({"type": "thinking_delta", "thinking": "Hm."}, 1)
    found = deltas(TEXT, thinking, start({"type": "text"}, 2), thought, said("a"), thought, said("b"), DONE)
    assert [(one.WhichOneof("kind"), one.part_index) for one in found] == [
        ("reasoning_delta", 0),
        ("text_delta", 1),
        ("reasoning_delta", 0),
        ("text_delta", 1),
    ]


def test_deltas_that_do_not_fit_their_block_are_passed_over() -> None:
    assert deltas(TEXT, delta({"type": "input_json_delta", "partial_json": "{}"}), DONE) == []
    assert deltas(start({"type": "server_tool_use"}), said("x"), DONE) == []


def test_a_block_that_begins_again_is_another() -> None:
    found = deltas(start(TOOL), start(TOOL | {"id": "b"}), DONE)
    arguments = [(one.part_index, one.tool_call_delta.id, one.tool_call_delta.arguments_json) for one in found]
    assert arguments == [(0, "a", ""), (0, "", "{}"), (1, "b", ""), (1, "", "{}")]


@pytest.mark.parametrize(
    ("pieces", "reasons"),
    [
        ([TEXT, said("a")], ["STOP"]),
        ([reason("end_turn")], ["STOP"]),
        ([reason("max_tokens")], ["LENGTH"]),
        ([reason("compaction")], ["OTHER"]),
        ([reason("tool_use")], ["OTHER"]),
        ([reason(None)], ["STOP"]),
        ([start(TOOL), reason("end_turn")], ["TOOL_CALLS"]),
        ([start(TOOL), reason("refusal")], ["REFUSAL"]),
        ([start(TOOL)], ["TOOL_CALLS"]),
        ([reason("end_turn"), reason("max_tokens")], ["STOP", "LENGTH"]),
    ],
)
def test_why_the_answer_ended(pieces: list[bytes], reasons: list[str]) -> None:
    found = [FinishReason.Name(event.reason) for event in decode(*pieces, DONE) if isinstance(event, Stopped)]
    assert found == [f"FINISH_REASON_{name}" for name in reasons]


def test_an_explanation_of_a_refusal_is_told_once() -> None:
    details = {"stop_reason": "refusal", "stop_details": {"explanation": "No."}}
    found = deltas(*[event("message_delta", delta=details)] * 2, DONE)
    assert [one.refusal_delta.text for one in found] == ["No."]
