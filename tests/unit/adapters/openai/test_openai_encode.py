"""Requests: what the official SDK cannot show, because hosts differ."""

import json
from dataclasses import replace
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import CompletionSpecification, FailureKind, ReasoningEffort, Sampling, WarningCode
from pointsman.v1.content_pb2 import (
    AudioPart,
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
from pointsman_server.adapters.base import Encoded, ProviderFailure, Target
from pointsman_server.adapters.dialects import DIALECTS, QUIRKS
from pointsman_server.adapters.openai import OpenAIDialect
from pointsman_server.adapters.openai_decode import OpenAIDecoder
from pointsman_server.catalog.model import Auth, AuthScheme, Model, Provider
from pointsman_server.secrets.model import Secret

PROVIDER = Provider("host", "Host", "openai", "https://host.example/v1")
PLAIN = Model("host/x", "host", "x", "vendor/x", "X")
THINKER = replace(PLAIN, capabilities=frozenset({Capability.CAPABILITY_TEXT, Capability.CAPABILITY_REASONING}))
EVERYTHING = Sampling(temperature=0.5, top_p=0.9, top_k=40, frequency_penalty=0.1, presence_penalty=0.2)


def text(words: str) -> Part:
    return Part(text=TextPart(text=words))


def user(*parts: Part) -> Message:
    return Message(role=Role.ROLE_USER, parts=parts or [text("Hello")])


def assistant(*parts: Part) -> Message:
    return Message(role=Role.ROLE_ASSISTANT, parts=parts)


def result(call: str, *parts: Part, is_error: bool = False) -> Part:
    return Part(tool_result=ToolResultPart(tool_call_id=call, parts=parts, is_error=is_error))


def encode(
    *messages: Message, quirks: tuple[str, ...] = (), model: Model = PLAIN, provider: Provider = PROVIDER, **fields: Any
) -> Encoded:
    specification = CompletionSpecification(messages=messages or [user()], **fields)
    target = Target(replace(provider, quirks=frozenset(quirks)), model, 100)
    return OpenAIDialect().encode(specification, target, Secret("sk-1"))


def body_of(encoded: Encoded) -> dict[str, Any]:
    return dict(json.loads(encoded.call.body))


def body(*messages: Message, **more: Any) -> dict[str, Any]:
    return body_of(encode(*messages, **more))


def written(*messages: Message, quirks: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return list(body(*messages, quirks=quirks)["messages"])


def dropped(encoded: Encoded) -> list[str]:
    assert {warning.code for warning in encoded.warnings} <= {WarningCode.WARNING_CODE_PARAMETER_DROPPED}
    return [warning.field for warning in encoded.warnings]


def refused(*parts: Part, **more: Any) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as failed:
        encode(user(*parts), **more)
    assert failed.value.kind == FailureKind.FAILURE_KIND_INVALID_REQUEST
    return failed.value


def test_the_least_request() -> None:
    assert body() == {
        "model": "vendor/x",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 100,
    }


def test_quirks_of_the_cap_and_of_usage() -> None:
    written_body = body(quirks=("max_tokens", "no_stream_options"))
    assert written_body["max_tokens"] == 100
    assert written_body.keys() == {"model", "messages", "stream", "max_tokens"}


def test_a_provider_s_file_shapes_the_call() -> None:
    provider = replace(
        PROVIDER,
        base_url="https://x.example/openai",
        paths={"chat": "/deployments/{model}/chat/completions", "models": "/deployments"},
        query={"api-version": "2024-10-21"},
        headers={"X-Title": "Pointsman", "Content-Type": "application/json; charset=utf-8"},
        auth=Auth(header="Api-Key", scheme=AuthScheme.RAW),
    )
    call = encode(provider=provider).call
    assert call.url == "https://x.example/openai/deployments/vendor%2Fx/chat/completions?api-version=2024-10-21"
    assert call.headers == {
        "accept": "text/event-stream, application/json",
        "content-type": "application/json; charset=utf-8",
        "x-title": "Pointsman",
        "api-key": "sk-1",
    }
    listing = OpenAIDialect().list_models(provider, None)
    assert (listing.method, listing.url) == ("GET", "https://x.example/openai/deployments?api-version=2024-10-21")
    assert "api-key" not in listing.headers


def test_a_query_may_stand_in_the_path_already() -> None:
    provider = replace(PROVIDER, paths={"chat": "/chat?a=1"}, query={"b": "2"})
    assert encode(provider=provider).call.url == "https://host.example/v1/chat?a=1&b=2"


def test_a_provider_without_a_key_gets_none() -> None:
    provider = replace(PROVIDER, auth=Auth(scheme=AuthScheme.NONE))
    assert "authorization" not in encode(provider=provider).call.headers


def test_neither_key_nor_content_is_shown() -> None:
    shown = repr(encode(user(text("very private"))))
    assert "sk-1" not in shown
    assert "private" not in shown


def test_top_k_is_the_host_s_to_take() -> None:
    encoded = encode(sampling=EVERYTHING)
    assert dropped(encoded) == ["specification.sampling.top_k"]
    assert "top_k" not in body_of(encoded)
    assert body(sampling=EVERYTHING, quirks=("top_k",))["top_k"] == 40


def test_every_sampling_field_reaches_the_wire() -> None:
    sent = body(sampling=EVERYTHING, quirks=("top_k",))
    assert {field.name: value for field, value in EVERYTHING.ListFields()}.items() <= sent.items()
    assert len(EVERYTHING.ListFields()) == len(Sampling.DESCRIPTOR.fields)


def test_reasoning_models_that_refuse_sampling() -> None:
    def encoded(**more: Any) -> Encoded:
        quirks = ("reasoning_refuses_sampling", "top_k")
        return encode(sampling=EVERYTHING, stop_sequences=["x"], quirks=quirks, **more)

    names = {"temperature", "top_p", "frequency_penalty", "presence_penalty", "stop"}
    assert not names & body_of(encoded(model=THINKER)).keys()
    assert dropped(encoded(model=THINKER)) == [
        *(
            f"specification.sampling.{name}"
            for name in ("temperature", "top_p", "frequency_penalty", "presence_penalty")
        ),
        "specification.stop_sequences",
    ]
    assert names <= body_of(encoded(model=PLAIN)).keys()
    none = encoded(model=THINKER, reasoning_effort=ReasoningEffort.REASONING_EFFORT_NONE)
    assert names <= body_of(none).keys()


def test_effort_is_for_models_that_reason() -> None:
    high = ReasoningEffort.REASONING_EFFORT_HIGH
    assert body(reasoning_effort=high, model=THINKER)["reasoning_effort"] == "high"
    encoded = encode(reasoning_effort=high, model=PLAIN)
    assert "reasoning_effort" not in body_of(encoded)
    assert dropped(encoded) == ["specification.reasoning_effort"]


def test_no_parameter_that_a_host_refuses_is_sent() -> None:
    choice = ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_REQUIRED, allow_parallel_calls=True)
    given: dict[str, Any] = {
        "sampling": EVERYTHING,
        "seed": 1,
        "stop_sequences": ["x"],
        "tools": [Tool(name="f")],
        "tool_choice": choice,
        "reasoning_effort": ReasoningEffort.REASONING_EFFORT_LOW,
        "model": THINKER,
    }
    quirks = tuple(name for name in QUIRKS["openai"] if name.startswith("no_") and name != "no_stream_options")
    names = {name.removeprefix("no_") for name in quirks}
    assert names <= body(**given).keys()
    encoded = encode(**given, quirks=quirks)
    assert not names & body_of(encoded).keys()
    assert len(dropped(encoded)) == len(names) + 1
    assert "specification.tool_choice.allow_parallel_calls" in dropped(encoded)


def test_a_tool_choice_without_tools_is_not_sent() -> None:
    assert "tool_choice" not in body(tool_choice=ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_NONE))


