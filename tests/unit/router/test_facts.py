"""What is read from a request: counts, capabilities and hints."""

from hypothesis import given, settings
from hypothesis import strategies as st
from pointsman.v1 import completion_pb2 as completion
from pointsman.v1 import content_pb2 as content
from pointsman.v1.model_pb2 import Capability
from pointsman_server.router import tokens
from pointsman_server.router.facts import facts_of
from pointsman_server.router.model import Facts, Preferences, Profile, TaskType
from pointsman_server.router.tokens import input_tokens


def of_parts(*parts: content.Part, **fields: object) -> completion.CompletionSpecification:
    message = content.Message(role=content.Role.ROLE_USER, parts=parts)
    return completion.CompletionSpecification(messages=[message], **fields)  # type: ignore[arg-type]  # any field


def text(words: str) -> content.Part:
    return content.Part(text=content.TextPart(text=words))


FRAME = tokens.REQUEST_TOKENS + tokens.MESSAGE_TOKENS


def test_the_facts_of_a_whole_request() -> None:
    specification = completion.CompletionSpecification(
        system_text="Be brief.",
        messages=[content.Message(role=content.Role.ROLE_USER, parts=[text("translate this")])],
        tools=[content.Tool(name="look_up", description="Looks up.", parameters_json_schema="{}")],
        sampling=completion.Sampling(temperature=0.0, top_k=5),
        stop_sequences=["END"],
        seed=0,
        max_output_tokens=77,
        reasoning_effort=completion.ReasoningEffort.REASONING_EFFORT_LOW,
        purpose="validation",
        task_code="LLM2_DRAFT",
        run_id="run-1",
        agent_id="agent-1",
        project_id="project-1",
        labels={"team": "blue"},
    )
    bound = FRAME + tokens.PART_TOKENS + tokens.TOOL_TOKENS + len("Be brief.translate thislook_upLooks up.{}")
    found = facts_of(specification)
    assert found == Facts(
        input_tokens_bound=bound,
        input_tokens_expected=found.input_tokens_expected,
        token_counter="bytes",
        max_output_tokens=77,
        required_capabilities=frozenset({Capability.CAPABILITY_FUNCTION_CALLING}),
        task_type=TaskType("translation", "keyword", "medium"),
        purpose="validation",
        task_code="LLM2_DRAFT",
        run_id="run-1",
        agent_id="agent-1",
        project_id="project-1",
        labels={"team": "blue"},
        message_count=1,
        tool_count=1,
        parameters=frozenset({"temperature", "top_k", "stop_sequences", "seed", "reasoning_effort"}),
        request_bytes=specification.ByteSize(),
    )


def test_hints_are_taken_as_they_come() -> None:
    hints = completion.Hints(
        pinned_models=["a"],
        preferred_models=["b"],
        pinned_providers=["c"],
        preferred_providers=["d"],
        max_cost_nanos=0,
        profile=completion.Profile.PROFILE_FREE_FIRST,
        allow_fallback=False,
    )
    hints.max_latency.FromMilliseconds(1_250)
    assert facts_of(of_parts(text("x"), hints=hints)).preferences == Preferences(
        pinned_models=("a",),
        preferred_models=("b",),
        pinned_providers=("c",),
        preferred_providers=("d",),
        max_cost_nanos=0,
        max_latency_ms=1_250,
        profile=Profile.FREE_FIRST,
        allow_fallback=False,
    )


def test_what_is_unset_stays_unset() -> None:
    found = facts_of(of_parts(text("x")))
    assert found.preferences == Preferences()
    assert found.max_output_tokens is None
    assert found.parameters == frozenset()
    assert found.complex_reasoning is False


def test_content_needs_capabilities() -> None:
    image = content.Part(image=content.ImagePart(uri="https://example.com/x.png"))
    result = content.Part(tool_result=content.ToolResultPart(tool_call_id="1", parts=[image, text("x")]))
    document = content.Part(document=content.DocumentPart(uri="https://example.com/x.pdf"))
    sound = content.Part(audio=content.AudioPart(data=b"x"))
    found = facts_of(of_parts(result, document, sound, image))
    assert found.required_capabilities == {
        Capability.CAPABILITY_VISION,
        Capability.CAPABILITY_FUNCTION_CALLING,
        Capability.CAPABILITY_DOCUMENTS,
        Capability.CAPABILITY_AUDIO,
    }
    assert (found.image_count, found.remote_uri_count) == (2, 3)
    assert (found.document_count, found.audio_clip_count) == (1, 1)


