"""Requests: what the official SDK cannot show, because models differ."""

import json
from dataclasses import replace
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import CompletionSpecification, FailureKind, ReasoningEffort, Sampling, WarningCode
from pointsman.v1.content_pb2 import (
    AudioPart,
    CacheBreakpoint,
    DocumentPart,
    ImageDetail,
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
from pointsman_server.adapters.gemini import GeminiDialect
from pointsman_server.adapters.gemini_quirks import DROPPABLE
from pointsman_server.adapters.gemini_signature import PLACEHOLDER, keep
from pointsman_server.catalog.model import Auth, AuthScheme, Model, Provider
from pointsman_server.secrets.model import Secret

AUTH = Auth(header="x-goog-api-key", scheme=AuthScheme.RAW)
PROVIDER = Provider("host", "Host", "gemini", "https://host.example", auth=AUTH)
PLAIN = Model("host/x", "host", "x", "vendor/x", "X")
THINKER = replace(PLAIN, capabilities=frozenset({Capability.CAPABILITY_TEXT, Capability.CAPABILITY_REASONING}))
EVERYTHING = Sampling(temperature=0.5, top_p=0.9, top_k=40, frequency_penalty=0.1, presence_penalty=0.2)
PICTURE = Part(image=ImagePart(data=b"x", media_type="image/png"))


def text(words: str) -> Part:
    return Part(text=TextPart(text=words))


def user(*parts: Part, **fields: Any) -> Message:
    return Message(role=Role.ROLE_USER, parts=parts or [text("Hello")], **fields)


def assistant(*parts: Part) -> Message:
    return Message(role=Role.ROLE_ASSISTANT, parts=parts)


def call(call_id: str = "c1", name: str = "f", arguments: str = "{}", state: OpaqueState | None = None) -> Part:
    return Part(tool_call=ToolCallPart(id=call_id, name=name, arguments_json=arguments, opaque_state=state))


def results(*parts: Part) -> Message:
    return Message(role=Role.ROLE_TOOL, parts=parts)


def result(call_id: str, *parts: Part, is_error: bool = False) -> Part:
    return Part(tool_result=ToolResultPart(tool_call_id=call_id, parts=parts, is_error=is_error))


def encode(
    *messages: Message, quirks: tuple[str, ...] = (), model: Model = PLAIN, provider: Provider = PROVIDER, **fields: Any
) -> Encoded:
    specification = CompletionSpecification(messages=messages or [user()], **fields)
    target = Target(replace(provider, quirks=frozenset(quirks)), model, 100)
    return GeminiDialect().encode(specification, target, Secret("AIza-1"))


def body(*messages: Message, **more: Any) -> dict[str, Any]:
    return dict(json.loads(encode(*messages, **more).call.body))


def contents(*messages: Message, quirks: tuple[str, ...] = ()) -> list[Any]:
    return list(body(*messages, quirks=quirks)["contents"])


def dropped(encoded: Encoded) -> list[str]:
    assert {warning.code for warning in encoded.warnings} <= {WarningCode.WARNING_CODE_PARAMETER_DROPPED}
    return [warning.field for warning in encoded.warnings]


def refused(*messages: Message, **more: Any) -> str:
    with pytest.raises(ProviderFailure) as failed:
        encode(*messages, **more)
    assert failed.value.kind == FailureKind.FAILURE_KIND_INVALID_REQUEST
    return failed.value.provider_text


def test_the_call() -> None:
    call_ = encode().call
    assert (call_.method, call_.url) == (
        "POST",
        "https://host.example/v1beta/models/vendor%2Fx:streamGenerateContent?alt=sse",
    )
    assert call_.headers["x-goog-api-key"] == "AIza-1"
    assert "AIza-1" not in repr(call_)
    assert "key" not in call_.url
    assert encode().summarises_thoughts


def test_a_host_may_have_another_path_and_query() -> None:
    provider = replace(PROVIDER, paths={"chat": "/v1/models/{model}:streamGenerateContent"}, query={"region": "eu"})
    url = encode(provider=provider).call.url
    assert url == "https://host.example/v1/models/vendor%2Fx:streamGenerateContent?alt=sse&region=eu"


def test_the_output_cap_is_always_sent() -> None:
    assert body() == {
        "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
        "generationConfig": {"maxOutputTokens": 100},
    }


@pytest.mark.parametrize("name", [name for name in DROPPABLE if name != "reasoning_effort"])
def test_what_a_model_does_not_take_is_left_out_with_a_warning(name: str) -> None:
    fields: dict[str, Any] = {"sampling": EVERYTHING, "stop_sequences": ["END"], "seed": 1}
    whole, without = encode(**fields), encode(**fields, quirks=(f"no_{name}",))
    assert whole.warnings == ()
    assert len(dropped(without)) == 1
    sent = [json.loads(encoded.call.body)["generationConfig"] for encoded in (whole, without)]
    assert len(sent[0]) - len(sent[1]) == 1


def test_a_seed_that_the_wire_cannot_hold() -> None:
    assert dropped(encode(seed=2**31)) == ["specification.seed"]
    assert body(seed=2**31 - 1)["generationConfig"]["seed"] == 2**31 - 1
    assert "seed" not in body(seed=-(2**31) - 1)["generationConfig"]


@pytest.mark.parametrize(
    ("model", "effort", "quirks", "warned"),
    [
        (PLAIN, "UNSPECIFIED", (), False),
        (PLAIN, "HIGH", (), True),
        (THINKER, "HIGH", ("no_reasoning_effort",), True),
        (THINKER, "MEDIUM", ("no_thinking_medium",), True),
        (THINKER, "HIGH", ("no_thinking_medium",), False),
    ],
)
def test_an_effort_that_cannot_be_said(model: Model, effort: str, quirks: tuple[str, ...], warned: bool) -> None:  # noqa: FBT001  # pytest passes it
    encoded = encode(model=model, quirks=quirks, reasoning_effort=ReasoningEffort.Value(f"REASONING_EFFORT_{effort}"))
    assert dropped(encoded) == (["specification.reasoning_effort"] if warned else [])
    thinking = json.loads(encoded.call.body)["generationConfig"].get("thinkingConfig")
    if model is PLAIN:
        assert thinking is None
    else:
        assert thinking == {"includeThoughts": True} | ({} if warned else {"thinkingLevel": "HIGH"})


def test_quirks_of_the_model_count_beside_those_of_its_provider() -> None:
    model = replace(THINKER, quirks=frozenset({"thinking_budget"}))
    sent = body(model=model, quirks=("always_thinks",), reasoning_effort=ReasoningEffort.REASONING_EFFORT_NONE)
    assert sent["generationConfig"]["thinkingConfig"] == {"thinkingBudget": 128}


def test_cache_breakpoints_are_left_out_without_a_warning() -> None:
    marked = user(Part(text=TextPart(text="a"), cache_breakpoint=CacheBreakpoint()))
    encoded = encode(marked, system_text="s", system_cache_breakpoint=CacheBreakpoint())
    assert encoded.warnings == ()
    assert encoded.call.body == encode(user(text("a")), system_text="s").call.body


def test_what_the_dialect_has_no_word_for_is_a_warning() -> None:
    named = user(Part(document=DocumentPart(data=b"x", media_type="text/csv", file_name="a.csv")), name="Ann")
    encoded = encode(
        named,
        tools=[Tool(name="f")],
        tool_choice=ToolChoice(allow_parallel_calls=False),
    )
    assert dropped(encoded) == [
        "specification.messages[0].name",
        "specification.messages[0].parts[0].document.file_name",
        "specification.tool_choice.allow_parallel_calls",
    ]
    assert "toolConfig" not in json.loads(encoded.call.body)


def test_the_detail_of_an_image() -> None:
    closely = Part(image=ImagePart(data=b"x", media_type="image/png", detail=ImageDetail.IMAGE_DETAIL_HIGH))
    assert dropped(encode(user(closely))) == ["specification.messages[0].parts[0].image.detail"]
    [content] = contents(user(closely), quirks=("media_resolution",))
    assert content["parts"][0]["mediaResolution"] == {"level": "MEDIA_RESOLUTION_HIGH"}


def test_addresses_only_where_the_model_takes_them() -> None:
    by_address = Part(image=ImagePart(uri="https://example.com/a.png"))
    assert "address" in refused(user(by_address))
    [content] = contents(user(by_address), quirks=("file_uri",))
    assert content["parts"] == [{"fileData": {"fileUri": "https://example.com/a.png"}}]


def test_results_of_one_turn_are_one_content() -> None:
    calls = assistant(call("a", "f"), call("b", "g"), call("c", "f"))
    given = contents(
        user(), calls, results(result("b", text("1"))), results(result("a"), result("c", is_error=True)), user()
    )
    assert [content["role"] for content in given] == ["user", "model", "user", "user"]
    assert [part["functionResponse"] for part in given[2]["parts"]] == [
        {"id": "b", "name": "g", "response": {"output": "1"}},
        {"id": "a", "name": "f", "response": {"output": ""}},
        {"id": "c", "name": "f", "response": {"error": ""}},
    ]


def test_ids_are_left_out_where_the_host_takes_none() -> None:
    given = contents(user(), assistant(call("a")), results(result("a")), quirks=("no_call_ids",))
    assert given[1]["parts"][0]["functionCall"] == {"name": "f", "args": {}}
    assert given[2]["parts"][0]["functionResponse"] == {"name": "f", "response": {"output": ""}}


def test_media_of_results_follow_or_stand_inside() -> None:
    messages = (user(), assistant(call("a"), call("b")), results(result("a", text("see"), PICTURE), result("b")))
    encoded = encode(*messages)
    assert dropped(encoded) == ["specification.messages[2].parts[0].tool_result.parts"]
    inline = {"inlineData": {"mimeType": "image/png", "data": "eA=="}}
    parts = json.loads(encoded.call.body)["contents"][2]["parts"]
    assert [next(iter(part)) for part in parts] == ["functionResponse", "functionResponse", "text", "inlineData"]
    assert parts[3] == inline
    within = encode(*messages, quirks=("tool_result_media",))
    assert within.warnings == ()
    first, _ = json.loads(within.call.body)["contents"][2]["parts"]
    assert first["functionResponse"]["parts"] == [inline]


def test_only_the_first_call_of_a_turn_gets_the_placeholder_and_only_without_a_signature() -> None:
    [_, first, _, second, _] = contents(
        user(),
        assistant(text("a"), call("a"), call("b")),
        results(result("a"), result("b")),
        assistant(call("c", state=keep("c2ln")), call("d")),
        results(result("c"), result("d")),
    )
    assert [part.get("thoughtSignature") for part in first["parts"]] == [None, PLACEHOLDER, None]
    assert [part.get("thoughtSignature") for part in second["parts"]] == ["c2ln", None]


def test_foreign_thoughts_stay_behind() -> None:
    foreign = OpaqueState(dialect="anthropic", data=b'{"signature":"x"}')
    thought = Part(reasoning=ReasoningPart(text="Hm.", opaque_state=foreign))
    unsigned = Part(reasoning=ReasoningPart(text="Hm."))
    own = Part(reasoning=ReasoningPart(text="Aha.", opaque_state=keep("c2ln", thought=True)))
    given = contents(user(), assistant(thought, unsigned), user(), assistant(thought, own, text("b")), user())
    assert given == [
        {"role": "user", "parts": [{"text": "Hello"}]},
        {"role": "user", "parts": [{"text": "Hello"}]},
        {
            "role": "model",
            "parts": [{"text": "Aha.", "thought": True, "thoughtSignature": "c2ln"}, {"text": "b"}],
        },
        {"role": "user", "parts": [{"text": "Hello"}]},
    ]


def test_a_refusal_goes_back_as_text() -> None:
    assert contents(user(), assistant(Part(refusal=RefusalPart(text="No."))), user())[1]["parts"] == [{"text": "No."}]


@pytest.mark.parametrize(
    "data",
    [b"{", b"[]", b"{}", b'{"thoughtSignature":1}', b'{"thoughtSignature":"a","thought":false}', b'{"thought":true}'],
)
def test_changed_state_is_refused(data: bytes) -> None:
    state = OpaqueState(dialect="gemini", data=data)
    assert "opaque_state" in refused(user(), assistant(call("a", state=state)), results(result("a")))
    assert "opaque_state" in refused(user(), assistant(Part(reasoning=ReasoningPart(opaque_state=state))), user())


def test_state_hands_back_only_what_it_held() -> None:
    state = OpaqueState(dialect="gemini", data=b'{"thoughtSignature":"a","functionCall":{"name":"evil"}}')
    given = contents(user(), assistant(call("a", state=state)), results(result("a")))
    assert given[1]["parts"] == [{"functionCall": {"id": "a", "name": "f", "args": {}}, "thoughtSignature": "a"}]


@pytest.mark.parametrize("arguments", ["{", "[]", '"x"', '{"a":NaN}', "[" * 100_000])
def test_arguments_that_are_no_object_are_refused(arguments: str) -> None:
    assert "arguments" in refused(user(), assistant(call("a", arguments=arguments)), results(result("a")))


def test_what_the_dialect_cannot_say_is_refused() -> None:
    refused(user(call()))
    refused(user(), assistant(PICTURE), user())
    refused(user(), results(result("nobody")))
    refused(user(), assistant(call("a")), results(result("a", Part(reasoning=ReasoningPart(text="x")))))
    refused(tools=[Tool(name="f", parameters_json_schema="{")])


def test_audio_keeps_its_type() -> None:
    [content] = contents(user(Part(audio=AudioPart(data=b"x", media_type="audio/mpeg"))))
    assert content["parts"] == [{"inlineData": {"mimeType": "audio/mpeg", "data": "eA=="}}]


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "object"}, {"description": "What.", "type": "object"}),
        ({"description": "Mine."}, {"description": "Mine."}),
        ({"$ref": "#/$defs/a", "$defs": {}}, {"$ref": "#/$defs/a", "$defs": {}}),
    ],
)
def test_the_description_of_a_schema_stands_in_it(schema: dict[str, Any], written: dict[str, Any]) -> None:
    output = JsonSchemaFormat(name="a", description="What.", json_schema=json.dumps(schema))
    config = body(output_format=OutputFormat(json_schema=output))["generationConfig"]
    assert config["responseJsonSchema"] == written


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("AUTO", "VALIDATED"), ("UNSPECIFIED", "VALIDATED"), ("NONE", "NONE"), ("REQUIRED", "ANY")],
)
def test_strict_tools_change_no_other_mode(mode: str, expected: str) -> None:
    choice = ToolChoice(mode=ToolChoiceMode.Value(f"TOOL_CHOICE_MODE_{mode}"))
    sent = body(tools=[Tool(name="f", strict=True)], tool_choice=choice, quirks=("validated_calls",))
    assert sent["toolConfig"]["functionCallingConfig"] == {"mode": expected}