def test_tools() -> None:
    schema = '{"type":"object","properties":{"z":{"type":"string"},"a":{"const":1.0}}}'
    sent = body(tools=[Tool(name="f"), Tool(name="g", description="D", parameters_json_schema=schema, strict=True)])
    assert sent["tools"] == [
        {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}},
        {
            "type": "function",
            "function": {"name": "g", "description": "D", "parameters": json.loads(schema), "strict": True},
        },
    ]
    assert list(sent["tools"][1]["function"]["parameters"]["properties"]) == ["z", "a"]


def test_output_formats() -> None:
    schema = JsonSchemaFormat(json_schema='{"type":"object"}', description="D", strict=False)
    assert body(output_format=OutputFormat(json_schema=schema))["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "description": "D", "schema": {"type": "object"}, "strict": False},
    }
    unnamed = OutputFormat(json_schema=JsonSchemaFormat(json_schema="{}"))
    assert body(output_format=unnamed)["response_format"]["json_schema"]["strict"] is True


@pytest.mark.parametrize("schema", ["{", '{"const":1e999}', '{"const":NaN}', "[" * 100_000])
def test_a_schema_that_is_not_json_is_refused(schema: str) -> None:
    refused(text("x"), output_format=OutputFormat(json_schema=JsonSchemaFormat(json_schema=schema)))
    refused(text("x"), tools=[Tool(name="f", parameters_json_schema=schema)])


