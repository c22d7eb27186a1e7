"""The official Anthropic SDK, unchanged, against the sandbox, and what its Messages wire refuses."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import pytest
from anthropic import AsyncAnthropic
from pointsman_server.sandbox import Fault, Sandbox
from pointsman_server.sandbox.anthropic_request import read_request
from pointsman_server.sandbox.anthropic_signature import sign
from pointsman_server.sandbox.conversation import Ask, Refusal
from pydantic import BaseModel

HELLO: Any = [{"role": "user", "content": "hello there"}]
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 50).decode()
PDF = base64.b64encode(b"%PDF-1.7" + b"\0" * 50).decode()
SCHEMA: Any = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER: Any = {"name": "get_weather", "description": "Tells it.", "input_schema": SCHEMA}
CALL: Any = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Bern"}}
RESULT: Any = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "12 °C"}
THOUGHT: Any = {"type": "thinking", "thinking": "Hm.", "signature": sign("Hm.")}
CACHED = {"cache_control": {"type": "ephemeral"}}
LONG = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
OLD, NEW = "2023-06-01", "2026-10-21"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(burst=True) as running:
        yield running


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncAnthropic]:
    root = sandbox.base_url.removesuffix("/v1")
    async with AsyncAnthropic(base_url=root, api_key="sk-none", max_retries=0) as made:
        yield made


async def streamed(client: AsyncAnthropic, **parameters: Any) -> Any:
    async with client.messages.stream(**({"max_tokens": 500, "messages": HELLO} | parameters)) as stream:
        return await stream.get_final_message()


async def test_a_whole_answer(sandbox: Sandbox, client: AsyncAnthropic) -> None:
    answer = await client.messages.create(model="swift", max_tokens=500, messages=HELLO)
    [block] = answer.content
    assert block.type == "text"
    assert "hello there" in block.text
    [entry] = sandbox.meter.entries
    assert (answer.id, answer.stop_reason) == (f"msg_{entry.id}", "end_turn")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (entry.input_tokens, entry.output_tokens)
    assert (entry.outcome, entry.streamed) == ("ended", False)


async def test_a_stream_says_what_a_whole_answer_says(sandbox: Sandbox, client: AsyncAnthropic) -> None:
    whole = await client.messages.create(model="sage", max_tokens=500, thinking={"type": "adaptive"}, messages=HELLO)
    stream = await streamed(client, model="sage", thinking={"type": "adaptive"})
    assert [block.to_dict() for block in stream.content] == [block.to_dict() for block in whole.content]
    assert [block.type for block in stream.content] == ["thinking", "text"]
    assert stream.usage.to_dict() == whole.usage.to_dict()
    assert stream.usage.output_tokens_details.thinking_tokens == 32
    assert sandbox.meter.entries[0].cost_nanos == sandbox.meter.entries[1].cost_nanos


@pytest.mark.parametrize(
    ("thinking", "effort", "tokens"),
    [
        (None, None, 0),
        ({"type": "disabled"}, None, 0),
        ({"type": "enabled", "budget_tokens": 1024}, None, 16),
        ({"type": "adaptive", "display": "summarized"}, "low", 8),
        ({"type": "adaptive"}, "high", 32),
    ],
)
async def test_how_much_is_thought(client: AsyncAnthropic, thinking: Any, effort: Any, tokens: int) -> None:
    more = ({"thinking": thinking} if thinking else {}) | ({"output_config": {"effort": effort}} if effort else {})
    answer = await streamed(client, model="sage", max_tokens=2000, **more)
    assert answer.usage.output_tokens_details.thinking_tokens == tokens


async def test_tools_and_thoughts_go_round(client: AsyncAnthropic) -> None:
    messages: list[Any] = [{"role": "user", "content": "use get_weather, please"}]
    thinking = {"type": "enabled", "budget_tokens": 1024}
    asked = await streamed(client, model="sage", max_tokens=2000, thinking=thinking, messages=messages, tools=[WEATHER])
    thought, call = asked.content
    assert (asked.stop_reason, call.name, set(call.input)) == ("tool_use", "get_weather", {"city"})
    messages += [
        {"role": "assistant", "content": asked.content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "12 °C"}]},
    ]
    told = await streamed(client, model="sage", max_tokens=2000, thinking=thinking, messages=messages, tools=[WEATHER])
    assert "12 °C" in told.content[-1].text
    messages[1]["content"] = [{**thought.to_dict(), "thinking": "Changed."}, call]
    with pytest.raises(anthropic.BadRequestError, match="Invalid `signature`"):
        await streamed(client, model="sage", max_tokens=2000, thinking=thinking, messages=messages, tools=[WEATHER])


async def test_several_tools_at_once(client: AsyncAnthropic) -> None:
    tools = [WEATHER, WEATHER | {"name": "get_time", "input_schema": {"type": "object"}}]
    messages = [{"role": "user", "content": "get_weather and get_time"}]
    both = await streamed(client, model="steady", messages=messages, tools=tools)
    assert [block.name for block in both.content] == ["get_weather", "get_time"]
    assert both.content[1].input == {}
    choice: Any = {"type": "auto", "disable_parallel_tool_use": True}
    one = await client.messages.create(
        model="steady", max_tokens=500, messages=messages, tools=tools, tool_choice=choice
    )
    assert [block.type for block in one.content] == ["tool_use"]
    forced = await streamed(client, model="steady", tools=tools, tool_choice={"type": "tool", "name": "get_time"})
    assert forced.content[0].name == "get_time"
    assert (await streamed(client, model="steady", tools=tools, tool_choice={"type": "any"})).stop_reason == "tool_use"
    assert (await streamed(client, model="steady", tools=tools, tool_choice={"type": "none"})).stop_reason == "end_turn"


async def test_images_and_documents_for_models_that_see_them(client: AsyncAnthropic) -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
    document = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PDF}}
    plain = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Hello"}}
    remote = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
    text = {"type": "text", "text": "What is this?"}
    seen = await streamed(client, model="steady", messages=[{"role": "user", "content": [image, remote, text]}])
    assert "I see your image of 58 bytes. I see your image of 25 bytes." in seen.content[0].text
    read = await streamed(client, model="sage", messages=[{"role": "user", "content": [document, plain, text]}])
    assert "I see your document of 58 bytes. I see your document of 5 bytes." in read.content[0].text
    with pytest.raises(anthropic.BadRequestError, match="takes no image"):
        await streamed(client, model="swift", messages=[{"role": "user", "content": [image, text]}])


async def test_structured_output_is_parsed(client: AsyncAnthropic) -> None:
    class Place(BaseModel):
        city: str
        population: int

    parsed = await client.messages.parse(model="swift", max_tokens=500, messages=HELLO, output_format=Place)
    assert parsed.parsed_output is not None
    assert parsed.parsed_output.city


async def test_a_cap_and_a_stop(client: AsyncAnthropic) -> None:
    assert (await streamed(client, model="swift", max_tokens=3)).stop_reason == "max_tokens"
    cut = await streamed(client, model="swift", max_tokens=500, stop_sequences=["simulated"])
    assert "simulated" not in cut.content[0].text


async def test_cached_input(client: AsyncAnthropic) -> None:
    messages = [{"role": "user", "content": [{"type": "text", "text": "word " * 100, **CACHED}]}]
    first, second = [await streamed(client, model="steady", messages=messages) for _ in range(2)]
    assert first.usage.cache_read_input_tokens == 0
    assert second.usage.cache_read_input_tokens > 0
    inputs = [usage.input_tokens + usage.cache_read_input_tokens for usage in (first.usage, second.usage)]
    assert inputs[0] == inputs[1]


async def test_the_models_by_pages(client: AsyncAnthropic) -> None:
    page = await client.models.list(limit=3)
    assert [model.id for model in page.data] == ["free", "sage", "steady"]
    assert [model.id async for model in page] == ["free", "sage", "steady", "swift"]
    one = await client.models.retrieve("sage")
    assert one.capabilities is not None
    assert (one.max_tokens, one.capabilities.thinking.types.adaptive.supported) == (32_768, True)
    with pytest.raises(anthropic.BadRequestError):
        await client.models.list(limit=0)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, anthropic.BadRequestError, "invalid_request_error"),
        (401, anthropic.AuthenticationError, "authentication_error"),
        (402, anthropic.PaymentRequiredError, "billing_error"),
        (403, anthropic.PermissionDeniedError, "permission_error"),
        (404, anthropic.NotFoundError, "not_found_error"),
        (413, anthropic.ContentTooLargeError, "request_too_large"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (500, anthropic.InternalServerError, "api_error"),
        (503, anthropic.ServiceUnavailableError, "api_error"),
        (504, anthropic.GatewayTimeoutError, "timeout_error"),
        (529, anthropic.OverloadedError, "overloaded_error"),
    ],
)
async def test_each_status_has_its_error(
    sandbox: Sandbox, client: AsyncAnthropic, status: int, error: type[anthropic.APIStatusError], kind: str
) -> None:
    sandbox.script.push(Fault(status=status, retry_after="7", code="some_code"))
    with pytest.raises(error) as refused:
        await client.messages.create(model="swift", max_tokens=5, messages=HELLO)
    assert (refused.value.type, refused.value.error_code) == (kind, "some_code")
    assert refused.value.response.headers["retry-after"] == "7"
    assert sandbox.meter.entries[0].outcome == "refused"


async def test_an_unknown_model_and_too_long_a_prompt(client: AsyncAnthropic) -> None:
    with pytest.raises(anthropic.NotFoundError):
        await streamed(client, model="none")
    with pytest.raises(anthropic.BadRequestError, match="prompt is too long"):
        await streamed(client, model="free", messages=[{"role": "user", "content": "word " * 9000}])


async def test_an_error_inside_a_stream(sandbox: Sandbox, client: AsyncAnthropic) -> None:
    sandbox.script.push(Fault(error_after=2))
    with pytest.raises(anthropic.APIStatusError) as broken:
        await streamed(client, model="swift")
    assert broken.value.type == "api_error"


async def test_a_stream_without_its_ends(sandbox: Sandbox, client: AsyncAnthropic) -> None:
    sandbox.script.push(Fault(no_done=True, no_finish=True, usage="missing"))
    kinds = [event.type async for event in await client.messages.create(
        model="swift", max_tokens=500, messages=HELLO, stream=True
    )]  # fmt: skip
    assert kinds[-1] == "content_block_stop"
    assert "message_delta" not in kinds


async def test_usage_in_every_piece(sandbox: Sandbox, client: AsyncAnthropic) -> None:
    sandbox.script.push(Fault(usage="repeated"))
    stream = await client.messages.create(model="swift", max_tokens=500, messages=HELLO, stream=True)
    counts = [event.usage.output_tokens async for event in stream if event.type == "message_delta"]
    assert counts == [*range(1, counts[-1] + 1), counts[-1]]


def read(version: str = NEW, **fields: Any) -> Ask:
    given = {"model": "sage", "max_tokens": 2000, "messages": HELLO} | fields
    return read_request(
        json.dumps({name: value for name, value in given.items() if value is not None}).encode(), version
    )


def saying(*contents: Any) -> list[Any]:
    """Messages of user and assistant in turn."""
    return [{"role": ("user", "assistant")[at % 2], "content": content} for at, content in enumerate(contents)]


def block(**fields: Any) -> list[Any]:
    return [{"type": "text", "text": "x"} | fields]


BUDGET: Any = {"type": "enabled", "budget_tokens": 1024}


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"max_tokens": None}, "Missing required parameter: 'max_tokens'"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"n": 1}, "Unknown parameter: 'n'"),
        ({"temperature": 1}, "Extra inputs"),
        ({"version": OLD, "temperature": 1.5}, "not between 0 and 1"),
        ({"version": OLD, "temperature": 1, "top_p": 1}, "cannot both"),
        ({"version": OLD, "temperature": 1, "thinking": BUDGET}, "thinking is enabled"),
        ({"messages": [{"role": "system", "content": "x"}]}, "role"),
        ({"messages": saying("a", "b")}, "prefill"),
        ({"messages": [{"role": "assistant", "content": "x"}, *HELLO]}, "first message"),
        ({"messages": [*HELLO, *HELLO]}, "alternate"),
        ({"messages": saying(" ")}, "non-whitespace"),
        ({"messages": saying([])}, "minimum length 1"),
        ({"messages": saying(block(type="audio"))}, "Invalid value: 'audio'"),
        ({"messages": saying(block(name="x"))}, "Unknown parameter"),
        ({"messages": saying("a", [CALL], "b")}, "without `tool_result`"),
        ({"messages": saying("a", [CALL, CALL], "b")}, "unique"),
        ({"messages": saying("a", [CALL], [*block(), RESULT])}, "before all other"),
        ({"messages": saying([RESULT])}, "unexpected `tool_use_id`"),
        ({"messages": saying("a", [CALL], [RESULT, RESULT])}, "unexpected `tool_use_id`"),
        ({"messages": saying("a", [CALL | {"id": "a.b"}], [RESULT])}, "pattern"),
        ({"messages": saying("a", [CALL | {"input": "{}"}], [RESULT])}, "expected an object"),
        ({"messages": saying("a", [THOUGHT], "b")}, "cannot be `thinking`"),
        ({"messages": saying("a", [THOUGHT | CACHED, CALL], [RESULT])}, "cannot have cache_control"),
        ({"messages": saying("a", [THOUGHT | {"signature": "x"}, CALL], [RESULT])}, "Invalid `signature`"),
        ({"messages": saying("a", [{"type": "redacted_thinking", "data": "x"}, CALL], [RESULT])}, "Invalid `data`"),
        ({"messages": saying("a", [CALL], [RESULT]), "thinking": BUDGET}, "Expected `thinking`"),
        ({"messages": saying("a", [CALL], [RESULT], [CALL], [RESULT]), "thinking": BUDGET}, "Expected `thinking`"),
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, "greater than"),
        ({"thinking": {"type": "enabled", "budget_tokens": 1023}}, "budget_tokens"),
        ({"thinking": {"type": "adaptive", "budget_tokens": 1024}}, "Unknown parameter"),
        ({"thinking": BUDGET, "tools": [WEATHER], "tool_choice": {"type": "any"}}, "forces tool use"),
        ({"tool_choice": {"type": "auto"}}, "while providing tools"),
        ({"tools": [WEATHER], "tool_choice": {"type": "tool", "name": "x"}}, "not found"),
        ({"tools": [WEATHER], "tool_choice": {"type": "none", "disable_parallel_tool_use": True}}, "Unknown"),
        ({"tools": [WEATHER, WEATHER]}, "unique"),
        ({"tools": [WEATHER | {"input_schema": {}}]}, "input_schema.type"),
        ({"tools": [WEATHER | {"strict": True}]}, "explicitly set to false"),
        ({"output_config": {"effort": "none"}}, "effort"),
        ({"output_config": {"format": {"type": "json_object"}}}, "json_object"),
        ({"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}}, "explicitly set to false"),
        ({"output_config": {"format": {"type": "json_schema", "schema": {"minimum": 1}}}}, "not supported"),
        ({"output_config": {"format": {"type": "json_schema", "schema": {"anyOf": [SCHEMA]}}}}, "explicitly"),
        ({"stop_sequences": [" "]}, "non-whitespace"),
        ({"system": block(**CACHED), "messages": saying([*block(**CACHED) * 4])}, "A maximum of 4"),
        ({"system": block(**CACHED), "messages": saying(block(**LONG))}, "must not come after"),
        ({"messages": saying(block(cache_control={"type": "persistent"}))}, "persistent"),
        (
            {
                "messages": saying(
                    [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PDF}}]
                )
            },
            "image/png",
        ),
        (
            {"messages": saying([{"type": "image", "source": {"type": "url", "url": "http://example.com"}}])},
            "HTTPS",
        ),
        (
            {
                "messages": saying(
                    [{"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PNG}}]
                )
            },
            "not valid",
        ),
    ],
)
def test_what_is_refused(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(**fields)
    assert complaint in f"{refused.value.message} ({refused.value.param})"
    assert refused.value.status == 400


def test_what_is_taken() -> None:
    ask = read(
        OLD,
        system=block(**LONG),
        tools=[WEATHER | LONG | {"strict": True, "input_schema": SCHEMA | {"additionalProperties": False}}],
        temperature=0.5,
        metadata={"user_id": "x"},
        messages=saying(
            "a",
            [THOUGHT, *block(), CALL],
            [RESULT | CACHED | {"content": block(text="12 °C"), "is_error": True}, *block(text="And now?")],
        ),
        stop_sequences=["END"],
    )
    assert [turn.role for turn in ask.turns] == ["system", "user", "assistant", "tool", "user"]
    assert [turn.text for turn in ask.turns] == ["x", "a", "x", "12 °C", "And now?"]
    assert '"Bern"' in ask.turns[2].extra
    assert (ask.max_output_tokens, ask.stop, ask.effort, ask.stream) == (2000, ("END",), "none", False)
    blank = read(messages=saying("a", [CALL], [RESULT | {"content": []}]))
    assert blank.turns[-1].text == ""


@pytest.mark.parametrize("version", [None, "2020-01-01"])
async def test_the_version_must_be_named(sandbox: Sandbox, version: str | None) -> None:
    headers: Any = {"anthropic-version": version or anthropic.Omit()}
    root = sandbox.base_url.removesuffix("/v1")
    async with AsyncAnthropic(base_url=root, api_key="k", max_retries=0, default_headers=headers) as client:
        with pytest.raises(anthropic.BadRequestError, match="anthropic-version"):
            await client.messages.create(model="swift", max_tokens=5, messages=HELLO)
