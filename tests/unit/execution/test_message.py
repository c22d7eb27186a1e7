"""Deltas joined into a message."""

from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.completion_pb2 import CompletionEvent, ReasoningDelta, RefusalDelta, Started, TextDelta, ToolCallDelta
from pointsman.v1.content_pb2 import (
    Message,
    OpaqueState,
    Part,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
)
from pointsman_server.execution.message import MessageBuilder


def joined(*events: CompletionEvent) -> Message:
    builder = MessageBuilder()
    for event in events:
        builder.add(event)
    return builder.message()


def test_every_kind_of_part_is_joined_in_the_order_of_its_index() -> None:
    state = OpaqueState(dialect="openai", data=b"sig")
    message = joined(
        CompletionEvent(started=Started(completion_id="cmp_1")),
        CompletionEvent(part_index=0, reasoning_delta=ReasoningDelta(text="hm")),
        CompletionEvent(part_index=2, tool_call_delta=ToolCallDelta(id="c1", name="add", arguments_json='{"a"')),
        CompletionEvent(part_index=1, text_delta=TextDelta(text="Hel")),
        CompletionEvent(part_index=1, text_delta=TextDelta(text="lo")),
        CompletionEvent(part_index=2, tool_call_delta=ToolCallDelta(arguments_json=":1}", opaque_state=state)),
        CompletionEvent(part_index=0, reasoning_delta=ReasoningDelta(text="m", opaque_state=state)),
        CompletionEvent(part_index=3, refusal_delta=RefusalDelta(text="no")),
    )
    assert message == Message(
        role=Role.ROLE_ASSISTANT,
        parts=[
            Part(reasoning=ReasoningPart(text="hmm", opaque_state=state)),
            Part(text=TextPart(text="Hello")),
            Part(tool_call=ToolCallPart(id="c1", name="add", arguments_json='{"a":1}', opaque_state=state)),
            Part(refusal=RefusalPart(text="no")),
        ],
    )


def test_an_answer_without_content_has_no_parts() -> None:
    assert joined() == Message(role=Role.ROLE_ASSISTANT)


@given(st.lists(st.tuples(st.integers(0, 3), st.text(max_size=5)), max_size=30))
def test_text_is_the_concatenation_of_its_deltas(deltas: list[tuple[int, str]]) -> None:
    message = joined(*(CompletionEvent(part_index=index, text_delta=TextDelta(text=text)) for index, text in deltas))
    expected = ["".join(t for i, t in deltas if i == index) for index in sorted({i for i, _ in deltas})]
    assert [part.text.text for part in message.parts] == expected
