"""Merging: whatever the rules, their order does not matter, and a mandatory one always holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.policy.hours import Hours
from pointsman_server.policy.merge import Effect, demand_of, merged, standing
from pointsman_server.policy.rule import Condition, PolicyScope, Rule
from pointsman_server.policy.rules.table import KINDS

from tests.unit.policy.rules import ANN, CALL, MONDAY_NOON, engine, rule

_NAMES = st.frozensets(st.sampled_from(["a/x", "a/y", "a/*", "b/x", "b/*", "b/z"]), min_size=1)
_HOURS = st.builds(
    Hours,
    st.frozensets(st.integers(0, 6)),
    st.integers(0, 1439),
    st.integers(1, 1440),
    st.sampled_from(["", "Europe/Berlin", "America/New_York"]),
)
_VALUES: dict[str, st.SearchStrategy[Any]] = {"amount": st.integers(1, 9), "names": _NAMES, "hours": _HOURS}
_NEVER = Condition(purposes=frozenset({"never"}))
_SOMETIMES = Condition(purposes=frozenset({"chat"}))
_KEYS = st.sampled_from(["max_tokens_out", "allowed_models", "allowed_classes", "denied_models", "allowed_hours"])


@st.composite
def _rules(draw: st.DrawFn, key: str | None = None) -> list[Rule]:
    made = []
    for index in range(draw(st.integers(0, 6))):
        chosen = key or draw(_KEYS)
        scope = draw(st.sampled_from(PolicyScope))
        made.append(
            rule(
                chosen,
                draw(_VALUES[KINDS[chosen].form]),
                scope,
                f"pol_{index}",
                of_platform=scope <= PolicyScope.PLAN or draw(st.booleans()),
                task_code=draw(st.sampled_from(["", "DRAFT"])),
                overrides=draw(st.booleans()),
                mandatory=draw(st.booleans()),
                condition=draw(st.sampled_from([Condition(), Condition(), _SOMETIMES])),
            )
        )
    return made


_WHO = replace(ANN, plan_id="")
_ALL = replace(CALL, project_id="alpha", agent_id="writer", task_code="DRAFT", purpose="chat")


@given(_rules(), st.randoms(use_true_random=False))
def test_the_order_of_rules_does_not_matter(rules: list[Rule], random: Any) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)
    assert engine(*rules).explain(_WHO, _ALL, MONDAY_NOON) == engine(*shuffled).explain(_WHO, _ALL, MONDAY_NOON)


@given(_KEYS.flatmap(lambda key: _rules(key=key)))
def test_nothing_is_looser_than_any_mandatory_rule(rules: list[Rule]) -> None:
    mandatory = [one for one in rules if one.mandatory]
    if not rules:
        return
    kind = KINDS[rules[0].key]
    limit = merged(kind, (), rules, ()).limit
    for one in mandatory:
        # A mandatory rule that is merged in once more changes nothing: all that it asks for is in the limit.
        again = kind.merge([each.value for each in standing(rules)] + [one.value])
        assert again == limit


@given(_KEYS.flatmap(lambda key: _rules(key=key)))
def test_merging_is_idempotent(rules: list[Rule]) -> None:
    if not rules:
        return
    kind = KINDS[rules[0].key]
    twice = [*rules, *(replace(one, rule_id=f"{one.rule_id}_again") for one in rules)]
    assert merged(kind, (), rules, ()).limit == merged(kind, (), twice, ()).limit
    assert standing(standing(rules)) == standing(rules)


@given(_rules(), _rules())
def test_a_rule_that_is_disabled_or_does_not_apply_changes_nothing(rules: list[Rule], others: list[Rule]) -> None:
    mute = [replace(one, rule_id=f"off_{index}", disabled=True) for index, one in enumerate(others)]
    foreign = [replace(one, rule_id=f"far_{index}", task_code="OTHER") for index, one in enumerate(others)]
    never = [replace(one, rule_id=f"nev_{index}", condition=_NEVER) for index, one in enumerate(others)]
    alone = engine(*rules).evaluate(_WHO, _ALL, MONDAY_NOON)
    assert engine(*rules, *mute, *foreign, *never).evaluate(_WHO, _ALL, MONDAY_NOON) == alone


@given(_rules(), st.lists(st.sampled_from(["", "chat", "other"]), min_size=1, max_size=4))
def test_what_is_kept_equals_what_is_explained_and_what_is_merged_afresh(
    rules: list[Rule], purposes: list[str]
) -> None:
    kept = engine(*rules)
    for purpose in purposes:
        call = replace(_ALL, purpose=purpose)
        verdict = kept.evaluate(_WHO, call, MONDAY_NOON)
        assert verdict == kept.explain(_WHO, call, MONDAY_NOON).verdict
        assert verdict == engine(*rules).evaluate(_WHO, call, MONDAY_NOON)


@given(_rules())
def test_every_rule_that_applies_is_told_once(rules: list[Rule]) -> None:
    plan_less = [one for one in rules if one.scope is not PolicyScope.PLAN]
    limits = engine(*rules).explain(_WHO, _ALL, MONDAY_NOON).limits
    told = [each.demand.source_id for limit in limits for each in limit.contributions]
    assert sorted(told) == sorted(one.rule_id for one in plan_less)


PLATFORM, TENANT, USER = PolicyScope.PLATFORM, PolicyScope.TENANT, PolicyScope.USER


def _stands(*rules: Rule) -> set[str]:
    return {one.rule_id for one in standing(rules)}


def _out(rule_id: str, scope: PolicyScope, **more: Any) -> Rule:
    return rule("max_tokens_out", 5, scope, rule_id, **more)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([_out("t", TENANT), _out("u", USER)], {"t", "u"}, id="without a word all stand"),
        pytest.param([_out("t", TENANT), _out("u", USER, overrides=True)], {"u"}, id="more specific"),
        pytest.param([_out("t", TENANT, overrides=True), _out("u", USER)], {"t", "u"}, id="wider displaces nothing"),
        pytest.param(
            [_out("p", PLATFORM), _out("t", TENANT, overrides=True)],
            {"p", "t"},
            id="a tenant's own leaves the platform's",
        ),
        pytest.param(
            [_out("p", PLATFORM), _out("t", TENANT, overrides=True, of_platform=True)], {"t"}, id="the platform's own"
        ),
        pytest.param(
            [_out("p", PLATFORM, mandatory=True), _out("t", TENANT, overrides=True, of_platform=True)],
            {"p", "t"},
            id="mandatory",
        ),
        pytest.param(
            [_out("u", USER), _out("d", USER, task_code="DRAFT", overrides=True)], {"d"}, id="a task is more specific"
        ),
        pytest.param([_out("a", USER, overrides=True), _out("b", USER, overrides=True)], {"a", "b"}, id="as specific"),
        pytest.param(
            [_out("p", PLATFORM), _out("t", TENANT, overrides=True, of_platform=True), _out("u", USER)],
            {"t", "u"},
            id="what a tenant's rule displaced does not come back with a user's",
        ),
    ],
)
def test_which_rules_stand(rules: Sequence[Rule], expected: set[str]) -> None:
    assert _stands(*rules) == expected


def test_contributions_say_what_became_of_each_what_set_the_limit_first() -> None:
    rules = [_out("z", USER, overrides=True), _out("a", TENANT), replace(_out("m", PLATFORM), value=9)]
    limit = merged(KINDS["max_tokens_out"], (), rules, [_out("n", USER)])
    assert limit.limit == 5
    assert limit.rule_ids == ("z",)
    assert [(each.demand.source_id, each.effect) for each in limit.contributions] == [
        ("z", Effect.SET),
        ("m", Effect.LOOSER),
        ("a", Effect.OVERRIDDEN),
        ("n", Effect.NOT_NOW),
    ]
    assert limit.contributions[0].demand == demand_of(rules[0])