def test_an_assistant_s_turn_is_one_message() -> None:
    message = assistant(
        text("Let me see."),
        Part(tool_call=ToolCallPart(id="a", name="f", arguments_json="not json")),
        text("And more."),
        Part(tool_call=ToolCallPart(id="b", name="g")),
    )
    message.name = "Ann"
    call_a = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "not json"}}
    call_b = {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}}
    assert written(user(), message)[1] == {
        "role": "assistant",
        "content": "Let me see.\n\nAnd more.",
        "tool_calls": [call_a, call_b],
        "name": "Ann",
    }


def test_refusals_may_have_to_be_text() -> None:
    message = assistant(Part(refusal=RefusalPart(text="No.")))
    assert written(message) == [{"role": "assistant", "refusal": "No."}]
    assert written(message, quirks=("refusal_as_text",)) == [{"role": "assistant", "content": "No."}]


def test_tool_results_are_text_and_the_rest_follows() -> None:
    image = Part(image=ImagePart(uri="https://example.com/a.png"))
    encoded = encode(
        user(),
        Message(role=Role.ROLE_TOOL, parts=[result("a", text("one"), image, text("two")), result("b", image)]),
        Message(role=Role.ROLE_TOOL, parts=[result("c", text("no such file"), is_error=True)]),
        user(text("Go on")),
    )
    seen = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    assert body_of(encoded)["messages"][1:] == [
        {"role": "tool", "tool_call_id": "a", "content": "one\n\ntwo"},
        {"role": "tool", "tool_call_id": "b", "content": "The result follows in the next message."},
        {"role": "tool", "tool_call_id": "c", "content": "Error: no such file"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "The result of tool call a also holds:"},
                seen,
                {"type": "text", "text": "The result of tool call b also holds:"},
                seen,
            ],
        },
        {"role": "user", "content": "Go on"},
    ]
    assert dropped(encoded) == [
        "specification.messages[1].parts[0].tool_result.parts",
        "specification.messages[1].parts[1].tool_result.parts",
    ]


def test_what_a_tool_showed_last_is_sent_too() -> None:
    image = Part(image=ImagePart(uri="https://example.com/a.png"))
    roles = [message["role"] for message in written(user(), Message(role=Role.ROLE_TOOL, parts=[result("a", image)]))]
    assert roles == ["user", "tool", "user"]


