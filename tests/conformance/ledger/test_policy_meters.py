"""Limits of plans and rules on every store: held like budgets, whoever brings them first and however they change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from pointsman_server.errors import BudgetExhausted, LimitSetElsewhere
from pointsman_server.identity.model import PLATFORM_TENANT, SERVER
from pointsman_server.ledger.audit import Summary
from pointsman_server.ledger.budgets import Budget, BudgetChange, BudgetQuery
from pointsman_server.ledger.generations import Generation, Generations, GenerationsChanged
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import Reservation, ReserveRequest
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.generations import count_on
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import METER_COUNTERS
from sqlalchemy import func, select, update

from tests.conformance.builders import START, TENANT, SetClock, failed, request, settlement

OWNERS = (TENANT, PLATFORM_TENANT)


def limit(amount: int, name: str = "steps of run run_1", **fields: Any) -> Meter:
    usual = Meter(
        MeterKey(TENANT, ""),
        name,
        Scope.POLICY,
        f"rule pol_1/{name}",
        Unit.REQUESTS,
        MeterKind.TOTAL,
        0,
        amount,
        source="rule:pol_1",
    )
    return replace(usual, **fields)


def call(number: int, *limits: Meter, **fields: Any) -> ReserveRequest:
    return replace(request(completion_id=f"cmp_{number}"), policy_meters=limits, **fields)


async def shown(storage: Storage) -> list[Budget]:
    return (await storage.budgets.page(BudgetQuery(OWNERS, scope=Scope.POLICY)))[0]


async def states(storage: Storage) -> list[tuple[str, int, int, int]]:
    return [
        (each.meter.name, each.meter.limit, each.balance.posted, each.balance.reserved) for each in await shown(storage)
    ]


async def proven(storage: Storage) -> None:
    *differences, summary = [finding async for finding in storage.budgets.verify(None)]
    assert isinstance(summary, Summary)
    assert differences == []


async def all_at_once(
    storages: Sequence[Storage], requests: Sequence[ReserveRequest]
) -> tuple[list[tuple[Storage, Reservation]], int]:
    """Asks on every storage in turn; returns what was let in, and how many were refused."""
    pairs = [(storages[number % len(storages)], each) for number, each in enumerate(requests)]
    results = await asyncio.gather(*(each.ledger.reserve(asked) for each, asked in pairs), return_exceptions=True)
    refused = sum(isinstance(each, BudgetExhausted) for each in results)
    made = [(at, each) for (at, _), each in zip(pairs, results, strict=True) if isinstance(each, Reservation)]
    assert len(made) + refused == len(requests), results
    return made, refused


async def test_a_limit_is_held_from_its_first_call_on(storage: Storage) -> None:
    steps = limit(2)
    for number in range(2):
        await storage.ledger.settle(await storage.ledger.reserve(call(number, steps)), settlement())
    with pytest.raises(BudgetExhausted) as refused:
        await storage.ledger.reserve(call(3, steps))
    assert await states(storage) == [(steps.name, 2, 2, 0)]
    told = refused.value
    assert (told.metadata["source"], told.metadata["cause"], told.metadata["scope"]) == ("rule:pol_1", "full", "policy")
    assert (told.metadata["limit"], told.metadata["remaining"], told.metadata["needed"]) == ("2", "0", "1")
    assert "steps of run run_1: 0 requests left of the 2 that rule pol_1 allows; have the limit" in told.message
    assert told.retry_after is None, "a total lets go of nothing by itself"
    await proven(storage)


async def test_a_call_without_the_limit_is_not_counted_and_not_hindered(storage: Storage) -> None:
    await storage.ledger.reserve(call(1, limit(1)))
    await storage.ledger.reserve(call(2))
    assert await states(storage) == [("steps of run run_1", 1, 0, 1)]


async def test_a_call_counts_once_whatever_its_attempts(storage: Storage) -> None:
    steps, money = limit(1), limit(10_000, "money", unit=Unit.NANOS, kind=MeterKind.DAY)
    first = await storage.ledger.reserve(call(1, steps, money))
    second = await storage.ledger.settle_and_reserve(
        first, settlement(), call(1, steps, money, attempt=2, worst_case_cost_nanos=5_000)
    )
    assert sorted(await states(storage)) == [("money", 10_000, 4_321, 5_000), (steps.name, 1, 0, 1)]
    await storage.ledger.settle(second, failed())
    assert sorted(await states(storage)) == [("money", 10_000, 4_321, 0), (steps.name, 1, 1, 0)]
    await proven(storage)


async def test_another_word_holds_at_once_and_what_was_counted_stays(storage: Storage) -> None:
    """A change of plan: one limit, another amount and source."""
    quota = limit(2, "calls of user ada", kind=MeterKind.MONTH, source="plan:PRO")
    for number in range(2):
        await storage.ledger.reserve(call(number, quota))
    with pytest.raises(BudgetExhausted):
        await storage.ledger.reserve(call(2, quota))
    await storage.ledger.reserve(call(3, replace(quota, limit=3, source="plan:TEAM")))
    (budget,) = await shown(storage)
    assert (budget.meter.limit, budget.meter.source, budget.balance.reserved) == (3, "plan:TEAM", 3)
    with pytest.raises(BudgetExhausted) as refused:
        await storage.ledger.reserve(call(4, replace(quota, limit=1)))
    assert (refused.value.metadata["limit"], refused.value.metadata["remaining"]) == ("1", "0")
    (budget,) = await shown(storage)
    assert (budget.meter.limit, budget.meter.source, budget.balance.reserved) == (1, "plan:PRO", 3)
    await proven(storage)


async def test_what_is_said_again_changes_nothing(storage: Storage, clock: SetClock) -> None:
    await storage.ledger.reserve(call(1, limit(5)))
    clock.advance(seconds=1)
    changed_at = clock.now()
    for number in range(2, 4):
        await storage.ledger.reserve(call(number, limit(6)))
        clock.advance(seconds=1)
    (budget,) = await shown(storage)
    assert (budget.meter.limit, budget.created_at, budget.updated_at) == (6, START, changed_at)


async def test_calls_of_one_moment_are_each_held_to_their_own_word(storage: Storage) -> None:
    quota = limit(0, "calls")
    words = [replace(quota, limit=amount) for amount in (1, 3, 2, 3, 3, 9)]
    made, refused = await all_at_once([storage], [call(number, word) for number, word in enumerate(words)])
    assert ([each.request.charge.completion_id for _, each in made], refused) == (
        ["cmp_0", "cmp_1", "cmp_3", "cmp_5"],
        2,
    )
    assert await states(storage) == [("calls", 9, 0, 4)]


async def test_a_call_under_older_rules_changes_no_limit(storage: Storage) -> None:
    await storage.ledger.reserve(call(1, limit(5)))
    await storage.budgets._writer.control(lambda execute: count_on(execute, Generation.POLICY))
    with pytest.raises(GenerationsChanged):
        await storage.ledger.reserve(call(2, limit(9), generations=Generations()))
    assert await states(storage) == [("steps of run run_1", 5, 0, 1)]


async def test_two_hundred_callers_race_for_a_limit_that_nobody_has_seen(storage: Storage) -> None:
    slots = limit(7, "concurrent calls of LLM2_DRAFT", kind=MeterKind.SLOTS)
    steps = limit(150)
    made, refused = await all_at_once([storage], [call(number, steps, slots) for number in range(200)])
    assert (len(made), refused) == (7, 193)
    assert sorted(await states(storage)) == [("concurrent calls of LLM2_DRAFT", 7, 0, 7), (steps.name, 150, 0, 7)]
    await asyncio.gather(*(each.ledger.settle(one, settlement()) for each, one in made))
    assert sorted(await states(storage)) == [("concurrent calls of LLM2_DRAFT", 7, 0, 0), (steps.name, 150, 7, 0)]
    await proven(storage)


async def test_a_limit_on_slots_says_what_is_full(storage: Storage) -> None:
    slots = limit(1, "concurrent calls of LLM2_DRAFT", kind=MeterKind.SLOTS)
    await storage.ledger.reserve(call(1, slots))
    with pytest.raises(BudgetExhausted) as refused:
        await storage.ledger.reserve(call(2, slots))
    assert "concurrent calls of LLM2_DRAFT: 0 requests left of the 1 that rule pol_1 allows; wait, or have" in str(
        refused.value
    )
    assert refused.value.retry_after is not None


async def test_a_rate_refills(storage: Storage, clock: SetClock) -> None:
    rate = limit(2, "calls a minute", kind=MeterKind.RATE, period_s=60)
    for number in range(2):
        await storage.ledger.reserve(call(number, rate))
    with pytest.raises(BudgetExhausted) as refused:
        await storage.ledger.reserve(call(3, rate))
    assert refused.value.retry_after is not None
    assert refused.value.retry_after.total_seconds() == 30
    clock.advance(seconds=30)
    await storage.ledger.reserve(call(4, rate))


async def test_tenants_have_meters_of_their_own(storage: Storage) -> None:
    await storage.ledger.reserve(call(1, limit(1)))
    other = limit(1, key=MeterKey("other", ""))
    await storage.ledger.reserve(replace(request(tenant_id="other"), policy_meters=(other,)))
    assert await states(storage) == [("steps of run run_1", 1, 0, 1)]


async def test_a_limit_of_a_rule_is_no_budget_to_change(storage: Storage) -> None:
    await storage.ledger.reserve(call(1, limit(3)))
    (budget,) = await shown(storage)
    name = budget.meter.key.meter_id
    for refused in (
        storage.budgets.update(OWNERS, name, BudgetChange(limit=9), SERVER),
        storage.budgets.delete(OWNERS, name, SERVER),
    ):
        with pytest.raises(LimitSetElsewhere) as told:
            await refused
        assert told.value.metadata == {"source": "rule:pol_1"}
        assert "rule pol_1" in told.value.message
    assert await states(storage) == [("steps of run run_1", 3, 0, 1)]


async def test_limits_of_rules_take_no_budgets_place(storage: Storage) -> None:
    await storage.ledger.reserve(call(1, *(limit(1, f"limit {number}") for number in range(32))))
    for number in range(20):
        made = Meter(MeterKey(TENANT, f"bud_{number}"), "b", Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, 10**9)
        await storage.budgets.create(made, SERVER)
    assert (await storage.budgets.page(BudgetQuery(OWNERS)))[1] == 52


async def counts(storage: Storage, steps: Meter, number: int) -> None:
    """One call that settles."""
    await storage.ledger.settle(await storage.ledger.reserve(call(number, steps)), settlement())


async def names(storage: Storage) -> list[str]:
    return sorted(each.meter.name for each in await shown(storage))


async def test_idle_meters_are_forgotten_once_nothing_counts_on_them(storage: Storage, clock: SetClock) -> None:
    """Of two days on, in a month that goes on."""
    kinds = {
        "month": limit(5, "month", kind=MeterKind.MONTH),
        "day": limit(5, "day", kind=MeterKind.DAY),
        "rate": limit(5, "rate", kind=MeterKind.RATE, period_s=60),
        "slots": limit(5, "slots", kind=MeterKind.SLOTS),
        "held": limit(5, "held", kind=MeterKind.SLOTS),
        "total": limit(5, "total"),
    }
    for number, each in enumerate(kinds.values()):
        await counts(storage, each, number)
    await storage.ledger.reserve(call(9, kinds["held"]))
    await storage.budgets.create(
        Meter(MeterKey(TENANT, "bud_1"), "budget", Scope.TENANT, "", Unit.NANOS, MeterKind.DAY, 0, 9), SERVER
    )
    assert await storage.idle_meters.forget(None) is None
    assert await names(storage) == sorted(kinds)
    clock.advance(days=2)
    await storage.idle_meters.forget(None)
    assert await names(storage) == ["held", "month", "total"]
    clock.advance(days=27, hours=23)
    await storage.idle_meters.forget(None)
    assert await names(storage) == ["held", "total"]
    clock.advance(hours=1)
    await storage.idle_meters.forget(None)
    assert await names(storage) == ["held"]
    assert await storage.ledger._writer.control(lambda execute: execute(_COUNTED, {})) == [(1,)], "counters go too"
    assert (await storage.budgets.page(BudgetQuery(OWNERS, scope=Scope.TENANT)))[1] == 1
    await proven(storage)


async def test_what_comes_again_counts_anew_and_is_proven(storage: Storage, clock: SetClock) -> None:
    """The lines of before are no part of it, also where they end late."""
    steps = limit(2)
    for number in range(2):
        await counts(storage, steps, number)
    clock.advance(days=30)
    await storage.idle_meters.forget(None)
    assert await shown(storage) == []
    await proven(storage)
    for number in range(2, 4):
        await counts(storage, steps, number)
    with pytest.raises(BudgetExhausted):
        await storage.ledger.reserve(call(5, steps))
    assert await states(storage) == [(steps.name, 2, 2, 0)]
    await proven(storage)


async def test_idle_meters_are_looked_at_a_hundred_at_a_time(storage: Storage, clock: SetClock) -> None:
    for number in range(5):
        await storage.ledger.reserve(call(number, *(limit(1, f"l {number * 30 + each}") for each in range(30))))
    held = [each.meter.key for each in await shown(storage)]
    clock.advance(days=40)
    assert await storage.idle_meters.forget(None) is None, "all of them hold something"
    await storage.ledger._writer.control(lambda execute: execute(_LET_GO, {}))
    last = await storage.idle_meters.forget(None)
    assert last == sorted(held)[99]
    assert await storage.idle_meters.forget(last) is None
    assert await shown(storage) == []


_COUNTED = select(func.count(METER_COUNTERS.c.meter_id.distinct()))
_LET_GO = update(METER_COUNTERS).values(reserved=0)
