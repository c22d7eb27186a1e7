"""Keeps policy rules and all that they ever were. They refer to each other, so they are changed one at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.errors import FieldViolation, InvalidRequest, NotFound, RoleRequired, RulesContradict
from pointsman_server.identity.model import PLATFORM_ADMIN, PLATFORM_TENANT
from pointsman_server.identity.origin import Origin
from pointsman_server.identity.times import Times
from pointsman_server.ids import NewId
from pointsman_server.ledger.generations import Generation
from pointsman_server.policy.contradictions import contradiction
from pointsman_server.policy.rule import PolicyScope, Rule
from pointsman_server.policy.rule_store import MAX_RULES_OF_TENANT, RuleQuery, RuleView
from pointsman_server.policy.rules.table import KINDS
from pointsman_server.storage.changes import Changes, Changing
from pointsman_server.storage.database import reading
from pointsman_server.storage.pages import page_of
from pointsman_server.storage.plans import PLANS_ALONE
from pointsman_server.storage.policy_rows import RULE, RuleRow, owner_of, rule_bytes, rule_row
from pointsman_server.storage.tables import (
    GENERATIONS,
    PLANS,
    POLICY_RULE_VERSIONS,
    POLICY_RULES,
    PROJECTS,
    TASKS,
    TENANTS,
    USERS,
)

_RULES: Final = POLICY_RULES.c
_THIS: Final = and_(_RULES.tenant_id == bindparam("owner"), _RULES.policy_rule_id == bindparam("id"))
_INSERT: Final = insert(POLICY_RULES)
_COUNT: Final = select(func.count()).select_from(POLICY_RULES).where(_RULES.tenant_id == bindparam("owner"))
_UPDATE: Final = (
    update(POLICY_RULES)
    .where(_THIS)
    .values(version=bindparam("new_version"), rule=bindparam("new_rule"), updated_at=bindparam("now"))
)
_DELETE: Final = delete(POLICY_RULES).where(_THIS)
_INSERT_VERSION: Final = insert(POLICY_RULE_VERSIONS)
_GENERATION: Final = select(GENERATIONS.c.value).where(
    GENERATIONS.c.tenant_id == PLATFORM_TENANT, GENERATIONS.c.name == Generation.POLICY.value
)
_OF_KEY: Final = select(POLICY_RULES).where(
    _RULES.tenant_id.in_((bindparam("owner"), PLATFORM_TENANT)), _RULES.key == bindparam("key")
)
_OF_ID: Final = select(POLICY_RULES).where(
    _RULES.tenant_id.in_((bindparam("owner"), PLATFORM_TENANT)), _RULES.policy_rule_id == bindparam("id")
)


def _exists(key: ColumnElement[Any], tenant_id: ColumnElement[Any]) -> Select[Any]:
    return select(func.count()).where(tenant_id == bindparam("owner"), key == bindparam("id"))


_A_TASK: Final = _exists(TASKS.c.task_code, TASKS.c.tenant_id)
_A_TENANT: Final = _exists(TENANTS.c.tenant_id, TENANTS.c.tenant_id)
_NAMED: Final = {
    PolicyScope.PLAN: ("plan", "ListPlans", _exists(PLANS.c.plan_id, PLANS.c.tenant_id)),
    PolicyScope.PROJECT: ("project", "ListProjects", _exists(PROJECTS.c.project_id, PROJECTS.c.tenant_id)),
    PolicyScope.USER: ("user", "ListUsers", _exists(USERS.c.user_id, USERS.c.tenant_id)),
}


class SqlRuleStore:
    """Implements ``policy.rule_store.RuleStore``."""

    def __init__(self, readers: AsyncEngine, changes: Changes, *, new_id: NewId) -> None:
        self._readers = readers
        self._changes = changes
        self._new_id = new_id

    async def create(self, rule: Rule, origin: Origin) -> Rule:
        named = replace(rule, rule_id=self._new_id("pol"))

        def work(changing: Changing) -> Rule:
            made = replace(named, times=Times(changing.at, changing.at))
            _check_count(changing, made)
            _check_names(changing, made)
            _check_others(changing, made)
            changing.execute(_INSERT, rule_row(made, 1))
            _note(changing, None, made, 1)
            return made

        return await self._changes.once(origin, RULE, work, alone=PLANS_ALONE)

    async def get(self, view: RuleView, rule_id: str) -> Rule:
        statement = select(POLICY_RULES).where(_seen(view), _RULES.policy_rule_id == rule_id)
        async with reading(self._readers) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            raise _none(rule_id)
        return RuleRow._make(row).read()

    async def page(self, query: RuleQuery) -> tuple[list[Rule], int]:
        matching = select(POLICY_RULES).where(_seen(query.view), *_filters(query))
        async with reading(self._readers) as connection:
            rows, total = await page_of(connection, matching, _RULES.policy_rule_id, query.after, query.page_size)
        return [RuleRow._make(row).read() for row in rows], total

    async def update(self, view: RuleView, rule: Rule, fields: Collection[str], origin: Origin) -> Rule:
        def work(changing: Changing) -> Rule:
            before, version = _changeable(changing, view, rule.rule_id)
            assert before.times is not None, "what is kept has its times"
            changed = {name: getattr(rule, name) for name in fields}
            after = replace(before, **changed, times=Times(before.times.created_at, changing.at))
            _check_form(before, after)
            _check_others(changing, after)
            values = {"new_version": version + 1, "new_rule": rule_bytes(after), "now": changing.now}
            changing.execute(_UPDATE, {"owner": owner_of(after), "id": after.rule_id, **values})
            _note(changing, before, after, version + 1)
            return after

        return await self._changes.once(origin, RULE, work, alone=PLANS_ALONE)

    async def delete(self, view: RuleView, rule_id: str, origin: Origin) -> None:
        def work(changing: Changing) -> None:
            before, version = _changeable(changing, view, rule_id)
            changing.execute(_DELETE, {"owner": owner_of(before), "id": rule_id})
            _note(changing, before, None, version + 1)

        await self._changes.make(origin, work, alone=PLANS_ALONE)


def _seen(view: RuleView) -> ColumnElement[bool]:
    """The tenant's own, and of the platform's those that may hold for it."""
    plans = true() if view.of_platform else _RULES.scope_id == view.plan_id
    of_plan = and_(_RULES.scope == PolicyScope.PLAN.name.lower(), plans)
    of_all = or_(_RULES.scope == PolicyScope.PLATFORM.name.lower(), of_plan)
    return or_(_RULES.tenant_id == view.tenant_id, and_(_RULES.tenant_id == PLATFORM_TENANT, of_all))


def _filters(query: RuleQuery) -> Iterator[ColumnElement[bool]]:
    if query.scope is not None:
        yield _RULES.scope == query.scope.name.lower()
    for name in ("scope_id", "task_code", "key"):
        if getattr(query, name):
            yield _RULES[name] == getattr(query, name)


def _changeable(changing: Changing, view: RuleView, rule_id: str) -> tuple[Rule, int]:
    for row in changing.execute(_OF_ID, {"owner": view.tenant_id, "id": rule_id}):
        found = RuleRow._make(row)
        rule = found.read()
        hidden = rule.scope is PolicyScope.PLAN and rule.scope_id != view.plan_id
        if view.of_platform or not (rule.of_platform or hidden):
            return rule, found.version
        if not hidden:
            message = f"The rule {rule_id} is the platform's; only a platform administrator changes it."
            raise RoleRequired(message, metadata={"role": PLATFORM_ADMIN})
    raise _none(rule_id)


def _check_count(changing: Changing, rule: Rule) -> None:
    ((count,),) = changing.execute(_COUNT, {"owner": owner_of(rule)})
    if rule.tenant_id and count >= MAX_RULES_OF_TENANT:
        problem = FieldViolation("policy_rule", f"is one too many: the tenant has {count} rules; delete some first")
        raise InvalidRequest(f"{problem.field}: {problem.description}", fields=(problem,))


def _check_names(changing: Changing, rule: Rule) -> None:
    """Refuses a rule about what there is not. Of agents the keys alone know."""
    problems = list(_unknown(changing, rule))
    if problems:
        first = problems[0]
        raise InvalidRequest(f"{first.field}: {first.description}", fields=tuple(problems))


def _unknown(changing: Changing, rule: Rule) -> Iterator[FieldViolation]:
    if rule.tenant_id and not _is_there(changing, _A_TENANT, rule.tenant_id, rule.tenant_id):
        yield FieldViolation("tenant_id", "names no tenant that there is; ListTenants lists them")
    if rule.task_code and not _is_there(changing, _A_TASK, PLATFORM_TENANT, rule.task_code):
        yield FieldViolation("policy_rule.task_code", "names no task that there is; ListTasks lists them")
    if rule.scope in _NAMED:
        name, lister, statement = _NAMED[rule.scope]
        if not _is_there(changing, statement, owner_of(rule), rule.scope_id):
            yield FieldViolation("policy_rule.scope_id", f"names no {name} that there is; {lister} lists them")


def _is_there(changing: Changing, statement: Select[Any], owner: str, thing_id: str) -> bool:
    ((count,),) = changing.execute(statement, {"owner": owner, "id": thing_id})
    return bool(count)


def _check_form(before: Rule, after: Rule) -> None:
    if type(before.value) is not type(after.value):
        problem: str | None = f"is not of the form that {before.key} takes; see docs/policy.md"
    else:
        problem = KINDS[after.key].problem(after.value)
    if problem is not None:
        violation = FieldViolation("policy_rule.value", problem)
        raise InvalidRequest(f"{violation.field}: {violation.description}", fields=(violation,))


def _check_others(changing: Changing, rule: Rule) -> None:
    others = [
        RuleRow._make(row).read() for row in changing.execute(_OF_KEY, {"owner": owner_of(rule), "key": rule.key})
    ]
    found = contradiction(rule, others)
    if found is not None:
        raise RulesContradict(
            f"The rule contradicts {found.rule_id}: {found.message}.", metadata={"policy_rule_id": found.rule_id}
        )


def _note(changing: Changing, before: Rule | None, after: Rule | None, version: int) -> None:
    """Counts the rules' version on, and keeps what the rule is from then on; both for ever."""
    changing.count_on(Generation.POLICY)
    ((generation,),) = changing.execute(_GENERATION, {})
    rule = after or before
    assert rule is not None, "a change is one of something"
    row = {
        "tenant_id": owner_of(rule),
        "policy_rule_id": rule.rule_id,
        "version": version,
        "generation": generation,
        "rule": None if after is None else rule_bytes(after),
        "created_at": changing.now,
    }
    changing.execute(_INSERT_VERSION, row)
    changing.record(owner_of(rule), RULE, before, after)


def _none(rule_id: str) -> NotFound:
    return NotFound(
        f"There is no rule {rule_id}; ListPolicyRules lists what there is.", metadata={"resource": "policy_rule"}
    )
