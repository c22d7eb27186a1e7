"""Unknown reservations that are resolved: by a policy once their time is over, or by one of two who try."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from pointsman.v1.router_service_pb2 import UsageRow
from pointsman_server.errors import NotFound
from pointsman_server.identity.model import SERVER
from pointsman_server.ledger.adjustments import Resolver
from pointsman_server.ledger.audit import Summary
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import Progress, Reservation
from pointsman_server.ledger.reports import UsageQuery
from pointsman_server.ledger.unknown import UnknownPolicy
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.database import Address
from pointsman_server.storage.storage import Storage
from structlog.testing import capture_logs

from tests.conformance.builders import TENANT, SetClock, request, settlement

MONEY = Meter(MeterKey(TENANT, "money"), "money", Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, 100_000)
LIFE = timedelta(minutes=11)
ASKED = replace(request(), input_tokens_bound=400, max_output_tokens=100)
POLICY = UnknownPolicy(timedelta(hours=24), margin_percent=20)


@pytest.fixture
def policy() -> UnknownPolicy | None:
    return POLICY


@pytest.fixture
async def storage(
    database: Address, clock: SetClock, new_id: Callable[[str], str], policy: UnknownPolicy | None
) -> AsyncIterator[Storage]:
    async with await Storage.open(
        database, clock=clock, new_id=new_id, largest_life=LIFE, unknown_policy=policy
    ) as opened:
        await opened.budgets.create(MONEY, SERVER)
        yield opened


async def lost(storage: Storage, clock: SetClock, *, output_tokens: int | None = None) -> Reservation:
    """A reservation that has become unknown, with a checkpoint or without one."""
    held = await storage.ledger.reserve(ASKED)
    if output_tokens is not None:
        await storage.ledger.checkpoint([Progress(TENANT, held.reservation_id, 300, output_tokens, 5_000)])
    clock.advance(minutes=11)
    await storage.sweeper.round()
    return await storage.budgets.unknown(TENANT, held.reservation_id)


async def money(storage: Storage) -> tuple[int, int]:
    balance = (await storage.budgets.get((TENANT,), "money")).balance
    return balance.posted, balance.reserved


async def usage(storage: Storage, clock: SetClock) -> UsageRow:
    return (await storage.usage.report(TENANT, UsageQuery(end=clock.now() + timedelta(seconds=1)))).total


async def test_a_policy_settles_at_the_checkpoint_with_its_margin(storage: Storage, clock: SetClock) -> None:
    unknown = await lost(storage, clock, output_tokens=50)
    clock.advance(hours=23, minutes=59)
    await storage.sweeper.round()
    assert await money(storage) == (0, 9_000)
    clock.advance(minutes=1)
    with capture_logs() as logs:
        await storage.sweeper.round()
    assert await money(storage) == (6_000, 0)
    row = await usage(storage, clock)
    assert (row.tokens.input_tokens, row.tokens.output_tokens, row.estimated_attempts) == (360, 60, 1)
    (told,) = [log for log in logs if log["event"] == "reservation_resolved"]
    assert (told["reservation_id"], told["resolver"], told["cost_nanos"]) == (unknown.reservation_id, "policy", 6_000)
    assert [finding async for finding in storage.budgets.verify(None)] == [Summary(1, 1, 0, 0)]
    await storage.sweeper.round()
    assert await money(storage) == (6_000, 0)


async def test_without_a_checkpoint_a_policy_books_all_that_is_held(storage: Storage, clock: SetClock) -> None:
    await lost(storage, clock)
    clock.advance(hours=24)
    await storage.sweeper.round()
    assert await money(storage) == (9_000, 0)


async def test_a_late_settlement_corrects_what_a_policy_booked(storage: Storage, clock: SetClock) -> None:
    unknown = await lost(storage, clock, output_tokens=50)
    clock.advance(hours=24)
    await storage.sweeper.round()
    await storage.ledger.settle(unknown, settlement(cost_nanos=777))
    assert await money(storage) == (777, 0)


@pytest.mark.parametrize("policy", [None])
async def test_without_a_policy_it_stays_charged(storage: Storage, clock: SetClock) -> None:
    await lost(storage, clock, output_tokens=50)
    clock.advance(days=10)
    await storage.sweeper.round()
    assert await money(storage) == (0, 9_000)


async def test_of_two_administrators_the_second_is_told(storage: Storage, clock: SetClock) -> None:
    unknown = await lost(storage, clock)
    with capture_logs() as logs:
        await storage.ledger.settle(unknown, settlement(cost_nanos=77), resolver=Resolver.OPERATOR)
        with pytest.raises(NotFound, match=unknown.reservation_id):
            await storage.ledger.settle(unknown, settlement(cost_nanos=88), resolver=Resolver.OPERATOR)
        with pytest.raises(NotFound, match=unknown.reservation_id):
            await storage.ledger.void(unknown, resolver=Resolver.OPERATOR)
    assert await money(storage) == (77, 0)
    told = [log for log in logs if log["event"] == "reservation_resolved"]
    assert [(log["resolver"], log["state"]) for log in told] == [("operator", "settled")]
