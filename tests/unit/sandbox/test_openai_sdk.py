"""The official OpenAI SDK, unchanged, against the sandbox: the outside view of its wire."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionChunk
from pointsman_server.sandbox import Fault, Sandbox
from pydantic import BaseModel

HELLO: Any = [{"role": "user", "content": "hello there"}]
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 50).decode()
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}},
            "required": ["city", "unit"],
        },
    },
}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(burst=True) as running:
        yield running


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=sandbox.base_url, api_key="sk-none", max_retries=0) as made:
        yield made


async def collect(stream: Any) -> list[ChatCompletionChunk]:
    return [chunk async for chunk in stream]


async def test_a_whole_answer(sandbox: Sandbox, client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="swift", messages=HELLO)
    choice = answer.choices[0]
    assert choice.message.content is not None
    assert "hello there" in choice.message.content
    assert (choice.finish_reason, answer.model, answer.object) == ("stop", "swift", "chat.completion")
    entry = sandbox.meter.entries[0]
    assert answer.id == f"chatcmpl-{entry.id}"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (entry.input_tokens, entry.output_tokens)
    assert entry.cost_nanos == entry.input_tokens * 100 + entry.output_tokens * 400
    assert (entry.outcome, entry.streamed) == ("ended", False)


async def test_a_stream(sandbox: Sandbox, client: AsyncOpenAI) -> None:
    whole = await client.chat.completions.create(model="swift", messages=HELLO)
    chunks = await collect(
        await client.chat.completions.create(
            model="swift", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert sandbox.meter.entries[0].cost_nanos == sandbox.meter.entries[1].cost_nanos


async def test_a_stream_without_usage(client: AsyncOpenAI) -> None:
    chunks = await collect(await client.chat.completions.create(model="swift", messages=HELLO, stream=True))
    assert all(chunk.usage is None for chunk in chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"


async def test_reasoning(sandbox: Sandbox, client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model="sage", messages=HELLO, stream=True, stream_options={"include_usage": True}, reasoning_effort="low"
    )
    chunks = await collect(stream)
    thoughts = [
        chunk for chunk in chunks if chunk.choices and "reasoning_content" in (chunk.choices[0].delta.model_extra or {})
    ]
    usage = chunks[-1].usage
    assert usage is not None
    assert usage.completion_tokens_details is not None
    assert usage.completion_tokens_details.reasoning_tokens == len(thoughts) == 8
    entry = sandbox.meter.entries[0]
    assert (entry.reasoning_tokens, entry.output_tokens + 8) == (8, usage.completion_tokens)
    whole = await client.chat.completions.create(model="sage", messages=HELLO)
    assert "hello there" in (whole.choices[0].message.model_extra or {})["reasoning_content"]


async def test_cached_input(sandbox: Sandbox, client: AsyncOpenAI) -> None:
    messages: Any = [{"role": "system", "content": "be brief and kind " * 40}, *HELLO]
    for _ in range(2):
        answer = await client.chat.completions.create(model="steady", messages=messages)
    assert answer.usage is not None
    assert answer.usage.prompt_tokens_details is not None
    entry = sandbox.meter.entries[1]
    assert answer.usage.prompt_tokens_details.cached_tokens == entry.cached_tokens > 100
    assert answer.usage.prompt_tokens == entry.cached_tokens + entry.input_tokens
    assert entry.cost_nanos == entry.input_tokens * 1_000 + entry.cached_tokens * 100 + entry.output_tokens * 4_000


async def test_tools_both_ways(client: AsyncOpenAI) -> None:
    messages: Any = [{"role": "user", "content": "get_weather in Reykjavik please"}]
    first = (await client.chat.completions.create(model="swift", messages=messages, tools=[WEATHER])).choices[0]
    assert (first.finish_reason, first.message.content) == ("tool_calls", None)
    call = first.message.tool_calls[0] if first.message.tool_calls else None
    assert call is not None
    assert call.type == "function"
    assert json.loads(call.function.arguments) == {"city": "get_weather", "unit": "C"}
    messages += [
        first.message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "minus 3 and windy"},
    ]
    second = (await client.chat.completions.create(model="swift", messages=messages, tools=[WEATHER])).choices[0]
    assert second.message.content is not None
    assert "minus 3 and windy" in second.message.content


async def test_streamed_tool_calls(client: AsyncOpenAI) -> None:
    messages: Any = [{"role": "user", "content": "weather in Reykjavik"}]
    async with client.chat.completions.stream(
        model="swift", messages=messages, tools=[WEATHER], tool_choice="required"
    ) as stream:
        final = await stream.get_final_completion()
    calls = final.choices[0].message.tool_calls
    assert calls is not None
    assert json.loads(calls[0].function.arguments) == {"city": "Reykjavik", "unit": "C"}
    assert final.choices[0].finish_reason == "tool_calls"


async def test_images_for_models_that_see(client: AsyncOpenAI) -> None:
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    messages: Any = [{"role": "user", "content": [{"type": "text", "text": "look"}, image]}]
    answer = await client.chat.completions.create(model="steady", messages=messages)
    assert "image of 58 bytes" in (answer.choices[0].message.content or "")
    with pytest.raises(openai.BadRequestError) as caught:
        await client.chat.completions.create(model="swift", messages=messages)
    assert caught.value.code == "unsupported_content"


class Finding(BaseModel):
    line: int
    note: str
    tags: list[str]


class Review(BaseModel):
    findings: list[Finding]
    verdict: str | None


async def test_structured_output_is_parsed(client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.parse(model="swift", messages=HELLO, response_format=Review)
    assert isinstance(answer.choices[0].message.parsed, Review)
    async with client.chat.completions.stream(model="swift", messages=HELLO, response_format=Review) as stream:
        final = await stream.get_final_completion()
    assert final.choices[0].message.parsed == answer.choices[0].message.parsed


async def test_a_cap_and_a_stop(client: AsyncOpenAI) -> None:
    capped = await client.chat.completions.create(model="swift", messages=HELLO, max_tokens=5)
    assert capped.usage is not None
    assert (capped.choices[0].finish_reason, capped.usage.completion_tokens) == ("length", 5)
    stopped = await client.chat.completions.create(model="swift", messages=HELLO, stop=["there"])
    assert stopped.choices[0].message.content == 'You said: "hello '


async def test_the_models(client: AsyncOpenAI) -> None:
    assert [model.id async for model in client.models.list()] == ["swift", "steady", "sage", "free"]
    assert (await client.models.retrieve("sage")).owned_by == "sandbox"
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve("gpt")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (402, openai.APIStatusError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (409, openai.ConflictError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
        (529, openai.InternalServerError),
    ],
)
async def test_each_status_has_its_error(
    sandbox: Sandbox, client: AsyncOpenAI, status: int, error: type[openai.APIStatusError]
) -> None:
    sandbox.script.push(Fault(status=status, retry_after="7", code="some_code"))
    with pytest.raises(error) as caught:
        await client.chat.completions.create(model="swift", messages=HELLO)
    assert caught.value.status_code == status
    assert caught.value.code == "some_code"
    assert caught.value.response.headers["retry-after"] == "7"
    entry = sandbox.meter.entries[0]
    assert (entry.outcome, entry.status, entry.cost_nanos) == ("refused", status, 0)


async def test_refused_requests(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await client.chat.completions.create(model="gpt", messages=HELLO)
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as long:
        await client.chat.completions.create(model="free", messages=[{"role": "user", "content": "word " * 9_000}])
    assert long.value.code == "context_length_exceeded"
    with pytest.raises(openai.BadRequestError) as empty:
        await client.chat.completions.create(model="free", messages=[])
    assert empty.value.param == "messages"


async def test_an_error_inside_a_stream(sandbox: Sandbox, client: AsyncOpenAI) -> None:
    sandbox.script.push(Fault(error_after=3))
    stream = await client.chat.completions.create(model="swift", messages=HELLO, stream=True)
    with pytest.raises(openai.APIError, match="error while processing"):
        await collect(stream)
    assert (sandbox.meter.entries[0].outcome, sandbox.meter.entries[0].output_tokens) == ("failed", 3)


async def test_a_cut_stream(sandbox: Sandbox, client: AsyncOpenAI) -> None:
    sandbox.script.push(Fault(cut_after=3))
    stream = await client.chat.completions.create(model="swift", messages=HELLO, stream=True)
    with pytest.raises(openai.APIConnectionError):
        await collect(stream)
    assert (sandbox.meter.entries[0].outcome, sandbox.meter.entries[0].output_tokens) == ("failed", 3)
