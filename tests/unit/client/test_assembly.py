"""Events become the answer that the model meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.assembly import Assembly
from pointsman.content import assistant
from pointsman.errors import StreamIncomplete
from pointsman.v1.completion_pb2 import (
    CompletionEvent,
    Queued,
    ReasoningDelta,
    RefusalDelta,
    RouteChanged,
    ToolCallDelta,
)
from pointsman.v1.content_pb2 import OpaqueState
from pointsman.v1.router_service_pb2 import CompleteResponse
from scripted_server import HELLO, finished, response, started, text


def assembled(*responses: CompleteResponse) -> Assembly:
    assembly = Assembly()
    for item in responses:
        list(assembly.take(item))
    return assembly


def test_text_is_joined_and_events_are_numbered() -> None:
    assembly = Assembly()
    numbers = [numbered.sequence for item in HELLO for numbered in assembly.take(item)]
    assert numbers == [0, 1, 2, 3, 4]
    assert assembly.last_sequence == 4
    answer = assembly.answer()
    assert answer.text == "Hello!"
    assert answer.message == assistant("Hello!")
    assert answer.completion_id == "cmp_1"
    assert answer.finished.cost_nanos == 123_000


def test_parts_stand_in_the_order_of_their_indices_whatever_came_first() -> None:
    first = CompletionEvent(part_index=2, tool_call_delta=ToolCallDelta(id="c1", name="weather", arguments_json='{"a'))
    second = CompletionEvent(
        part_index=2,
        tool_call_delta=ToolCallDelta(arguments_json='":1}', opaque_state=OpaqueState(dialect="gemini", data=b"s")),
    )
    thought = CompletionEvent(part_index=0, reasoning_delta=ReasoningDelta(text="hm"))
    signature = CompletionEvent(
        part_index=0, reasoning_delta=ReasoningDelta(opaque_state=OpaqueState(dialect="anthropic", data=b"x"))
    )
    assembly = assembled(response(started(), first, text("Look", 1), thought, second, signature, finished()))
    reasoning, said, call = assembly.answer().message.parts
    assert (reasoning.reasoning.text, reasoning.reasoning.opaque_state.data) == ("hm", b"x")
    assert said.text.text == "Look"
    assert (call.tool_call.id, call.tool_call.name, call.tool_call.arguments_json) == ("c1", "weather", '{"a":1}')
    assert call.tool_call.opaque_state.dialect == "gemini"
    assert assembly.answer().tool_calls == [call.tool_call]


def test_a_later_opaque_state_replaces_the_one_before() -> None:
    states = [
        CompletionEvent(reasoning_delta=ReasoningDelta(opaque_state=OpaqueState(dialect="anthropic", data=data)))
        for data in (b"half", b"whole")
    ]
    part = assembled(response(*states)).message().parts[0]
    assert part.reasoning.opaque_state.data == b"whole"


def test_a_part_without_opaque_state_has_none() -> None:
    part = assembled(response(CompletionEvent(reasoning_delta=ReasoningDelta(text="hm")))).message().parts[0]
    assert not part.reasoning.HasField("opaque_state")


def test_a_refusal_is_a_part_of_its_own() -> None:
    said = [CompletionEvent(refusal_delta=RefusalDelta(text=words)) for words in ("I ", "won't")]
    answer = assembled(response(*said, finished())).answer()
    assert answer.message.parts[0].refusal.text == "I won't"
    assert answer.text == ""


@pytest.mark.parametrize(("continues", "expected"), [(True, "one two"), (False, "two")])
def test_a_change_of_route_voids_the_text_unless_it_continues(continues: bool, expected: str) -> None:  # noqa: FBT001  # a parameter of the test
    change = CompletionEvent(attempt=2, route_changed=RouteChanged(failed_attempt=1, continues=continues))
    assembly = assembled(response(started(), text("one "), change, text("two", attempt=2)))
    assert assembly.text == expected


def test_a_whole_message_counts_as_it_is() -> None:
    assembly = assembled(response(started(), finished(message=assistant("whole"))))
    assert assembly.answer().text == "whole"


def test_waiting_changes_nothing() -> None:
    assert assembled(response(CompletionEvent(queued=Queued()))).message() == assistant()


def test_a_stream_without_an_end_is_no_answer() -> None:
    with pytest.raises(StreamIncomplete):
        assembled(response(started(), text("Hel"))).answer()


@given(st.lists(st.tuples(st.integers(0, 3), st.text())), st.lists(st.integers(1, 5)))
def test_how_events_are_batched_makes_no_difference(deltas: list[tuple[int, str]], sizes: list[int]) -> None:
    events = [text(words, index) for index, words in deltas]
    apart = assembled(*(response(event, first=number) for number, event in enumerate(events)))
    batched, start = Assembly(), 0
    for size in [*sizes, len(events)]:
        list(batched.take(response(*events[start : start + size], first=start)))
        start += size
    assert batched.message() == apart.message()
    assert batched.last_sequence == apart.last_sequence
