"""What is wrong with a specification is named by its path, with what to do."""

import json
import math

import pytest
from google.protobuf.duration_pb2 import Duration
from pointsman.v1.completion_pb2 import CompletionSpecification, ConversationContext, Hints, Sampling
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
from pointsman.v1.router_service_pb2 import CompleteRequest, RouteRequest
from pointsman_server.errors import FeatureNotAvailable, InvalidRequest
from pointsman_server.services import validate
from pointsman_server.services.validate import limits


def text(content: str = "hello") -> Part:
    return Part(text=TextPart(text=content))


def user(*parts: Part) -> Message:
    return Message(role=Role.ROLE_USER, parts=parts or [text()])


def assistant(*parts: Part) -> Message:
    return Message(role=Role.ROLE_ASSISTANT, parts=parts or [text()])


def calls(*ids: str) -> Message:
    return assistant(*(Part(tool_call=ToolCallPart(id=i, name="search", arguments_json="{}")) for i in ids))


def results(*ids: str) -> Message:
    return Message(
        role=Role.ROLE_TOOL, parts=[Part(tool_result=ToolResultPart(tool_call_id=i, parts=[text()])) for i in ids]
    )


def violations(specification: CompletionSpecification) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        validate.route(RouteRequest(specification=specification))
    return {violation.field.removeprefix("specification."): violation.description for violation in caught.value.fields}


def of_messages(*messages: Message) -> dict[str, str]:
    return violations(CompletionSpecification(messages=messages))


def of_part(part: Part) -> dict[str, str]:
    found = of_messages(user(text(), part))
    return {field.removeprefix("messages[0].parts[1]."): description for field, description in found.items()}


def of_field(**fields: object) -> dict[str, str]:
    return violations(CompletionSpecification(messages=[user()], **fields))


def accept(specification: CompletionSpecification) -> None:
    validate.route(RouteRequest(specification=specification))
    validate.complete(CompleteRequest(specification=specification))


def test_a_conversation_with_everything_in_its_place_is_accepted() -> None:
    accept(
        CompletionSpecification(
            system_text="be brief",
            messages=[
                user(text()),
                user(
                    Part(image=ImagePart(data=b"x", media_type="image/png")),
                    Part(image=ImagePart(uri="https://example.com:8443/a.png?b=c")),
                    Part(audio=AudioPart(data=b"x", media_type="audio/wav")),
                    Part(document=DocumentPart(data=b"x", media_type="application/pdf", file_name="a b.pdf")),
                    Part(document=DocumentPart(uri="https://example.com/a.py", media_type="text/x-python")),
                ),
                assistant(
                    Part(reasoning=ReasoningPart(opaque_state=OpaqueState(dialect="openai", data=b"x"))),
                    text(),
                    Part(tool_call=ToolCallPart(id="a", name="search", arguments_json="{broken")),
                    Part(tool_call=ToolCallPart(id="b", name="search")),
                ),
                results("b"),
                results("a"),
                assistant(Part(refusal=RefusalPart(text="no"))),
                user(),
            ],
            tools=[Tool(name="search", parameters_json_schema='{"type": "object"}'), Tool(name="none")],
            tool_choice=ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_NAMED, tool_name="search"),
            output_format=OutputFormat(json_schema=JsonSchemaFormat(json_schema='{"type": "array"}')),
            sampling=Sampling(temperature=0, top_p=1, top_k=1, frequency_penalty=-2, presence_penalty=2),
            stop_sequences=["\n"],
            max_output_tokens=1,
            task_code="LLM2_DRAFT",
            run_id="7f1c-4",
            labels={"team": "search", "empty": ""},
            hints=Hints(
                pinned_models=["openai/gpt"], max_cost_nanos=0, max_latency=Duration(nanos=1), allow_continuation=False
            ),
        )
    )


def test_a_request_without_a_specification_is_refused() -> None:
    for check, request in ((validate.route, RouteRequest()), (validate.complete, CompleteRequest())):
        with pytest.raises(InvalidRequest) as caught:
            check(request)
        assert [violation.field for violation in caught.value.fields] == ["specification"]


def test_no_messages() -> None:
    assert list(of_messages()) == ["messages"]


