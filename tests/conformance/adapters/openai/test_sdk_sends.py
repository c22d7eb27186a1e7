"""What the official SDK sends for given parameters, and what the dialect sends for the same request, are equal."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any, Literal

import openai
import pytest
from openai.lib._parsing import type_to_response_format_param
from pointsman.v1.completion_pb2 import CompletionSpecification, ReasoningEffort, Sampling
from pointsman.v1.content_pb2 import (
    AudioPart,
    DocumentPart,
    ImageDetail,
    ImagePart,
    JsonObjectFormat,
    JsonSchemaFormat,
    Message,
    OutputFormat,
    Part,
    RefusalPart,
    Role,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolChoiceMode,
    ToolResultPart,
)
from pointsman.v1.model_pb2 import Capability
from pointsman_server.adapters.base import Target
from pointsman_server.adapters.openai import OpenAIDialect
from pointsman_server.catalog.model import Model, Provider
from pointsman_server.secrets.model import Secret
from pydantic import BaseModel, Field

KEY = "sk-test"
PNG = b"\x89PNG\r\n\x1a\n"
USER = {"role": "user", "content": "Hello"}


def user(*parts: Part) -> Message:
    return Message(role=Role.ROLE_USER, parts=parts)


def text(words: str) -> Part:
    return Part(text=TextPart(text=words))


def asking(**fields: Any) -> CompletionSpecification:
    return CompletionSpecification(messages=fields.pop("messages", [user(text("Hello"))]), **fields)


class Finding(BaseModel):
    """One thing that was found."""

    line: int
    severity: Literal["low", "high"] = Field(description="How bad it is.")
    also: list[str]


class GetWeather(BaseModel):
    """Tells the weather."""

    city: str
    unit: Literal["c", "f"]


@pytest.fixture
def sdk(loopback: Any) -> Iterator[openai.OpenAI]:
    loopback.answer(b"data: [DONE]\n\n", "text/event-stream")
    with openai.OpenAI(base_url=loopback.url, api_key=KEY, max_retries=0) as client:
        yield client


@pytest.fixture
def compare(loopback: Any, sdk: openai.OpenAI) -> Callable[..., dict[str, Any]]:
    """Sends the parameters through the SDK, encodes the specification, and compares the two requests."""

    def run(specification: CompletionSpecification, **parameters: Any) -> dict[str, Any]:
        given = {"messages": [USER], "max_completion_tokens": 256, "stream_options": {"include_usage": True}}
        with sdk.chat.completions.create(model="gpt-x", stream=True, **(given | parameters)) as stream:
            assert list(stream) == []
        received = loopback.received[-1]
        provider = Provider("host", "Host", "openai", loopback.url)
        model = Model("host/x", "host", "x", "gpt-x", "X", capabilities=frozenset({Capability.CAPABILITY_REASONING}))
        encoded = OpenAIDialect().encode(specification, Target(provider, model, 256), Secret(KEY))
        assert encoded.warnings == ()
        assert (encoded.call.method, encoded.call.url) == (received.method, f"{loopback.url}/chat/completions")
        assert received.path == "/v1/chat/completions"
        for name in ("authorization", "content-type"):
            assert encoded.call.headers[name] == received.headers[name]
        body = json.loads(encoded.call.body)
        assert body == json.loads(received.body)
        return dict(body)

    return run


def test_text_and_system_text(compare: Callable[..., dict[str, Any]]) -> None:
    messages = [{"role": "system", "content": "Be brief. Grüße 🚂"}, USER]
    compare(asking(system_text="Be brief. Grüße 🚂"), messages=messages)


def test_every_parameter(compare: Callable[..., dict[str, Any]]) -> None:
    specification = asking(
        sampling=Sampling(temperature=0.0, top_p=0.9, frequency_penalty=-0.5, presence_penalty=0.25),
        stop_sequences=["END", "\n\n"],
        seed=-7,
        reasoning_effort=ReasoningEffort.REASONING_EFFORT_MINIMAL,
    )
    compare(
        specification,
        temperature=0,
        top_p=0.9,
        frequency_penalty=-0.5,
        presence_penalty=0.25,
        stop=["END", "\n\n"],
        seed=-7,
        reasoning_effort="minimal",
    )


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", "high"])
def test_reasoning_effort(effort: Any, compare: Callable[..., dict[str, Any]]) -> None:
    value = ReasoningEffort.Value(f"REASONING_EFFORT_{effort.upper()}")
    compare(asking(reasoning_effort=value), reasoning_effort=effort)


def test_images_by_data_and_by_address(compare: Callable[..., dict[str, Any]]) -> None:
    data = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    parts = (
        text("What are these?"),
        Part(image=ImagePart(data=PNG, media_type="image/png")),
        Part(image=ImagePart(uri="https://example.com/a.png", detail=ImageDetail.IMAGE_DETAIL_LOW)),
        Part(image=ImagePart(uri="https://example.com/b.png", detail=ImageDetail.IMAGE_DETAIL_HIGH)),
    )
    content = [
        {"type": "text", "text": "What are these?"},
        {"type": "image_url", "image_url": {"url": data}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/b.png", "detail": "high"}},
    ]
    compare(asking(messages=[user(*parts)]), messages=[{"role": "user", "content": content}])


def test_audio_and_documents(compare: Callable[..., dict[str, Any]]) -> None:
    data = base64.b64encode(b"%PDF-1.7").decode()
    parts = (
        Part(audio=AudioPart(data=b"RIFF", media_type="audio/wav")),
        Part(audio=AudioPart(data=b"ID3", media_type="audio/mpeg")),
        Part(document=DocumentPart(data=b"%PDF-1.7", media_type="application/pdf", file_name="a.pdf")),
    )
    content = [
        {"type": "input_audio", "input_audio": {"data": base64.b64encode(b"RIFF").decode(), "format": "wav"}},
        {"type": "input_audio", "input_audio": {"data": base64.b64encode(b"ID3").decode(), "format": "mp3"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{data}"}},
    ]
    compare(asking(messages=[user(*parts)]), messages=[{"role": "user", "content": content}])


def test_tools_and_a_finished_tool_call(compare: Callable[..., dict[str, Any]]) -> None:
    tool = openai.pydantic_function_tool(GetWeather, name="get_weather", description="Tells the weather.")
    function = tool["function"]
    specification = asking(
        messages=[
            user(text("Hello")),
            Message(
                role=Role.ROLE_ASSISTANT,
                parts=[Part(tool_call=ToolCallPart(id="call_1", name="get_weather", arguments_json='{"city":"Bern"}'))],
            ),
            Message(
                role=Role.ROLE_TOOL,
                parts=[Part(tool_result=ToolResultPart(tool_call_id="call_1", parts=[text("12 °C")]))],
            ),
        ],
        tools=[
            Tool(
                name="get_weather",
                description="Tells the weather.",
                parameters_json_schema=json.dumps(function["parameters"]),
                strict=True,
            )
        ],
        tool_choice=ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_AUTO, allow_parallel_calls=False),
    )
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Bern"}'}}
    compare(
        specification,
        messages=[
            USER,
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": "12 °C"},
        ],
        tools=[tool],
        tool_choice="auto",
        parallel_tool_calls=False,
    )


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        (ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_NONE), "none"),
        (ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_REQUIRED), "required"),
        (
            ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_NAMED, tool_name="f"),
            {"type": "function", "function": {"name": "f"}},
        ),
    ],
)
def test_tool_choice(choice: ToolChoice, wire: Any, compare: Callable[..., dict[str, Any]]) -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]
    compare(asking(tools=[Tool(name="f")], tool_choice=choice), tools=tools, tool_choice=wire)


def test_an_earlier_refusal(compare: Callable[..., dict[str, Any]]) -> None:
    refused = Message(role=Role.ROLE_ASSISTANT, parts=[Part(refusal=RefusalPart(text="I can't."))])
    messages = [USER, {"role": "assistant", "refusal": "I can't."}, USER]
    compare(asking(messages=[user(text("Hello")), refused, user(text("Hello"))]), messages=messages)


def test_a_schema_keeps_the_order_of_its_properties(compare: Callable[..., dict[str, Any]]) -> None:
    wire: Any = type_to_response_format_param(Finding)
    schema = wire["json_schema"]["schema"]
    output = JsonSchemaFormat(name="Finding", json_schema=json.dumps(schema))
    body = compare(asking(output_format=OutputFormat(json_schema=output)), response_format=wire)
    written = body["response_format"]["json_schema"]["schema"]
    assert json.dumps(written) == json.dumps(schema)
    assert list(written["properties"]) == ["line", "severity", "also"]


def test_any_json_object(compare: Callable[..., dict[str, Any]]) -> None:
    output = OutputFormat(json_object=JsonObjectFormat())
    compare(asking(output_format=output), response_format={"type": "json_object"})


def test_the_model_list_is_asked_for_alike(loopback: Any, sdk: openai.OpenAI) -> None:
    listed = {"object": "list", "data": [{"id": "gpt-x", "object": "model", "created": 1, "owned_by": "openai"}]}
    loopback.answer(json.dumps(listed).encode(), "application/json")
    names = [model.id for model in sdk.models.list()]
    received = loopback.received[-1]
    call = OpenAIDialect().list_models(Provider("host", "Host", "openai", loopback.url), Secret(KEY))
    assert (call.method, call.url, call.body) == ("GET", f"{loopback.url}/models", b"")
    assert received.path == "/v1/models"
    assert call.headers["authorization"] == received.headers["authorization"]
    assert [model.external_id for model in OpenAIDialect().models(loopback.body).models] == names
