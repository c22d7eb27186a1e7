"""What the official SDK parses from a recording on a real socket, and what the dialect decodes, are equal.

Recordings that the SDK cannot read as they are meant (no names of events, no usage) are left out; their goldens say
what is right.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import pytest
from anthropic.types import Message
from pointsman.v1.completion_pb2 import CompletionEvent, FailureKind, FinishReason
from pointsman.v1.content_pb2 import Part
from pointsman_server.adapters.anthropic import AnthropicDialect
from pointsman_server.adapters.base import DecodedEvent, ProviderFailure, Stopped, UsageReported
from pointsman_server.execution.message import MessageBuilder

RECORDINGS = Path(__file__).parent / "recordings"
STREAMS = [
    "text.sse",
    "two-texts.sse",
    "thinking.sse",
    "thinking-omitted.sse",
    "redacted-thinking.sse",
    "tool.sse",
    "tools-parallel.sse",
    "tool-without-input.sse",
    "tool-input-in-start.sse",
    "thinking-between-tools.sse",
    "cached.sse",
    "max-tokens.sse",
    "context-exceeded.sse",
    "stop-sequence.sse",
    "pause-turn.sse",
    "refusal.sse",
    "refusal-alone.sse",
    "citations.sse",
    "server-tools.sse",
    "unknown-events.sse",
    "crlf.sse",
    "usage-at-end.sse",
]
DOCUMENTS = ["text-document.json", "everything-document.json", "refusal-document.json"]
REASONS = {
    "end_turn": "STOP",
    "stop_sequence": "STOP",
    "max_tokens": "LENGTH",
    "model_context_window_exceeded": "LENGTH",
    "tool_use": "TOOL_CALLS",
    "refusal": "REFUSAL",
    "pause_turn": "OTHER",
}


@pytest.fixture
def sdk(loopback: Any) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=loopback.url.removesuffix("/v1"), api_key="k", max_retries=0) as client:
        yield client


def parameters() -> dict[str, Any]:
    return {"model": "x", "max_tokens": 10, "messages": [{"role": "user", "content": "x"}]}


def decoded(name: str) -> list[DecodedEvent]:
    decoder = AnthropicDialect().decoder("")
    return [*decoder.feed((RECORDINGS / name).read_bytes()), *decoder.close()]


def parts_of(events: list[DecodedEvent]) -> list[Part]:
    builder = MessageBuilder()
    for event in events:
        if isinstance(event, CompletionEvent):
            builder.add(event)
    return list(builder.message().parts)


def block_of(part: Part) -> dict[str, Any]:
    """A part as the SDK's block would be."""
    match part.WhichOneof("kind"):
        case "reasoning":
            held = json.loads(part.reasoning.opaque_state.data)
            return held if held["type"] == "redacted_thinking" else held | {"thinking": part.reasoning.text}
        case "tool_call":
            call = part.tool_call
            return {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments_json)}
        case kind:
            return {"type": "text" if kind == "text" else "refusal", "text": getattr(part, str(kind)).text}


def blocks_of(message: Message) -> list[dict[str, Any]]:
    """The SDK's blocks, without what nobody asked for."""
    wanted = ("type", "text", "thinking", "signature", "data", "id", "name", "input")
    asked_for = [block.to_dict() for block in message.content if "server" not in block.type and "web" not in block.type]
    found = [{name: block[name] for name in wanted if name in block} for block in asked_for]
    explanation = message.stop_details.explanation if message.stop_details else None
    return found + ([{"type": "refusal", "text": explanation}] if explanation else [])