def test_too_many_messages() -> None:
    assert "4096" in of_messages(*[user()] * 4097)["messages"]


@pytest.mark.parametrize("parts", [[text("  \n")], [Part(text=TextPart())]], ids=["white space", "an empty text"])
def test_no_user_content(parts: list[Part]) -> None:
    assert "no user content" in of_messages(user(*parts))["messages"]


@pytest.mark.parametrize(
    ("messages", "field", "says"),
    [
        ([assistant(), user()], "messages[0].role", "begin with a user message"),
        ([user(), assistant(), assistant(), user()], "messages[2].role", "one message"),
        ([user(), assistant()], "messages[1].role", "end with a user or tool message"),
        ([user(), results("a")], "messages[1].role", "follows an assistant message"),
        ([user(), calls("a"), user()], "messages[2]", "1 tool calls are not answered"),
        ([user(), calls("a", "b"), results("a"), assistant(), user()], "messages[3]", "1 tool calls are not answered"),
        ([user(), calls("a", "b"), results("a")], "messages[2]", "1 tool calls are not answered"),
        (
            [user(), calls("a"), results("b")],
            "messages[2].parts[0].tool_result.tool_call_id",
            "names no tool call",
        ),
        (
            [user(), calls("a"), results("a", "a")],
            "messages[2].parts[1].tool_result.tool_call_id",
            "answered already",
        ),
        ([user(), calls("a"), results("")], "messages[2].parts[0].tool_result.tool_call_id", "is not set"),
        (
            [user(), calls("a"), results("a"), calls("a"), results("a")],
            "messages[3].parts[0].tool_call.id",
            "its own id",
        ),
        ([user(), Message(parts=[text()]), user()], "messages[1].role", "is not set; use one of ROLE_USER"),
        ([Message(role=17, parts=[text()])], "messages[0].role", "is 17"),  # type: ignore[arg-type]
        ([Message(role=Role.ROLE_USER)], "messages[0].parts", "at least one part"),
        ([Message(role=Role.ROLE_USER, parts=[text()] * 1025)], "messages[0].parts", "at most 1024"),
        ([Message(role=Role.ROLE_USER, parts=[text()], name="x" * 65)], "messages[0].name", "at most 64"),
        ([Message(role=Role.ROLE_USER, parts=[text()], name="a\nb")], "messages[0].name", "control characters"),
        ([user(), assistant(Part(image=ImagePart(data=b"x"))), user()], "messages[1].parts[0].image", "use text, tool"),
        ([user(Part(tool_result=ToolResultPart()))], "messages[0].parts[0].tool_result", "may not stand here"),
        (
            [user(), calls("a"), Message(role=Role.ROLE_TOOL, parts=[text()])],
            "messages[2].parts[0].text",
            "tool_result",
        ),
        (
            [
                user(),
                calls("a"),
                Message(
                    role=Role.ROLE_TOOL,
                    parts=[
                        Part(
                            tool_result=ToolResultPart(
                                tool_call_id="a", parts=[Part(audio=AudioPart(data=b"x", media_type="audio/wav"))]
                            )
                        )
                    ],
                ),
            ],
            "messages[2].parts[0].tool_result.parts[0].audio",
            "use text, image",
        ),
        (
            [user(), assistant(Part(tool_call=ToolCallPart(name="a b"))), user()],
            "messages[1].parts[0].tool_call.name",
            "64 letters",
        ),
        (
            [user(), assistant(Part(reasoning=ReasoningPart())), user()],
            "messages[1].parts[0].reasoning",
            "neither text nor opaque_state",
        ),
        (
            [user(), assistant(Part(reasoning=ReasoningPart(opaque_state=OpaqueState(dialect="x")))), user()],
            "messages[1].parts[0].reasoning.opaque_state.data",
            "is empty",
        ),
        (
            [
                user(),
                assistant(Part(tool_call=ToolCallPart(id="a", name="b", opaque_state=OpaqueState(data=b"x")))),
                results("a"),
            ],
            "messages[1].parts[0].tool_call.opaque_state.dialect",
            "is not set",
        ),
        ([user(), assistant(Part(refusal=RefusalPart())), user()], "messages[1].parts[0].refusal.text", "is empty"),
    ],
)
def test_messages_that_are_wrong(messages: list[Message], field: str, says: str) -> None:
    found = of_messages(*messages)
    assert says in found[field], found


