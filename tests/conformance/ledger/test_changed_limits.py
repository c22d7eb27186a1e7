"""Limits that change while calls race for them, on every store: what was set holds for whatever is let in after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from pointsman_server.errors import BudgetExhausted
from pointsman_server.identity.model import SERVER
from pointsman_server.ledger.budgets import Budget, BudgetChange
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import TENANT, request

OWNERS = (TENANT,)
ONE = 9_000
METER = Meter(MeterKey(TENANT, "m"), "m", Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, 400 * ONE)


async def race(storage: Storage, change: Callable[[], Awaitable[Budget]]) -> tuple[int, int, list[object]]:
    """Two hundred calls ask while a budget changes, and a hundred more once it has.

    Returns how many were in when the change had returned, how many in the end, and what the hundred got.
    """

    async def ask(number: int) -> Reservation:
        await asyncio.sleep(number % 7 / 1_000)
        return await storage.ledger.reserve(request(completion_id=f"cmp_{number}"))

    racing = [asyncio.create_task(ask(number)) for number in range(200)]
    await asyncio.sleep(0.003)
    changed = await change()
    later = await asyncio.gather(*(ask(number) for number in range(200, 300)), return_exceptions=True)
    await asyncio.gather(*racing, return_exceptions=True)
    final = await storage.budgets.get(OWNERS, "m")
    admitted = [task for task in racing if task.exception() is None]
    assert final.balance.reserved == ONE * (len(admitted) + sum(isinstance(each, Reservation) for each in later))
    return changed.balance.reserved // ONE, final.balance.reserved // ONE, list(later)


@pytest.mark.parametrize("limit", [0, 20, 190, 250])
async def test_a_limit_that_is_lowered_among_calls_admits_nothing_above_it(storage: Storage, limit: int) -> None:
    await storage.budgets.create(METER, SERVER)
    change = BudgetChange(limit=limit * ONE)
    before, after, later = await race(storage, lambda: storage.budgets.update(OWNERS, "m", change, SERVER))
    assert after == max(before, limit)
    if before >= limit:
        assert all(isinstance(each, BudgetExhausted) for each in later)


async def test_a_budget_that_is_frozen_among_calls_admits_nothing_more(storage: Storage) -> None:
    await storage.budgets.create(METER, SERVER)
    change = BudgetChange(frozen=True)
    before, after, later = await race(storage, lambda: storage.budgets.update(OWNERS, "m", change, SERVER))
    assert after == before
    assert all(isinstance(each, BudgetExhausted) for each in later)


async def test_a_limit_that_is_raised_among_calls_is_used_whole(storage: Storage) -> None:
    await storage.budgets.create(replace(METER, limit=10 * ONE), SERVER)
    change = BudgetChange(limit=60 * ONE)
    before, after, _ = await race(storage, lambda: storage.budgets.update(OWNERS, "m", change, SERVER))
    assert before <= after == 60
