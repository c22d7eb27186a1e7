"""Kill switches are loaded whole and swapped; where they cannot be read, nothing is let in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from pointsman_server.errors import StoreUnavailable
from pointsman_server.policy import following
from pointsman_server.policy import kill_keeper as module
from pointsman_server.policy.kill_keeper import KillKeeper
from pointsman_server.policy.kill_switch import KillScope, KillSwitches
from structlog.testing import capture_logs

from tests.unit.policy.test_kill_switch import switch

GLOBAL = switch(KillScope.GLOBAL)


class _Store:
    """Says what it is told to."""

    def __init__(self) -> None:
        self.answer: KillSwitches | Exception = KillSwitches()

    async def load(self) -> KillSwitches:
        await asyncio.sleep(0)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class _Cutter:
    """Notes what it is given."""

    def __init__(self) -> None:
        self.given: list[KillSwitches] = []
        self.defect: Exception | None = None

    def __call__(self, switches: KillSwitches) -> None:
        self.given.append(switches)
        if self.defect is not None:
            raise self.defect


@pytest.fixture
def store() -> _Store:
    return _Store()


@pytest.fixture
def cutter() -> _Cutter:
    return _Cutter()


@pytest.fixture
async def kept(store: _Store, cutter: _Cutter, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[KillKeeper]:
    for name in ("RETRY_S", "SWEEP_S"):
        monkeypatch.setattr(module, name, 0.01)
    monkeypatch.setattr(following, "CATCH_UP_S", 0.2)
    keeper = KillKeeper(store)
    await keeper.load()
    running = asyncio.create_task(keeper.run(cutter))
    yield keeper
    running.cancel()
    await asyncio.wait([running])


async def test_a_change_is_loaded_and_told_to_what_runs(kept: KillKeeper, store: _Store, cutter: _Cutter) -> None:
    store.answer = KillSwitches(1, [GLOBAL])
    kept.changed()
    assert (await kept.at_least(1)).stopping("acme") is GLOBAL
    await asyncio.sleep(0.1)
    assert len(cutter.given) > 1, "again and again, for what was let in a moment before"
    store.answer = KillSwitches(2)
    assert (await kept.at_least(2)).stopping("acme") is None
    await asyncio.sleep(0.05)
    count = len(cutter.given)
    await asyncio.sleep(0.05)
    assert len(cutter.given) == count, "nothing is cut any more"


@pytest.mark.parametrize("error", [StoreUnavailable("away"), ValueError("a row of a later version")])
async def test_what_cannot_be_read_lets_nothing_in(kept: KillKeeper, store: _Store, error: Exception) -> None:
    store.answer = error
    with capture_logs() as logs, pytest.raises(StoreUnavailable, match="nothing is let in"):
        await kept.at_least(1)
    assert {log["event"] for log in logs} <= {"kill_switches_unread", "kill_switches_kept"} != set()
    assert kept.current.generation == 0, "what is known stays in force"
    store.answer = KillSwitches(1, [GLOBAL])
    assert len(await kept.at_least(1)) == 1, "it is asked again by itself"


async def test_an_older_state_is_not_put_in_force(kept: KillKeeper, store: _Store) -> None:
    store.answer = KillSwitches(2, [GLOBAL])
    await kept.at_least(2)
    store.answer = KillSwitches(1)
    await kept.load()
    assert kept.current.generation == 2


async def test_a_defect_does_not_end_it(kept: KillKeeper, store: _Store, cutter: _Cutter) -> None:
    cutter.defect = RuntimeError("defect")
    store.answer = KillSwitches(1, [GLOBAL])
    with capture_logs() as logs:
        await kept.at_least(1)
        await asyncio.sleep(0.05)
    assert "kill_switch_defect" in {log["event"] for log in logs}
    store.answer = KillSwitches(2)
    assert (await kept.at_least(2)).generation == 2
