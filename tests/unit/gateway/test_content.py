"""Content checks on what is sent and on what comes back, over real sockets."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import (
    DELIVERY_WHOLE,
    WARNING_CODE_CONTENT_FOUND,
    WARNING_CODE_CONTENT_MASKED,
    CompletionFailure,
    CompletionSpecification,
    FinishReason,
    ReasoningEffort,
)
from pointsman.v1.content_pb2 import Message, Part, Role, TextPart, Tool, ToolCallPart, ToolResultPart
from pointsman.v1.model_pb2 import Capability
from pointsman_server.catalog.model import OnCancel
from pointsman_server.errors import ContentRefused, RequestAlreadyServed
from pointsman_server.identity.model import LOCAL_ADMIN, LOCAL_TENANT
from pointsman_server.ledger.claims import IdempotencyKey
from pointsman_server.policy.checks import table
from pointsman_server.policy.rule import Action, ContentCheck, Direction, PolicyScope, Rule
from pointsman_server.sandbox import Fault

from tests.unit.gateway.conftest import TALENTS, Answer, MakeWorld, World, asking

MAIL = "jane.canary@example.com"
KEY = "AKIA" + "CANARY0123456789"
LONG = "All of this is harmless. " * 40


def rule(check: str, action: Action, direction: Direction, *kinds: str) -> Rule:
    return Rule(
        rule_id=f"r_{check}_{action}_{direction}",
        tenant_id=LOCAL_TENANT,
        of_platform=False,
        scope=PolicyScope.TENANT,
        scope_id="",
        key=check,
        value=ContentCheck(direction, action, frozenset(kinds)),
    )


def personal(action: Action, direction: Direction) -> tuple[Rule, ...]:
    return (rule("check_personal_data", action, direction),)


def moderating(action: Action, direction: Direction, *kinds: str) -> dict[str, Any]:
    return {"rules": (rule("check_moderation", action, direction, *kinds),), "moderation_provider": "second"}


def told(answer: Answer) -> list[tuple[int, str, str]]:
    events = answer.events
    warnings = [*events[0].started.warnings, *events[-1].finished.warnings]
    return [(warning.code, warning.field, warning.message) for warning in warnings]


def assert_dense(answer: Answer) -> None:
    """The events are numbered in order, without a gap."""
    expected = 0
    for response in answer.responses:
        assert response.first_sequence == expected
        expected += len(response.events)


async def refused(world: World, specification: CompletionSpecification, **options: object) -> ContentRefused:
    with pytest.raises(ContentRefused) as error:
        await world.complete(specification, **options)
    assert MAIL not in f"{error.value.message} {error.value.metadata}"
    assert KEY not in f"{error.value.message} {error.value.metadata}"
    await world.settled()
    return error.value


def why(error: ContentRefused) -> dict[str, str]:
    """The metadata but for the decision's id, which every refusal has."""
    assert error.metadata["decision_id"]
    return {name: value for name, value in error.metadata.items() if name != "decision_id"}


async def failed(world: World, specification: CompletionSpecification, **options: object) -> CompletionFailure:
    failure = (await refused(world, specification, **options)).failure
    assert failure is not None
    return failure


async def test_what_is_masked_is_not_sent_and_is_counted_as_sent(make_world: MakeWorld) -> None:
    world = make_world(rules=personal(Action.MASK, Direction.INPUT))
    answer = await world.complete(asking(f"write to {MAIL}"))
    assert 'You said: "write to [EMAIL]"' in answer.text
    started = answer.events[0].started
    assert told(answer) == [(WARNING_CODE_CONTENT_MASKED, "specification", "check_personal_data: email 1")]
    decision = await world.decision(started.decision.decision_id)
    (finding,) = decision.facts.content_findings
    assert (finding.check, finding.kind, finding.action, finding.count) == ("check_personal_data", "email", "mask", 1)
    plain = make_world()
    bound = (await plain.gateway.route(asking("write to [EMAIL]"), principal=LOCAL_ADMIN)).facts.input_tokens_bound
    assert decision.facts.input_tokens_bound == bound