def test_images_and_documents_with_their_bytes_are_not_remote() -> None:
    image = content.Part(image=content.ImagePart(data=b"x", media_type="image/png"))
    document = content.Part(document=content.DocumentPart(data=b"x", media_type="application/pdf"))
    assert facts_of(of_parts(image, document)).remote_uri_count == 0


def test_a_schema_needs_structured_output_and_any_object_does_not() -> None:
    schema = content.OutputFormat(json_schema=content.JsonSchemaFormat(json_schema="{}"))
    found = facts_of(of_parts(text("x"), output_format=schema))
    assert found.required_capabilities == {Capability.CAPABILITY_STRUCTURED_OUTPUT}
    assert found.parameters == {"output_format"}
    plain = content.OutputFormat(json_object=content.JsonObjectFormat())
    assert facts_of(of_parts(text("x"), output_format=plain)).required_capabilities == frozenset()


def test_hard_thinking_is_asked_for_by_effort_or_by_capability() -> None:
    high = completion.ReasoningEffort.REASONING_EFFORT_HIGH
    assert facts_of(of_parts(text("x"), reasoning_effort=high)).complex_reasoning
    hints = completion.Hints(required_capabilities=[Capability.CAPABILITY_REASONING])
    found = facts_of(of_parts(text("x"), hints=hints))
    assert found.complex_reasoning
    assert found.required_capabilities == {Capability.CAPABILITY_REASONING}


def test_a_tool_choice_is_a_parameter() -> None:
    choice = content.ToolChoice(mode=content.ToolChoiceMode.TOOL_CHOICE_MODE_NONE)
    assert facts_of(of_parts(text("x"), tool_choice=choice)).parameters == {"tool_choice"}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=50), max_size=5), st.text(max_size=50))
def test_the_bound_is_never_below_the_bytes_of_the_text(texts: list[str], system_text: str) -> None:
    count = input_tokens(of_parts(*map(text, texts), system_text=system_text))
    size = len("".join([*texts, system_text]).encode())
    assert size < count.bound <= size + FRAME + tokens.PART_TOKENS * len(texts)
    assert count.expected <= count.bound


def test_every_byte_that_reaches_the_prompt_counts() -> None:
    state = content.OpaqueState(dialect="openai", data=b"s" * 100)
    call = content.ToolCallPart(id="i" * 10, name="n" * 10, arguments_json="a" * 10, opaque_state=state)
    result = content.ToolResultPart(tool_call_id="i" * 10, parts=[text("r" * 10)])
    parts = [
        content.Part(tool_call=call),
        content.Part(tool_result=result),
        content.Part(reasoning=content.ReasoningPart(text="t" * 10, opaque_state=state)),
        content.Part(refusal=content.RefusalPart(text="f" * 10)),
        content.Part(),
    ]
    schema = content.JsonSchemaFormat(name="n" * 10, description="d" * 10, json_schema="j" * 10)
    specification = of_parts(
        *parts,
        output_format=content.OutputFormat(json_schema=schema),
        tool_choice=content.ToolChoice(tool_name="c" * 10),
    )
    specification.messages[0].name = "speaker"
    assert input_tokens(specification).bound == FRAME + 6 * tokens.PART_TOKENS + 7 + 30 + 100 + 20 + 110 + 10 + 40


def test_media_follow_their_own_rules() -> None:
    def bound(part: content.Part) -> int:
        return input_tokens(of_parts(part)).bound - FRAME

    image = content.Part(image=content.ImagePart(data=b"x" * 1_000_000, media_type="image/png"))
    assert bound(image) == tokens.IMAGE_TOKENS_BOUND
    assert bound(content.Part(audio=content.AudioPart(data=b"x" * 1_601))) == tokens.PART_TOKENS + 101
    large = content.DocumentPart(data=b"x" * 6_000, media_type="application/pdf", file_name="a.pdf")
    assert bound(content.Part(document=large)) == tokens.PART_TOKENS + 5 + 6_000
    small = content.DocumentPart(data=b"x", media_type="application/pdf")
    assert bound(content.Part(document=small)) == tokens.PART_TOKENS + tokens.DOCUMENT_TOKENS_BOUND_LEAST
    remote = content.DocumentPart(uri="https://example.com/a.pdf", media_type="application/pdf")
    assert bound(content.Part(document=remote)) == tokens.PART_TOKENS + tokens.REMOTE_DOCUMENT_TOKENS_BOUND
