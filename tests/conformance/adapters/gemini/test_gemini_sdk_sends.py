"""What the official google-genai SDK sends for given parameters, and what the dialect sends for the same request."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from google import genai
from google.genai import types
from pointsman.v1.completion_pb2 import CompletionSpecification, ReasoningEffort, Sampling
from pointsman.v1.content_pb2 import (
    AudioPart,
    DocumentPart,
    ImagePart,
    JsonObjectFormat,
    JsonSchemaFormat,
    Message,
    OpaqueState,
    OutputFormat,
    Part,
    ReasoningPart,
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
from pointsman_server.adapters.gemini import GeminiDialect
from pointsman_server.catalog.model import Auth, AuthScheme, Model, Provider
from pointsman_server.secrets.model import Secret
from pydantic import BaseModel

KEY = "AIza-test"
AUTH = Auth(header="x-goog-api-key", scheme=AuthScheme.RAW)
PNG = b"\x89PNG\r\n\x1a\n\xff\xfe"
SIGNATURE = b"\xfb\xff signed"
SIGNED = base64.b64encode(SIGNATURE).decode()
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "at": {"type": "string"}, "also_this": {"type": "integer"}},
    "required": ["city"],
    "additionalProperties": False,
}
CALLERS = {"args", "response", "parametersJsonSchema", "responseJsonSchema"}


def text(words: str) -> Part:
    return Part(text=TextPart(text=words))


def user(*parts: Part) -> Message:
    return Message(role=Role.ROLE_USER, parts=parts or [text("Hello")])


def said(*parts: types.Part, role: str = "user") -> types.Content:
    return types.Content(role=role, parts=list(parts) or [types.Part(text="Hello")])


def in_one_form(value: Any, name: str = "") -> Any:
    """Google's server takes snake case and camel case, and both alphabets of base64."""
    if name in CALLERS:
        return value
    if isinstance(value, list):
        return [in_one_form(item) for item in value]
    if isinstance(value, dict):
        named = {re.sub(r"_([a-z])", lambda match: match[1].upper(), key): item for key, item in value.items()}
        return {key: in_one_form(item, key) for key, item in named.items()}
    if name in {"data", "thoughtSignature"}:
        return base64.urlsafe_b64decode(value.replace("+", "-").replace("/", "_"))
    return value


@pytest.fixture
def sdk(loopback: Any) -> Iterator[genai.Client]:
    loopback.answer(b"", "text/event-stream")
    with httpx.Client(verify=False) as http:  # certificates, which nobody needs here, take long to load
        options = types.HttpOptions(
            base_url=loopback.url.removesuffix("/v1"), api_version="v1beta", httpx_client=http,
            httpx_async_client=httpx.AsyncClient(verify=False),
        )  # fmt: skip
        with genai.Client(api_key=KEY, http_options=options) as client:
            yield client


def provider(loopback: Any) -> Provider:
    return Provider("host", "Host", "gemini", loopback.url.removesuffix("/v1"), auth=AUTH)


@pytest.fixture
def compare(loopback: Any, sdk: genai.Client) -> Callable[..., dict[str, Any]]:
    """Sends the parameters through the SDK, encodes the specification, and compares the two requests."""

    def run(
        specification: CompletionSpecification,
        contents: Any = None,
        *,
        thinks: bool = False,
        quirks: tuple[str, ...] = (),
        **config: Any,
    ) -> dict[str, Any]:
        given = types.GenerateContentConfig(max_output_tokens=256, **config)
        stream = sdk.models.generate_content_stream(model="gemini-x", contents=contents or [said()], config=given)
        assert list(stream) == []
        received = loopback.received[-1]
        capabilities = frozenset({Capability.CAPABILITY_REASONING} if thinks else ())
        row = Model("host/x", "host", "x", "gemini-x", "X", capabilities=capabilities, quirks=frozenset(quirks))
        encoded = GeminiDialect().encode(specification, Target(provider(loopback), row, 256), Secret(KEY))
        assert encoded.warnings == ()
        assert encoded.call.method == received.method
        assert encoded.call.url == f"{loopback.url.removesuffix('/v1')}{received.path}"
        assert received.path == "/v1beta/models/gemini-x:streamGenerateContent?alt=sse"
        for name in ("x-goog-api-key", "content-type"):
            assert encoded.call.headers[name] == received.headers[name]
        body = json.loads(encoded.call.body)
        assert in_one_form(body) == in_one_form(json.loads(received.body))
        return dict(body)

    return run