async def test_what_is_refused_is_neither_sent_nor_charged(make_world: MakeWorld) -> None:
    world = make_world(rules=(rule("check_secrets", Action.REFUSE, Direction.INPUT),))
    error = await refused(world, asking(f"my key is {KEY}"))
    decision = await world.decision(error.metadata["decision_id"])
    assert (decision.outcome.status, list(decision.plan)) == ("PERMISSION_DENIED", [])
    assert why(error) == {"check": "check_secrets", "kinds": "aws_key"}
    assert not world.first.meter.entries
    assert (await world.usage()).attempts == 0


async def test_a_warning_changes_nothing(make_world: MakeWorld) -> None:
    world = make_world(rules=personal(Action.WARN, Direction.BOTH))
    answer = await world.complete(asking(f"write to {MAIL}"))
    assert MAIL in answer.text
    assert told(answer) == [
        (WARNING_CODE_CONTENT_FOUND, "specification", "check_personal_data: email 1"),
        (WARNING_CODE_CONTENT_FOUND, "answer", "check_personal_data: email 1"),
    ]


async def test_a_large_request_is_checked_too(make_world: MakeWorld) -> None:
    world = make_world(rules=personal(Action.MASK, Direction.INPUT))
    answer = await world.complete(asking(f"{MAIL} {LONG * 20} {MAIL}"))
    assert told(answer) == [(WARNING_CODE_CONTENT_MASKED, "specification", "check_personal_data: email 2")]


async def test_every_text_of_a_request_is_looked_at(make_world: MakeWorld) -> None:
    world = make_world(rules=personal(Action.WARN, Direction.INPUT))
    call = ToolCallPart(id="c1", name="mail", arguments_json='{"to": "jane\\u002ecanary@example.com"}')
    result = ToolResultPart(tool_call_id="c1", parts=[Part(text=TextPart(text=MAIL))])
    specification = CompletionSpecification(
        system_text=MAIL,
        messages=[
            Message(role=Role.ROLE_USER, parts=[Part(text=TextPart(text=MAIL))]),
            Message(role=Role.ROLE_ASSISTANT, parts=[Part(tool_call=call)]),
            Message(role=Role.ROLE_TOOL, parts=[Part(tool_result=result)]),
        ],
        tools=[Tool(name="mail", description=MAIL, parameters_json_schema=f'{{"type": "object", "title": "{MAIL}"}}')],
        stop_sequences=[MAIL],
    )
    answer = await world.complete(specification)
    assert told(answer)[0] == (WARNING_CODE_CONTENT_FOUND, "specification", "check_personal_data: email 7")


@pytest.fixture(autouse=True)
def _checks_are_loaded_anew() -> Iterator[None]:
    yield
    table.loaded.cache_clear()


@pytest.mark.parametrize("delivery", [0, DELIVERY_WHOLE])
async def test_an_answer_is_masked(make_world: MakeWorld, delivery: Any) -> None:
    world = make_world(rules=personal(Action.MASK, Direction.OUTPUT))
    world.first.script.push(Fault(text=f"{LONG}Ask {MAIL} or +49 30 901820. {LONG}", burst=False, gap_ms=0, first_ms=0))
    answer = await world.complete(asking("who?"), delivery=delivery)
    text = answer.events[-1].finished.message.parts[0].text.text if delivery else answer.text
    assert text == f"{LONG}Ask [EMAIL] or [PHONE]. {LONG}"
    assert told(answer) == [(WARNING_CODE_CONTENT_MASKED, "answer", "check_personal_data: email 1, phone 1")]
    assert_dense(answer)
    decision = await world.decision(answer.events[0].started.decision.decision_id)
    assert [finding.kind for finding in decision.outcome.content_findings] == ["email", "phone"]
    (entry,) = world.first.meter.entries
    assert (await world.usage()).cost_nanos == entry.cost_nanos