def assert_equal(events: list[DecodedEvent], message: Message) -> None:
    assert [block_of(part) for part in parts_of(events)] == blocks_of(message)
    [reason] = [event.reason for event in events if isinstance(event, Stopped)]
    assert message.stop_reason is not None
    assert FinishReason.Name(reason) == f"FINISH_REASON_{REASONS[message.stop_reason]}"
    last = [event for event in events if isinstance(event, UsageReported)][-1]
    usage, told = last.usage, message.usage
    assert last.whole
    written = usage.cache_write_tokens + usage.cache_write_long_tokens
    assert (usage.input_tokens, written) == (told.input_tokens, told.cache_creation_input_tokens or 0)
    assert usage.cache_read_tokens == (told.cache_read_input_tokens or 0)
    assert usage.cache_write_long_tokens == (
        (told.cache_creation and told.cache_creation.ephemeral_1h_input_tokens) or 0
    )
    assert usage.output_tokens + usage.reasoning_tokens == told.output_tokens
    details = told.output_tokens_details
    assert usage.reasoning_tokens == (details.thinking_tokens if details else 0)


@pytest.mark.parametrize("name", STREAMS)
def test_streams(name: str, loopback: Any, sdk: anthropic.Anthropic) -> None:
    loopback.answer((RECORDINGS / name).read_bytes(), "text/event-stream")
    with sdk.messages.stream(**parameters()) as stream:
        message = stream.get_final_message()
    assert_equal(decoded(name), message)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(name: str, loopback: Any, sdk: anthropic.Anthropic) -> None:
    loopback.answer((RECORDINGS / name).read_bytes(), "application/json")
    assert_equal(decoded(name), sdk.messages.create(**parameters()))


@pytest.mark.parametrize("name", ["overloaded-in-stream.sse", "overloaded-at-once.sse"])
def test_errors_inside_a_stream(name: str, loopback: Any, sdk: anthropic.Anthropic) -> None:
    body = (RECORDINGS / name).read_bytes()
    loopback.answer(body, "text/event-stream")
    said: list[str] = []
    with pytest.raises(anthropic.APIStatusError) as theirs, sdk.messages.stream(**parameters()) as stream:
        said.extend(stream.text_stream)
    decoder = AnthropicDialect().decoder("")
    events: list[DecodedEvent] = []
    with pytest.raises(ProviderFailure) as ours:  # noqa: PT012  # any piece may be the one that fails
        for at in range(len(body)):
            events += decoder.feed(body[at : at + 1])
    assert (theirs.value.type, theirs.value.api_message) == ("overloaded_error", ours.value.provider_text)
    assert ours.value.kind == FailureKind.FAILURE_KIND_UNAVAILABLE
    assert "".join(part.text.text for part in parts_of(events)) == "".join(said)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, "invalid_request_error", "INVALID_REQUEST"),
        (401, "authentication_error", "KEY_REJECTED"),
        (402, "billing_error", "QUOTA_EXHAUSTED"),
        (403, "permission_error", "KEY_REJECTED"),
        (404, "not_found_error", "MODEL_NOT_FOUND"),
        (413, "request_too_large", "CONTEXT_EXCEEDED"),
        (429, "rate_limit_error", "RATE_LIMITED"),
        (500, "api_error", "UNAVAILABLE"),
        (504, "timeout_error", "TIMEOUT"),
        (529, "overloaded_error", "UNAVAILABLE"),
    ],
)
def test_statuses(status: int, error: str, kind: str, loopback: Any, sdk: anthropic.Anthropic) -> None:
    body = json.dumps({"type": "error", "error": {"type": error, "message": "No."}, "request_id": "req_1"}).encode()
    loopback.answer(body, "application/json", status, {"retry-after": "3"})
    with pytest.raises(anthropic.APIStatusError) as theirs:
        sdk.messages.create(**parameters())
    response = theirs.value.response
    failure = AnthropicDialect().failure(response.status_code, dict(response.headers), response.content)
    assert FailureKind.Name(failure.kind) == f"FAILURE_KIND_{kind}"
    assert (theirs.value.status_code, theirs.value.type) == (failure.http_status, error)
    assert failure.provider_text == theirs.value.api_message
    assert failure.retry_after is not None
    assert failure.retry_after.total_seconds() == 3
