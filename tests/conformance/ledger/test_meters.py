"""Budgets on every store: what is admitted, what is refused, and the proof of the counters."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.catalog.model import Prices
from pointsman_server.errors import BudgetExhausted, NotFound
from pointsman_server.identity.model import PLATFORM_TENANT, SERVER
from pointsman_server.ledger.audit import Difference, Summary
from pointsman_server.ledger.budgets import Budget, BudgetChange, BudgetQuery
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import Clamp, Reservation, ReserveRequest
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import METER_COUNTERS
from pointsman_server.storage.times import to_micros
from sqlalchemy import bindparam, select, update

from tests.conformance.builders import REQUEST, START, TENANT, USER, SetClock, decision, failed, request, settlement

OpenStorage = Callable[[], Awaitable[Storage]]
OWNERS = (TENANT, PLATFORM_TENANT)
PRICES = Prices(input_nanos_per_million=1_000_000, output_nanos_per_million=3_000_000)


def meter(limit: int, name: str = "bud_1", **fields: Any) -> Meter:
    usual = Meter(MeterKey(TENANT, name), name, Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, limit)
    return replace(usual, **fields)


def call(number: int = 1, **fields: Any) -> ReserveRequest:
    return replace(request(completion_id=f"cmp_{number}"), **fields)


async def state(storage: Storage, name: str = "bud_1") -> tuple[int, int, int]:
    balance = (await storage.budgets.get(OWNERS, name)).balance
    return balance.posted, balance.reserved, balance.remaining


async def findings(storage: Storage, tenant_id: str | None = None) -> tuple[list[object], Summary]:
    *found, summary = [finding async for finding in storage.budgets.verify(tenant_id)]
    assert isinstance(summary, Summary)
    return list(found), summary


async def proven(storage: Storage) -> None:
    assert (await findings(storage))[0] == []


async def test_a_hold_is_reserved_and_its_cost_is_posted(storage: Storage) -> None:
    await storage.budgets.create(meter(20_000), SERVER)
    held = await storage.ledger.reserve(request())
    assert await state(storage) == (0, 9_000, 11_000)
    await proven(storage)
    tightest = await storage.ledger.settle(held, settlement())
    assert await state(storage) == (4_321, 0, 15_679)
    assert tightest is not None
    assert (tightest.meter.name, tightest.remaining) == ("bud_1", 15_679)
    await proven(storage)


async def test_a_void_gives_all_back(storage: Storage) -> None:
    await storage.budgets.create(meter(9_000), SERVER)
    held = await storage.ledger.reserve(request())
    await storage.ledger.void(held)
    assert await state(storage) == (0, 0, 9_000)
    await proven(storage)


async def test_what_does_not_fit_is_refused_with_its_figures_and_leaves_nothing(storage: Storage) -> None:
    await storage.budgets.create(meter(8_999), SERVER)
    with pytest.raises(BudgetExhausted) as refused:
        await storage.ledger.reserve(request(), decision())
    told = refused.value
    assert told.metadata["meter"] == "bud_1"
    assert (told.metadata["limit"], told.metadata["remaining"], told.metadata["needed"]) == ("8999", "8999", "9000")
    assert told.retry_after is None, "no waiting helps: the limit itself is too low"
    assert await state(storage) == (0, 0, 8_999)
    with pytest.raises(NotFound):
        await storage.decisions.get(TENANT, USER, "dec_1")


async def test_a_full_window_says_when_it_ends(storage: Storage, clock: SetClock) -> None:
    await storage.budgets.create(meter(9_000, kind=MeterKind.HOUR), SERVER)
    await storage.ledger.reserve(call(1))
    with pytest.raises(BudgetExhausted) as refused:
        await storage.ledger.reserve(call(2))
    assert refused.value.retry_after is not None
    clock.time += refused.value.retry_after
    await storage.ledger.reserve(call(3))
    await proven(storage)


@pytest.mark.parametrize("room", [0, 1, 37])
async def test_a_thousand_callers_race_for_room_for_k(storage: Storage, room: int) -> None:
    await race(storage, room, "bud_1")


@pytest.mark.full
@pytest.mark.timeout(1_800)
async def test_a_thousand_callers_race_a_hundred_times(storage: Storage) -> None:
    for turn in range(100):
        await race(storage, turn * 7 % 101, f"bud_{turn}")


async def race(storage: Storage, room: int, name: str) -> None:
    """A thousand callers ask at once for room that a budget has for ``room`` of them."""
    agent = {"scope": Scope.AGENT, "scope_id": name}
    await storage.budgets.create(meter(9_000 * room + 8_999, name, **agent), SERVER)
    await storage.budgets.create(meter(9_000 * 900, f"{name}_wider", **agent), SERVER)
    asked = (request(completion_id=f"cmp_{number}", agent_id=name) for number in range(1_000))
    results = await asyncio.gather(*map(storage.ledger.reserve, asked), return_exceptions=True)
    admitted = [result for result in results if isinstance(result, Reservation)]
    assert len(admitted) == room
    assert sum(isinstance(result, BudgetExhausted) for result in results) == 1_000 - room
    assert await state(storage, name) == (0, 9_000 * room, 8_999)
    await asyncio.gather(*(storage.ledger.settle(each, settlement(cost_nanos=9_000)) for each in admitted))
    assert await state(storage, name) == (9_000 * room, 0, 8_999)
    await proven(storage)


async def test_the_first_alternative_that_fits_is_taken(storage: Storage) -> None:
    await storage.budgets.create(meter(5_000), SERVER)
    cheap = replace(REQUEST, model_id="groq/cheap", provider_id="groq", worst_case_cost_nanos=5_000)
    cheaper = replace(cheap, model_id="groq/cheaper", worst_case_cost_nanos=1)
    held = await storage.ledger.reserve(request(), others=(cheap, cheaper))
    assert (held.request.model_id, held.request.provider_id) == ("groq/cheap", "groq")
    assert await state(storage) == (0, 5_000, 0)


async def test_an_output_cap_is_lowered_as_little_as_needed(storage: Storage) -> None:
    await storage.budgets.create(meter(1_000), SERVER)
    asked = call(input_tokens_bound=100, max_output_tokens=400, worst_case_cost_nanos=1_300)
    with pytest.raises(BudgetExhausted):
        await storage.ledger.reserve(asked)
    with pytest.raises(BudgetExhausted):
        await storage.ledger.reserve(replace(asked, clamp=Clamp(301, PRICES)))
    held = await storage.ledger.reserve(replace(asked, clamp=Clamp(100, PRICES)))
    assert (held.request.max_output_tokens, held.request.worst_case_cost_nanos) == (300, 1_000)
    assert await state(storage) == (0, 1_000, 0)


async def test_money_cannot_hold_a_model_without_a_price_and_tokens_can(storage: Storage) -> None:
    await storage.budgets.create(meter(1_000, unit=Unit.TOKENS), SERVER)
    unpriced = call(worst_case_cost_nanos=None, input_tokens_bound=10, max_output_tokens=20)
    held = await storage.ledger.reserve(unpriced)
    await storage.ledger.settle(held, settlement(cost_nanos=None, usage=TokenUsage(input_tokens=3, output_tokens=4)))
    assert await state(storage) == (7, 0, 993)
    await storage.budgets.create(meter(10**9, "bud_2"), SERVER)
    with pytest.raises(BudgetExhausted) as refused:
        await storage.ledger.reserve(unpriced)
    assert refused.value.metadata["cause"] == "no_price"
    await proven(storage)


async def test_an_overrun_is_booked_whole_and_blocks_what_comes_next(storage: Storage) -> None:
    await storage.budgets.create(meter(10_000), SERVER)
    held = await storage.ledger.reserve(request())
    await storage.ledger.settle(held, settlement(cost_nanos=25_000))
    assert await state(storage) == (25_000, 0, 0)
    with pytest.raises(BudgetExhausted):
        await storage.ledger.reserve(call(2, worst_case_cost_nanos=1))
    await proven(storage)


async def test_a_reservation_settles_in_the_window_that_admitted_it(storage: Storage, clock: SetClock) -> None:
    await storage.budgets.create(meter(10_000, kind=MeterKind.DAY), SERVER)
    held = await storage.ledger.reserve(request())
    clock.advance(days=1)
    assert await state(storage) == (0, 0, 10_000)
    await storage.ledger.settle(held, settlement())
    assert await state(storage) == (0, 0, 10_000)
    held_by_bucket = select(METER_COUNTERS.c.bucket, METER_COUNTERS.c.posted)
    (counter,) = await storage.ledger._writer.control(lambda execute: execute(held_by_bucket, {}))
    assert counter == (to_micros(START.replace(hour=0, minute=0, microsecond=0)), 4_321)
    await proven(storage)


async def test_lowering_a_limit_cuts_nothing_and_admits_nothing_more(storage: Storage) -> None:
    await storage.budgets.create(meter(20_000), SERVER)
    held = await storage.ledger.reserve(call(1))
    await storage.budgets.update(OWNERS, "bud_1", BudgetChange(limit=5_000), SERVER)
    assert await state(storage) == (0, 9_000, 0)
    with pytest.raises(BudgetExhausted):
        await storage.ledger.reserve(call(2, worst_case_cost_nanos=1))
    await storage.ledger.settle(held, settlement())
    await storage.ledger.reserve(call(3, worst_case_cost_nanos=679))
    assert await state(storage) == (4_321, 679, 0)


async def test_a_frozen_budget_admits_nothing_until_it_is_unfrozen(storage: Storage) -> None:
    await storage.budgets.create(meter(20_000), SERVER)
    await storage.budgets.update(OWNERS, "bud_1", BudgetChange(frozen=True), SERVER)
    with pytest.raises(BudgetExhausted) as refused:
        await storage.ledger.reserve(call(1, worst_case_cost_nanos=0))
    assert refused.value.metadata["cause"] == "frozen"
    await storage.budgets.update(OWNERS, "bud_1", BudgetChange(frozen=False), SERVER)
    await storage.ledger.reserve(call(1))


async def test_slots_are_held_from_the_first_attempt_to_the_last(storage: Storage) -> None:
    await storage.budgets.create(meter(1, unit=Unit.REQUESTS, kind=MeterKind.SLOTS), SERVER)
    first = await storage.ledger.reserve(call(1))
    with pytest.raises(BudgetExhausted) as refused:
        await storage.ledger.reserve(call(2))
    assert refused.value.retry_after is not None
    second = await storage.ledger.settle_and_reserve(first, failed(), call(1, attempt=2))
    assert await state(storage) == (0, 1, 0)
    await proven(storage)
    await storage.ledger.settle(second, settlement())
    assert await state(storage) == (0, 0, 1)
    await storage.ledger.reserve(call(2))
    await proven(storage)


async def test_a_call_counts_once_and_a_provider_gets_each_attempt(storage: Storage) -> None:
    counting = {"unit": Unit.REQUESTS, "kind": MeterKind.DAY}
    await storage.budgets.create(meter(10, **counting), SERVER)
    at_provider = MeterKey(PLATFORM_TENANT, "bud_2")
    await storage.budgets.create(
        meter(10, key=at_provider, scope=Scope.PROVIDER, scope_id="openai", **counting), SERVER
    )
    first = await storage.ledger.reserve(call(1))
    second = await storage.ledger.settle_and_reserve(first, failed(), call(1, attempt=2))
    third = await storage.ledger.settle_and_reserve(second, failed(), call(1, attempt=3))
    assert await state(storage) == (0, 1, 9)
    assert await state(storage, "bud_2") == (2, 1, 7)
    await storage.ledger.void(third)
    assert await state(storage) == (1, 0, 9)
    assert await state(storage, "bud_2") == (2, 0, 8)
    await proven(storage)


async def test_a_fallback_that_does_not_fit_leaves_the_failed_attempt_settled(storage: Storage) -> None:
    await storage.budgets.create(meter(10_000), SERVER)
    await storage.budgets.create(meter(5, "bud_2", unit=Unit.REQUESTS, kind=MeterKind.SLOTS), SERVER)
    first = await storage.ledger.reserve(call(1))
    with pytest.raises(BudgetExhausted):
        await storage.ledger.settle_and_reserve(first, settlement(), call(1, attempt=2, worst_case_cost_nanos=9_000))
    assert await state(storage) == (4_321, 0, 5_679)
    assert await state(storage, "bud_2") == (0, 0, 5)
    await proven(storage)


async def test_a_rate_refills_evenly(storage: Storage, clock: SetClock) -> None:
    await storage.budgets.create(meter(2, unit=Unit.REQUESTS, kind=MeterKind.RATE, period_s=60), SERVER)
    for number in range(2):
        await storage.ledger.settle(await storage.ledger.reserve(call(number)), settlement())
    with pytest.raises(BudgetExhausted) as refused:
        await storage.ledger.reserve(call(3))
    wait = refused.value.retry_after
    assert wait is not None
    assert wait.total_seconds() == 30
    clock.time += wait
    await storage.ledger.reserve(call(4))
    with pytest.raises(BudgetExhausted):
        await storage.ledger.reserve(call(5))


@pytest.mark.parametrize(
    ("scope", "scope_id", "counts"),
    [
        (Scope.TENANT, "", True),
        (Scope.PROJECT, "apollo", True),
        (Scope.PROJECT, "gemini", False),
        (Scope.USER, USER, True),
        (Scope.USER, "bob", False),
        (Scope.AGENT, "reviewer", True),
        (Scope.PROVIDER, "openai", True),
        (Scope.PROVIDER, "groq", False),
        (Scope.GLOBAL, "", True),
    ],
)
async def test_a_budget_counts_its_scope_alone(storage: Storage, scope: Scope, scope_id: str, counts: bool) -> None:  # noqa: FBT001  # a parameter of the table
    owner = PLATFORM_TENANT if scope in {Scope.GLOBAL, Scope.PROVIDER} else TENANT
    await storage.budgets.create(meter(20_000, key=MeterKey(owner, "bud_1"), scope=scope, scope_id=scope_id), SERVER)
    await storage.ledger.reserve(request())
    assert (await state(storage))[1] == (9_000 if counts else 0)


async def test_another_tenants_calls_do_not_count(storage: Storage) -> None:
    await storage.budgets.create(meter(1), SERVER)
    await storage.ledger.reserve(request(tenant_id="other"))
    assert await state(storage) == (0, 0, 1)


async def test_a_check_finds_a_counter_that_is_wrong(storage: Storage) -> None:
    await storage.budgets.create(meter(20_000), SERVER)
    await storage.ledger.reserve(request())
    await proven(storage)
    columns = METER_COUNTERS.c
    steal = update(METER_COUNTERS).where(columns.meter_id == bindparam("id")).values(reserved=columns.reserved - 1)
    await storage.ledger._writer.control(lambda execute: execute(steal, {"id": "bud_1"}))
    found, summary = await findings(storage)
    (difference,) = found
    assert isinstance(difference, Difference)
    assert (difference.found.reserved, difference.expected.reserved) == (8_999, 9_000)
    assert summary.difference_count == 1
    assert (await findings(storage, "other"))[1] == Summary(0, 0, 0, 0)


async def test_budgets_are_listed_by_page_scope_and_owner(storage: Storage) -> None:
    for number in range(5):
        await storage.budgets.create(meter(1, f"bud_{number}"), SERVER)
    await storage.budgets.create(meter(1, "bud_9", scope=Scope.USER, scope_id=USER), SERVER)
    await storage.budgets.create(meter(1, "bud_8", key=MeterKey("other", "bud_8")), SERVER)

    def names(page: tuple[list[Budget], int]) -> tuple[list[str], int]:
        return [budget.meter.name for budget in page[0]], page[1]

    page = storage.budgets.page
    assert names(await page(BudgetQuery(OWNERS, page_size=2))) == (["bud_0", "bud_1"], 6)
    assert names(await page(BudgetQuery(OWNERS, after="bud_3"))) == (["bud_4", "bud_9"], 6)
    assert names(await page(BudgetQuery(OWNERS, scope=Scope.USER))) == (["bud_9"], 1)
    assert names(await page(BudgetQuery(OWNERS, scope_id="bob"))) == ([], 0)


async def test_a_deleted_budget_is_gone_and_what_it_held_ends_all_the_same(storage: Storage) -> None:
    await storage.budgets.create(meter(20_000), SERVER)
    held = await storage.ledger.reserve(request())
    await storage.budgets.delete(OWNERS, "bud_1", SERVER)
    for ask in (storage.budgets.get(OWNERS, "bud_1"), storage.budgets.delete(OWNERS, "bud_1", SERVER)):
        with pytest.raises(NotFound):
            await ask
    await storage.ledger.settle(held, settlement())
    assert (await findings(storage))[1].counter_count == 0


async def test_a_cancelled_reserve_leaves_nothing_held(storage: Storage) -> None:
    await storage.budgets.create(meter(9_000), SERVER)
    task = asyncio.create_task(storage.ledger.reserve(call(1)))
    refused = asyncio.create_task(storage.ledger.reserve(call(2)))
    await asyncio.sleep(0)
    task.cancel()
    refused.cancel()
    await asyncio.gather(task, refused, return_exceptions=True)
    await storage.ledger.record(decision("dec_after"))  # what was queued before is done by now
    assert await state(storage) == (0, 0, 9_000)
    await storage.ledger.reserve(call(3))
    await proven(storage)