async def test_a_short_answer_comes_with_its_end(make_world: MakeWorld) -> None:
    world = make_world(rules=personal(Action.MASK, Direction.OUTPUT))
    world.first.script.push(Fault(text=f"Ask {MAIL}."))
    answer = await world.complete(asking("who?"))
    assert answer.kinds == ["started", "text_delta", "finished"]
    assert answer.text == "Ask [EMAIL]."


async def test_arguments_that_are_long_are_checked_whole(make_world: MakeWorld) -> None:
    world = make_world(rules=personal(Action.MASK, Direction.OUTPUT))
    body = {"const": "y" * 20_000}
    schema = json.dumps({"type": "object", "properties": {"to": {"type": "string"}, "body": body}})
    specification = asking(f"use mail for {MAIL}")
    specification.max_output_tokens = 8_000
    specification.tools.append(Tool(name="mail", description="sends", parameters_json_schema=schema))
    answer = await world.complete(specification)
    (call,) = [event.tool_call_delta for event in answer.events if event.HasField("tool_call_delta")]
    assert len(call.arguments_json) > 16_384
    assert '"to": "[EMAIL]"' in call.arguments_json
    assert MAIL not in call.arguments_json


async def test_a_caller_that_goes_ends_the_check_of_its_request(make_world: MakeWorld) -> None:
    world = make_world(rules=personal(Action.MASK, Direction.INPUT))
    waiting = [
        asyncio.create_task(world.complete(asking(f"{MAIL} 4111 1111 " * 60_000, max_cost_nanos=0))) for _ in range(3)
    ]
    await asyncio.sleep(0.3)
    for call in waiting:
        call.cancel()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in ended] == [asyncio.CancelledError] * 3
    async with asyncio.timeout(2):
        assert "[EMAIL]" in (await world.complete(asking(f"{MAIL} {LONG * 20}"))).text
    assert len(world.first.meter.entries) == 1


@pytest.mark.parametrize(("on_cancel", "estimated"), [(OnCancel.READ_TO_END, 0), (OnCancel.ABORT, 1)])
async def test_an_answer_is_ended_before_anything_of_a_finding_left(
    make_world: MakeWorld, on_cancel: OnCancel, estimated: int
) -> None:
    rules = (rule("check_secrets", Action.REFUSE, Direction.OUTPUT),)
    world = make_world(rules=rules, first_fields={"on_cancel": on_cancel})
    world.first.script.push(Fault(text=f"{LONG}It is {KEY}. {LONG}", burst=False, gap_ms=1, first_ms=0))
    error = await refused(world, asking("which?"))
    assert dict(error.metadata) | {"decision_id": ""} == {
        "check": "check_secrets",
        "kinds": "aws_key",
        "decision_id": "",
    }
    assert error.failure is not None
    sent = world.last.text
    assert f"{LONG}It is ".startswith(sent)
    assert len(sent) > len(LONG) - 600
    assert error.failure.last_sequence == len(world.last.events) - 1
    assert_dense(world.last)
    (entry,) = world.first.meter.entries
    usage = await world.usage()
    assert (usage.attempts, usage.cancelled_attempts, usage.estimated_attempts) == (1, 1, estimated)
    assert usage.cost_nanos == entry.cost_nanos if not estimated else usage.cost_nanos >= entry.cost_nanos
    decision = await world.decision(error.failure.decision_id)
    assert decision.outcome.status == "PERMISSION_DENIED"


