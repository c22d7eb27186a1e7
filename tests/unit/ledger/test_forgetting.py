"""Forgetting old claims: in steps, again and again, and past a store that is away."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from pointsman_server.clock import SystemClock
from pointsman_server.errors import Overloaded, StoreUnavailable
from pointsman_server.ledger.claims import Claimed, ClaimKey
from pointsman_server.ledger.forgetting import KEPT, Forgetting
from pointsman_server.ledger.meters import MeterKey


class Store:
    """Has so many claims to forget in each step, or fails."""

    def __init__(self, *steps: int | Exception) -> None:
        self._steps = list(steps)
        self.asked: list[datetime] = []

    async def find(self, key: ClaimKey) -> Claimed | None:
        raise AssertionError(key)

    async def forget(self, before: datetime) -> int:
        self.asked.append(before)
        step = self._steps.pop(0) if self._steps else 0
        if isinstance(step, Exception):
            raise step
        return step


class Meters:
    """Goes on after each of the keys, or fails."""

    def __init__(self, *steps: MeterKey | Exception | None) -> None:
        self._steps = list(steps)
        self.asked: list[MeterKey | None] = []

    async def forget(self, after: MeterKey | None) -> MeterKey | None:
        self.asked.append(after)
        step = self._steps.pop(0) if self._steps else None
        if isinstance(step, Exception):
            raise step
        return step


@pytest.mark.parametrize("trouble", [StoreUnavailable("away"), Overloaded("too much"), ValueError("a defect")])
async def test_rounds_go_on_past_what_goes_wrong(trouble: Exception) -> None:
    store, meters = Store(100, 100, 7, 0, trouble, 3), Meters(MeterKey("a", "9"), MeterKey("b", "2"), None, trouble)
    earliest = datetime.now(UTC) - KEPT
    running = asyncio.create_task(Forgetting(store, meters, SystemClock(), round_s=0.01, step_s=0).run())
    async with asyncio.timeout(5):
        while len(store.asked) < 8 or len(meters.asked) < 6:  # noqa: ASYNC110  # the work is behind a timer
            await asyncio.sleep(0.005)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert meters.asked[:6] == [None, ("a", "9"), ("b", "2"), None, None, None], "trouble with one stops not the other"
    assert len(set(store.asked[:4])) == 1
    assert earliest <= store.asked[0] <= datetime.now(UTC) - KEPT