@pytest.mark.parametrize(
    ("part", "field", "says"),
    [
        (Part(image=ImagePart(data=b"x")), "image.media_type", "is not set; use one of image/gif"),
        (Part(image=ImagePart(data=b"x", media_type="image/bmp")), "image.media_type", "image/webp"),
        (Part(image=ImagePart(data=b"")), "image.data", "is empty"),
        (Part(image=ImagePart()), "image", "set data or uri"),
        (Part(image=ImagePart(uri="https://a", detail=9)), "image.detail", "is 9"),  # type: ignore[arg-type]
        (Part(audio=AudioPart(media_type="audio/wav")), "audio.data", "is empty"),
        (Part(audio=AudioPart(data=b"x", media_type="audio/ogg")), "audio.media_type", "audio/mpeg, audio/wav"),
        (Part(document=DocumentPart(data=b"x")), "document.media_type", "is not set"),
        (Part(document=DocumentPart(data=b"x", media_type="video/mp4")), "document.media_type", "application/pdf"),
        (Part(document=DocumentPart(uri="https://a", media_type="text/csv", file_name="\0")), "document.file_name", ""),
    ],
)
def test_media_that_is_wrong(part: Part, field: str, says: str) -> None:
    assert says in of_part(part)[field]


def test_a_part_without_a_kind() -> None:
    assert "set one of text, image" in of_messages(user(Part()))["messages[0].parts[0]"]


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("http://example.com/a", "no https address"),
        ("data:image/png;base64,AA", "no https address"),
        ("https://", "no host"),
        ("https://user:pass@example.com/a", "credentials"),
        ("https://example.com/a#b", "fragment"),
        ("https://example.com/a#", "fragment"),
        ("https://[::1/a", "well-formed"),
        ("https://example.com:99999/a", "well-formed"),
        ("https://example.com:0/", "no host or port"),
        ("https://example.com/a b", "percent-encode"),
        ("https://example.com/ä", "percent-encode"),
        ("https://example.com\\@evil.com", "percent-encode"),
        ("https://example.com/" + "a" * 8192, "at most 8192"),
    ],
)
def test_addresses_that_are_wrong(uri: str, says: str) -> None:
    assert says in of_part(Part(image=ImagePart(uri=uri)))["image.uri"]


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ("{", "no JSON at line 1, column 2"),
        ("[]", "no JSON object"),
        ("true", "no JSON object"),
        ('{"type": "object", "maxItems": NaN}', "no JSON"),
        ('{"type": "string"}', '"type": "object"'),
        ("{}", '"type": "object"'),
        ('{"type": "object", "properties": {"a/b": {"type": "objet"}}}', "#/properties/a~1b/type"),
        ('{"type": "object", "required": "a"}', '#/required: the value breaks the rule "type"'),
        ('{"type": "object", "properties": {"a": {"$ref": "https://example.com/s.json"}}}', "elsewhere"),
        ('{"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}}', "has no #/$defs/b"),
        ('{"type": "object", "allOf": [{"$ref": "#/allOf/7"}]}', "has no #/allOf/7"),
        ('{"type": "object", "description": "' + "x" * limits.MAX_SCHEMA_BYTES + '"}', "use at most 65536"),
        ("[" * 60_000, "nested too deep"),
        ('{"type": "object", "not": ' + '{"not": ' * 70 + "{}" + "}" * 71, "deeper than 64"),
    ],
)
def test_schemas_that_are_none(schema: str, says: str) -> None:
    found = of_field(tools=[Tool(name="a", parameters_json_schema=schema)])
    assert says in found["tools[0].parameters_json_schema"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}, "$defs": {"b": {"pattern": r"^\p{L}+$"}}},
        {"type": "object", "properties": {"$ref": {"type": "string"}}, "default": {"$ref": "https://example.com"}},
        {"type": "object", "allOf": [{"properties": {"a": {}}}, {"$ref": "#/allOf/0"}]},
        {
            "type": "object",
            "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#/$defs/x~1y~0z"}},
            "$defs": {"x/y~z": {}},
        },
        {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"},
    ],
)
def test_schemas_that_are_sound(schema: dict[str, object]) -> None:
    accept(
        CompletionSpecification(messages=[user()], tools=[Tool(name="a", parameters_json_schema=json.dumps(schema))])
    )