async def test_wherever_the_finding_is_nothing_of_it_leaves_and_the_bill_is_exact(make_world: MakeWorld) -> None:
    world = make_world(
        rules=(rule("check_secrets", Action.REFUSE, Direction.OUTPUT),),
        first_fields={"on_cancel": OnCancel.READ_TO_END},
    )
    for at in range(0, 1_200, 97):
        text = (LONG * 2)[:at] + f" {KEY} " + LONG
        world.first.script.push(Fault(text=text, burst=False, gap_ms=0, first_ms=0))
        with pytest.raises(ContentRefused) as error:
            await world.complete(asking("which?"))
        assert ((LONG * 2)[:at] + " ").startswith(world.last.text)
        failure = error.value.failure
        assert failure is not None
        assert failure.HasField("last_sequence") == bool(world.last.events)
        assert_dense(world.last)
    await world.settled()
    usage = await world.usage()
    assert {entry.outcome for entry in world.first.meter.entries} == {"ended"}
    assert (usage.attempts, usage.estimated_attempts) == (13, 0)
    assert usage.cost_nanos == sum(entry.cost_nanos for entry in world.first.meter.entries)


async def test_who_asks_again_for_what_was_refused_pays_once(make_world: MakeWorld) -> None:
    world = make_world(rules=(rule("check_secrets", Action.REFUSE, Direction.OUTPUT),))
    world.first.script.push(Fault(text=f"{LONG}It is {KEY}."))
    key = IdempotencyKey("r-1", "digest")
    with pytest.raises(ContentRefused):
        await world.complete(asking("which?"), idempotency_key=key)
    with pytest.raises((ContentRefused, RequestAlreadyServed)) as again:
        await world.complete(asking("which?"), idempotency_key=key)
    assert KEY not in f"{again.value.message}{world.last.text}"
    await world.settled()
    assert len(world.first.meter.entries) == 1


@pytest.mark.parametrize("delivery", [0, DELIVERY_WHOLE])
async def test_an_answer_that_is_refused_at_its_end_is_booked_exactly(make_world: MakeWorld, delivery: Any) -> None:
    world = make_world(rules=(rule("check_secrets", Action.REFUSE, Direction.BOTH),))
    world.first.script.push(Fault(text=f"It is {KEY}."))
    failure = await failed(world, asking("which?"), delivery=delivery)
    assert not failure.HasField("last_sequence")
    assert world.last.events == []
    (entry,) = world.first.meter.entries
    usage = await world.usage()
    assert (usage.cost_nanos, usage.estimated_attempts) == (entry.cost_nanos, 0)
    assert failure.cost_nanos == entry.cost_nanos


async def test_the_arguments_of_a_call_are_masked_as_what_they_say(make_world: MakeWorld) -> None:
    world = make_world(rules=personal(Action.MASK, Direction.OUTPUT))
    schema = '{"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}'
    specification = asking(f"use mail for {MAIL}")
    specification.tools.append(Tool(name="mail", description="sends", parameters_json_schema=schema))
    answer = await world.complete(specification)
    (call,) = [event.tool_call_delta for event in answer.events if event.HasField("tool_call_delta")]
    assert (call.name, call.arguments_json) == ("mail", '{"to": "[EMAIL]"}')
    assert call.id
    assert_dense(answer)


def speaking(make_world: MakeWorld, dialect: str, *rules: Rule, **fields: object) -> World:
    """A world whose first provider speaks a dialect, and thinks."""
    path = "/v1" if dialect == "openai" else ""
    fields |= {"dialect": dialect, "base_url": make_world().first.root_url + path}
    if dialect == "anthropic":
        fields["headers"] = {"anthropic-version": "2023-06-01"}
    talents = TALENTS | {Capability.CAPABILITY_REASONING}
    row = {"external_id": "sage", "provider_model_id": "sage", "capabilities": talents}
    return make_world(rules=rules, first_fields=fields, first_row=row)


