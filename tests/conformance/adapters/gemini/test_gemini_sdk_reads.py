"""What the official google-genai SDK parses from a recording on a real socket, and what the dialect decodes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from google import genai
from google.genai import errors, types
from pointsman.v1.completion_pb2 import FailureKind
from pointsman_server.adapters.base import DecodedEvent, ProviderFailure
from pointsman_server.adapters.gemini import GeminiDialect

RECORDINGS = Path(__file__).parent / "recordings"
STREAMS = [
    "all-thoughts.sse",
    "cached-usage.sse",
    "continuation.sse",
    "empty.sse",
    "language.sse",
    "length.sse",
    "recitation.sse",
    "safety.sse",
    "signed-text.sse",
    "signed-thoughts.sse",
    "text.sse",
    "thinking.sse",
    "tool-single.sse",
    "tool-without-arguments.sse",
    "tool-without-id.sse",
    "tools-parallel.sse",
]
DOCUMENTS = ["audio-usage.json", "text-document.json", "thinking-document.json", "tools-document.json"]
REASONS = {
    "STOP": "STOP",
    "MAX_TOKENS": "LENGTH",
    "CONTINUATION": "LENGTH",
    "SAFETY": "CONTENT_FILTER",
    "RECITATION": "CONTENT_FILTER",
    "LANGUAGE": "OTHER",
}

Join = Callable[[list[DecodedEvent]], Any]


@pytest.fixture
def sdk(loopback: Any) -> Iterator[Any]:
    with httpx.Client(verify=False) as http:  # certificates, which nobody needs here, take long to load
        options = types.HttpOptions(
            base_url=loopback.url.removesuffix("/v1"), api_version="v1beta", httpx_client=http,
            httpx_async_client=httpx.AsyncClient(verify=False),
        )  # fmt: skip
        with genai.Client(api_key="k", http_options=options) as client:
            yield client.models


CONFIG = types.GenerateContentConfig(automatic_continuation=False)


def ask(sdk: Any) -> Iterator[types.GenerateContentResponse]:
    return iter(sdk.generate_content_stream(model="x", contents="x", config=CONFIG))


def decoded(name: str) -> list[DecodedEvent]:
    decoder = GeminiDialect().decoder("")
    return [*decoder.feed((RECORDINGS / name).read_bytes()), *decoder.close()]


def signatures(events: list[DecodedEvent]) -> list[str]:
    states = []
    for event in events:
        kind = getattr(event, "WhichOneof", lambda _: "")("kind")
        if kind in {"reasoning_delta", "tool_call_delta"} and getattr(event, kind).HasField("opaque_state"):
            states.append(json.loads(getattr(event, kind).opaque_state.data)["thoughtSignature"])
    return states


def assert_equal(answer: Any, events: list[DecodedEvent], chunks: list[types.GenerateContentResponse]) -> None:
    candidates = [candidate for chunk in chunks for candidate in chunk.candidates or []]
    parts = [part for candidate in candidates if candidate.content for part in candidate.content.parts or []]
    assert answer.text == "".join(part.text or "" for part in parts if not part.thought)
    assert answer.reasoning == "".join(part.text or "" for part in parts if part.thought)
    calls = [part.function_call for part in parts if part.function_call]
    assert [(call["name"], json.loads(call["arguments"])) for call in answer.tool_calls] == [
        (call.name, call.args or {}) for call in calls
    ]
    given = [call.id for call in calls]
    assert [call["id"] if theirs else None for call, theirs in zip(answer.tool_calls, given, strict=True)] == given
    assert len({call["id"] for call in answer.tool_calls}) == len(calls)
    signed = [part.model_dump(mode="json")["thought_signature"] for part in parts if part.thought_signature]
    assert [name.translate(str.maketrans("+/", "-_")) for name in signatures(events)] == signed
    reason = candidates[-1].finish_reason
    assert answer.finish_reason == ("TOOL_CALLS" if calls else REASONS[reason.value if reason else ""])


def assert_usage_equal(answer: Any, usage: types.GenerateContentResponseUsageMetadata) -> None:
    ours = answer.usage
    audio = {detail.modality: detail.token_count for detail in usage.prompt_tokens_details or []}.get(
        types.MediaModality.AUDIO, 0
    )
    assert ours.input_audio_tokens == audio
    assert ours.cache_read_tokens == (usage.cached_content_token_count or 0)
    tool_use = usage.tool_use_prompt_token_count or 0
    inputs = ours.input_tokens + ours.cache_read_tokens + ours.input_audio_tokens
    assert inputs == (usage.prompt_token_count or 0) + tool_use
    assert ours.output_tokens == (usage.candidates_token_count or 0)
    assert ours.reasoning_tokens == (usage.thoughts_token_count or 0)
    assert inputs + ours.output_tokens + ours.reasoning_tokens == usage.total_token_count


@pytest.mark.parametrize("name", STREAMS)
def test_streams(name: str, loopback: Any, sdk: Any, join: Join) -> None:
    loopback.answer((RECORDINGS / name).read_bytes(), "text/event-stream")
    chunks = list(ask(sdk))
    events = decoded(name)
    answer = join(events)
    assert_equal(answer, events, chunks)
    usage = chunks[-1].usage_metadata
    assert usage is not None
    assert_usage_equal(answer, usage)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(name: str, loopback: Any, sdk: Any, join: Join) -> None:
    loopback.answer((RECORDINGS / name).read_bytes(), "application/json")
    response = sdk.generate_content(model="x", contents="x")
    events = decoded(name)
    answer = join(events)
    assert_equal(answer, events, [response])
    assert_usage_equal(answer, response.usage_metadata)


@pytest.mark.parametrize("name", ["blocked-prompt.sse", "blocked-prompt.json"])
def test_a_blocked_prompt(name: str, loopback: Any, sdk: Any) -> None:
    loopback.answer((RECORDINGS / name).read_bytes(), "text/event-stream" if name.endswith("sse") else "text/json")
    response: Any = next(ask(sdk)) if name.endswith("sse") else sdk.generate_content(model="x", contents="x")
    decoder = GeminiDialect().decoder("")
    with pytest.raises(ProviderFailure) as failed:  # noqa: PT012  # either may be the one that fails
        decoder.feed((RECORDINGS / name).read_bytes())
        decoder.close()
    assert failed.value.kind == FailureKind.FAILURE_KIND_CONTENT_FILTERED
    assert failed.value.provider_text.endswith(response.prompt_feedback.block_reason.value)


@pytest.mark.parametrize("name", ["error-in-stream.sse", "bare-error-in-stream.sse", "quota-in-stream.sse"])
def test_errors_inside_a_stream(name: str, loopback: Any, sdk: Any, join: Join) -> None:
    body = (RECORDINGS / name).read_bytes()
    loopback.answer(body, "text/event-stream")
    seen = ""
    with pytest.raises(errors.APIError) as theirs:  # noqa: PT012  # any chunk may be the one that fails
        for chunk in ask(sdk):
            seen += chunk.text or ""
    decoder = GeminiDialect().decoder("")
    events: list[DecodedEvent] = []
    with pytest.raises(ProviderFailure) as ours:  # noqa: PT012  # any piece may be the one that fails
        for at in range(len(body)):
            events += decoder.feed(body[at : at + 1])
        decoder.close()
    assert theirs.value.message == ours.value.provider_text
    assert join(events).text == seen


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (400, "INVALID_ARGUMENT", "INVALID_REQUEST"),
        (400, "FAILED_PRECONDITION", "INVALID_REQUEST"),
        (401, "UNAUTHENTICATED", "KEY_REJECTED"),
        (403, "PERMISSION_DENIED", "KEY_REJECTED"),
        (404, "NOT_FOUND", "MODEL_NOT_FOUND"),
        (429, "RESOURCE_EXHAUSTED", "RATE_LIMITED"),
        (500, "INTERNAL", "UNAVAILABLE"),
        (503, "UNAVAILABLE", "UNAVAILABLE"),
        (504, "DEADLINE_EXCEEDED", "TIMEOUT"),
    ],
)
def test_statuses(code: int, status: str, kind: str, loopback: Any, sdk: Any) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3.5s"}]
    body = json.dumps([{"error": {"code": code, "message": "No.", "status": status, "details": details}}]).encode()
    loopback.answer(body, "application/json", code)
    with pytest.raises(errors.APIError) as theirs:
        list(ask(sdk))
    failure = GeminiDialect().failure(code, {}, body)
    assert FailureKind.Name(failure.kind) == f"FAILURE_KIND_{kind}"
    assert (theirs.value.code, theirs.value.status) == (failure.http_status, status)
    assert (theirs.value.message, failure.provider_text) == ("No.", "No.")
    assert failure.retry_after is not None
    assert failure.retry_after.total_seconds() == 3.5
