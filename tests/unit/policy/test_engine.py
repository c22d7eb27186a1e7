"""From rules, plans and settings to verdicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from pointsman_server.identity.model import LOCAL_ADMIN
from pointsman_server.policy.engine import METERS_KEY, PolicyEngine
from pointsman_server.policy.hours import Hours
from pointsman_server.policy.limits import ServerLimits
from pointsman_server.policy.merge import Effect
from pointsman_server.policy.model import MAX_METERS, ModelLimits
from pointsman_server.policy.plans import Plan
from pointsman_server.policy.rule import Action, Condition, ContentCheck, Direction, PolicyScope, Rule, UsageCondition
from pointsman_server.policy.rules.table import KINDS
from pointsman_server.policy.snapshot import PolicyData, PolicySnapshot

from tests.unit.policy.rules import ANN, CALL, MONDAY_NOON, SERVER, engine, rule


def test_the_server_limits_make_the_verdict() -> None:
    verdict = PolicyEngine(ServerLimits(100, None, max_attempts=3, allow_fallback=False)).evaluate(
        LOCAL_ADMIN, CALL, MONDAY_NOON
    )
    assert verdict.default_output_tokens == 100
    assert verdict.max_output_tokens is None
    assert verdict.max_attempts == 3
    assert verdict.allow_fallback is False
    assert verdict.refusals == ()


@pytest.mark.parametrize(("default", "largest", "expected"), [(100, 50, 50), (100, 200, 100)])
def test_the_default_output_cap_is_never_above_the_largest(default: int, largest: int, expected: int) -> None:
    made = PolicyEngine(ServerLimits(default, largest, max_attempts=1, allow_fallback=True))
    assert made.evaluate(LOCAL_ADMIN, CALL, MONDAY_NOON).default_output_tokens == expected


def test_rules_of_every_matching_scope_take_part_and_others_do_not() -> None:
    amounts = {
        rule("max_tokens_out", 900, PolicyScope.PLATFORM, "pol_1"): CALL,
        rule("max_tokens_out", 800, PolicyScope.PLAN, "pol_2"): CALL,
        rule("max_tokens_out", 700, PolicyScope.TENANT, "pol_3"): CALL,
        rule("max_tokens_out", 600, PolicyScope.PROJECT, "pol_4"): replace(CALL, project_id="alpha"),
        rule("max_tokens_out", 500, PolicyScope.USER, "pol_5"): CALL,
        rule("max_tokens_out", 400, PolicyScope.AGENT, "pol_6"): replace(CALL, agent_id="writer"),
        rule("max_tokens_out", 300, PolicyScope.USER, "pol_7", task_code="DRAFT"): replace(CALL, task_code="DRAFT"),
    }
    for one, call in amounts.items():
        assert engine(one).evaluate(replace(ANN, plan_id="PRO"), call, MONDAY_NOON).max_output_tokens == one.value
    nobody = replace(ANN, tenant_id="other")
    foreign = [one for one in amounts if one.scope >= PolicyScope.TENANT]
    everything = replace(CALL, project_id="alpha", agent_id="writer", task_code="DRAFT")
    assert engine(*foreign).evaluate(nobody, everything, MONDAY_NOON).max_output_tokens is None
    assert engine(*amounts).evaluate(ANN, CALL, MONDAY_NOON).max_output_tokens == 500


def test_a_disabled_rule_says_nothing() -> None:
    made = engine(rule("max_tokens_out", 5, disabled=True))
    assert made.evaluate(ANN, CALL, MONDAY_NOON).max_output_tokens is None
    assert made.explain(ANN, CALL, MONDAY_NOON).limits == ()


def test_a_limit_refuses_with_its_key_its_figures_and_the_rules_that_set_it() -> None:
    verdict = engine(rule("max_tokens_in", 20), rule("max_tokens_in", 50, rule_id="pol_2")).evaluate(
        ANN, CALL, MONDAY_NOON
    )
    (refusal,) = verdict.refusals
    assert (refusal.key, refusal.rule_ids) == ("max_tokens_in", ("pol_1",))
    assert refusal.message == "max_tokens_in is 20, and the call has 30 input tokens; shorten the input."
    assert verdict.max_input_tokens == 20


def test_names_become_the_limits_on_models() -> None:
    verdict = engine(
        rule("allowed_models", frozenset({"a/*"}), rule_id="pol_1"),
        rule("allowed_models", frozenset({"a/x", "b/y"}), rule_id="pol_2"),
        rule("denied_models", frozenset({"a/z"}), rule_id="pol_3"),
        rule("allowed_classes", frozenset({"PRO_M", "PRO_L"}), rule_id="pol_4"),
        rule("allowed_classes", frozenset({"PRO_L"}), rule_id="pol_5"),
        rule("allowed_providers", frozenset({"a", "b"}), rule_id="pol_6"),
        rule("denied_providers", frozenset({"c"}), rule_id="pol_7"),
        rule("allowed_regions", frozenset({"eu"}), rule_id="pol_8"),
        rule("denied_regions", frozenset({"us"}), rule_id="pol_9"),
        rule("denied_regions", frozenset({"cn"}), rule_id="pol_10"),
    ).evaluate(ANN, CALL, MONDAY_NOON)
    assert verdict.models == ModelLimits(
        allowed_models=(frozenset({"a/*"}), frozenset({"a/x", "b/y"})),
        denied_models=frozenset({"a/z"}),
        allowed_classes=frozenset({"PRO_L"}),
        allowed_providers=frozenset({"a", "b"}),
        denied_providers=frozenset({"c"}),
        allowed_regions=frozenset({"eu"}),
        denied_regions=frozenset({"us", "cn"}),
    )


def test_a_project_must_be_one_of_the_callers_own() -> None:
    verdict = engine().evaluate(ANN, replace(CALL, project_id="beta"), MONDAY_NOON)
    assert [refusal.key for refusal in verdict.refusals] == ["project"]
    assert engine().evaluate(ANN, replace(CALL, project_id="alpha"), MONDAY_NOON).refusals == ()


def test_an_agents_key_speaks_for_no_other_agent_and_is_under_its_own_rules() -> None:
    key = replace(ANN, user_id="agent:writer", agent_id="writer")
    made = engine(rule("max_tokens_out", 10, PolicyScope.AGENT))
    assert made.evaluate(key, CALL, MONDAY_NOON).max_output_tokens == 10
    verdict = made.evaluate(key, replace(CALL, agent_id="painter"), MONDAY_NOON)
    assert [refusal.key for refusal in verdict.refusals] == ["agent"]
    assert verdict.max_output_tokens == 10
    assert made.evaluate(ANN, replace(CALL, agent_id="painter"), MONDAY_NOON).refusals == ()


def test_each_standing_rule_of_a_counted_kind_is_a_meter() -> None:
    verdict = engine(
        rule("requests_per_minute", 60, rule_id="pol_1"),
        rule("requests_per_minute", 10, PolicyScope.USER, "pol_2"),
        rule("tokens_per_minute", 9_000, PolicyScope.PLATFORM, "pol_3"),
        rule("max_concurrent", 3, rule_id="pol_4", task_code="DRAFT"),
    ).evaluate(ANN, replace(CALL, task_code="DRAFT"), MONDAY_NOON)
    told = {
        (meter.meter_id, meter.holder, meter.unit, meter.kind, meter.period_s, meter.limit) for meter in verdict.meters
    }
    assert told == {
        ("pol_1", "tenant", "requests", "rate", 60, 60),
        ("pol_2", "user ann", "requests", "rate", 60, 10),
        ("pol_3", "tenant", "tokens", "rate", 60, 9_000),
        ("pol_4", "tenant, task DRAFT", "requests", "slots", 0, 3),
    }
    assert {meter.tenant_id for meter in verdict.meters} == {"acme"}


def test_steps_are_counted_for_each_run_and_a_call_must_say_of_which() -> None:
    made = engine(rule("agent_max_steps", 5, PolicyScope.AGENT))
    step = replace(CALL, agent_id="writer", run_id="r_1")
    (meter,) = made.evaluate(ANN, step, MONDAY_NOON).meters
    assert (meter.meter_id, meter.holder, meter.kind, meter.limit) == ("pol_1/r_1", "run r_1", "total", 5)
    verdict = made.evaluate(ANN, replace(step, run_id=""), MONDAY_NOON)
    assert "set run_id" in verdict.refusals[0].message
    assert verdict.meters == ()


def test_a_condition_decides_with_each_call() -> None:
    night = Hours(frozenset(), 22 * 60, 6 * 60)
    made = engine(
        rule("max_tokens_out", 10, rule_id="pol_1", condition=Condition(hours=night)),
        rule("max_tokens_out", 20, rule_id="pol_2", condition=Condition(purposes=frozenset({"chat"}))),
        rule("max_tokens_out", 30, rule_id="pol_3", condition=Condition(outside_hours=night)),
    )
    chat = replace(CALL, purpose="chat")
    assert made.evaluate(ANN, CALL, MONDAY_NOON).max_output_tokens == 30
    assert made.evaluate(ANN, chat, MONDAY_NOON).max_output_tokens == 20
    assert made.evaluate(ANN, chat, MONDAY_NOON + timedelta(hours=11)).max_output_tokens == 10
    effects = {
        each.demand.source_id: each.effect for each in made.explain(ANN, chat, MONDAY_NOON).limits[0].contributions
    }
    assert effects == {"pol_1": Effect.NOT_NOW, "pol_2": Effect.SET, "pol_3": Effect.LOOSER}


class _Used:
    def __init__(self, percent: int | None) -> None:
        self.percent_used = percent
        self.asked: list[tuple[str, PolicyScope, str, str]] = []

    def percent(self, tenant_id: str, scope: PolicyScope, scope_id: str, budget_id: str) -> int | None:
        self.asked.append((tenant_id, scope, scope_id, budget_id))
        return self.percent_used


@pytest.mark.parametrize(("percent", "cap"), [(79, None), (80, 10), (None, 10)])
def test_a_throttle_holds_where_enough_is_used_or_nobody_knows(percent: int | None, cap: int | None) -> None:
    usage = _Used(percent)
    throttle = Condition(usage=UsageCondition("", 80))
    made = engine(rule("max_tokens_out", 10, PolicyScope.PLATFORM, condition=throttle), usage=usage)
    assert made.evaluate(ANN, CALL, MONDAY_NOON).max_output_tokens == cap
    assert usage.asked == [("acme", PolicyScope.TENANT, "", "")]


@pytest.mark.parametrize(("percent", "cap"), [(79, 100), (80, 900), (None, 100)])
def test_a_looser_rule_takes_no_place_where_nobody_knows_whether_it_holds(percent: int | None, cap: int) -> None:
    looser = rule(
        "max_tokens_out", 900, PolicyScope.USER, overrides=True, condition=Condition(usage=UsageCondition("", 80))
    )
    made = engine(rule("max_tokens_out", 100, rule_id="pol_2"), looser, usage=_Used(percent))
    assert made.evaluate(ANN, CALL, MONDAY_NOON).max_output_tokens == cap


def test_a_throttle_of_a_user_asks_for_the_users_budgets() -> None:
    usage = _Used(100)
    throttle = Condition(usage=UsageCondition("bud_1", 80))
    made = engine(rule("max_tokens_out", 10, PolicyScope.USER, condition=throttle), usage=usage)
    assert made.evaluate(ANN, CALL, MONDAY_NOON).max_output_tokens == 10
    assert usage.asked == [("acme", PolicyScope.USER, "ann", "bud_1")]


def test_a_defect_in_a_kind_refuses_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(type(KINDS["max_tokens_in"]), "refusal", broken)
    verdict = engine(rule("max_tokens_in", 10_000)).evaluate(ANN, CALL, MONDAY_NOON)
    assert [refusal.key for refusal in verdict.refusals] == ["max_tokens_in"]
    assert "could not be checked" in verdict.refusals[0].message


@pytest.mark.parametrize(
    "broken",
    [
        rule("max_images", 5, condition=Condition(hours=Hours(frozenset(), 0, 60, "Nowhere/AtAll"))),
        rule("max_images", frozenset({"five"})),
    ],
)
def test_rules_that_cannot_be_used_here_refuse_the_calls_that_they_are_about(broken: Rule) -> None:
    made = engine(broken, rule("max_images", 9, rule_id="pol_2"))
    for verdict in (made.evaluate(ANN, CALL, MONDAY_NOON), made.explain(ANN, CALL, MONDAY_NOON).verdict):
        assert [refusal.key for refusal in verdict.refusals] == ["rules"]
    assert made.evaluate(replace(ANN, tenant_id="other"), CALL, MONDAY_NOON).refusals == ()


def test_settings_and_the_request_take_part_in_the_explanation() -> None:
    made = engine(rule("max_tokens_out", 700), server=replace(SERVER, max_output_tokens=900))
    (limit,) = made.explain(ANN, replace(CALL, max_output_tokens=200), MONDAY_NOON).limits
    assert limit.limit == 200
    told = [(each.demand.source, each.demand.source_id, each.effect) for each in limit.contributions]
    assert told == [
        ("request", "max_output_tokens", Effect.SET),
        ("rule", "pol_1", Effect.LOOSER),
        ("server", "max_output_tokens", Effect.LOOSER),
    ]
    assert made.evaluate(ANN, replace(CALL, max_output_tokens=200), MONDAY_NOON).max_output_tokens == 700


def test_the_same_subject_gets_the_same_verdict_until_the_rules_change() -> None:
    made = engine(rule("max_tokens_out", 700))
    first = made.evaluate(ANN, CALL, MONDAY_NOON)
    assert made.evaluate(ANN, replace(CALL, purpose="chat"), MONDAY_NOON) is first
    assert first.generation == made.generation == 7
    made.use(PolicySnapshot(PolicyData(8, [rule("max_tokens_out", 600)])))
    assert made.evaluate(ANN, CALL, MONDAY_NOON).max_output_tokens == 600
    assert made.generation == 8


def test_what_is_kept_of_a_snapshot_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsman_server.policy.engine.MOST_KEPT", 2)
    made = engine(rule("max_tokens_out", 700))
    for user in ("a", "b", "c", "d", "e"):
        assert made.evaluate(replace(ANN, user_id=user), CALL, MONDAY_NOON).max_output_tokens == 700
        assert len(made._kept) <= 2


def test_a_throttle_holds_where_no_budget_is_known() -> None:
    made = engine(rule("max_tokens_out", 10, condition=Condition(usage=UsageCondition("", 100))))
    assert made.evaluate(ANN, CALL, MONDAY_NOON).max_output_tokens == 10


def test_the_settings_limit_requests_too() -> None:
    made = engine(server=replace(SERVER, max_request_bytes=10))
    assert made.evaluate(ANN, replace(CALL, request_bytes=10), MONDAY_NOON).refusals == ()
    (refusal,) = made.evaluate(ANN, replace(CALL, request_bytes=11), MONDAY_NOON).refusals
    assert (refusal.key, refusal.rule_ids) == ("max_request_bytes", ())


def test_every_content_check_that_stands_is_in_the_verdict() -> None:
    warn = ContentCheck(Direction.BOTH, Action.WARN)
    mask = ContentCheck(Direction.INPUT, Action.MASK, frozenset({"email"}))
    verdict = engine(
        rule("check_personal_data", warn, rule_id="pol_1"),
        rule("check_personal_data", mask, PolicyScope.PLATFORM, "pol_2"),
        rule("check_secrets", warn, PolicyScope.USER, "pol_3", overrides=True),
        rule("check_secrets", mask, rule_id="pol_4"),
    ).evaluate(ANN, CALL, MONDAY_NOON)
    told = {(each.key, each.rule_id): each.check for each in verdict.content_checks}
    assert told == {
        ("check_personal_data", "pol_1"): warn,
        ("check_personal_data", "pol_2"): mask,
        ("check_secrets", "pol_3"): warn,
    }


def test_limits_on_what_tasks_use_are_in_the_verdict() -> None:
    verdict = engine(rule("retrieval_top_k", 5), rule("diagram_files_per_req", 2, rule_id="pol_2")).evaluate(
        ANN, replace(CALL, amounts={"retrieval_top_k": 6}), MONDAY_NOON
    )
    assert verdict.amounts == (("retrieval_top_k", 5), ("diagram_files_per_req", 2))
    assert [refusal.key for refusal in verdict.refusals] == ["retrieval_top_k"]


def test_what_is_kept_of_met_conditions_is_bounded() -> None:
    throttles = [
        rule(
            "max_tokens_out", 10 + index, rule_id=f"pol_{index}", condition=Condition(purposes=frozenset({f"p{index}"}))
        )
        for index in range(20)
    ]
    made = engine(*throttles)
    for index in (*range(20), 0):
        verdict = made.evaluate(ANN, replace(CALL, purpose=f"p{index}"), MONDAY_NOON)
        assert verdict.max_output_tokens == 10 + index
    (kept,) = made._kept.values()
    assert len(kept._merged) == 16


def test_a_call_is_held_on_no_more_limits_than_so_many() -> None:
    one_each = [rule("requests_per_minute", 9, PolicyScope.TENANT, f"pol_{number}") for number in range(MAX_METERS)]
    assert engine(*one_each).evaluate(ANN, CALL, MONDAY_NOON).refusals == ()
    more = engine(*one_each, rule("agent_max_steps", 9, rule_id="pol_steps"))
    (refusal,) = more.evaluate(ANN, replace(CALL, run_id="run_1"), MONDAY_NOON).refusals
    assert refusal.key == METERS_KEY
    assert refusal.message.startswith("33 limits of plans and rules count this call, and it can be held on 32")


def test_names_that_nothing_depends_on_are_not_kept() -> None:
    made = engine(rule("max_tokens_out", 5, task_code="DRAFT"), rule("max_images", 5, PolicyScope.AGENT, "pol_2"))
    for number in range(9):
        named = replace(CALL, task_code=f"T{number}", agent_id=f"a{number}", project_id=f"p{number}")
        verdict = made.evaluate(ANN, named, MONDAY_NOON)
        assert (verdict.max_output_tokens, [refusal.key for refusal in verdict.refusals]) == (
            None,
            ["project", "task"],
        )
    assert len(made._kept) == 1
    made.evaluate(ANN, replace(CALL, task_code="DRAFT"), MONDAY_NOON)
    assert len(made._kept) == 2


def test_a_task_that_nobody_knows_is_refused_by_a_plan_and_not_kept() -> None:
    made = engine()
    made.use(PolicySnapshot(PolicyData(1, plans=[Plan("PRO", "Pro")])))
    (refusal,) = made.evaluate(replace(ANN, plan_id="PRO"), replace(CALL, task_code="T1"), MONDAY_NOON).refusals
    assert "does not have the task T1" in refusal.message
    assert not made._kept
