"""Servers that share PostgreSQL, one of which goes away: what it had open is unknown, and its slots are free."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import psycopg
import pytest
from pointsman_server.errors import BudgetExhausted
from pointsman_server.execution.persistence import persistently
from pointsman_server.identity.model import SERVER
from pointsman_server.ids import new_id
from pointsman_server.ledger.audit import Difference, Summary
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.replicas import HEARTBEAT_S, LEASE_S
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage
from structlog.testing import capture_logs

from tests.conformance.builders import TENANT, SetClock, request, settlement

MONEY = Meter(MeterKey(TENANT, "money"), "money", Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, 100_000)
SLOTS = Meter(MeterKey(TENANT, "slots"), "slots", Scope.TENANT, "", Unit.REQUESTS, MeterKind.SLOTS, 0, 1)
LIFE = timedelta(minutes=11)
ROUNDS = round(LEASE_S / HEARTBEAT_S) + 2


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def servers(postgres_url: str, clock: SetClock) -> AsyncIterator[list[Storage]]:
    """Three servers in one process, each with its own writer. Their hearts beat when a test says so."""
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(
                await Storage.open(postgres_url, clock=clock, new_id=new_id, largest_life=LIFE)
            )
            for _ in range(3)
        ]
        for meter in (MONEY, SLOTS):
            await opened[0].budgets.create(meter, SERVER)
        yield opened


async def rounds(clock: SetClock, *living: Storage, count: int = ROUNDS) -> None:
    for _ in range(count):
        clock.advance(seconds=HEARTBEAT_S)
        await asyncio.gather(*(server.sweeper.round() for server in living))


async def use(storage: Storage) -> tuple[tuple[int, int], tuple[int, int]]:
    """What is posted and held of the money and of the slots."""
    money, slots = [(await storage.budgets.get((TENANT,), name)).balance for name in ("money", "slots")]
    return (money.posted, money.reserved), (slots.posted, slots.reserved)


async def proven(storage: Storage) -> Summary:
    *found, summary = [finding async for finding in storage.budgets.verify(None)]
    assert not [each for each in found if isinstance(each, Difference)]
    assert isinstance(summary, Summary)
    return summary


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


async def test_the_others_free_the_slots_of_a_server_whose_heart_stands_still(
    servers: list[Storage], clock: SetClock, postgres_url: str
) -> None:
    dying, *living = servers
    await rounds(clock, *servers, count=1)
    lost = await dying.ledger.reserve(request())
    with pytest.raises(BudgetExhausted):
        await living[0].ledger.reserve(request(completion_id="cmp_2"))
    with capture_logs() as logs:
        await rounds(clock, *living)
    assert await use(living[0]) == ((0, 9_000), (0, 0))
    assert (await proven(living[0])).unknown_count == 1
    states = rows(postgres_url, "SELECT state, count(*) FROM replicas GROUP BY state ORDER BY state")
    assert states == [("alive", 2), ("dead", 1)]
    assert [log["replica_id"] for log in logs if log["event"] == "replica_dead"] == [lost.replica_id]
    alarms = [log for log in logs if log["event"] == "reservation_unknown"]
    assert [(alarm["reservation_id"], alarm["log_level"]) for alarm in alarms] == [(lost.reservation_id, "error")]
    await living[1].ledger.reserve(request(completion_id="cmp_3"))


async def test_nobody_is_dead_whose_heart_beats_however_long_its_calls_take(
    servers: list[Storage], clock: SetClock, postgres_url: str
) -> None:
    await servers[0].ledger.reserve(request())
    await rounds(clock, *servers, count=5 * ROUNDS)
    assert rows(postgres_url, "SELECT DISTINCT state FROM replicas") == [("alive",)]
    assert rows(postgres_url, "SELECT state FROM reservations") == [("open",)]


async def test_a_server_that_was_paused_goes_on_under_a_new_id_and_loses_no_settlement(
    servers: list[Storage], clock: SetClock, postgres_url: str
) -> None:
    paused, *living = servers
    await rounds(clock, *servers, count=1)
    held = await paused.ledger.reserve(request())
    await rounds(clock, *living)
    following = await living[0].ledger.reserve(request(completion_id="cmp_2"))
    with capture_logs() as logs:
        await paused.ledger.settle(held, settlement())
    assert [log["replica_id"] for log in logs if log["event"] == "replica_fenced"] == [held.replica_id]
    assert await use(paused) == ((4_321, 9_000), (0, 1))
    await living[0].ledger.settle(following, settlement())
    own = await paused.ledger.reserve(request(completion_id="cmp_3"))
    assert own.replica_id != held.replica_id
    await rounds(clock, *servers)
    assert rows(postgres_url, f"SELECT state FROM reservations WHERE reservation_id = '{own.reservation_id}'") == [
        ("open",)
    ]
    assert (await proven(paused)).unknown_count == 0


async def test_after_an_outage_of_the_database_nobody_is_declared_dead(
    servers: list[Storage], clock: SetClock, postgres_url: str
) -> None:
    await rounds(clock, *servers, count=1)
    clock.advance(minutes=10)
    await rounds(clock, *servers)
    assert rows(postgres_url, "SELECT state, count(*) FROM replicas GROUP BY state") == [("alive", 3)]


async def test_a_task_that_hangs_holds_its_slot_no_longer_than_its_largest_life(
    servers: list[Storage], clock: SetClock
) -> None:
    hung = await servers[0].ledger.reserve(request())
    clock.advance(minutes=10)
    await rounds(clock, *servers, count=1)
    assert await use(servers[1]) == ((0, 9_000), (0, 1))
    clock.advance(minutes=1)
    await rounds(clock, *servers, count=1)
    assert await use(servers[1]) == ((0, 9_000), (0, 0))
    await servers[0].ledger.settle(hung, settlement())
    assert await use(servers[1]) == ((4_321, 0), (0, 0))
    assert (await proven(servers[1])).unknown_count == 0


async def test_what_a_server_that_left_has_open_is_unknown_at_the_next_round(
    servers: list[Storage], clock: SetClock
) -> None:
    leaving, *living = servers
    await leaving.ledger.reserve(request())
    await leaving.close()
    await rounds(clock, living[0], count=1)
    assert await use(living[0]) == ((0, 9_000), (0, 0))


async def test_many_are_swept_while_others_are_settled(servers: list[Storage], clock: SetClock) -> None:
    await servers[0].budgets.delete((TENANT,), "slots", SERVER)
    await servers[0].budgets.delete((TENANT,), "money", SERVER)
    await servers[0].budgets.create(
        Meter(MeterKey(TENANT, "many"), "money", Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, 10**9), SERVER
    )
    dying, *living = servers
    await rounds(clock, *servers, count=1)
    held = await asyncio.gather(
        *(dying.ledger.reserve(request(completion_id=f"cmp_{number}")) for number in range(600))
    )

    async def settle_late() -> None:
        for each in held[:300]:
            await persistently(functools.partial(living[0].ledger.settle, each, settlement()))

    await asyncio.gather(settle_late(), rounds(clock, *living))
    await rounds(clock, *living, count=1)
    assert (await proven(living[0])).unknown_count == 300
