"""What every database does with policy rules: kept, found by those who may see them, checked, and never forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pointsman_server.errors import (
    InvalidRequest,
    NotFound,
    PointsmanError,
    RequestIdReused,
    RoleRequired,
    RulesContradict,
)
from pointsman_server.identity.model import Role
from pointsman_server.identity.tenants import Project, Tenant, User
from pointsman_server.identity.times import Times
from pointsman_server.policy.hours import Hours
from pointsman_server.policy.keeper import UnreadablePolicy
from pointsman_server.policy.plans import Feature, ModelAccess, Plan, Task
from pointsman_server.policy.rule import (
    Action,
    Condition,
    ContentCheck,
    Direction,
    PolicyScope,
    Rule,
    UsageCondition,
    Value,
)
from pointsman_server.policy.rule_store import RuleQuery, RuleView
from pointsman_server.storage.database import reading
from pointsman_server.storage.policy_reader import SqlPolicyReader
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import PLANS, POLICY_RULE_VERSIONS, POLICY_RULES
from sqlalchemy import select, update

from tests.conformance.builders import START, SetClock
from tests.conformance.identity.origins import ADMIN, generations, origin, recorded

CREATE = origin("PolicyService/CreatePolicyRule", ADMIN)
UPDATE = origin("PolicyService/UpdatePolicyRule", ADMIN)
DELETE = origin("PolicyService/DeletePolicyRule", ADMIN)
ACME, BETA, OPERATOR = RuleView("acme", "PRO"), RuleView("beta", "LITE"), RuleView("acme", of_platform=True)
MADE = Times(START, START)


def rule(value: Value = 8_000, scope: PolicyScope = PolicyScope.TENANT, **more: Any) -> Rule:
    about_nobody = scope <= PolicyScope.PLAN
    ids = {
        PolicyScope.PLAN: "POLICED",
        PolicyScope.USER: "ada",
        PolicyScope.PROJECT: "apollo",
        PolicyScope.AGENT: "bot",
    }
    made = Rule("", "" if about_nobody else "acme", about_nobody, scope, ids.get(scope, ""), "max_tokens_out", value)
    return replace(made, **more)


@pytest.fixture(autouse=True)
async def world(storage: Storage) -> None:
    made = origin("TenantService/Create")
    for tenant_id in ("acme", "beta"):
        await storage.tenants.create(Tenant(tenant_id, tenant_id), made)
        await storage.users.create(User(tenant_id, "ada", "Ada", frozenset({Role.USER})), made)
    await storage.projects.create(Project("acme", "apollo", "Apollo"), made)
    await storage.offer.features.create(Feature("RULED", "Ruled"), made)
    await storage.offer.tasks.create(Task("RULED_TASK", "RULED", "Ruled"), made)
    await storage.offer.plans.create(Plan("POLICED", "Policed", general_access=ModelAccess(any_class=True)), made)


OFFICE = Hours(frozenset({0, 4}), 540, 1_020, "Europe/Berlin")
EVERY_FORM = [
    rule(scope=PolicyScope.PLATFORM, mandatory=True),
    rule(scope=PolicyScope.PLAN),
    rule(scope=PolicyScope.PROJECT, disabled=True, description="too much"),
    rule(scope=PolicyScope.USER, overrides=True, task_code="RULED_TASK"),
    rule(scope=PolicyScope.AGENT, of_platform=True),
    rule(frozenset({"a/x", "b/*"}), key="allowed_models"),
    rule(OFFICE, key="allowed_hours"),
    rule(ContentCheck(Direction.BOTH, Action.MASK, frozenset({"email"})), key="check_personal_data"),
    rule(1, condition=Condition(OFFICE, replace(OFFICE, time_zone=""), frozenset({"chat"}), UsageCondition("b", 80))),
]


@pytest.mark.parametrize("asked", EVERY_FORM, ids=lambda asked: f"{asked.scope.name}-{asked.key}")
async def test_a_rule_comes_back_as_it_was_made(storage: Storage, asked: Rule) -> None:
    made = await storage.rules.create(asked, CREATE)
    assert made == replace(asked, rule_id=made.rule_id, times=MADE)
    assert made.rule_id.startswith("pol_")
    assert await storage.rules.get(replace(ACME, plan_id="POLICED"), made.rule_id) == made
    if asked.key != "check_personal_data":
        assert (await storage.policy.load()).rules == (made,)


async def test_everything_is_read_at_once_with_the_version_that_it_is_of(storage: Storage) -> None:
    before = await storage.policy.load()
    made = await storage.rules.create(rule(), CREATE)
    data = await storage.policy.load()
    assert data.generation == before.generation + 1 == (await generations(storage)).policy
    assert data.rules == (made,)
    assert "POLICED" in {plan.plan_id for plan in data.plans}
    assert data.features["RULED_TASK"] == "RULED"
    changed = await storage.rules.update(ACME, replace(made, value=5), ["value"], UPDATE)
    assert (await storage.policy.load()).rules == (changed,)
    await storage.rules.delete(ACME, made.rule_id, DELETE)
    assert (await storage.policy.load()).rules == ()


async def test_a_change_sets_the_named_fields_alone(storage: Storage, clock: SetClock) -> None:
    made = await storage.rules.create(rule(description="first"), CREATE)
    clock.advance(seconds=60)
    asked = replace(made, value=5, description="second", disabled=True)
    changed = await storage.rules.update(ACME, asked, ["value", "disabled"], UPDATE)
    assert changed == replace(made, value=5, disabled=True, times=Times(START, START + timedelta(minutes=1)))
    assert await storage.rules.get(ACME, made.rule_id) == changed


async def test_what_a_rule_ever_was_is_kept(storage: Storage) -> None:
    made = await storage.rules.create(rule(), CREATE)
    await storage.rules.update(ACME, replace(made, value=5), ["value"], UPDATE)
    await storage.rules.delete(ACME, made.rule_id, DELETE)
    last = (await generations(storage)).policy
    statement = select(POLICY_RULE_VERSIONS).order_by(POLICY_RULE_VERSIONS.c.version)
    async with reading(storage._readers) as connection:
        rows: Sequence[Any] = (await connection.execute(statement)).all()
    assert [(row.version, row.generation, row.rule is None) for row in rows] == [
        (1, last - 2, False),
        (2, last - 1, False),
        (3, last, True),
    ]
    assert [each for each in await recorded(storage, "acme") if each[1] == "policy_rule"] == [
        ("PolicyService/CreatePolicyRule", "policy_rule", made.rule_id),
        ("PolicyService/UpdatePolicyRule", "policy_rule", made.rule_id),
        ("PolicyService/DeletePolicyRule", "policy_rule", made.rule_id),
    ]


async def test_nobody_sees_or_changes_rules_of_others(storage: Storage) -> None:
    own = await storage.rules.create(rule(), CREATE)
    plan = await storage.rules.create(rule(scope=PolicyScope.PLAN), CREATE)
    for hidden in (own, plan):
        with pytest.raises(NotFound):
            await storage.rules.get(BETA, hidden.rule_id)
        with pytest.raises(NotFound):
            await storage.rules.update(BETA, hidden, ["disabled"], UPDATE)
        with pytest.raises(NotFound):
            await storage.rules.delete(BETA, hidden.rule_id, DELETE)
    assert await storage.rules.page(RuleQuery(BETA)) == ([], 0)
    assert (await storage.policy.load()).rules == (own, plan)


async def test_a_tenant_sees_the_platforms_rules_and_does_not_change_them(storage: Storage) -> None:
    for asked in (rule(scope=PolicyScope.PLATFORM), rule(of_platform=True)):
        made = await storage.rules.create(asked, CREATE)
        assert await storage.rules.get(ACME, made.rule_id) == made
        with pytest.raises(RoleRequired):
            await storage.rules.update(ACME, replace(made, disabled=True), ["disabled"], UPDATE)
        with pytest.raises(RoleRequired):
            await storage.rules.delete(ACME, made.rule_id, DELETE)
        assert (await storage.rules.update(OPERATOR, replace(made, disabled=True), ["disabled"], UPDATE)).disabled
        await storage.rules.delete(OPERATOR, made.rule_id, DELETE)


async def test_pages_filter_and_go_on(storage: Storage) -> None:
    made = [
        await storage.rules.create(asked, CREATE)
        for asked in (
            rule(scope=PolicyScope.PLATFORM),
            rule(scope=PolicyScope.PLAN),
            rule(),
            rule(3, key="max_tools", task_code="RULED_TASK"),
            rule(scope=PolicyScope.USER),
        )
    ]
    of_plan = replace(ACME, plan_id="POLICED")
    assert await storage.rules.page(RuleQuery(of_plan)) == (made, 5)
    assert await storage.rules.page(RuleQuery(OPERATOR)) == (made, 5)
    assert await storage.rules.page(RuleQuery(ACME)) == ([made[0], *made[2:]], 4)
    first = await storage.rules.page(RuleQuery(of_plan, page_size=2))
    assert first == (made[:2], 5)
    assert await storage.rules.page(RuleQuery(of_plan, after=made[1].rule_id, page_size=2)) == (made[2:4], 5)
    assert await storage.rules.page(RuleQuery(of_plan, scope=PolicyScope.USER)) == ([made[4]], 1)
    assert await storage.rules.page(RuleQuery(of_plan, scope_id="acme")) == (made[2:4], 2)
    assert await storage.rules.page(RuleQuery(of_plan, key="max_tools", task_code="RULED_TASK")) == ([made[3]], 1)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (rule(task_code="GONE"), "policy_rule.task_code"),
        (rule(scope=PolicyScope.PLAN, scope_id="GONE"), "policy_rule.scope_id"),
        (rule(scope=PolicyScope.USER, scope_id="gone"), "policy_rule.scope_id"),
        (rule(scope=PolicyScope.PROJECT, scope_id="gone"), "policy_rule.scope_id"),
        (rule(scope=PolicyScope.PROJECT, tenant_id="beta"), "policy_rule.scope_id"),
        (rule(tenant_id="gone"), "tenant_id"),
        (rule(scope_id="'; DROP TABLE policy_rules; --", scope=PolicyScope.USER), "policy_rule.scope_id"),
    ],
)
async def test_a_rule_about_what_there_is_not_is_refused(storage: Storage, asked: Rule, field: str) -> None:
    before = await generations(storage)
    with pytest.raises(InvalidRequest) as told:
        await storage.rules.create(asked, CREATE)
    assert [violation.field for violation in told.value.fields] == [field]
    assert await generations(storage) == before


async def test_a_contradiction_is_refused_with_the_other_rule_named(storage: Storage) -> None:
    other = await storage.rules.create(rule(100, scope=PolicyScope.PLATFORM, mandatory=True), CREATE)
    with pytest.raises(RulesContradict, match="a looser rule can never hold") as told:
        await storage.rules.create(rule(200, overrides=True), CREATE)
    assert told.value.metadata == {"policy_rule_id": other.rule_id}
    made = await storage.rules.create(rule(50, overrides=True), CREATE)
    with pytest.raises(RulesContradict):
        await storage.rules.update(ACME, replace(made, value=200), ["value"], UPDATE)
    with pytest.raises(RulesContradict, match="overrides for the same calls already"):
        await storage.rules.create(rule(40, overrides=True), CREATE)
    with pytest.raises(InvalidRequest, match=r"policy_rule\.value"):
        await storage.rules.update(ACME, replace(made, value=OFFICE), ["value"], UPDATE)
    assert {one.value for one in (await storage.policy.load()).rules} == {100, 50}


async def test_of_two_contrary_rules_at_once_one_is_made(storage: Storage) -> None:
    both = (rule(40, overrides=True), rule(50, overrides=True))
    told = await asyncio.gather(*(storage.rules.create(one, CREATE) for one in both), return_exceptions=True)
    assert sorted(isinstance(each, PointsmanError) for each in told) == [False, True]
    assert len((await storage.policy.load()).rules) == 1


async def test_a_request_id_makes_one_rule(storage: Storage) -> None:
    once = origin("PolicyService/CreatePolicyRule", ADMIN, request_id="r1", body="a")
    first = await storage.rules.create(rule(), once)
    assert await storage.rules.create(rule(), once) == first
    with pytest.raises(RequestIdReused):
        await storage.rules.create(rule(), origin(once.action, ADMIN, request_id="r1", body="b"))
    assert (await storage.rules.page(RuleQuery(ACME)))[1] == 1


async def test_what_is_read_after_changes_equals_what_is_read_afresh(storage: Storage) -> None:
    made = [await storage.rules.create(rule(amount), CREATE) for amount in (1, 2, 3)]
    await storage.policy.load()
    await storage.rules.update(ACME, replace(made[0], value=9), ["value"], UPDATE)
    await storage.rules.delete(ACME, made[1].rule_id, DELETE)
    gone = await storage.rules.create(rule(4, scope=PolicyScope.PLATFORM), CREATE)
    await storage.rules.delete(OPERATOR, gone.rule_id, DELETE)
    await storage.rules.create(rule(5, scope=PolicyScope.PLATFORM), CREATE)
    after, afresh = await storage.policy.load(), await SqlPolicyReader(storage._readers).load()
    assert sorted(after.rules, key=str) == sorted(afresh.rules, key=str)
    assert {one.value for one in after.rules} == {9, 3, 5}
    assert replace(after, rules=()) == replace(afresh, rules=())
    assert await storage.policy.load() == after


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"key": "max_joy"}, "the rule {} has the key max_joy, which is not known"),
        ({"rule": b"\xff"}, "the rule {} cannot be read"),
    ],
)
async def test_a_row_that_cannot_be_used_is_named(storage: Storage, values: dict[str, Any], told: str) -> None:
    made = await storage.rules.create(rule(), CREATE)
    broken = update(POLICY_RULES).values(values)
    await storage._control.control(lambda execute: execute(broken, {}))
    with pytest.raises(UnreadablePolicy) as refused:
        await storage.policy.load()
    assert str(refused.value) == told.format(made.rule_id)
    assert refused.value.generation == (await generations(storage)).policy


async def test_a_plan_that_cannot_be_read_is_told(storage: Storage) -> None:
    broken = update(PLANS).values(terms="{")
    await storage._control.control(lambda execute: execute(broken, {}))
    with pytest.raises(UnreadablePolicy, match="a plan or a task cannot be read"):
        await storage.policy.load()


async def test_a_tenant_has_a_bounded_number_of_rules(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsman_server.storage.policy.MAX_RULES_OF_TENANT", 1)
    await storage.rules.create(rule(), CREATE)
    with pytest.raises(InvalidRequest, match="the tenant has 1 rules; delete some first"):
        await storage.rules.create(rule(), CREATE)
    await storage.rules.create(rule(scope=PolicyScope.PLATFORM), CREATE)
    await storage.rules.create(rule(scope=PolicyScope.PLATFORM, task_code="RULED_TASK"), CREATE)
