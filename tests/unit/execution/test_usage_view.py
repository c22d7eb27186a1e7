"""What rules know of budgets: what the store said last, and nothing where that is old or was never read."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress

import pytest
from pointsman_server.errors import StoreUnavailable
from pointsman_server.execution import usage_view
from pointsman_server.execution.usage_view import ASKED_S, STALE_S, UsageWatch
from pointsman_server.ledger.meters import Scope
from pointsman_server.ledger.shares import ShareKey
from pointsman_server.policy.rule import PolicyScope

from tests.conformance.builders import SetClock

KEY = ShareKey("acme", Scope.TENANT, "", "")
ADAS = ShareKey("acme", Scope.USER, "ada", "bud_1")


class Store:
    """Says what it is told to, or fails."""

    def __init__(self) -> None:
        self.found: dict[ShareKey, int] = {}
        self.asked: list[set[ShareKey]] = []
        self.trouble: list[Exception] = []

    async def shares(self, keys: Collection[ShareKey]) -> Mapping[ShareKey, int]:
        self.asked.append(set(keys))
        if self.trouble:
            raise self.trouble.pop()
        return dict(self.found)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def watch(store: Store, clock: SetClock) -> UsageWatch:
    return UsageWatch(store, clock)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


def whole(watch: UsageWatch) -> int | None:
    return watch.percent("acme", PolicyScope.TENANT, "", "")


async def test_what_was_asked_for_is_known_after_a_look_and_until_it_is_old(
    store: Store, watch: UsageWatch, clock: SetClock
) -> None:
    await watch.look()
    assert store.asked == [], "nothing is asked for"
    store.found = {KEY: 81}
    assert whole(watch) is None
    await watch.look()
    assert whole(watch) == 81
    assert watch.percent("acme", PolicyScope.USER, "ada", "bud_1") is None, "not read yet"
    clock.advance(seconds=STALE_S)
    assert whole(watch) == 81
    clock.advance(seconds=0.1)
    assert whole(watch) is None
    await watch.look()
    assert store.asked == [{KEY}, {KEY, ADAS}]
    assert watch.percent("acme", PolicyScope.USER, "ada", "bud_1") is None, "the store has no such budget"


async def test_what_nobody_asks_for_any_more_is_not_read(store: Store, watch: UsageWatch, clock: SetClock) -> None:
    whole(watch)
    clock.advance(seconds=ASKED_S)
    watch.percent("acme", PolicyScope.USER, "ada", "bud_1")
    await watch.look()
    clock.advance(seconds=1)
    await watch.look()
    assert store.asked == [{KEY, ADAS}, {ADAS}]


async def test_no_more_is_watched_than_so_many(
    store: Store, watch: UsageWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_view, "MOST", 1)
    whole(watch)
    watch.percent("acme", PolicyScope.USER, "ada", "bud_1")
    await watch.look()
    assert store.asked == [{ADAS}]


@pytest.mark.parametrize("trouble", [StoreUnavailable("away"), ValueError("a defect")])
async def test_what_is_new_is_read_at_once_past_whatever_goes_wrong(
    store: Store, watch: UsageWatch, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_view, "POLL_S", 30.0)
    store.trouble, store.found = [trouble], {KEY: 7, ADAS: 9}
    running = asyncio.create_task(watch.run())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        whole(watch)
        while not store.asked:  # noqa: ASYNC110  # the look is behind the event
            await asyncio.sleep(0.005)
        watch.percent("acme", PolicyScope.USER, "ada", "bud_1")
        while whole(watch) is None:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.005)
    assert (whole(watch), watch.percent("acme", PolicyScope.USER, "ada", "bud_1")) == (7, 9)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
