"""The store's time decides, and the time of a meter never goes back, on every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.errors import BudgetExhausted
from pointsman_server.identity.model import SERVER
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import ReserveRequest
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import RESERVATIONS, USAGE_ENTRIES
from pointsman_server.storage.times import to_micros
from sqlalchemy import select

from tests.conformance.builders import REQUEST, START, TENANT, SetClock, request, settlement


def meter(limit: int, **fields: Any) -> Meter:
    usual = Meter(MeterKey(TENANT, "m"), "m", Scope.TENANT, "", Unit.NANOS, MeterKind.HOUR, 0, limit)
    return replace(usual, **fields)


def tokens(count: int) -> ReserveRequest:
    return replace(REQUEST, input_tokens_bound=count)


async def admitted(storage: Storage, asked: ReserveRequest) -> bool:
    try:
        await storage.ledger.reserve(asked)
    except BudgetExhausted:
        return False
    return True


@pytest.mark.parametrize(("kind", "period_s"), [(MeterKind.HOUR, 0), (MeterKind.DAY, 0), (MeterKind.ROLLING, 3_600)])
async def test_what_a_clock_that_went_back_lets_in_counts_where_time_had_got_to(
    storage: Storage, clock: SetClock, kind: MeterKind, period_s: int
) -> None:
    await storage.budgets.create(meter(18_000, kind=kind, period_s=period_s), SERVER)
    assert await admitted(storage, request(completion_id="cmp_1"))
    clock.advance(days=-1)
    assert await admitted(storage, request(completion_id="cmp_2"))
    assert not await admitted(storage, request(completion_id="cmp_3"))
    clock.advance(days=1)
    assert not await admitted(storage, request(completion_id="cmp_4")), "both count in the window of the first"


async def test_a_budget_is_shown_in_the_window_that_it_has_got_to(storage: Storage, clock: SetClock) -> None:
    await storage.budgets.create(meter(18_000), SERVER)
    await storage.ledger.reserve(request())
    clock.advance(hours=-5)
    shown = await storage.budgets.get((TENANT,), "m")
    assert shown.balance.reserved == 9_000
    assert shown.window is not None
    assert shown.window[0] <= START < shown.window[1]


async def test_a_rate_refills_no_second_time_for_a_clock_that_went_back(storage: Storage, clock: SetClock) -> None:
    await storage.budgets.create(meter(60, unit=Unit.INPUT_TOKENS, kind=MeterKind.RATE, period_s=60), SERVER)
    unused = await storage.ledger.reserve(tokens(60))
    clock.advance(seconds=30)
    await storage.ledger.reserve(tokens(30))
    clock.advance(hours=-1)
    await storage.ledger.settle(unused, settlement(usage=TokenUsage()))
    assert not await admitted(storage, tokens(31))
    clock.advance(hours=1)
    assert not await admitted(storage, tokens(31)), "thirty seconds had refilled half of it already"
    assert await admitted(storage, tokens(30))


async def test_a_wait_is_counted_from_now_and_not_from_where_time_had_got_to(storage: Storage, clock: SetClock) -> None:
    await storage.budgets.create(meter(9_000), SERVER)
    await storage.ledger.reserve(request(completion_id="cmp_1"))
    clock.advance(hours=-5)
    with pytest.raises(BudgetExhausted) as refused:
        await storage.ledger.reserve(request(completion_id="cmp_2"))
    assert refused.value.retry_after is not None
    clock.time += refused.value.retry_after
    assert await admitted(storage, request(completion_id="cmp_3"))


async def test_nothing_ends_before_it_began(storage: Storage, clock: SetClock) -> None:
    held = [await storage.ledger.reserve(request(completion_id=f"cmp_{number}")) for number in range(2)]
    clock.advance(hours=-1)
    await storage.ledger.settle(held[0], settlement())
    await storage.ledger.void(held[1])
    columns = RESERVATIONS.c
    reservations = select(columns.created_at, columns.ended_at)
    entries = select(USAGE_ENTRIES.c.ended_at)
    control = storage.ledger._writer.control
    assert await control(lambda execute: execute(reservations, {})) == [(to_micros(START), to_micros(START))] * 2
    assert await control(lambda execute: execute(entries, {})) == [(to_micros(START),)]


async def test_an_entry_says_when_the_store_got_it(storage: Storage, clock: SetClock) -> None:
    held = await storage.ledger.reserve(request())
    clock.advance(minutes=7)
    await storage.ledger.settle(held, settlement())
    ended = select(USAGE_ENTRIES.c.ended_at)
    found = await storage.ledger._writer.control(lambda execute: execute(ended, {}))
    assert found == [(to_micros(START + timedelta(minutes=7)),)]