@pytest.mark.parametrize("dialect", ["openai", "anthropic", "gemini"])
@pytest.mark.parametrize("action", Action)
async def test_every_dialect_both_ways(make_world: MakeWorld, dialect: str, action: Action) -> None:
    world = speaking(make_world, dialect, *personal(action, Direction.INPUT))
    if action is Action.REFUSE:
        assert why(await refused(world, asking(MAIL))) == {"check": "check_personal_data", "kinds": "email"}
        assert not world.first.meter.entries
    else:
        said = {"warn": MAIL, "mask": "[EMAIL]"}[action]
        assert f'"{said}"' in (await world.complete(asking(MAIL))).text
    world = speaking(make_world, dialect, *personal(action, Direction.OUTPUT), on_cancel=OnCancel.READ_TO_END)
    world.first.reset()
    if action is Action.REFUSE:
        failure = await failed(world, asking(MAIL))
        assert failure.cost_nanos
        assert MAIL not in "".join(map(str, world.last.events))
    else:
        specification = asking(MAIL, pinned_models=["first/steady"])
        specification.reasoning_effort = ReasoningEffort.REASONING_EFFORT_HIGH
        answer = await world.complete(specification)
        assert f'"{said}"' in answer.text
        thought = "".join(event.reasoning_delta.text for event in answer.events)
        assert f"The user asks: {said}." in thought
        ((_, _, message),) = [each for each in told(answer) if each[1] == "answer"]
        assert message == "check_personal_data: email 2"
        assert_dense(answer)
    (entry,) = world.first.meter.entries
    assert entry.outcome == "ended"


@pytest.mark.parametrize("dialect", ["openai", "anthropic", "gemini"])
async def test_calls_of_every_dialect_are_masked(make_world: MakeWorld, dialect: str) -> None:
    world = speaking(make_world, dialect, *personal(Action.MASK, Direction.OUTPUT))
    schema = '{"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}'
    specification = asking(f"use mail for {MAIL}")
    specification.tools.append(Tool(name="mail", description="sends", parameters_json_schema=schema))
    answer = await world.complete(specification)
    (call,) = [event.tool_call_delta for event in answer.events if event.HasField("tool_call_delta")]
    assert call.arguments_json.replace(" ", "") == '{"to":"[EMAIL]"}'
    assert answer.events[-1].finished.finish_reason == FinishReason.FINISH_REASON_TOOL_CALLS


async def test_an_attempt_that_breaks_inside_the_window_is_made_again_elsewhere(make_world: MakeWorld) -> None:
    world = make_world(rules=personal(Action.MASK, Direction.OUTPUT))
    world.first.script.push(Fault(text=f"Ask {MAIL}. And then", cut_after=5))
    answer = await world.complete(asking("hello"))
    assert answer.kinds[:2] == ["started", "route_changed"]
    assert "Ask" not in answer.text


async def test_a_caller_that_goes_while_text_is_held_back_is_settled(make_world: MakeWorld) -> None:
    world = make_world(rules=personal(Action.MASK, Direction.OUTPUT))
    world.first.script.push(Fault(text=LONG, burst=False, gap_ms=5, first_ms=0))
    stream = world.stream(asking("hello"))
    reading = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.05)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await stream.aclose()
    await world.settled()
    assert (await world.usage()).cancelled_attempts == 1