def test_reasoning_goes_back_only_where_the_host_wants_it() -> None:
    ours = OpaqueState(dialect="openai", data=b'{"reasoning_details":[{"type":"reasoning.text","text":"Hm."}]}')
    theirs = OpaqueState(dialect="anthropic", data=b"sig")
    message = assistant(
        Part(reasoning=ReasoningPart(text="Hm.", opaque_state=ours)),
        Part(reasoning=ReasoningPart(text="Elsewhere.", opaque_state=theirs)),
        text("Yes."),
    )
    plain = {"role": "assistant", "content": "Yes."}
    assert written(message) == [plain]
    assert written(message, quirks=("reasoning_content",)) == [plain | {"reasoning_content": "Hm."}]
    details = [{"type": "reasoning.text", "text": "Hm."}]
    assert written(message, quirks=("reasoning_details",)) == [plain | {"reasoning_details": details}]


def test_a_message_of_thoughts_alone_is_left_out() -> None:
    assert written(user(), assistant(Part(reasoning=ReasoningPart(text="Hm.")))) == [
        {"role": "user", "content": "Hello"}
    ]


def test_opaque_state_survives_the_round_trip() -> None:
    decoder = OpenAIDecoder()
    detail = {"type": "reasoning.encrypted", "data": "gAAA", "index": 0}
    tool_call = {"id": "a", "function": {"name": "f", "arguments": "{}"}, "extra_content": {"google": {"s": "é"}}}
    delta = {"reasoning": "Hm.", "reasoning_details": [detail], "tool_calls": [tool_call]}
    events = decoder.feed(b"data: " + json.dumps({"choices": [{"delta": delta}]}).encode() + b"\n\ndata: [DONE]\n\n")
    states = {
        event.WhichOneof("kind"): getattr(event, event.WhichOneof("kind")).opaque_state
        for event in events
        if hasattr(event, "WhichOneof")
    }
    message = assistant(
        Part(reasoning=ReasoningPart(text="Hm.", opaque_state=states["reasoning_delta"])),
        Part(tool_call=ToolCallPart(id="a", name="f", opaque_state=states["tool_call_delta"])),
    )
    [sent] = written(message, quirks=("reasoning_details", "extra_content"))
    assert sent["reasoning_details"] == [detail]
    assert sent["tool_calls"][0]["extra_content"] == {"google": {"s": "é"}}
    [sent] = written(message)
    assert sent.keys() == {"role", "tool_calls"}
    assert sent["tool_calls"][0].keys() == {"id", "type", "function"}


def test_opaque_state_that_was_changed_is_refused() -> None:
    state = OpaqueState(dialect="openai", data=b"\xff")
    message = assistant(Part(reasoning=ReasoningPart(opaque_state=state)), text("x"))
    with pytest.raises(ProviderFailure):
        encode(message, quirks=("reasoning_details",))
    state.data = b"[1]"
    message = assistant(Part(reasoning=ReasoningPart(opaque_state=state)), text("x"))
    assert "reasoning_details" not in written(message, quirks=("reasoning_details",))[0]


def test_documents() -> None:
    by_data = Part(document=DocumentPart(data=b"x", media_type="text/plain"))
    by_address = Part(document=DocumentPart(uri="https://example.com/a.pdf", media_type="application/pdf"))
    [message] = written(user(by_data))
    assert message["content"] == [
        {"type": "file", "file": {"filename": "document", "file_data": "data:text/plain;base64,eA=="}}
    ]
    [message] = written(user(by_address), quirks=("file_uri",))
    assert message["content"][0]["file"]["file_data"] == "https://example.com/a.pdf"
    assert "address" in refused(by_address).provider_text


def test_what_the_dialect_cannot_say_is_refused() -> None:
    refused(Part(audio=AudioPart(data=b"x", media_type="audio/flac")))
    refused(text("x"), Part(reasoning=ReasoningPart(text="Hm.")))


def test_dialects_by_name() -> None:
    assert all(dialect.name == name for name, dialect in DIALECTS.items())
    assert QUIRKS.keys() == DIALECTS.keys()
    assert DIALECTS["openai"].overhead_tokens == 1024
    assert all(doc.endswith(".") for docs in QUIRKS.values() for doc in docs.values())
