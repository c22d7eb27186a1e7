"""What a server knows of the generations, whom it tells, and when it lets nothing more in."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
import structlog
from pointsman_server.errors import StoreUnavailable
from pointsman_server.ledger import generations as module
from pointsman_server.ledger.generations import Generation, Generations, GenerationWatch

from tests.conformance.builders import SetClock


class Store:
    """Says what a test sets, or nothing."""

    def __init__(self) -> None:
        self.found = Generations()
        self.away = False

    async def read(self) -> Generations:
        if self.away:
            raise StoreUnavailable("away")
        return self.found


def test_only_what_is_newer_has_changed() -> None:
    here = Generations(kill=1, revocation=2, policy=3, catalog=4)
    assert here.changed_since(here) == ()
    assert here.changed_since(Generations(1, 1, 4, 3)) == (Generation.REVOCATION, Generation.CATALOG)
    assert Generations().changed_since(here) == ()
    assert [name.value for name in Generation] == list(Generations._fields)


async def test_listeners_hear_of_their_own_and_once() -> None:
    store, heard = Store(), list[str]()
    watch = GenerationWatch(store.read, SetClock())
    watch.on_change(Generation.KILL, lambda: heard.append("kill"))
    watch.on_change(Generation.POLICY, lambda: heard.append("policy"))
    watch.on_change(Generation.POLICY, lambda: heard.append("policy too"))
    await watch.look()
    assert heard == []
    store.found = Generations(policy=1)
    await watch.look()
    await watch.look()
    assert heard == ["policy", "policy too"]
    assert watch.admitting() == Generations(policy=1)


async def test_an_older_word_changes_nothing() -> None:
    store = Store()
    watch = GenerationWatch(store.read, SetClock())
    watch.saw(Generations(kill=2))
    store.found = Generations(kill=1, catalog=1)
    await watch.look()
    assert watch.current == Generations(kill=2, catalog=1)


async def test_a_server_that_does_not_hear_from_the_store_lets_nothing_in_until_it_does() -> None:
    store, clock = Store(), SetClock()
    watch = GenerationWatch(store.read, clock)
    clock.advance(seconds=2)
    watch.admitting()
    clock.advance(seconds=0.001)
    store.away = True
    with pytest.raises(StoreUnavailable):
        await watch.look()
    with pytest.raises(StoreUnavailable, match="not heard from its store"):
        watch.admitting()
    store.away = False
    await watch.look()
    watch.admitting()


async def test_neither_an_outage_nor_a_listener_ends_the_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_S", 0.001)
    store = Store()
    watch = GenerationWatch(store.read, SetClock())
    watch.on_change(Generation.KILL, lambda: 1 // 0)
    with structlog.testing.capture_logs() as logs:
        looking = asyncio.create_task(watch.run())
        for away, found in ((True, Generations()), (False, Generations(kill=1)), (False, Generations(policy=1))):
            store.away, store.found = away, found
            await asyncio.sleep(0.05)
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
    assert watch.current == Generations(kill=1, policy=1)
    events = [log["event"] for log in logs]
    assert "generations_unread" in events
    assert events.count("generation_listener_defect") == 1