async def test_a_check_that_cannot_be_made_refuses_and_is_never_skipped(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    table.loaded.cache_clear()
    for direction in (Direction.INPUT, Direction.OUTPUT):
        world = make_world(rules=personal(Action.WARN, direction))
        error = await refused(world, asking("hello"))
        assert why(error) == {"check": "check_personal_data", "cause": "unavailable"}
        assert "install pointsman-server[checks]" in error.message
        assert not world.first.meter.entries


async def test_a_model_moderates_what_is_sent(make_world: MakeWorld) -> None:
    world = make_world(**moderating(Action.REFUSE, Direction.INPUT))
    error = await refused(world, asking("[[flag: hate, violence/graphic]]"))
    assert why(error) == {"check": "check_moderation", "kinds": "hate, violence_graphic"}
    assert not world.first.meter.entries
    world = make_world(**moderating(Action.REFUSE, Direction.INPUT))
    assert "You said" in (await world.complete(asking("hello"))).text
    assert (await world.gateway.route(asking("[[flag: hate]]"), principal=LOCAL_ADMIN)).plan, "route asks nobody"


async def test_a_kind_that_no_rule_names_passes(make_world: MakeWorld) -> None:
    world = make_world(**moderating(Action.REFUSE, Direction.INPUT, "sexual"))
    assert "hate" in (await world.complete(asking("[[flag: hate]]"))).text
    assert (await refused(world, asking("[[flag: sexual]]"))).metadata["kinds"] == "sexual"


async def test_what_a_model_flags_is_masked_whole(make_world: MakeWorld) -> None:
    world = make_world(**moderating(Action.MASK, Direction.BOTH))
    answer = await world.complete(asking("[[flag: hate]]"))
    assert 'You said: "[HATE]"' in answer.text
    world.first.script.push(Fault(text=f"{LONG}{LONG}[[flag: harassment]] {LONG}"))
    answer = await world.complete(asking("hello"))
    assert "[HARASSMENT]" in answer.text
    assert "flag" not in answer.text
    assert answer.text.startswith(LONG)
    assert_dense(answer)


async def test_an_answer_is_moderated_before_it_leaves(make_world: MakeWorld) -> None:
    world = make_world(**moderating(Action.REFUSE, Direction.OUTPUT))
    world.first.script.push(Fault(text=f"{LONG}{LONG}[[flag: violence]] {LONG}", burst=False, gap_ms=0, first_ms=0))
    error = await refused(world, asking("hello"))
    assert error.metadata["kinds"] == "violence"
    assert "flag" not in world.last.text


@pytest.mark.parametrize("fault", [Fault(status=503), Fault(hang=True), Fault(body="not_json"), Fault(body="html")])
async def test_a_moderation_that_fails_refuses_where_rules_refuse_and_warns_where_they_warn(
    make_world: MakeWorld, fault: Fault
) -> None:
    world = make_world(**moderating(Action.REFUSE, Direction.INPUT))
    world.second.script.push(fault)
    assert why(await refused(world, asking("hello"))) == {"check": "check_moderation", "cause": "unavailable"}
    world = make_world(**moderating(Action.WARN, Direction.INPUT))
    world.second.script.push(fault)
    answer = await world.complete(asking("hello"))
    assert told(answer) == [(WARNING_CODE_CONTENT_FOUND, "specification", "check_moderation: could not be made")]


async def test_a_moderation_that_fails_ends_an_answer(make_world: MakeWorld) -> None:
    world = make_world(**moderating(Action.MASK, Direction.OUTPUT))
    world.second.script.push(Fault(status=500))
    error = await refused(world, asking("hello"))
    assert error.metadata["cause"] == "unavailable"
    assert world.last.text == ""


async def test_without_a_provider_to_ask_moderation_refuses(make_world: MakeWorld) -> None:
    options = moderating(Action.REFUSE, Direction.INPUT) | {"moderation_provider": ""}
    error = await refused(make_world(**options), asking("hello"))
    assert error.metadata["cause"] == "unavailable"


async def test_what_was_found_is_in_no_log_and_no_database(
    make_world: MakeWorld, database: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for action in Action:
        rules = (*personal(action, Direction.BOTH), rule("check_secrets", action, Direction.BOTH))
        world = make_world(rules=rules)
        world.first.script.push(Fault(text=f"It is {KEY}, {MAIL}"))
        for text in ("hello", f"{KEY} {MAIL}"):
            try:
                await world.complete(asking(text))
            except ContentRefused as error:
                assert KEY not in repr(error)  # noqa: PT017  # it need not be raised
        await world.settled()
    written = capsys.readouterr()
    kept = b"".join(path.read_bytes() for path in database.parent.iterdir() if path.is_file())
    assert b"email" in kept, "the counts are kept"
    for canary in (KEY, MAIL, "canary"):
        assert canary.encode() not in kept
        assert canary not in written.out + written.err + caplog.text
