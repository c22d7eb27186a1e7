"""What the official SDK sends for given parameters, and what the dialect sends for the same request, are equal."""

import base64
import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

import anthropic
import pytest
from anthropic import transform_schema
from pointsman.v1.completion_pb2 import CompletionSpecification, ReasoningEffort, Sampling
from pointsman.v1.content_pb2 import (
    CacheBreakpoint,
    CacheLifetime,
    DocumentPart,
    ImagePart,
    JsonSchemaFormat,
    Message,
    OpaqueState,
    OutputFormat,
    Part,
    ReasoningPart,
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
from pointsman_server.adapters.anthropic import AnthropicDialect
from pointsman_server.adapters.anthropic_schema import enforceable
from pointsman_server.adapters.base import Target
from pointsman_server.catalog.model import Model, Provider
from pointsman_server.secrets.model import Secret
from pydantic import BaseModel, Field

KEY = "sk-ant-test"
PNG = b"\x89PNG\r\n\x1a\n"
PDF = b"%PDF-1.7"
USER = {"role": "user", "content": [{"type": "text", "text": "Hello"}]}
TALENTS = frozenset({Capability.CAPABILITY_REASONING, Capability.CAPABILITY_STRUCTURED_OUTPUT})
SHORT, LONG = CacheLifetime.CACHE_LIFETIME_SHORT, CacheLifetime.CACHE_LIFETIME_LONG

Compare = Callable[..., dict[str, Any]]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def user(*parts: Part) -> Message:
    return Message(role=Role.ROLE_USER, parts=parts)


def assistant(*parts: Part) -> Message:
    return Message(role=Role.ROLE_ASSISTANT, parts=parts)


def text(words: str, **more: Any) -> Part:
    return Part(text=TextPart(text=words), **more)


def asking(**fields: Any) -> CompletionSpecification:
    return CompletionSpecification(messages=fields.pop("messages", [user(text("Hello"))]), **fields)


class Finding(BaseModel):
    """One thing that was found."""

    line: int = Field(ge=1, description="Where.")
    severity: Literal["low", "high"]
    also: list[str] = Field(max_length=3)


@pytest.fixture
def sdk(loopback: Any) -> Iterator[anthropic.Anthropic]:
    loopback.answer(b'event: message_stop\ndata: {"type":"message_stop"}\n\n', "text/event-stream")
    root = loopback.url.removesuffix("/v1")
    with anthropic.Anthropic(base_url=root, api_key=KEY, max_retries=0) as client:
        yield client


@pytest.fixture
def compare(loopback: Any, sdk: anthropic.Anthropic) -> Compare:
    """Sends the parameters through the SDK, encodes the specification, and compares the two requests."""

    def run(
        specification: CompletionSpecification, *, quirks: tuple[str, ...] = (), **parameters: Any
    ) -> dict[str, Any]:
        given = {"messages": [USER], "max_tokens": 4096} | parameters
        with sdk.messages.create(model="claude-x", stream=True, **given) as stream:
            assert [event.type for event in stream] == ["message_stop"]
        received = loopback.received[-1]
        provider = Provider(
            "host",
            "Host",
            "anthropic",
            loopback.url.removesuffix("/v1"),
            headers={"anthropic-version": received.headers["anthropic-version"]},
            quirks=frozenset(quirks),
        )
        model = Model("host/x", "host", "x", "claude-x", "X", capabilities=TALENTS)
        encoded = AnthropicDialect().encode(specification, Target(provider, model, 4096), Secret(KEY))
        assert encoded.warnings == ()
        assert (encoded.call.method, encoded.call.url) == (received.method, f"{loopback.url}/messages")
        assert received.path == "/v1/messages"
        for name in ("authorization", "anthropic-version", "content-type"):
            assert encoded.call.headers[name] == received.headers[name]
        body = json.loads(encoded.call.body)
        assert body == json.loads(received.body)
        return dict(body)

    return run


def test_text_and_system_text(compare: Compare) -> None:
    compare(asking(system_text="Be brief. Grüße 🚂"), system="Be brief. Grüße 🚂")


def test_sampling_where_a_host_takes_it(compare: Compare) -> None:
    specification = asking(sampling=Sampling(temperature=0.5, top_k=40), stop_sequences=["END"])
    compare(specification, quirks=("sampling",), stop_sequences=["END"], extra_body={"temperature": 0.5, "top_k": 40})


@pytest.mark.parametrize(
    ("effort", "wire"), [("MINIMAL", "low"), ("LOW", "low"), ("MEDIUM", "medium"), ("HIGH", "high")]
)
def test_thinking_by_effort(effort: str, wire: Any, compare: Compare) -> None:
    value = ReasoningEffort.Value(f"REASONING_EFFORT_{effort}")
    thinking = {"type": "adaptive", "display": "summarized"}
    compare(asking(reasoning_effort=value), thinking=thinking, output_config={"effort": wire})


@pytest.mark.parametrize(("effort", "budget"), [("MINIMAL", 1024), ("LOW", 1024), ("MEDIUM", 2048), ("HIGH", 3276)])
def test_thinking_by_budget(effort: str, budget: int, compare: Compare) -> None:
    value = ReasoningEffort.Value(f"REASONING_EFFORT_{effort}")
    thinking = {"type": "enabled", "budget_tokens": budget}
    compare(asking(reasoning_effort=value), quirks=("thinking_budget",), thinking=thinking)


@pytest.mark.parametrize("quirks", [(), ("thinking_budget",)])
def test_no_thinking(quirks: tuple[str, ...], compare: Compare) -> None:
    none = ReasoningEffort.REASONING_EFFORT_NONE
    compare(asking(reasoning_effort=none), quirks=quirks, thinking={"type": "disabled"})


def test_images_and_documents(compare: Compare) -> None:
    parts = (
        Part(image=ImagePart(data=PNG, media_type="image/png")),
        Part(image=ImagePart(data=b"\xff\xd8\xff", media_type="image/jpg; q=1")),
        Part(image=ImagePart(uri="https://example.com/a.png")),
        Part(document=DocumentPart(data=PDF, media_type="application/pdf", file_name="a.pdf")),
        Part(document=DocumentPart(uri="https://example.com/a.pdf", media_type="application/pdf")),
        Part(document=DocumentPart(data="# Grüße".encode(), media_type="text/markdown", file_name="a.md")),
        text("What are these?"),
    )
    plain = {"type": "text", "media_type": "text/plain", "data": "# Grüße"}
    content = [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64(PNG)}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": b64(b"\xff\xd8\xff")}},
        {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": b64(PDF)},
            "title": "a.pdf",
        },
        {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}},
        {"type": "document", "source": plain, "title": "a.md"},
        {"type": "text", "text": "What are these?"},
    ]
    compare(asking(messages=[user(*parts)]), messages=[{"role": "user", "content": content}])


