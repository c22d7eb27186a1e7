"""Reads all rules and plans at once, for the snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select
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
from pointsman_server.storage.tables import GENERATIONS, PLANS, POLICY_RULES, TASKS

_GENERATION: Final = select(GENERATIONS.c.value).where(
    GENERATIONS.c.tenant_id == PLATFORM_TENANT, GENERATIONS.c.name == Generation.POLICY.value
)
_RULES: Final = select(POLICY_RULES)
_PLANS: Final = select(PLANS).where(PLANS.c.tenant_id == PLATFORM_TENANT)
_TASKS: Final = select(TASKS).where(TASKS.c.tenant_id == PLATFORM_TENANT)

_ID_WIDTH: Final = 3
"""Tenant, rule and version: what begins a row, and says what is in it."""


class SqlPolicyReader:
    """Implements ``policy.keeper.PolicyReader``. A rule that has not changed is not read apart again."""

    def __init__(self, readers: AsyncEngine) -> None:
        self._readers = readers
        self._known: dict[Sequence[Any], Rule] = {}

    async def load(self) -> PolicyData:
        # One transaction: everything is of one state.
        async with reading(self._readers) as connection:
            generation = (await connection.execute(_GENERATION)).scalar_one_or_none() or 0
            rules = (await connection.execute(_RULES)).all()
            plans = (await connection.execute(_PLANS)).all()
            tasks = (await connection.execute(_TASKS)).all()
        return await asyncio.to_thread(self._data, generation, rules, plans, tasks)

    def _data(self, generation: int, rules: Sequence[Any], plans: Sequence[Any], tasks: Sequence[Any]) -> PolicyData:
        known = {row[:_ID_WIDTH]: self._known.get(row[:_ID_WIDTH]) or _rule(row, generation) for row in rules}
        self._known = known
        try:
            features = {task.task_code: task.feature_id for task in map(TASK.read, tasks)}
            return PolicyData(generation, tuple(known.values()), tuple(map(PLAN.read, plans)), features)
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
