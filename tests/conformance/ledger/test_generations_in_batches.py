"""Generations on every store: counted on with what they stand for, read with each reservation, seen by every server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from pointsman_server.clock import SystemClock
from pointsman_server.errors import NotFound, StoreUnavailable
from pointsman_server.identity.model import SERVER
from pointsman_server.ledger.claims import Claim, ClaimKey
from pointsman_server.ledger.generations import Generation, Generations, GenerationsChanged, GenerationWatch
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.control import Execute
from pointsman_server.storage.database import Address
from pointsman_server.storage.generations import count_on
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import METERS
from sqlalchemy import bindparam, update

from tests.conformance.builders import START, TENANT, USER, decision, failed, request, settlement

OpenStorage = Callable[[], Awaitable[Storage]]
FREEZE = update(METERS).where(METERS.c.meter_id == bindparam("id")).values(frozen=True)
CALLS = Meter(MeterKey(TENANT, "calls"), "calls", Scope.TENANT, "", Unit.REQUESTS, MeterKind.MONTH, 0, 10)
OLD = replace(request(), generations=Generations())


async def count(storage: Storage, *names: Generation) -> None:
    def write(execute: Execute) -> None:
        for name in names:
            count_on(execute, name)

    await storage.budgets._writer.control(write)


async def used(storage: Storage) -> tuple[int, int]:
    balance = (await storage.budgets.get((TENANT,), "calls")).balance
    return balance.posted, balance.reserved


async def test_they_begin_at_nothing_and_grow_each_for_itself(storage: Storage) -> None:
    assert await storage.generations.read() == Generations()
    await count(storage, Generation.POLICY)
    await count(storage, Generation.POLICY, Generation.KILL)
    assert await storage.generations.read() == Generations(kill=1, policy=2)


async def test_one_is_counted_on_with_what_it_stands_for_or_not_at_all(storage: Storage) -> None:
    await storage.budgets.create(CALLS, SERVER)

    def write(execute: Execute) -> None:
        execute(FREEZE, {"id": "calls"})
        count_on(execute, Generation.POLICY)

    def broken(execute: Execute) -> None:
        write(execute)
        raise ValueError

    with pytest.raises((StoreUnavailable, ValueError)):
        await storage.budgets._writer.control(broken)
    assert await storage.generations.read() == Generations()
    await storage.budgets._writer.control(write)
    assert await storage.generations.read() == Generations(policy=1)
    assert (await storage.budgets.get((TENANT,), "calls")).meter.frozen


async def test_a_plan_that_is_too_old_reserves_nothing_and_keeps_no_request_id(storage: Storage) -> None:
    await storage.budgets.create(CALLS, SERVER)
    await count(storage, Generation.CATALOG)
    claim = Claim(ClaimKey(TENANT, USER, "once"), "digest", "cmp_1", "dec_1", START)
    with pytest.raises(GenerationsChanged) as refused:
        await storage.ledger.reserve(OLD, decision(), claim=claim)
    assert refused.value.found == Generations(catalog=1)
    assert await used(storage) == (0, 0)
    assert await storage.claims.find(claim.key) is None
    with pytest.raises(NotFound):
        await storage.decisions.get(TENANT, USER, "dec_1")
    for asked in (replace(OLD, generations=refused.value.found), request()):
        await storage.ledger.void(await storage.ledger.reserve(asked))
    held = await storage.ledger.reserve(replace(OLD, generations=Generations(catalog=7)))
    assert held.lines, "a server that has seen more than the store says is not held up"


async def test_a_fallback_that_is_too_old_leaves_the_failed_attempt_settled_and_the_call_counted(
    storage: Storage,
) -> None:
    await storage.budgets.create(CALLS, SERVER)
    first = await storage.ledger.reserve(OLD)
    await count(storage, Generation.KILL)
    with pytest.raises(GenerationsChanged):
        await storage.ledger.settle_and_reserve(first, failed(), replace(OLD, attempt=2))
    assert await used(storage) == (1, 0)
    await storage.ledger.settle(first, settlement())
    assert await used(storage) == (1, 0)


@pytest.mark.parametrize("name", [Generation.KILL, Generation.REVOCATION, Generation.POLICY])
async def test_a_call_goes_on_with_the_catalog_that_it_began_with_and_under_nothing_else_that_is_old(
    storage: Storage, name: Generation
) -> None:
    await storage.budgets.create(CALLS, SERVER)
    first = await storage.ledger.reserve(OLD)
    await count(storage, Generation.CATALOG)
    second = await storage.ledger.settle_and_reserve(first, failed(), replace(OLD, attempt=2))
    assert await used(storage) == (0, 1)
    await count(storage, name)
    with pytest.raises(GenerationsChanged) as refused:
        await storage.ledger.settle_and_reserve(second, failed(), replace(OLD, attempt=3))
    assert refused.value.found == Generations(catalog=1)._replace(**{name.value: 1})
    assert await used(storage) == (1, 0)


@pytest.fixture
async def replicas(database: Address, open_storage: OpenStorage) -> AsyncIterator[list[Storage]]:
    """Two servers of one database; on SQLite, which has one server, that one twice."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(await open_storage())
        alone = not isinstance(database, str)
        yield [first, first if alone else await stack.enter_async_context(await open_storage())]


async def test_every_server_sees_within_a_second_what_one_has_counted_on(replicas: list[Storage]) -> None:
    writing, watching = replicas
    watch, told = GenerationWatch(watching.generations.read, SystemClock()), asyncio.Event()
    watch.on_change(Generation.KILL, told.set)
    await watch.look()
    looking = asyncio.create_task(watch.run())
    await count(writing, Generation.KILL)
    async with asyncio.timeout(1):
        await told.wait()
    looking.cancel()
    await asyncio.wait([looking])
    assert watch.admitting() == Generations(kill=1)


async def test_a_reservation_sees_at_once_what_another_server_has_counted_on(replicas: list[Storage]) -> None:
    writing, admitting = replicas
    await admitting.ledger.reserve(OLD)
    await count(writing, Generation.REVOCATION)
    with pytest.raises(GenerationsChanged):
        await admitting.ledger.reserve(OLD)


async def test_two_servers_that_begin_one_at_once_count_both(replicas: list[Storage]) -> None:
    await asyncio.gather(*(count(each, Generation.POLICY) for each in replicas * 5))
    assert (await replicas[0].generations.read()).policy == 10
