"""Budgets in the way of completions: what is refused, clamped, passed over, and told at the end."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import WarningCode
from pointsman_server.errors import BudgetExhausted
from pointsman_server.identity.model import LOCAL_ADMIN, PLATFORM_TENANT, SERVER
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.sandbox import Fault

from tests.unit.gateway.conftest import MakeWorld, World, asking

OWNERS = (LOCAL_ADMIN.tenant_id, PLATFORM_TENANT)
DOLLAR = 1_000_000_000


async def limit(world: World, amount: int, name: str = "month", **fields: Any) -> None:
    key = MeterKey(LOCAL_ADMIN.tenant_id, name)
    usual = Meter(key, name, Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, amount)
    await world.storage.budgets.create(replace(usual, **fields), SERVER)


async def state(world: World, name: str = "month") -> tuple[int, int]:
    balance = (await world.storage.budgets.get(OWNERS, name)).balance
    return balance.posted, balance.reserved


async def test_the_end_tells_the_tightest_budget_and_the_exact_cost_is_posted(world: World) -> None:
    await limit(world, DOLLAR)
    await limit(world, 10 * DOLLAR, "year")
    finished = (await world.complete(asking("hello"))).events[-1].finished
    assert await state(world) == (finished.cost_nanos, 0)
    balance = finished.tightest_meter
    assert (balance.meter, balance.unit, balance.limit) == ("month", "nanos", DOLLAR)
    assert balance.remaining == DOLLAR - finished.cost_nanos


async def test_without_a_budget_there_is_no_balance(world: World) -> None:
    finished = (await world.complete(asking("hello"))).events[-1].finished
    assert not finished.HasField("tightest_meter")


async def test_a_call_that_no_budget_holds_reaches_no_provider_and_says_why(world: World) -> None:
    await limit(world, 1_000)
    with pytest.raises(BudgetExhausted) as refused:
        await world.complete(asking("hello"))
    assert not world.first.meter.entries
    assert not world.second.meter.entries
    assert len(refused.value.quotas) == 2, "one for each model of the plan"
    recorded = await world.decision(refused.value.metadata["decision_id"])
    assert recorded.outcome.status == "RESOURCE_EXHAUSTED"
    assert await state(world) == (0, 0)


async def test_the_next_model_serves_where_the_first_does_not_fit(world: World) -> None:
    await limit(world, 1, "first", key=MeterKey(PLATFORM_TENANT, "first"), scope=Scope.PROVIDER, scope_id="first")
    answer = await world.complete(asking("hello"))
    assert answer.events[-1].finished.model_id == "second/steady"
    assert not world.first.meter.entries
    assert not answer.events[-1].finished.HasField("tightest_meter"), "the platform's figures are not the tenant's"


async def test_a_model_without_a_price_is_passed_over_where_money_counts(make_world: MakeWorld) -> None:
    world = make_world(first_prices=None)
    assert (await world.complete(asking("hello"))).events[-1].finished.model_id == "first/steady"
    await limit(world, DOLLAR)
    assert (await world.complete(asking("hello"))).events[-1].finished.model_id == "second/steady"


async def test_an_output_cap_is_lowered_where_the_caller_allows_it(world: World) -> None:
    # The default cap of 512 tokens costs 2,048,000 nanos at worst, and the input's bound about a million.
    await limit(world, 2_000_000)
    with pytest.raises(BudgetExhausted):
        await world.complete(asking("hello"))
    answer = await world.complete(asking("hello", allow_clamping=True))
    (warning,) = answer.events[0].started.warnings
    assert warning.code == WarningCode.WARNING_CODE_OUTPUT_CLAMPED
    cap = int(warning.message.split()[2])
    assert 128 <= cap < 512
    assert answer.events[-1].finished.cost_nanos < 2_000_000


async def test_a_fallback_that_does_not_fit_ends_the_call_with_what_was_spent(world: World) -> None:
    await limit(world, 1, "second", key=MeterKey(PLATFORM_TENANT, "second"), scope=Scope.PROVIDER, scope_id="second")
    await limit(world, 3, "slots", unit=Unit.REQUESTS, kind=MeterKind.SLOTS)
    world.first.script.push(Fault(status=503))
    with pytest.raises(BudgetExhausted) as refused:
        await world.complete(asking("hello"))
    assert refused.value.failure is not None
    assert [attempt.provider_id for attempt in refused.value.failure.attempts] == ["first"]
    assert await state(world, "slots") == (0, 0)
    assert (await world.usage()).failed_attempts == 1


async def test_a_slot_is_held_until_the_upstream_ends(world: World) -> None:
    await limit(world, 1, "slots", unit=Unit.REQUESTS, kind=MeterKind.SLOTS)
    async with aclosing(world.stream(asking("hello"))) as stream:
        await anext(stream)
        # The first answer may have ended by now, but its slot is free only once it is settled.
    await world.settled()
    assert await state(world, "slots") == (0, 0)


async def test_calls_beyond_the_slots_are_refused_while_others_run(make_world: MakeWorld) -> None:
    world = make_world()
    await limit(world, 2, "slots", unit=Unit.REQUESTS, kind=MeterKind.SLOTS)
    results = await asyncio.gather(*(collect(world) for _ in range(12)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, BudgetExhausted)]
    assert refused
    assert all(result.retry_after is not None for result in refused)
    assert len(refused) + sum(result == "finished" for result in results) == 12
    assert await state(world, "slots") == (0, 0)


async def collect(world: World) -> str:
    last = ""
    async for response in world.stream(asking("hello")):
        last = response.events[-1].WhichOneof("kind") or ""
    return last
