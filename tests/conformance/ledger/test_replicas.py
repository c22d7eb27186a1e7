"""Servers that share a database: who lives, whose reservations are whose, and what becomes of those of the dead."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from pointsman_server.ledger.batch import Reserve, Settle
from pointsman_server.ledger.membership import Membership
from pointsman_server.ledger.model import Owner, Reservation
from pointsman_server.ledger.replicas import Host, Living, ReplicaState
from pointsman_server.ledger.store import LedgerStore
from pointsman_server.ledger.writer import GroupCommitWriter
from pointsman_server.storage.control import Execute
from pointsman_server.storage.replicas import KEPT, SqlRegistry
from pointsman_server.storage.tables import REPLICAS, RESERVATIONS
from sqlalchemy import select

from tests.conformance.builders import START, request, settlement

Store = LedgerStore[Execute]

HOST = Host("machine", 42)
LIFE = timedelta(minutes=11)
REGISTRY = SqlRegistry()
STATES = select(REPLICAS.c.replica_id, REPLICAS.c.state).order_by(REPLICAS.c.replica_id)
OWNERS = select(RESERVATIONS.c.replica_id, RESERVATIONS.c.expires_at)


@pytest.fixture
def membership(new_id: Callable[[str], str]) -> Membership[Execute]:
    return Membership(REGISTRY, HOST, largest_life=LIFE, new_id=new_id)


@pytest.fixture
async def writer(
    open_store: Callable[[], Store], membership: Membership[Execute]
) -> AsyncIterator[GroupCommitWriter[Execute]]:
    opened = GroupCommitWriter(open_store(), membership)
    yield opened
    await opened.close()


def reserve(name: str) -> Reserve:
    return Reserve(Reservation(name, request(), START))


async def states(writer: GroupCommitWriter[Execute]) -> dict[str, str]:
    return dict(await writer.control(lambda execute: execute(STATES, {})))


async def test_the_first_transaction_makes_a_server_known(writer: GroupCommitWriter[Execute]) -> None:
    made = await writer.apply(reserve("rsv_1"), admission=True)
    assert isinstance(made, Reservation)
    assert (made.replica_id, made.expires_at) == ("rep_000001", START + LIFE)
    assert await states(writer) == {"rep_000001": "alive"}
    ((owner, expires_at),) = await writer.control(lambda execute: execute(OWNERS, {}))
    assert (owner, expires_at) == ("rep_000001", round((START + LIFE).timestamp() * 1_000_000))


async def test_heartbeats_are_counted_and_tell_who_lives(writer: GroupCommitWriter[Execute]) -> None:
    await writer.control(lambda execute: REGISTRY.enter(execute, "rep_other", HOST, START))
    for count in (1, 2):
        living = await writer.control(lambda execute: REGISTRY.beat(execute, "rep_000001", START))
        assert sorted(living) == [Living("rep_000001", count), Living("rep_other", 0)]


async def test_a_heart_that_beat_meanwhile_is_not_declared_dead(writer: GroupCommitWriter[Execute]) -> None:
    dead = ReplicaState.DEAD
    await writer.control(lambda execute: REGISTRY.enter(execute, "rep_other", HOST, START))
    seen = Living("rep_other", 0)
    await writer.control(lambda execute: REGISTRY.beat(execute, "rep_other", START))
    assert not await writer.control(lambda execute: REGISTRY.end(execute, seen, dead))
    assert await writer.control(lambda execute: REGISTRY.end(execute, Living("rep_other", 1), dead))
    assert not await writer.control(lambda execute: REGISTRY.end(execute, Living("rep_other", 1), dead))
    assert (await states(writer))["rep_other"] == "dead"


async def test_a_server_that_was_taken_for_dead_goes_on_under_a_new_id(writer: GroupCommitWriter[Execute]) -> None:
    held = await writer.apply(reserve("rsv_1"), admission=True)
    assert isinstance(held, Reservation)
    await writer.control(lambda execute: REGISTRY.end(execute, Living("rep_000001", 0), ReplicaState.DEAD))
    following = await writer.apply(Settle(held, settlement()), reserve("rsv_2"), admission=True)
    assert isinstance(following, Reservation)
    assert following.replica_id == "rep_000002"
    assert await states(writer) == {"rep_000001": "dead", "rep_000002": "alive"}


async def test_a_server_whose_entry_was_undone_enters_again(
    writer: GroupCommitWriter[Execute], membership: Membership[Execute]
) -> None:
    def broken(_: Execute) -> None:
        raise ValueError("a defect")

    with pytest.raises(Exception, match="cannot be written"):
        await writer.control(broken)
    assert membership.replica_id == "rep_000001"
    assert await states(writer) == {"rep_000001": "alive"}


async def test_who_left_stays_so_whatever_it_still_writes(
    writer: GroupCommitWriter[Execute], membership: Membership[Execute]
) -> None:
    held = await writer.apply(reserve("rsv_1"), admission=True)
    assert isinstance(held, Reservation)
    await writer.control(membership.leave)
    await writer.apply(Settle(held, settlement()), admission=False)
    assert await states(writer) == {"rep_000001": "left"}


async def test_who_has_been_gone_for_long_is_forgotten(writer: GroupCommitWriter[Execute]) -> None:
    for name, age in (("rep_alive", 2 * KEPT), ("rep_old", KEPT + timedelta(days=1)), ("rep_young", KEPT)):
        await writer.control(lambda execute, name=name, age=age: REGISTRY.enter(execute, name, HOST, START - age))
    for name in ("rep_old", "rep_young"):
        await writer.control(lambda execute, name=name: REGISTRY.leave(execute, name))
    await writer.control(lambda execute: REGISTRY.enter(execute, "rep_new", HOST, START))
    assert await states(writer) == {
        "rep_000001": "alive",
        "rep_alive": "alive",
        "rep_new": "alive",
        "rep_young": "left",
    }


async def test_what_has_no_living_server_or_lived_too_long_is_lost(writer: GroupCommitWriter[Execute]) -> None:
    await writer.apply(reserve("rsv_1"), admission=True)

    async def lost(after: timedelta, count: int = 10) -> list[Reservation]:
        return [*await writer.control(lambda execute: REGISTRY.lost(execute, START + after, count))]

    assert await lost(LIFE - timedelta(microseconds=1)) == []
    assert [each.reservation_id for each in await lost(LIFE)] == ["rsv_1"]
    await writer.control(lambda execute: REGISTRY.end(execute, Living("rep_000001", 0), ReplicaState.DEAD))
    assert [each.reservation_id for each in await lost(timedelta())] == ["rsv_1"]
    assert await lost(timedelta(), count=0) == []


def test_who_makes_reservations_for_ever_gives_them_no_end() -> None:
    assert Owner("rep_1").expiry(START) is None
    assert Owner("rep_1", LIFE).expiry(START) == START + LIFE
