"""Which texts of requests and answers are looked at, and how they come back."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pointsman.v1.completion_pb2 import CompletionEvent, CompletionSpecification, ReasoningDelta, TextDelta
from pointsman.v1.content_pb2 import (
    DocumentPart,
    ImagePart,
    JsonSchemaFormat,
    Message,
    OpaqueState,
    OutputFormat,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
)
from pointsman_server.policy.checks.answer import AnswerChecks
from pointsman_server.policy.checks.json_text import changed
from pointsman_server.policy.checks.masking import ReadyCheck
from pointsman_server.policy.checks.model import CheckOrder
from pointsman_server.policy.checks.request import rewritten, texts
from pointsman_server.policy.checks.table import CHECKS, loaded
from pointsman_server.policy.rule import Action

from tests.unit.policy.planted import PLANTED, plain

STATE = OpaqueState(dialect="anthropic", data=b"signature")


def masking() -> list[ReadyCheck]:
    checks = []
    for name in ("check_personal_data", "check_secrets"):
        check = loaded(name)
        assert check is not None
        checks.append(ReadyCheck(CheckOrder(name, dict.fromkeys(sorted(CHECKS[name].kinds), Action.MASK)), check))
    return checks


def shout(text: str) -> str:
    return text.replace("a@b.example", "[EMAIL]")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('{"to": "a@b.example", "n": 1}', '{"to": "[EMAIL]", "n": 1}'),
        ('{"to": "a\\u0040b.example"}', '{"to": "[EMAIL]"}'),
        ('{"a@b.example": [true, null, 1.5]}', '{"[EMAIL]": [true, null, 1.5]}'),
        ('{ "kept" :  1 }', '{ "kept" :  1 }'),
        ('{"cut": "a@b.exam', '{"cut": "a@b.exam'),
        ('{"cut": "a@b.example', '{"cut": "[EMAIL]'),
        ('{"x": "a@b.example", "x": "2"}', '{"x": "[EMAIL]", "x": "2"}'),
        ("[" * 100_000 + "a@b.example", "[" * 100_000 + "[EMAIL]"),
        ('{"x": "a\\u0040b.example", "x": "2"}', '{"x": "[EMAIL]", "x": "2"}'),
        ('{"cut": "a\\u0040b.example', '{"cut": "[EMAIL]'),
        ('{"cut": "\\u0022 \\/ \\u005c', '{"cut": "\\u0022 \\/ \\u005c'),
        ('{"n": 1e999, "to": "a\\u0040b.example"}', '{"n": 1e999, "to": "[EMAIL]"}'),
        ('{"n": NaN, "to": "a@b.example"}', '{"n": NaN, "to": "[EMAIL]"}'),
        ('{"a@b.example": 1, "to a@b.example": 2, "[EMAIL]": 3}', '{"[EMAIL]2": 1, "to [EMAIL]": 2, "[EMAIL]": 3}'),
        ("", ""),
    ],
)
def test_json_is_changed_as_what_it_says(text: str, after: str) -> None:
    assert changed(text, shout) == after


def test_names_that_become_alike_stay_apart() -> None:
    assert changed('{"a": 1, "b": 2}', lambda text: "[X]" if text in "ab" else text) == '{"[X]": 1, "[X]2": 2}'


def test_half_a_character_beside_what_is_masked_can_still_be_sent() -> None:
    after = changed(r'{"half": "\ud800 ü", "to": "a@b.example"}', shout)
    assert ToolCallPart(arguments_json=after).arguments_json == r'{"half": "\ud800 \u00fc", "to": "[EMAIL]"}'


def test_a_number_is_looked_at_too() -> None:
    assert changed('{"card": 4111111111111111, "n": 2}', lambda text: "[CARD]" if len(text) == 16 else text) == (
        '{"card": "[CARD]", "n": 2}'
    )


def whole() -> CompletionSpecification:
    parts = [
        Part(text=TextPart(text="a@b.example")),
        Part(refusal=RefusalPart(text="a@b.example")),
        Part(reasoning=ReasoningPart(text="a@b.example", opaque_state=STATE)),
        Part(reasoning=ReasoningPart(text="thought", opaque_state=STATE)),
        Part(tool_call=ToolCallPart(id="a@b.example", name="mail", arguments_json='{"to": "a@b.example"}')),
        Part(document=DocumentPart(data=b"a@b.example", media_type="application/pdf", file_name="a@b.example")),
        Part(image=ImagePart(uri="https://example.com/a@b.example")),
    ]
    schema = JsonSchemaFormat(name="answer", description="a@b.example", json_schema='{"title": "a@b.example"}')
    return CompletionSpecification(
        messages=[Message(parts=parts, name="a@b.example")],
        output_format=OutputFormat(json_schema=schema),
        stop_sequences=["stop", "a@b.example"],
    )


def test_a_request_is_changed_in_a_copy() -> None:
    before = whole()
    after = rewritten(before, shout)
    assert before == whole()
    parts = after.messages[0].parts
    assert [parts[0].text.text, parts[1].refusal.text, parts[5].document.file_name] == ["[EMAIL]"] * 3
    assert parts[4].tool_call.arguments_json == '{"to": "[EMAIL]"}'
    assert (after.messages[0].name, list(after.stop_sequences)) == ("[EMAIL]", ["stop", "[EMAIL]"])
    assert after.output_format.json_schema.json_schema == '{"title": "[EMAIL]"}'
    assert (parts[4].tool_call.id, parts[5].document.data) == ("a@b.example", b"a@b.example")


def test_what_vouches_for_a_thought_goes_with_it() -> None:
    parts = rewritten(whole(), shout).messages[0].parts
    assert parts[2].reasoning == ReasoningPart(text="[EMAIL]")
    assert parts[3].reasoning == ReasoningPart(text="thought", opaque_state=STATE)


def test_a_request_in_which_nothing_changes_is_the_same() -> None:
    before = whole()
    assert rewritten(before, lambda text: text) is before


def test_json_as_written_gives_way_to_an_empty_object() -> None:
    after = rewritten(whole(), lambda text: "[HATE]" if "title" in text else text, as_written=True)
    assert after.output_format.json_schema.json_schema == "{}"


def test_the_texts_are_told_as_they_are_written() -> None:
    assert texts(CompletionSpecification(system_text="a", stop_sequences=["b"])) == ["a", "b"]


@st.composite
def streams(draw: st.DrawFn) -> tuple[dict[int, str], list[CompletionEvent]]:
    """The texts of some parts, and events that interleave them in pieces."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    said = {}
    for index in range(draw(st.integers(1, 3))):
        kinds = draw(st.lists(st.sampled_from([*PLANTED, "", ""]), max_size=4))
        said[index] = " ".join(PLANTED[kind](rng) if kind else plain(rng) for kind in kinds)
    left, events = dict(said), []
    while any(left.values()):
        index = rng.choice([each for each, text in left.items() if text])
        size = rng.choice([1, 4, 30, 400])
        events.append(CompletionEvent(part_index=index, text_delta=TextDelta(text=left[index][:size])))
        left[index] = left[index][size:]
    return said, events


