"""Checkpoints of running attempts, on every store: the last one is kept, and none of what has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pointsman_server.ledger.model import Checkpoint, Progress, Reservation
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import RESERVATIONS
from sqlalchemy import select

from tests.conformance.builders import START, TENANT, SetClock, request, settlement

MARKED = select(RESERVATIONS.c.checkpoint_at).where(RESERVATIONS.c.checkpoint_at.is_not(None))


def progress(of: Reservation, output_tokens: int, cost_nanos: int | None = 700) -> Progress:
    return Progress(TENANT, of.reservation_id, 11, output_tokens, cost_nanos)


async def open_ones(storage: Storage) -> dict[str, Reservation]:
    found = await storage._writer.inside(lambda store: store.open_reservations(), admission=False)
    return {each.reservation_id: each for each in found}


async def test_the_last_checkpoint_is_kept(storage: Storage, clock: SetClock) -> None:
    first, second, third = [await storage.ledger.reserve(request(completion_id=f"cmp_{n}")) for n in range(3)]
    await storage.ledger.checkpoint([progress(first, 5), progress(second, 6, None)])
    clock.advance(seconds=2)
    await storage.ledger.checkpoint([progress(first, 9)])
    later = START + timedelta(seconds=2)
    assert await open_ones(storage) == {
        first.reservation_id: replace(first, checkpoint=Checkpoint(later, 11, 9, 700)),
        second.reservation_id: replace(second, checkpoint=Checkpoint(START, 11, 6, None)),
        third.reservation_id: third,
    }


async def test_what_has_ended_has_no_checkpoint(storage: Storage) -> None:
    settled, voided = await storage.ledger.reserve(request()), await storage.ledger.reserve(request(attempt=2))
    await storage.ledger.settle(settled, settlement())
    await storage.ledger.void(voided)
    gone = Progress("nobody", "rsv_none", 1, 1, 1)
    await storage.ledger.checkpoint([progress(settled, 5), progress(voided, 5), gone])
    assert await storage._writer.control(lambda execute: execute(MARKED, {})) == []