def test_tools_thoughts_and_a_finished_call(compare: Compare) -> None:
    schema = {"type": "object", "properties": {"z": {"type": "string"}, "a": {"type": "string"}}}
    signed = OpaqueState(dialect="anthropic", data=b'{"type":"thinking","signature":"c2ln"}')
    hidden = OpaqueState(dialect="anthropic", data=b'{"type":"redacted_thinking","data":"ZGF0YQ=="}')
    elsewhere = OpaqueState(dialect="gemini", data=b"\xff")
    result = ToolResultPart(
        tool_call_id="toolu_1", parts=[text("12 °C"), Part(image=ImagePart(data=PNG, media_type="image/png"))]
    )
    failed = ToolResultPart(tool_call_id="toolu_2", parts=[text("no such zone")], is_error=True)
    specification = asking(
        messages=[
            user(text("Hello")),
            assistant(
                Part(reasoning=ReasoningPart(text="Hm.", opaque_state=signed)),
                Part(reasoning=ReasoningPart(opaque_state=hidden)),
                Part(reasoning=ReasoningPart(text="Theirs.", opaque_state=elsewhere)),
                Part(reasoning=ReasoningPart(text="Unsigned.")),
                text("Let me look."),
                Part(tool_call=ToolCallPart(id="toolu_1", name="weather", arguments_json='{"z":"Bern"}')),
                Part(tool_call=ToolCallPart(id="toolu_2", name="time", opaque_state=elsewhere)),
            ),
            Message(role=Role.ROLE_TOOL, parts=[Part(tool_result=result)]),
            Message(role=Role.ROLE_TOOL, parts=[Part(tool_result=failed)]),
            user(text("And so?")),
        ],
        tools=[
            Tool(name="weather", description="Tells it.", parameters_json_schema=json.dumps(schema)),
            Tool(name="time"),
        ],
        tool_choice=ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_AUTO, allow_parallel_calls=False),
    )
    said = [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "ZGF0YQ=="},
        {"type": "text", "text": "Let me look."},
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"z": "Bern"}},
        {"type": "tool_use", "id": "toolu_2", "name": "time", "input": {}},
    ]
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64(PNG)}}
    answered = [
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "12 °C"}, image]},
        {
            "type": "tool_result",
            "tool_use_id": "toolu_2",
            "content": [{"type": "text", "text": "no such zone"}],
            "is_error": True,
        },
        {"type": "text", "text": "And so?"},
    ]
    body = compare(
        specification,
        messages=[USER, {"role": "assistant", "content": said}, {"role": "user", "content": answered}],
        tools=[
            {"name": "weather", "description": "Tells it.", "input_schema": schema},
            {"name": "time", "input_schema": {"type": "object", "properties": {}}},
        ],
        tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    )
    assert list(body["tools"][0]["input_schema"]["properties"]) == ["z", "a"]


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        (ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_NONE, allow_parallel_calls=False), {"type": "none"}),
        (ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_REQUIRED), {"type": "any"}),
        (
            ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_NAMED, tool_name="f", allow_parallel_calls=False),
            {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
        ),
        (ToolChoice(allow_parallel_calls=False), {"type": "auto", "disable_parallel_tool_use": True}),
    ],
)
def test_tool_choice(choice: ToolChoice, wire: Any, compare: Compare) -> None:
    tools = [{"name": "f", "input_schema": {"type": "object", "properties": {}}}]
    compare(asking(tools=[Tool(name="f")], tool_choice=choice), tools=tools, tool_choice=wire)


