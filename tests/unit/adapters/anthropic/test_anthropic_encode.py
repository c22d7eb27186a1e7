"""Requests: what the official SDK cannot show, because it is left out, refused or bent."""

import json
from dataclasses import replace
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import CompletionSpecification, FailureKind, ReasoningEffort, Sampling, WarningCode
from pointsman.v1.content_pb2 import (
    AudioPart,
    CacheBreakpoint,
    CacheLifetime,
    DocumentPart,
    ImageDetail,
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
from pointsman_server.adapters.anthropic import AnthropicDialect
from pointsman_server.adapters.base import Encoded, ProviderFailure, Target
from pointsman_server.catalog.model import Auth, AuthScheme, Model, Provider
from pointsman_server.secrets.model import Secret

PROVIDER = Provider(
    "host",
    "Host",
    "anthropic",
    "https://host.example",
    auth=Auth(header="x-api-key", scheme=AuthScheme.RAW),
    headers={"Anthropic-Version": "2026-10-21"},
)
PLAIN = Model("host/x", "host", "x", "vendor/x", "X")
ABLE = frozenset({Capability.CAPABILITY_REASONING, Capability.CAPABILITY_STRUCTURED_OUTPUT})
MODEL = replace(PLAIN, capabilities=ABLE)
EVERYTHING = Sampling(temperature=0.5, top_p=0.9, top_k=40, frequency_penalty=0.1, presence_penalty=0.2)
HIGH = ReasoningEffort.REASONING_EFFORT_HIGH
NONE = ReasoningEffort.REASONING_EFFORT_NONE
SHORT, LONG = (CacheBreakpoint(lifetime=value) for value in (1, 2))
SIGNED = OpaqueState(dialect="anthropic", data=b'{"type":"thinking","signature":"c2ln"}')
THOUGHT = Part(reasoning=ReasoningPart(text="Hm.", opaque_state=SIGNED))
CALL = Part(tool_call=ToolCallPart(id="a", name="f", arguments_json="{}"))


def text(words: str, **more: Any) -> Part:
    return Part(text=TextPart(text=words), **more)


def user(*parts: Part, **more: Any) -> Message:
    return Message(role=Role.ROLE_USER, parts=parts or [text("Hello")], **more)


def assistant(*parts: Part) -> Message:
    return Message(role=Role.ROLE_ASSISTANT, parts=parts)


def result(call: str, *parts: Part) -> Message:
    answer = Part(tool_result=ToolResultPart(tool_call_id=call, parts=parts))
    return Message(role=Role.ROLE_TOOL, parts=[answer])


def encode(
    *messages: Message, quirks: tuple[str, ...] = (), model: Model = MODEL, cap: int = 4000, **fields: Any
) -> Encoded:
    specification = CompletionSpecification(messages=messages or [user()], **fields)
    target = Target(replace(PROVIDER, quirks=frozenset(quirks)), model, cap)
    return AnthropicDialect().encode(specification, target, Secret("sk-1"))


def body_of(encoded: Encoded) -> dict[str, Any]:
    return dict(json.loads(encoded.call.body))


def body(*messages: Message, **more: Any) -> dict[str, Any]:
    return body_of(encode(*messages, **more))


def contents(*messages: Message, **more: Any) -> list[Any]:
    return [message["content"] for message in body(*messages, **more)["messages"]]


def dropped(encoded: Encoded) -> list[str]:
    assert {warning.code for warning in encoded.warnings} <= {WarningCode.WARNING_CODE_PARAMETER_DROPPED}
    return [warning.field.removeprefix("specification.") for warning in encoded.warnings]


def refused(*messages: Message, **more: Any) -> None:
    with pytest.raises(ProviderFailure) as failed:
        encode(*messages, **more)
    assert failed.value.kind == FailureKind.FAILURE_KIND_INVALID_REQUEST


def test_the_least_request() -> None:
    encoded = encode()
    assert body_of(encoded) == {
        "model": "vendor/x",
        "max_tokens": 4000,
        "stream": True,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
    }
    assert encoded.call.url == "https://host.example/v1/messages"
    assert encoded.call.headers == {
        "accept": "text/event-stream, application/json",
        "content-type": "application/json",
        "anthropic-version": "2026-10-21",
        "x-api-key": "sk-1",
    }
    assert encoded.summarises_thoughts


def test_neither_key_nor_content_is_shown() -> None:
    shown = repr(encode(user(text("very private"))))
    assert "sk-1" not in shown
    assert "private" not in shown


def test_a_provider_s_paths_are_its_own() -> None:
    provider = replace(PROVIDER, paths={"chat": "/{model}/messages", "models": "/list"}, query={"v": "1"})
    specification = CompletionSpecification(messages=[user()])
    call = AnthropicDialect().encode(specification, Target(provider, MODEL, 1), None).call
    assert call.url == "https://host.example/vendor%2Fx/messages?v=1"
    assert "x-api-key" not in call.headers
    listing = AnthropicDialect().list_models(provider, None, "b c")
    assert listing.url == "https://host.example/list?limit=1000&after_id=b+c&v=1"


def test_sampling_is_left_out_unless_the_host_takes_it() -> None:
    encoded = encode(sampling=EVERYTHING, seed=1)
    assert dropped(encoded) == [
        *(f"sampling.{field.name}" for field, _ in EVERYTHING.ListFields()),
        "seed",
    ]
    assert not {"temperature", "top_p", "top_k", "seed"} & body_of(encoded).keys()


def test_of_temperature_and_top_p_a_host_takes_one() -> None:
    encoded = encode(sampling=EVERYTHING, quirks=("sampling",))
    assert dropped(encoded) == ["sampling.top_p", "sampling.frequency_penalty", "sampling.presence_penalty"]
    sent = body_of(encoded)
    assert (sent["temperature"], sent["top_k"], "top_p" in sent) == (0.5, 40, False)


def test_a_temperature_out_of_range_is_left_out_and_not_bent() -> None:
    encoded = encode(sampling=Sampling(temperature=1.5, top_p=0.9), quirks=("sampling",))
    assert dropped(encoded) == ["sampling.temperature"]
    assert body_of(encoded)["top_p"] == 0.9


def test_thinking_rules_sampling_out() -> None:
    encoded = encode(sampling=Sampling(temperature=0.5), reasoning_effort=HIGH, quirks=("sampling",))
    assert dropped(encoded) == ["sampling.temperature"]
    off = encode(sampling=Sampling(temperature=0.5), reasoning_effort=NONE, quirks=("sampling",))
    assert dropped(off) == []


def test_a_model_s_own_quirks_count_too() -> None:
    older = replace(MODEL, quirks=frozenset({"thinking_budget"}))
    assert body(reasoning_effort=HIGH, model=older)["thinking"] == {"type": "enabled", "budget_tokens": 3200}
    assert body(reasoning_effort=HIGH)["thinking"]["type"] == "adaptive"


def test_effort_is_for_models_that_think() -> None:
    encoded = encode(reasoning_effort=HIGH, model=PLAIN)
    assert dropped(encoded) == ["reasoning_effort"]
    assert not {"thinking", "output_config"} & body_of(encoded).keys()
    assert dropped(encode(reasoning_effort=NONE, model=PLAIN)) == []
    always = encode(reasoning_effort=NONE, quirks=("always_thinks",))
    assert dropped(always) == ["reasoning_effort"]
    assert "thinking" not in body_of(always)


@pytest.mark.parametrize(
    ("messages", "more", "thinks"),
    [
        ([user()], {"cap": 1024}, False),
        ([user()], {"cap": 1025}, True),
        ([user()], {"tools": [Tool(name="f")], "tool_choice": ToolChoice(mode=3)}, False),
        ([user()], {"tools": [Tool(name="f")], "tool_choice": ToolChoice(mode=2)}, True),
        ([user(), assistant(CALL), result("a")], {}, False),
        ([user(), assistant(THOUGHT, CALL), result("a")], {}, True),
        ([user(), assistant(THOUGHT, CALL), result("a"), assistant(CALL), result("a")], {}, True),
        ([user(), assistant(CALL), result("a"), assistant(THOUGHT, CALL), result("a")], {}, False),
        ([user(), assistant(CALL), result("a"), assistant(text("Done.")), user()], {}, True),
        ([user(), assistant(CALL), result("a"), user()], {}, False),
    ],
)
def test_when_a_budget_leaves_no_thinking(messages: list[Message], more: dict[str, Any], *, thinks: bool) -> None:
    encoded = encode(*messages, reasoning_effort=HIGH, quirks=("thinking_budget",), **more)
    assert ("thinking" in body_of(encoded)) == thinks
    assert dropped(encoded) == ([] if thinks else ["reasoning_effort"])
    if thinks:
        budget = body_of(encoded)["thinking"]["budget_tokens"]
        assert 1024 <= budget < body_of(encoded)["max_tokens"]


def test_messages_of_one_role_become_one() -> None:
    sent = body(user(), user(text("And?")), assistant(text("a")), assistant(text("b")), user())["messages"]
    assert [(message["role"], len(message["content"])) for message in sent] == [
        ("user", 2),
        ("assistant", 2),
        ("user", 1),
    ]


def test_blank_texts_and_thoughts_at_the_end_are_left_out() -> None:
    blank = assistant(text("\n\n"), THOUGHT)
    cut = assistant(text("So"), THOUGHT)
    assert contents(user(text(" "), text("x")), blank, user(text("y"))) == [
        [{"type": "text", "text": "x"}, {"type": "text", "text": "y"}]
    ]
    assert contents(user(), cut, user())[1] == [{"type": "text", "text": "So"}]
    assert contents(user(), assistant(CALL), result("a", text("")))[2] == [{"type": "tool_result", "tool_use_id": "a"}]


def test_opaque_state_that_was_changed_is_refused() -> None:
    for data in (b"\xff", b'{"type":"thinking"}', b'{"type":"thinking","signature":3}', b'{"type":"other"}'):
        state = OpaqueState(dialect="anthropic", data=data)
        refused(user(), assistant(Part(reasoning=ReasoningPart(opaque_state=state)), text("x")), user())


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ("", {}),
        (" ", {}),
        ('{"a":1.0,"b":[null]}', {"a": 1.0, "b": [None]}),
        ('{"a":', {"INVALID_JSON": '{"a":'}),
        ("[1]", {"INVALID_JSON": "[1]"}),
        ('{"a":NaN}', {"INVALID_JSON": '{"a":NaN}'}),
        ("[" * 100_000, {"INVALID_JSON": "[" * 100_000}),
    ],
)
def test_arguments_are_an_object_whatever_the_model_wrote(arguments: str, written: Any) -> None:
    call = Part(tool_call=ToolCallPart(id="a", name="f", arguments_json=arguments))
    assert contents(user(), assistant(call), result("a"))[1][0]["input"] == written


