"""Which rules contradict each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pointsman_server.policy.contradictions import contradiction
from pointsman_server.policy.hours import Hours
from pointsman_server.policy.rule import Condition, PolicyScope, Rule, Value
from pointsman_server.policy.rule_store import MAX_RULES_FOR_KEY

from tests.unit.policy.rules import rule

PLATFORM, PLAN, TENANT, USER = PolicyScope.PLATFORM, PolicyScope.PLAN, PolicyScope.TENANT, PolicyScope.USER
MORNING, EVENING = Hours(frozenset(), 0, 720), Hours(frozenset(), 720, 1_440)
CHAT = Condition(purposes=frozenset({"chat"}))


def out(value: Value, scope: PolicyScope = TENANT, **more: Any) -> Rule:
    return rule("max_tokens_out", value, scope, "pol_1", **more)


def models(names: set[str], scope: PolicyScope = TENANT, **more: Any) -> Rule:
    return rule("allowed_providers", frozenset(names), scope, "pol_1", **more)


def hours(value: Hours, scope: PolicyScope = TENANT, **more: Any) -> Rule:
    return rule("allowed_hours", value, scope, "pol_1", **more)


@pytest.mark.parametrize(
    ("written", "other", "why"),
    [
        (out(5, overrides=True), out(6, overrides=True), "it overrides for the same calls already; change that one"),
        (
            out(9, overrides=True),
            out(5, PLATFORM, mandatory=True),
            "it is mandatory and says at most 5 output tokens; a looser rule can never hold",
        ),
        (out(9, USER, overrides=True), out(5, TENANT, mandatory=True), "a looser rule can never hold"),
        (out(9, USER, overrides=True, task_code="DRAFT"), out(5, USER, mandatory=True), "can never hold"),
        (
            models({"a"}),
            models({"b", "c"}, PLATFORM, mandatory=True),
            "it says only b, c; the two together leave nothing",
        ),
        (hours(MORNING, mandatory=True), hours(EVENING, mandatory=True), "the two together leave nothing"),
        (hours(MORNING, mandatory=True), hours(EVENING), "the two together leave nothing"),
        (models({"a"}), models({"b"}), "the two together leave nothing"),
        (models({"a"}, mandatory=True), models({"b"}, USER, mandatory=True), "the two together leave nothing"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(written: Rule, other: Rule, why: str) -> None:
    found = contradiction(replace(written, rule_id="pol_2"), [other])
    assert found is not None
    assert found.rule_id == "pol_1"
    assert why in found.message
    assert contradiction(replace(written, rule_id="pol_2"), [replace(other, disabled=True)]) is None
    assert contradiction(replace(written, rule_id="pol_2", disabled=True), [other]) is None
    assert contradiction(replace(written, rule_id="pol_1"), [other]) is None


@pytest.mark.parametrize(
    ("written", "other"),
    [
        pytest.param(out(5, overrides=True), out(6), id="one overrides"),
        pytest.param(out(5, overrides=True), out(6, overrides=True, condition=CHAT), id="at other times"),
        pytest.param(out(5, overrides=True), out(6, USER, overrides=True), id="for other calls"),
        pytest.param(out(5, overrides=True), out(6, overrides=True, task_code="DRAFT"), id="of another task"),
        pytest.param(out(9), out(5, PLATFORM, mandatory=True), id="looser, and claims nothing"),
        pytest.param(out(5, overrides=True), out(5, PLATFORM, mandatory=True), id="as tight"),
        pytest.param(out(9, overrides=True), out(5, PLATFORM, mandatory=True, condition=CHAT), id="sometimes"),
        pytest.param(out(9, overrides=True), out(5, PLATFORM, mandatory=True, task_code="DRAFT"), id="for one task"),
        pytest.param(out(9, overrides=True), out(5, PLAN, mandatory=True), id="for tenants on a plan"),
        pytest.param(out(9, overrides=True), out(5, TENANT, mandatory=True, tenant_id="other"), id="of another tenant"),
        pytest.param(models({"a"}), models({"b"}, PLATFORM), id="not mandatory"),
        pytest.param(models({"a"}), models({"b"}, USER, mandatory=True), id="the narrower one alone is mandatory"),
        pytest.param(models({"a"}, condition=CHAT), models({"b"}), id="at other times, and not mandatory"),
        pytest.param(hours(MORNING), hours(Hours(frozenset(), 719, 1_440), mandatory=True), id="a minute in common"),
    ],
)
def test_rules_that_can_be_together_are_let_be(written: Rule, other: Rule) -> None:
    assert contradiction(replace(written, rule_id="pol_2"), [other]) is None


def test_so_many_rules_for_the_same_calls_are_enough() -> None:
    others = [replace(out(index), rule_id=f"pol_{index}") for index in range(MAX_RULES_FOR_KEY)]
    found = contradiction(replace(out(9), rule_id="pol_99"), others)
    assert found is not None
    assert found.message == "there are 8 rules of max_tokens_out for the same calls already"
    assert contradiction(replace(out(9), rule_id="pol_99"), others[1:]) is None
    assert contradiction(replace(out(9, USER), rule_id="pol_99"), others) is None