def test_an_answer_schema_is_checked_too() -> None:
    found = of_field(
        output_format=OutputFormat(json_schema=JsonSchemaFormat(name="a b", json_schema='{"type": "objet"}'))
    )
    assert "64 letters" in found["output_format.json_schema.name"]
    assert "#/type" in found["output_format.json_schema.json_schema"]
    assert (
        "no JSON at"
        in of_field(output_format=OutputFormat(json_schema=JsonSchemaFormat()))["output_format.json_schema.json_schema"]
    )


def test_an_output_format_without_a_kind() -> None:
    assert "set json_object or json_schema" in of_field(output_format=OutputFormat())["output_format"]


def test_all_schemas_together_are_bounded() -> None:
    schema = json.dumps({"type": "object", "description": "x" * 60_000})
    tools = [Tool(name=f"t{index}", parameters_json_schema=schema) for index in range(5)]
    with pytest.raises(InvalidRequest, match="262144 bytes"):
        validate.route(RouteRequest(specification=CompletionSpecification(messages=[user()], tools=tools)))


@pytest.mark.parametrize(
    ("tools", "choice", "field", "says"),
    [
        ([Tool(name="a b")], ToolChoice(), "tools[0].name", "64 letters"),
        ([Tool(name="x" * 65)], ToolChoice(), "tools[0].name", "64 letters"),
        ([Tool(name="a"), Tool(name="a")], ToolChoice(), "tools[1].name", "repeats specification.tools[0].name"),
        ([Tool(name=f"t{n}") for n in range(129)], ToolChoice(), "tools", "at most 128"),
        ([], ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_REQUIRED), "tool_choice.mode", "declare one"),
        (
            [Tool(name="a")],
            ToolChoice(mode=ToolChoiceMode.TOOL_CHOICE_MODE_NAMED, tool_name="b"),
            "tool_choice.tool_name",
            "names no tool",
        ),
        ([Tool(name="a")], ToolChoice(tool_name="a"), "tool_choice.tool_name", "TOOL_CHOICE_MODE_NAMED"),
        ([], ToolChoice(mode=9), "tool_choice.mode", "is 9"),  # type: ignore[arg-type]
    ],
)
def test_tools_that_are_wrong(tools: list[Tool], choice: ToolChoice, field: str, says: str) -> None:
    assert says in of_field(tools=tools, tool_choice=choice)[field]


@pytest.mark.parametrize(
    ("sampling", "field", "says"),
    [
        ({"temperature": 3}, "temperature", "is 3; use 0 to 2"),
        ({"temperature": math.nan}, "temperature", "is nan"),
        ({"temperature": math.inf}, "temperature", "is inf"),
        ({"top_p": 0}, "top_p", "above 0, at most 1"),
        ({"top_p": math.nan}, "top_p", "is nan"),
        ({"top_k": 0}, "top_k", "1 or more"),
        ({"frequency_penalty": -2.1}, "frequency_penalty", "-2 to 2"),
        ({"presence_penalty": 2.1}, "presence_penalty", "-2 to 2"),
    ],
)
def test_sampling_out_of_range(sampling: dict[str, float], field: str, says: str) -> None:
    assert says in of_field(sampling=Sampling(**sampling))[f"sampling.{field}"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"stop_sequences": ["a", ""]}, "stop_sequences[1]", "is empty"),
        ({"stop_sequences": list("abcde")}, "stop_sequences", "at most 4"),
        ({"max_output_tokens": 0}, "max_output_tokens", "use 1 to"),
        ({"max_output_tokens": 2**62}, "max_output_tokens", "to 1e+07"),
        ({"reasoning_effort": 99}, "reasoning_effort", "is 99"),
        ({"task_code": "no task"}, "task_code", "letters"),
        ({"purpose": "x" * 65}, "purpose", "at most 64"),
        ({"run_id": "a b"}, "run_id", "letters, digits"),
        ({"agent_id": "x" * 129}, "agent_id", "at most 128"),
        ({"project_id": "-a"}, "project_id", "letters, digits"),
        ({"labels": {str(n): "" for n in range(9)}}, "labels", "at most 8"),
        ({"labels": {"a": "x" * 65}}, "labels[a]", "at most 64"),
        ({"labels": {"": "x"}}, "labels[#0] (key)", "is empty"),
        ({"labels": {"x" * 65: "x"}}, "labels[#0] (key)", "at most 64"),
    ],
)
def test_other_fields_that_are_wrong(fields: dict[str, object], field: str, says: str) -> None:
    assert says in of_field(**fields)[field]