def test_ids_of_other_dialects_are_written_alike_in_call_and_result() -> None:
    for call_id in ("functions.f:0", "a b", "ü", "x" * 3 + "/"):
        call = Part(tool_call=ToolCallPart(id=call_id, name="f"))
        sent = contents(user(), assistant(call), result(call_id))
        written = sent[1][0]["id"]
        assert written == sent[2][0]["tool_use_id"]
        assert written.startswith("toolu_")
        assert written.isascii()
    assert (
        len({contents(user(), assistant(Part(tool_call=ToolCallPart(id=i, name="f"))))[1][0]["id"] for i in "./"}) == 2
    )


def test_what_has_no_words_is_refused() -> None:
    refused(user(Part(audio=AudioPart(data=b"RIFF", media_type="audio/wav"))))
    refused(user(Part(image=ImagePart(data=b"BM", media_type="image/bmp"))))
    refused(user(Part(document=DocumentPart(data=b"PK", media_type="application/vnd.ms-excel"))))
    refused(user(Part(document=DocumentPart(data=b"\xff", media_type="text/plain"))))
    refused(user(Part(document=DocumentPart(uri="https://example.com/a.txt", media_type="text/plain"))))
    refused(tools=[Tool(name="f", parameters_json_schema="[]")])
    refused(tools=[Tool(name="f", parameters_json_schema="{")])
    for depth in (700, 5_000):
        deep = '{"items":' * depth + "{}" + "}" * depth
        refused(output_format=OutputFormat(json_schema=JsonSchemaFormat(json_schema=deep)))


