"""Completions that end early, on both stores, with the sandbox's own meter as the truth.

Whatever ends them, each attempt has one entry, never below what the sandbox metered; an answer that is read to its end
is booked exactly; nothing stays held, and every counter is the sum of its entries.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.router_service_pb2 import USAGE_DIMENSION_LABEL, UsageRow
from pointsman_server.catalog.model import OnCancel
from pointsman_server.errors import AllProvidersFailed, BudgetExhausted, DeadlineExceeded, PointsmanError
from pointsman_server.execution.reported import input_total, output_total
from pointsman_server.identity.model import LOCAL_ADMIN, PLATFORM_TENANT, SERVER
from pointsman_server.ledger.audit import Summary
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.reports import UsageQuery
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.sandbox import Entry, Fault
from pointsman_server.storage.database import Address

from tests.unit.gateway.conftest import MakeWorld, World, asking

DELTAS = 8
PACED = Fault(burst=False, first_ms=60, gap_ms=6, tokens=DELTAS)
OWNERS = (LOCAL_ADMIN.tenant_id, PLATFORM_TENANT)
POLICIES = tuple(OnCancel)

End = Callable[[World, CompletionSpecification], Awaitable[None]]
"""Makes one call and ends it early."""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    if request.param == "sqlite":
        return tmp_path / "pointsman.db"
    address: Any = request.getfixturevalue("postgres_url")
    assert isinstance(address, str)
    return address


async def counted(world: World, slots: int = 1_000) -> World:
    """The same world, with budgets that count everything."""
    for name, unit, kind, limit in (
        ("slots", Unit.REQUESTS, MeterKind.SLOTS, slots),
        ("money", Unit.NANOS, MeterKind.MONTH, 10**15),
        ("tokens", Unit.TOKENS, MeterKind.ROLLING, 10**12),
    ):
        key = MeterKey(LOCAL_ADMIN.tenant_id, name)
        period_s = 3_600 if kind is MeterKind.ROLLING else 0
        await world.storage.budgets.create(Meter(key, name, Scope.TENANT, "", unit, kind, period_s, limit), SERVER)
    return world


async def asked(world: World, specification: CompletionSpecification) -> None:
    """Waits until the provider has the call's question."""
    number = int(specification.labels["call"])
    async with asyncio.timeout(5):
        while number not in by_call(world.first.meter.entries):  # noqa: ASYNC110  # only the sandbox knows
            await asyncio.sleep(0.002)


def reading(deltas: int) -> End:
    """Goes after so many events; 0: before the first, once the provider has been asked."""

    async def end(world: World, specification: CompletionSpecification) -> None:
        async with aclosing(world.stream(specification)) as responses:
            if deltas:
                seen = 0
                async for response in responses:
                    seen += len(response.events)
                    if seen >= deltas:
                        return
            waiting = asyncio.ensure_future(anext(responses))
            await asked(world, specification)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    return end


def within(seconds: float) -> End:
    """Has so much time."""

    async def end(world: World, specification: CompletionSpecification) -> None:
        specification.hints.allow_fallback = False
        with suppress(DeadlineExceeded, AllProvidersFailed):
            await world.complete(specification, seconds=seconds)

    return end


async def stopping(world: World, specification: CompletionSpecification) -> None:
    """Reads once, and not again before all is over."""
    specification.max_output_tokens = 1_000
    responses = world.stream(specification)
    await anext(responses)
    async with asyncio.timeout(20):
        while world.supervisor.running_count:  # noqa: ASYNC110  # what is waited for is behind a socket
            await asyncio.sleep(0.01)
    with pytest.raises(PointsmanError):
        async for _ in responses:
            pass


async def run(world: World, ends: Iterable[End]) -> dict[int, UsageRow]:
    """Makes all the calls at once and waits for the last settlement; what was booked, by the call's number."""

    async def call(number: int, end: End) -> None:
        # The input's length tells the sandbox's entries apart, and a label ours.
        specification = asking("hello" + " ha" * number)
        specification.labels["call"] = str(number)
        await end(world, specification)

    await asyncio.gather(*(call(number, end) for number, end in enumerate(ends)))
    await world.settled()
    query = UsageQuery(group_by=(USAGE_DIMENSION_LABEL,), label_key="call", page_size=1_000)
    page = await world.storage.usage.report(LOCAL_ADMIN.tenant_id, query)
    return {int(row.keys[0]): row for row in page.rows}


def by_call(entries: Iterable[Entry]) -> dict[int, Entry]:
    return {entry.input_tokens - 1: entry for entry in entries if entry.input_tokens}


async def check(world: World, booked: dict[int, UsageRow], *, attempts: int = 1) -> None:
    """What must hold however the calls ended."""
    assert all(row.attempts == attempts for row in booked.values())
    metered = by_call(world.first.meter.entries) | by_call(world.second.meter.entries)
    assert metered.keys() <= booked.keys()
    for number, entry in metered.items():
        row = booked[number]
        assert input_total(row.tokens) >= entry.input_tokens
        assert output_total(row.tokens) >= entry.output_tokens
        assert row.cost_nanos >= entry.cost_nanos
    *findings, summary = [finding async for finding in world.storage.budgets.verify(None)]
    assert not findings
    assert isinstance(summary, Summary)
    assert summary.counter_count >= 3
    for name in ("slots", "money", "tokens"):
        balance = (await world.storage.budgets.get(OWNERS, name)).balance
        assert balance.reserved == 0
    total = sum(row.cost_nanos for row in booked.values())
    assert (await world.storage.budgets.get(OWNERS, "money")).balance.posted == total