def test_cache_breakpoints(compare: Compare) -> None:
    specification = asking(
        system_text="Be brief.",
        system_cache_breakpoint=CacheBreakpoint(lifetime=LONG),
        tools=[Tool(name="f", cache_breakpoint=CacheBreakpoint(lifetime=LONG))],
        messages=[
            user(text("Hello", cache_breakpoint=CacheBreakpoint(lifetime=SHORT)), text("And?")),
            assistant(Part(refusal=RefusalPart(text="No."), cache_breakpoint=CacheBreakpoint())),
            user(text("Hello")),
        ],
    )
    hour = {"type": "ephemeral", "ttl": "1h"}
    minutes = {"type": "ephemeral", "ttl": "5m"}
    content = [{"type": "text", "text": "Hello", "cache_control": minutes}, {"type": "text", "text": "And?"}]
    refused = [{"type": "text", "text": "No.", "cache_control": {"type": "ephemeral"}}]
    compare(
        specification,
        system=[{"type": "text", "text": "Be brief.", "cache_control": hour}],
        tools=[{"name": "f", "input_schema": {"type": "object", "properties": {}}, "cache_control": hour}],
        messages=[{"role": "user", "content": content}, {"role": "assistant", "content": refused}, USER],
    )


def test_a_schema_that_can_be_enforced_whole(compare: Compare) -> None:
    schema = {
        "type": "object",
        "properties": {"z": {"type": "integer"}, "a": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        "required": ["z", "a"],
        "additionalProperties": False,
    }
    output = JsonSchemaFormat(name="finding", json_schema=json.dumps(schema))
    form = {"type": "json_schema", "schema": schema}
    body = compare(asking(output_format=OutputFormat(json_schema=output)), output_config={"format": form})
    assert list(body["output_config"]["format"]["schema"]["properties"]) == ["z", "a"]


def words(schema: Any) -> Any:
    """The schema, its descriptions without the order of what they tell."""
    if isinstance(schema, dict):
        return {
            name: sorted(re.findall(r"\w+", value)) if name == "description" else words(value)
            for name, value in schema.items()
        }
    return [words(item) for item in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize(
    "schema",
    [
        Finding.model_json_schema(),
        {"type": "integer", "minimum": 1, "maximum": 10, "description": "A number"},
        {"type": "string", "format": "uuid"},
        {"type": "string", "format": "regex", "minLength": 3},
        {"type": "array", "items": {"type": "string", "pattern": "a+"}, "minItems": 1},
        {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True},
        {"type": "object", "properties": {"a": {"oneOf": [{"type": "string"}, {"type": "null"}]}}},
        {"type": "object", "additionalProperties": False, "title": "T"},
        {"$ref": "#/$defs/A", "$defs": {"A": {"type": "object", "properties": {"n": {"type": "number"}}}}},
        {"allOf": [{"type": "object", "properties": {}}, {"$ref": "#/$defs/A"}], "$defs": {"A": {"type": "null"}}},
        {"enum": ["a", 1, None], "description": "One of them."},
        {"const": 3},
    ],
)
def test_schemas_are_made_enforceable_as_the_sdk_makes_them(schema: dict[str, Any]) -> None:
    ours, moved = enforceable(copy.deepcopy(schema))
    theirs = transform_schema(copy.deepcopy(schema))
    assert words(ours) == words(theirs)
    assert bool(moved) == ("{" in json.dumps(theirs).partition('"description": "')[2])


def test_the_model_list_is_asked_for_alike(loopback: Any, sdk: anthropic.Anthropic) -> None:
    listed = {"data": [{"id": "claude-x", "type": "model"}], "has_more": False, "first_id": "a", "last_id": "claude-x"}
    loopback.answer(json.dumps(listed).encode(), "application/json")
    names = [model.id for model in sdk.models.list(limit=1000, after_id="claude w")]
    received = loopback.received[-1]
    root = loopback.url.removesuffix("/v1")
    provider = Provider("host", "Host", "anthropic", root)
    call = AnthropicDialect().list_models(provider, Secret(KEY), "claude w")
    assert (call.method, call.body) == ("GET", b"")
    assert sorted(call.url.removeprefix(root).partition("?")[2].split("&")) == sorted(
        received.path.replace("%20", "+").partition("?")[2].split("&")
    )
    assert call.url.removeprefix(root).partition("?")[0] == received.path.partition("?")[0]
    assert call.headers["authorization"] == received.headers["authorization"]
    assert [model.external_id for model in AnthropicDialect().models(loopback.body).models] == names