def test_what_has_fewer_words_is_told() -> None:
    image = ImagePart(uri="https://example.com/a.png", detail=ImageDetail.IMAGE_DETAIL_LOW)
    encoded = encode(user(Part(image=image), name="Ann"), stop_sequences=["END", "\n\n"])
    assert dropped(encoded) == ["messages[0].name", "messages[0].parts[0].image.detail", "stop_sequences"]
    assert body_of(encoded)["stop_sequences"] == ["END"]
    assert "stop_sequences" not in body(stop_sequences=[" "])


def test_a_tool_choice_without_tools_is_not_sent() -> None:
    choice = ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_NONE)
    assert not {"tools", "tool_choice"} & body(tool_choice=choice).keys()


def test_any_json_object_is_asked_for_in_words() -> None:
    output = OutputFormat(json_object=JsonObjectFormat())
    encoded = encode(system_text="Be brief.", output_format=output)
    assert dropped(encoded) == ["output_format.json_object"]
    assert body_of(encoded)["system"] == "Be brief.\n\nAnswer with one JSON object and nothing else."
    assert body(output_format=output)["system"] == "Answer with one JSON object and nothing else."


def test_a_schema_goes_to_models_that_enforce_it() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}
    asked = JsonSchemaFormat(json_schema=json.dumps(schema), description="What was found.")
    encoded = encode(output_format=OutputFormat(json_schema=asked), reasoning_effort=HIGH)
    assert body_of(encoded)["output_config"] == {
        "effort": "high",
        "format": {
            "type": "json_schema",
            "schema": {
                "type": "object",
                "properties": {"n": {"type": "integer", "description": "{minimum: 1}"}},
                "description": "What was found.",
                "additionalProperties": False,
            },
        },
    }
    assert dropped(encoded) == ["output_format.json_schema.json_schema"]
    assert "minimum" in encoded.warnings[0].message
    plain = encode(output_format=OutputFormat(json_schema=asked), model=PLAIN)
    assert dropped(plain) == ["output_format.json_schema"]
    assert json.dumps(schema) in body_of(plain)["system"]
    assert "output_config" not in body_of(plain)


