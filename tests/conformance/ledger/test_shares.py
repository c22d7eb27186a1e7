"""How much of budgets is used, as rules ask for it, on every store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pointsman_server.identity.model import PLATFORM_TENANT, SERVER
from pointsman_server.ledger.budgets import BudgetChange
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.shares import ShareKey
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import REQUEST, TENANT, USER, SetClock, request, settlement

OWNERS = (TENANT, PLATFORM_TENANT)
MONEY = ShareKey(TENANT, Scope.TENANT, "", "")
USERS = ShareKey(TENANT, Scope.USER, USER, "")


def meter(name: str, limit: int, **fields: Any) -> Meter:
    usual = Meter(MeterKey(TENANT, name), name, Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, limit)
    return replace(usual, **fields)


async def test_of_the_budgets_of_money_at_a_scope_the_most_used_counts(storage: Storage) -> None:
    for each in (
        meter("bud_1", 20_000),
        meter("bud_2", 90_000),
        meter("bud_3", 20_000, scope=Scope.USER, scope_id="bob"),
        meter("bud_4", 9_000, key=MeterKey("other", "bud_4")),
        meter("bud_5", 1, unit=Unit.REQUESTS),
    ):
        await storage.budgets.create(each, SERVER)
    assert await storage.shares.shares([MONEY, USERS]) == {MONEY: 0, USERS: 0}
    held = await storage.ledger.reserve(request())
    assert await storage.shares.shares([MONEY, USERS]) == {MONEY: 45, USERS: 0}
    await storage.ledger.settle(held, settlement())
    assert await storage.shares.shares([USERS, MONEY]) == {MONEY: 21, USERS: 0}


async def test_a_named_budget_is_the_tenants_or_the_platforms(storage: Storage) -> None:
    await storage.budgets.create(meter("bud_1", 30, unit=Unit.TOKENS, kind=MeterKind.DAY), SERVER)
    everyones = meter("bud_2", 10_000, key=MeterKey(PLATFORM_TENANT, "bud_2"), scope=Scope.GLOBAL)
    await storage.budgets.create(everyones, SERVER)
    await storage.budgets.create(meter("bud_3", 9, key=MeterKey("other", "bud_3")), SERVER)
    await storage.ledger.reserve(replace(REQUEST, input_tokens_bound=20, max_output_tokens=9))
    keys = [ShareKey(TENANT, Scope.TENANT, "", name) for name in ("bud_1", "bud_2", "bud_3", "gone")]
    assert await storage.shares.shares(keys) == {keys[0]: 96, keys[1]: 90}


async def test_what_passed_its_limit_and_a_limit_of_nothing_are_used_up(storage: Storage) -> None:
    await storage.budgets.create(meter("bud_1", 10_000), SERVER)
    await storage.ledger.settle(await storage.ledger.reserve(request()), settlement(cost_nanos=25_000))
    assert await storage.shares.shares([MONEY]) == {MONEY: 250}
    await storage.budgets.update(OWNERS, "bud_1", BudgetChange(limit=0), SERVER)
    assert await storage.shares.shares([MONEY]) == {MONEY: 100}


async def test_only_the_window_that_is_counts(storage: Storage, clock: SetClock) -> None:
    kinds = {
        "month": meter("month", 90_000),
        "day": meter("day", 45_000, kind=MeterKind.DAY),
        "hour": meter("hour", 18_000, kind=MeterKind.HOUR),
        "rolling": meter("rolling", 10_000, kind=MeterKind.ROLLING, period_s=1_800),
        "total": meter("total", 900_000, kind=MeterKind.TOTAL),
    }
    for each in kinds.values():
        await storage.budgets.create(each, SERVER)
    keys = {name: ShareKey(TENANT, Scope.TENANT, "", name) for name in kinds}

    async def shares() -> dict[str, int]:
        found = await storage.shares.shares(list(keys.values()))
        return {name: found[key] for name, key in keys.items()}

    await storage.ledger.reserve(request())
    assert await shares() == {"month": 10, "day": 20, "hour": 50, "rolling": 90, "total": 1}
    clock.advance(seconds=1_800)
    assert await shares() == {"month": 10, "day": 20, "hour": 0, "rolling": 90, "total": 1}
    clock.advance(seconds=31)
    assert await shares() == {"month": 10, "day": 20, "hour": 0, "rolling": 0, "total": 1}
    clock.advance(days=1)
    assert await shares() == {"month": 10, "day": 0, "hour": 0, "rolling": 0, "total": 1}
    clock.advance(days=11)
    assert await shares() == {"month": 0, "day": 0, "hour": 0, "rolling": 0, "total": 1}