Compare = Callable[..., dict[str, Any]]


def asking(*messages: Message, **fields: Any) -> CompletionSpecification:
    return CompletionSpecification(messages=messages or [user()], **fields)


def test_text_and_system_text(compare: Compare) -> None:
    system = types.Content(parts=[types.Part(text="Be brief. Grüße 🚂")])
    compare(asking(system_text="Be brief. Grüße 🚂"), system_instruction=system)


def test_a_conversation(compare: Compare) -> None:
    assistant = Message(role=Role.ROLE_ASSISTANT, parts=[text("Hi."), text("What now?")])
    contents = [said(), said(types.Part(text="Hi."), types.Part(text="What now?"), role="model"), said()]
    compare(asking(user(), assistant, user()), contents)


def test_every_parameter(compare: Compare) -> None:
    sampling = Sampling(temperature=0.0, top_p=0.9, top_k=40, frequency_penalty=-0.5, presence_penalty=0.25)
    compare(
        asking(sampling=sampling, stop_sequences=["END", "\n\n"], seed=-7),
        temperature=0,
        top_p=0.9,
        top_k=40,
        frequency_penalty=-0.5,
        presence_penalty=0.25,
        stop_sequences=["END", "\n\n"],
        seed=-7,
    )


@pytest.mark.parametrize(
    ("effort", "quirks", "thinking"),
    [
        ("UNSPECIFIED", (), {}),
        ("NONE", (), {"include_thoughts": None, "thinking_level": "LOW"}),
        ("NONE", ("thinking_minimal",), {"include_thoughts": None, "thinking_level": "MINIMAL"}),
        ("MINIMAL", ("thinking_minimal",), {"thinking_level": "MINIMAL"}),
        ("LOW", (), {"thinking_level": "LOW"}),
        ("MEDIUM", (), {"thinking_level": "MEDIUM"}),
        ("HIGH", (), {"thinking_level": "HIGH"}),
        ("NONE", ("thinking_budget",), {"include_thoughts": None, "thinking_budget": 0}),
        ("NONE", ("thinking_budget", "always_thinks"), {"include_thoughts": None, "thinking_budget": 128}),
        ("LOW", ("thinking_budget",), {"thinking_budget": 1_024}),
        ("MEDIUM", ("thinking_budget",), {"thinking_budget": 8_192}),
        ("HIGH", ("thinking_budget",), {"thinking_budget": 24_576}),
    ],
)
def test_thinking(effort: str, quirks: tuple[str, ...], thinking: dict[str, Any], compare: Compare) -> None:
    value = ReasoningEffort.Value(f"REASONING_EFFORT_{effort}")
    config = types.ThinkingConfig(**({"include_thoughts": True} | thinking))
    compare(asking(reasoning_effort=value), thinks=True, quirks=quirks, thinking_config=config)