def test_strict_tools() -> None:
    tool = Tool(name="f", strict=True, parameters_json_schema='{"properties":{"a":{"type":"string","maxLength":3}}}')
    encoded = encode(tools=[tool])
    [sent] = body_of(encoded)["tools"]
    assert sent["strict"] is True
    assert sent["input_schema"] == {
        "type": "object",
        "properties": {"a": {"type": "string", "description": "{maxLength: 3}"}},
        "additionalProperties": False,
    }
    assert dropped(encoded) == ["tools[0].parameters_json_schema"]
    plain = encode(tools=[tool], model=PLAIN)
    assert dropped(plain) == ["tools[0].strict"]
    assert "strict" not in body_of(plain)["tools"][0]


def breakpoints_of(encoded: Encoded) -> list[str]:
    """The lifetimes in the order of the prompt."""
    sent = body_of(encoded)
    blocks = [*sent.get("tools", []), *(sent["system"] if isinstance(sent.get("system"), list) else [])]
    blocks += [block for message in sent["messages"] for block in message["content"]]
    return [block["cache_control"].get("ttl", "") for block in blocks if "cache_control" in block]


def test_the_last_four_breakpoints_are_kept() -> None:
    marked = [text(str(number), cache_breakpoint=SHORT) for number in range(4)]
    encoded = encode(
        user(*marked), tools=[Tool(name="f", cache_breakpoint=LONG)], system_text="S", system_cache_breakpoint=LONG
    )
    assert breakpoints_of(encoded) == ["5m"] * 4
    assert dropped(encoded) == ["tools[0].cache_breakpoint", "system_cache_breakpoint"]


def test_a_longer_lifetime_does_not_follow_a_shorter_one() -> None:
    parts = [
        text("a", cache_breakpoint=LONG),
        text("b", cache_breakpoint=CacheBreakpoint()),
        text("c", cache_breakpoint=LONG),
    ]
    encoded = encode(user(*parts))
    assert breakpoints_of(encoded) == ["1h", "", "5m"]
    assert dropped(encoded) == ["messages[0].parts[2].cache_breakpoint.lifetime"]


def test_breakpoints_that_stand_nowhere_are_told() -> None:
    thought, blank = Part(), text(" ", cache_breakpoint=SHORT)
    thought.CopyFrom(THOUGHT)
    thought.cache_breakpoint.CopyFrom(SHORT)
    encoded = encode(user(), assistant(thought, blank, text("x")), user(), system_cache_breakpoint=SHORT)
    assert breakpoints_of(encoded) == []
    assert dropped(encoded) == [
        "system_cache_breakpoint",
        "messages[1].parts[0].cache_breakpoint",
        "messages[1].parts[1].cache_breakpoint",
    ]


def test_words_about_the_form_stand_behind_the_cached_system_text() -> None:
    output = OutputFormat(json_object=JsonObjectFormat())
    sent = body(system_text="S", system_cache_breakpoint=LONG, output_format=output)["system"]
    assert [("cache_control" in block, block["text"][:6]) for block in sent] == [(True, "S"), (False, "Answer")]


def test_a_result_s_parts_may_be_breakpoints() -> None:
    encoded = encode(user(), assistant(CALL), result("a", text("x", cache_breakpoint=LONG)))
    assert body_of(encoded)["messages"][2]["content"][0]["content"][0]["cache_control"]["ttl"] == "1h"


def test_hosts_without_caches_get_no_breakpoints() -> None:
    encoded = encode(user(text("x", cache_breakpoint=CacheBreakpoint(lifetime=CacheLifetime.CACHE_LIFETIME_LONG))),
                     quirks=("no_cache_control",))  # fmt: skip
    assert breakpoints_of(encoded) == []
    assert dropped(encoded) == []