def exact(world: World, booked: dict[int, UsageRow]) -> None:
    """What must hold beside where every answer was read to its end."""
    entries = by_call(world.first.meter.entries) | by_call(world.second.meter.entries)
    for number, entry in entries.items():
        row = booked[number]
        assert entry.outcome == "ended"
        assert (row.estimated_attempts, row.cost_nanos) == (0, entry.cost_nanos)
        assert (input_total(row.tokens), output_total(row.tokens)) == (entry.input_tokens, entry.output_tokens)


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_caller_who_goes_at_every_delta(make_world: MakeWorld, policy: OnCancel) -> None:
    world = await counted(make_world(first_fields={"on_cancel": policy}))
    world.first.script.push(PACED, times=100)
    booked = await run(world, [reading(deltas) for deltas in (*range(DELTAS + 2), 0, 0)])
    assert len(booked) == len(world.first.meter.entries) == DELTAS + 4
    await check(world, booked)
    if policy is OnCancel.READ_TO_END:
        exact(world, booked)


@pytest.mark.parametrize("policy", POLICIES)
async def test_time_that_ends_at_any_moment(make_world: MakeWorld, policy: OnCancel) -> None:
    world = await counted(make_world(first_fields={"on_cancel": policy}))
    world.first.script.push(PACED, times=100)
    moments = random.Random(4)
    hinted = [within(moments.uniform(0.005, 0.2)) for _ in range(24)]
    booked = await run(world, hinted)
    await check(world, booked)
    if policy is OnCancel.READ_TO_END:
        exact(world, booked)


@pytest.mark.parametrize("policy", POLICIES)
async def test_readers_that_stop(make_world: MakeWorld, policy: OnCancel) -> None:
    world = await counted(make_world(first_fields={"on_cancel": policy}, stalled_reader_ms=40))
    # Three times what a relay holds, so that one read cannot make room for all of it.
    world.first.script.push(Fault(burst=False, gap_ms=0.2, tokens=800), times=100)
    booked = await run(world, [stopping] * 4)
    assert len(booked) == 4
    await check(world, booked)
    if policy is OnCancel.READ_TO_END:
        exact(world, booked)


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_failure_then_a_fallback_then_a_caller_who_goes(make_world: MakeWorld, policy: OnCancel) -> None:
    world = await counted(make_world(second_fields={"on_cancel": policy}))
    world.first.script.push(Fault(cut_after=0), times=100)
    world.second.script.push(PACED, times=100)
    booked = await run(world, [reading(deltas) for deltas in range(1, DELTAS + 2)])
    await check(world, booked, attempts=2)
    assert {(row.failed_attempts, row.cancelled_attempts) for row in booked.values()} == {(1, 1)}
    cost_nanos = world.first.meter.cost_nanos + world.second.meter.cost_nanos
    assert sum(row.cost_nanos for row in booked.values()) >= cost_nanos


@pytest.mark.parametrize("policy", POLICIES)
async def test_open_and_cancel_in_a_loop_against_five_slots(make_world: MakeWorld, policy: OnCancel) -> None:
    world = await counted(make_world(first_fields={"on_cancel": policy}), slots=5)
    world.first.script.push(Fault(burst=False, first_ms=5, gap_ms=10, tokens=30), times=1_000)
    refused = 0

    async def opening() -> None:
        nonlocal refused
        for _ in range(25):
            try:
                await reading(1)(world, asking("hello"))
            except BudgetExhausted:
                refused += 1

    await asyncio.gather(*(opening() for _ in range(8)))
    await world.settled()
    assert refused
    assert 0 < world.first.meter.most_at_once <= 5
    usage = await world.usage()
    assert usage.attempts == len(world.first.meter.entries) == 200 - refused
    assert usage.cost_nanos >= world.first.meter.cost_nanos
    assert (await world.storage.budgets.get(OWNERS, "slots")).balance.reserved == 0


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("policy", POLICIES)
async def test_ends_of_all_kinds_at_once_under_load(make_world: MakeWorld, policy: OnCancel) -> None:
    world = await counted(make_world(first_fields={"on_cancel": policy}, max_read_to_end=10_000))
    world.first.script.push(PACED, times=100_000)
    chances = random.Random(9)
    for _ in range(40):
        kinds = (reading(chances.randint(1, DELTAS + 1)), within(chances.uniform(0.005, 0.3)))
        ends = [chances.choice(kinds) for _ in range(50)]
        before = len(world.first.meter.entries)
        await asyncio.gather(*(end(world, asking("hello")) for end in ends))
        assert len(world.first.meter.entries) - before <= 50
    await world.settled()
    usage = await world.usage()
    assert usage.attempts >= len(world.first.meter.entries)
    assert usage.cost_nanos >= world.first.meter.cost_nanos
    *findings, summary = [finding async for finding in world.storage.budgets.verify(None)]
    assert not findings
    assert isinstance(summary, Summary)