@pytest.mark.parametrize(
    ("hints", "field", "says"),
    [
        (Hints(pinned_models=["a", "a"]), "pinned_models[1]", "repeats"),
        (Hints(preferred_models=[""]), "preferred_models[0]", "is empty"),
        (Hints(pinned_providers=["x" * 257]), "pinned_providers[0]", "at most 256"),
        (Hints(preferred_providers=[str(n) for n in range(65)]), "preferred_providers", "at most 64"),
        (Hints(required_capabilities=[Capability.CAPABILITY_UNSPECIFIED]), "required_capabilities[0]", "is not set"),
        (Hints(required_capabilities=[99]), "required_capabilities[0]", "is 99"),  # type: ignore[list-item]
        (Hints(required_capabilities=[Capability.CAPABILITY_TEXT] * 2), "required_capabilities[1]", "repeats"),
        (Hints(max_cost_nanos=-1), "max_cost_nanos", "0 or more"),
        (Hints(max_latency=Duration()), "max_latency", "no duration above 0"),
        (Hints(max_latency=Duration(seconds=-1)), "max_latency", "no duration above 0"),
        (Hints(max_latency=Duration(seconds=2**60)), "max_latency", "no duration above 0"),
        (Hints(profile=9), "profile", "is 9"),  # type: ignore[arg-type]
    ],
)
def test_hints_that_are_wrong(hints: Hints, field: str, says: str) -> None:
    assert says in of_field(hints=hints)[f"hints.{field}"]


def test_all_violations_are_told_at_once_and_at_most_ten_are_named() -> None:
    specification = CompletionSpecification(messages=[user(Part(image=ImagePart(data=b"x"))) for _ in range(20)])
    with pytest.raises(InvalidRequest) as caught:
        validate.route(RouteRequest(specification=specification))
    assert len(caught.value.fields) == 10
    assert caught.value.metadata["violation_count"] == "20"
    assert "19 more" in caught.value.message


LATER = {
    "conversation_id": CompletionSpecification(conversation_id="c"),
    "context": CompletionSpecification(context=ConversationContext()),
    "hints.allow_continuation": CompletionSpecification(hints=Hints(allow_continuation=True)),
    "hints.max_wait": CompletionSpecification(hints=Hints(max_wait=Duration())),
}


@pytest.mark.parametrize("field", LATER)
def test_fields_of_later_features_are_refused_by_name(field: str) -> None:
    for check, request in (
        (validate.route, RouteRequest(specification=LATER[field])),
        (validate.complete, CompleteRequest(specification=LATER[field])),
    ):
        with pytest.raises(FeatureNotAvailable) as caught:
            check(request)
        assert caught.value.metadata["field"] == f"specification.{field}"


def test_all_parts_together_are_bounded() -> None:
    found = of_messages(*[user(*[text()] * 1024)] * 17)
    assert found == {"messages[16].parts": "passes 16384 parts in all; shorten the conversation"}


def test_what_only_completions_have_of_later_features() -> None:
    with pytest.raises(FeatureNotAvailable) as caught:
        validate.complete(CompleteRequest(resumable=True))
    assert caught.value.metadata["field"] == "resumable"


@pytest.mark.parametrize("request_id", ["a b", "-a", "x" * 129, "\x00", "é"])
def test_request_ids_have_plain_characters_and_an_end(request_id: str) -> None:
    request = CompleteRequest(specification=CompletionSpecification(messages=[user()]), request_id=request_id)
    with pytest.raises(InvalidRequest, match="request_id: "):
        validate.complete(request)


def test_an_unknown_delivery() -> None:
    request = CompleteRequest(specification=CompletionSpecification(messages=[user()]), delivery=9)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="delivery: is 9"):
        validate.complete(request)