def joined(events: list[CompletionEvent]) -> dict[int, str]:
    found: dict[int, str] = {}
    for event in events:
        found[event.part_index] = found.get(event.part_index, "") + event.text_delta.text
    return found


@given(streams())
@settings(max_examples=25, deadline=None)
def test_parts_that_interleave_come_out_as_they_would_alone(made: tuple[dict[int, str], list[CompletionEvent]]) -> None:
    said, events = made
    checks = AnswerChecks(masking(), window=256)
    out = [safe for event in events for safe in checks.feed([event])] + checks.close()
    at_once = AnswerChecks(masking(), window=256)
    whole_events = [CompletionEvent(part_index=i, text_delta=TextDelta(text=text)) for i, text in said.items() if text]
    expected = joined(at_once.feed(whole_events) + at_once.close())
    assert joined(out) == expected
    assert checks.counts == at_once.counts


def test_what_vouches_for_a_thought_comes_with_its_end_unless_it_was_masked() -> None:
    for text, kept in (("thought", True), ("ask a.b@example.com", False)):
        checks = AnswerChecks(masking(), window=256)
        delta = ReasoningDelta(text=text, opaque_state=STATE)
        assert checks.feed([CompletionEvent(reasoning_delta=delta)]) == []
        (event,) = checks.close()
        assert event.reasoning_delta.HasField("opaque_state") is kept


def test_what_vouches_for_a_thought_that_is_hidden_is_not_lost() -> None:
    checks = AnswerChecks(masking(), window=256)
    assert checks.feed([CompletionEvent(reasoning_delta=ReasoningDelta(opaque_state=STATE))]) == []
    (event,) = checks.close()
    assert event.reasoning_delta == ReasoningDelta(opaque_state=STATE)