def test_media_by_data_and_by_address(compare: Compare) -> None:
    parts = (
        text("What are these?"),
        Part(image=ImagePart(data=PNG, media_type="image/png")),
        Part(audio=AudioPart(data=b"ID3", media_type="audio/mpeg")),
        Part(document=DocumentPart(data=b"%PDF-1.7", media_type="application/pdf")),
        Part(image=ImagePart(uri="https://example.com/a.png", media_type="image/png")),
        Part(document=DocumentPart(uri="https://example.com/a.pdf", media_type="application/pdf")),
    )
    content = said(
        types.Part(text="What are these?"),
        types.Part.from_bytes(data=PNG, mime_type="image/png"),
        types.Part.from_bytes(data=b"ID3", mime_type="audio/mpeg"),
        types.Part.from_bytes(data=b"%PDF-1.7", mime_type="application/pdf"),
        types.Part.from_uri(file_uri="https://example.com/a.png", mime_type="image/png"),
        types.Part.from_uri(file_uri="https://example.com/a.pdf", mime_type="application/pdf"),
    )
    compare(asking(user(*parts)), [content], quirks=("file_uri",))


def test_tools_and_finished_calls_with_their_signatures(compare: Compare) -> None:
    state = OpaqueState(dialect="gemini", data=json.dumps({"thoughtSignature": SIGNED}).encode())
    thought = OpaqueState(dialect="gemini", data=json.dumps({"thought": True, "thoughtSignature": SIGNED}).encode())
    calls = Message(
        role=Role.ROLE_ASSISTANT,
        parts=[
            Part(reasoning=ReasoningPart(text="Hm.", opaque_state=thought)),
            text("I look."),
            Part(reasoning=ReasoningPart(opaque_state=state)),
            Part(
                tool_call=ToolCallPart(
                    id="a1", name="get_weather", arguments_json='{"city":"Bern","a_b":1}', opaque_state=state
                )
            ),
            Part(tool_call=ToolCallPart(id="a2", name="now")),
        ],
    )
    results = [
        Message(
            role=Role.ROLE_TOOL,
            parts=[Part(tool_result=ToolResultPart(tool_call_id="a1", parts=[text("12 °C"), text("dry")]))],
        ),
        Message(
            role=Role.ROLE_TOOL,
            parts=[Part(tool_result=ToolResultPart(tool_call_id="a2", parts=[text("no clock")], is_error=True))],
        ),
    ]
    declared = types.FunctionDeclaration(
        name="get_weather", description="Tells the weather.", parameters_json_schema=SCHEMA
    )
    body = compare(
        asking(
            user(),
            calls,
            *results,
            tools=[
                Tool(
                    name="get_weather",
                    description="Tells the weather.",
                    parameters_json_schema=json.dumps(SCHEMA),
                    strict=True,
                ),
                Tool(name="now"),
            ],
            tool_choice=ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_AUTO, allow_parallel_calls=True),
        ),
        [
            said(),
            said(
                types.Part(text="Hm.", thought=True, thought_signature=SIGNATURE),
                types.Part(text="I look."),
                types.Part(text="", thought_signature=SIGNATURE),
                types.Part(
                    function_call=types.FunctionCall(id="a1", name="get_weather", args={"city": "Bern", "a_b": 1}),
                    thought_signature=SIGNATURE,
                ),
                types.Part(function_call=types.FunctionCall(id="a2", name="now", args={})),
                role="model",
            ),
            said(
                types.Part(
                    function_response=types.FunctionResponse(
                        id="a1", name="get_weather", response={"output": "12 °C\n\ndry"}
                    )
                ),
                types.Part(
                    function_response=types.FunctionResponse(id="a2", name="now", response={"error": "no clock"})
                ),
            ),
        ],
        tools=[types.Tool(function_declarations=[declared, types.FunctionDeclaration(name="now")])],
        tool_config=types.ToolConfig(
            function_calling_config=types.FunctionCallingConfig(mode=types.FunctionCallingConfigMode.AUTO)
        ),
    )
    written = body["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"]
    assert json.dumps(written) == json.dumps(SCHEMA)


