"""What the official SDK parses from a recording on a real socket, and what the dialect decodes, are equal.

Recordings that the SDK cannot read as they are meant (no index, indices used twice, empty data, types that nobody
promised) are left out; their goldens say what is right.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion
from pointsman.v1.completion_pb2 import FailureKind
from pointsman_server.adapters.base import DecodedEvent, ProviderFailure
from pointsman_server.adapters.openai import OpenAIDialect

RECORDINGS = Path(__file__).parent / "recordings"
STREAMS = [
    "text.sse",
    "tool-single.sse",
    "tools-parallel.sse",
    "reasoning-content.sse",
    "refusal.sse",
    "length.sse",
    "usage-in-last-delta.sse",
    "vllm-cumulative-usage.sse",
    "openrouter-reasoning.sse",
    "llamacpp-text.sse",
    "xai-reasoning.sse",
]
DOCUMENTS = ["text-document.json", "tools-document.json"]
BROKEN = ["error-in-stream.sse", "llamacpp-error.sse", "openrouter-error.sse"]
REASONS = {"stop": "STOP", "length": "LENGTH", "tool_calls": "TOOL_CALLS"}

Join = Callable[[list[DecodedEvent]], Any]


@pytest.fixture
def sdk(loopback: Any) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=loopback.url, api_key="k", max_retries=0) as client:
        yield client


def ask(sdk: openai.OpenAI, state: ChatCompletionStreamState[Any]) -> None:
    with sdk.chat.completions.create(model="x", messages=[], stream=True) as stream:
        for chunk in stream:
            state.handle_chunk(chunk)


def decoded(name: str) -> list[DecodedEvent]:
    decoder = OpenAIDialect().decoder("")
    return [*decoder.feed((RECORDINGS / name).read_bytes()), *decoder.close()]


def assert_equal(answer: Any, completion: ChatCompletion) -> None:
    [choice] = completion.choices
    message = choice.message
    assert answer.text == (message.content or "")
    assert answer.refusal == (message.refusal or "")
    calls = [call for call in message.tool_calls or [] if call.type == "function"]
    assert answer.tool_calls == [
        {"id": call.id, "name": call.function.name, "arguments": call.function.arguments} for call in calls
    ]
    extra = message.model_extra or {}
    assert answer.reasoning == (extra.get("reasoning_content") or extra.get("reasoning") or "")
    assert answer.finish_reason == ("REFUSAL" if message.refusal else REASONS[choice.finish_reason])


def assert_usage_equal(answer: Any, completion: ChatCompletion) -> None:
    told, ours = completion.usage, answer.usage
    assert told is not None
    inputs = ours.input_tokens + ours.cache_read_tokens + ours.cache_write_tokens + ours.input_audio_tokens
    outputs = ours.output_tokens + ours.reasoning_tokens + ours.output_audio_tokens
    assert (inputs, inputs + outputs) == (told.prompt_tokens, told.total_tokens)
    details = told.prompt_tokens_details
    assert ours.cache_read_tokens == ((details and details.cached_tokens) or 0)
    assert ours.cache_write_tokens == ((details and details.cache_write_tokens) or 0)
    reasoning = told.completion_tokens_details
    assert ours.reasoning_tokens == ((reasoning and reasoning.reasoning_tokens) or 0)


@pytest.mark.parametrize("name", STREAMS)
def test_streams(name: str, loopback: Any, sdk: openai.OpenAI, join: Join) -> None:
    loopback.answer((RECORDINGS / name).read_bytes(), "text/event-stream")
    state: ChatCompletionStreamState[Any] = ChatCompletionStreamState()
    ask(sdk, state)
    completion = state.current_completion_snapshot
    answer = join(decoded(name))
    assert_equal(answer, completion)
    assert_usage_equal(answer, completion)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(name: str, loopback: Any, sdk: openai.OpenAI, join: Join) -> None:
    loopback.answer((RECORDINGS / name).read_bytes(), "application/json")
    completion = sdk.chat.completions.create(model="x", messages=[])
    answer = join(decoded(name))
    assert_equal(answer, completion)
    assert_usage_equal(answer, completion)


@pytest.mark.parametrize("name", BROKEN)
def test_errors_inside_a_stream(name: str, loopback: Any, sdk: openai.OpenAI, join: Join) -> None:
    body = (RECORDINGS / name).read_bytes()
    loopback.answer(body, "text/event-stream")
    state: ChatCompletionStreamState[Any] = ChatCompletionStreamState()
    with pytest.raises(openai.APIError) as theirs:
        ask(sdk, state)
    decoder = OpenAIDialect().decoder("")
    events: list[DecodedEvent] = []
    with pytest.raises(ProviderFailure) as ours:  # noqa: PT012  # any piece may be the one that fails
        for at in range(len(body)):
            events += decoder.feed(body[at : at + 1])
    assert theirs.value.message in ours.value.provider_text
    assert join(events).text == (state.current_completion_snapshot.choices[0].message.content or "")


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, openai.BadRequestError, "INVALID_REQUEST"),
        (401, openai.AuthenticationError, "KEY_REJECTED"),
        (403, openai.PermissionDeniedError, "KEY_REJECTED"),
        (404, openai.NotFoundError, "MODEL_NOT_FOUND"),
        (422, openai.UnprocessableEntityError, "INVALID_REQUEST"),
        (429, openai.RateLimitError, "RATE_LIMITED"),
        (500, openai.InternalServerError, "UNAVAILABLE"),
        (503, openai.InternalServerError, "UNAVAILABLE"),
    ],
)
def test_statuses(
    status: int, error: type[openai.APIStatusError], kind: str, loopback: Any, sdk: openai.OpenAI
) -> None:
    body = b'{"error":{"message":"No.","type":"some_error","param":null,"code":null}}'
    loopback.answer(body, "application/json", status, {"retry-after": "3"})
    with pytest.raises(error) as theirs:
        sdk.chat.completions.create(model="x", messages=[])
    failure = OpenAIDialect().failure(status, dict(theirs.value.response.headers), theirs.value.response.content)
    assert FailureKind.Name(failure.kind) == f"FAILURE_KIND_{kind}"
    assert failure.http_status == theirs.value.status_code
    assert failure.provider_text == "No."
    assert failure.retry_after is not None
    assert failure.retry_after.total_seconds() == 3
