"""Reads all rules and plans for the snapshot: once whole, then what has changed since."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.generations import Generation
from pointsman_server.policy.keeper import UnreadablePolicy
from pointsman_server.policy.rule import Rule
from pointsman_server.policy.rules.table import KINDS
from pointsman_server.policy.snapshot import PolicyData
from pointsman_server.storage.database import reading
from pointsman_server.storage.offer_rows import PLAN, TASK
from pointsman_server.storage.policy_rows import RuleRow
from pointsman_server.storage.tables import GENERATIONS, PLANS, POLICY_RULE_VERSIONS, POLICY_RULES, TASKS

_GENERATION: Final = select(GENERATIONS.c.value).where(
    GENERATIONS.c.tenant_id == PLATFORM_TENANT, GENERATIONS.c.name == Generation.POLICY.value
)
_RULES: Final = select(POLICY_RULES)
_VERSIONS: Final = POLICY_RULE_VERSIONS.c
_CHANGED: Final = (
    select(_VERSIONS.tenant_id, _VERSIONS.policy_rule_id).where(_VERSIONS.generation > bindparam("known")).distinct()
)
_OF_CHANGED: Final = _CHANGED.subquery()
_CHANGED_RULES: Final = select(POLICY_RULES).join(
    _OF_CHANGED,
    and_(
        POLICY_RULES.c.tenant_id == _OF_CHANGED.c.tenant_id,
        POLICY_RULES.c.policy_rule_id == _OF_CHANGED.c.policy_rule_id,
    ),
)
_PLANS: Final = select(PLANS).where(PLANS.c.tenant_id == PLATFORM_TENANT)
_TASKS: Final = select(TASKS).where(TASKS.c.tenant_id == PLATFORM_TENANT)

_RuleKey = tuple[str, str]
_ID_WIDTH: Final = 2
"""Tenant and rule: what begins a row."""


class _Known(NamedTuple):
    """The rules as they were at a version of policy. Changes take turns, so that none comes with an older one later."""

    generation: int
    rules: Mapping[_RuleKey, Rule]


class SqlPolicyReader:
    """Implements ``policy.keeper.PolicyReader``: tens of thousands of rules are read once, not after each change."""

    def __init__(self, readers: AsyncEngine) -> None:
        self._readers = readers
        self._known: _Known | None = None

    async def load(self) -> PolicyData:
        known = self._known
        since = {"known": known.generation if known else 0}
        # One transaction: everything is of one state.
        async with reading(self._readers) as connection:
            generation: int = (await connection.execute(_GENERATION)).scalar_one_or_none() or 0
            changed = (await connection.execute(_CHANGED, since)).all() if known else []
            rows = (await connection.execute(*((_CHANGED_RULES, since) if known else (_RULES,)))).all()
            plans = (await connection.execute(_PLANS)).all()
            tasks = (await connection.execute(_TASKS)).all()
        before = known.rules if known else {}
        rules = await asyncio.to_thread(_changed, before, changed, rows, generation)
        data = _data(generation, rules, plans, tasks)
        self._known = _Known(generation, rules)
        return data


def _changed(
    before: Mapping[_RuleKey, Rule], changed: Sequence[Any], rows: Sequence[Any], generation: int
) -> Mapping[_RuleKey, Rule]:
    """The rules after a change: without those that changed, and then as these are now."""
    rules = dict(before)
    for key in changed:
        rules.pop(tuple(key), None)
    rules.update({tuple(row[:_ID_WIDTH]): _rule(row, generation) for row in rows})
    return rules


def _data(generation: int, rules: Mapping[_RuleKey, Rule], plans: Sequence[Any], tasks: Sequence[Any]) -> PolicyData:
    try:
        features = {task.task_code: task.feature_id for task in map(TASK.read, tasks)}
        return PolicyData(generation, tuple(rules.values()), tuple(map(PLAN.read, plans)), features)
    except Exception as error:
        raise UnreadablePolicy("a plan or a task cannot be read", generation) from error


def _rule(columns: Sequence[Any], generation: int) -> Rule:
    row = RuleRow._make(columns)
    if row.key not in KINDS:
        raise UnreadablePolicy(f"the rule {row.policy_rule_id} has the key {row.key}, which is not known", generation)
    try:
        return row.read()
    except Exception as error:
        raise UnreadablePolicy(f"the rule {row.policy_rule_id} cannot be read", generation) from error