def test_the_placeholder_of_a_foreign_call(compare: Compare) -> None:
    foreign = ToolCallPart(id="call_1", name="f", opaque_state=OpaqueState(dialect="openai", data=b"{}"))
    result = Message(role=Role.ROLE_TOOL, parts=[Part(tool_result=ToolResultPart(tool_call_id="call_1"))])
    call = types.FunctionCall(id="call_1", name="f", args={})
    response = types.FunctionResponse(id="call_1", name="f", response={"output": ""})
    for quirks in ((), ("no_signature_placeholder",)):
        # The SDK takes bytes: those that the documented text stands for in base64.
        placeholder = None if quirks else base64.urlsafe_b64decode("skip_thought_signature_validator")
        compare(
            asking(user(), Message(role=Role.ROLE_ASSISTANT, parts=[Part(tool_call=foreign)]), result),
            [
                said(),
                said(types.Part(function_call=call, thought_signature=placeholder), role="model"),
                said(types.Part(function_response=response)),
            ],
            quirks=quirks,
        )


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        (ToolChoice(), None),
        (ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_NONE), {"mode": "NONE"}),
        (ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_REQUIRED), {"mode": "ANY"}),
        (
            ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_NAMED, tool_name="f"),
            {"mode": "ANY", "allowed_function_names": ["f"]},
        ),
    ],
)
def test_tool_choice(choice: ToolChoice, wire: Any, compare: Compare) -> None:
    config = wire and types.ToolConfig(function_calling_config=types.FunctionCallingConfig(**wire))
    declared = [types.Tool(function_declarations=[types.FunctionDeclaration(name="f")])]
    compare(asking(tools=[Tool(name="f")], tool_choice=choice), tools=declared, tool_config=config)


def test_strict_tools_where_the_model_can_promise_it(compare: Compare) -> None:
    calling = types.FunctionCallingConfig(mode=types.FunctionCallingConfigMode.VALIDATED)
    declared = [types.Tool(function_declarations=[types.FunctionDeclaration(name="f")])]
    compare(
        asking(tools=[Tool(name="f", strict=True)]),
        quirks=("validated_calls",),
        tools=declared,
        tool_config=types.ToolConfig(function_calling_config=calling),
    )


class Finding(BaseModel):
    line: int
    also: list[str]


def test_a_schema_keeps_the_order_of_its_properties(compare: Compare) -> None:
    schema = Finding.model_json_schema()
    output = JsonSchemaFormat(name="Finding", json_schema=json.dumps(schema))
    body = compare(
        asking(output_format=OutputFormat(json_schema=output)),
        response_mime_type="application/json",
        response_json_schema=schema,
    )
    assert json.dumps(body["generationConfig"]["responseJsonSchema"]) == json.dumps(schema)


def test_any_json(compare: Compare) -> None:
    compare(asking(output_format=OutputFormat(json_object=JsonObjectFormat())), response_mime_type="application/json")


def test_the_model_list_is_asked_for_alike(loopback: Any, sdk: genai.Client) -> None:
    pages = [
        {"models": [{"name": "models/a", "inputTokenLimit": 10}], "nextPageToken": "p/2="},
        {"models": [{"name": "models/b"}]},
    ]
    dialect = GeminiDialect()
    loopback.answer(json.dumps(pages[0]).encode(), "application/json")
    listed = sdk.models.list(config={"page_size": 1000})
    call = dialect.list_models(provider(loopback), Secret(KEY))
    assert call.url.endswith(loopback.received[-1].path)
    assert (call.method, call.body, call.headers["x-goog-api-key"]) == ("GET", b"", KEY)
    page = dialect.models(loopback.body)
    loopback.answer(json.dumps(pages[1]).encode(), "application/json")
    names = [str(model.name).removeprefix("models/") for model in listed]
    call = dialect.list_models(provider(loopback), Secret(KEY), page.next_page)
    theirs = httpx.URL(loopback.received[-1].path)
    assert dict(httpx.URL(call.url).params) == dict(theirs.params) == {"pageSize": "1000", "pageToken": "p/2="}
    last = dialect.models(loopback.body)
    assert last.next_page is None
    assert [model.external_id for model in (*page.models, *last.models)] == names == ["a", "b"]
