"""Policy is loaded whole and swapped; what cannot be used leaves in force what is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from pointsman_server.errors import StoreUnavailable
from pointsman_server.policy import following
from pointsman_server.policy import keeper as module
from pointsman_server.policy.engine import PolicyEngine
from pointsman_server.policy.keeper import PolicyKeeper, UnreadablePolicy
from pointsman_server.policy.snapshot import PolicyData
from structlog.testing import capture_logs

from tests.unit.policy.rules import ANN, CALL, MONDAY_NOON, SERVER, rule


class _Store:
    """Says what it is told to."""

    def __init__(self) -> None:
        self.answer: Callable[[], PolicyData] = lambda: PolicyData(1, [rule("max_tokens_out", 100)])
        self.loads = 0

    async def load(self) -> PolicyData:
        self.loads += 1
        await asyncio.sleep(0)
        return self.answer()

    def says(self, generation: int, cap: int) -> None:
        self.answer = lambda: PolicyData(generation, [rule("max_tokens_out", cap)])

    def fails(self, error: Exception) -> None:
        def fail() -> PolicyData:
            raise error

        self.answer = fail


@pytest.fixture
def store() -> _Store:
    return _Store()


@pytest.fixture
async def kept(store: _Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PolicyKeeper]:
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    keeper = PolicyKeeper(store, PolicyEngine(SERVER))
    await keeper.load()
    running = asyncio.create_task(keeper.run())
    yield keeper
    running.cancel()
    await asyncio.wait([running])


def _cap(keeper: PolicyKeeper) -> int | None:
    return keeper.engine.evaluate(ANN, CALL, MONDAY_NOON).max_output_tokens


async def _soon(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  # the keeper tells no one
            await asyncio.sleep(0.001)


async def test_a_change_is_loaded_and_put_in_force(kept: PolicyKeeper, store: _Store) -> None:
    assert _cap(kept) == 100
    store.says(2, 50)
    assert _cap(kept) == 100
    kept.changed()
    await kept.at_least(2)
    assert _cap(kept) == 50
    assert kept.engine.generation == 2


async def test_a_call_that_knows_of_a_newer_version_waits_for_it(kept: PolicyKeeper, store: _Store) -> None:
    store.says(3, 50)
    await asyncio.gather(kept.at_least(2), kept.at_least(3))
    assert _cap(kept) == 50
    loads = store.loads
    await kept.at_least(3)
    assert store.loads == loads


async def test_what_cannot_be_used_leaves_in_force_what_is_and_says_why(kept: PolicyKeeper, store: _Store) -> None:
    store.fails(UnreadablePolicy("the rule pol_9 has the key max_joy, which is not known", 2))
    with capture_logs() as logs:
        await kept.at_least(2)
    assert _cap(kept) == 100
    (entry,) = [entry for entry in logs if entry["event"] == "policy_kept"]
    assert entry["reason"] == "the rule pol_9 has the key max_joy, which is not known"
    assert (entry["log_level"], entry["in_force"]) == ("error", 1)
    store.says(3, 50)
    kept.changed()
    await kept.at_least(3)
    assert _cap(kept) == 50


@pytest.mark.parametrize("error", [StoreUnavailable("gone"), ZeroDivisionError()])
async def test_a_store_that_cannot_be_read_is_asked_again(kept: PolicyKeeper, store: _Store, error: Exception) -> None:
    store.fails(error)
    kept.changed()
    await _soon(lambda: store.loads >= 3)
    assert _cap(kept) == 100
    store.says(2, 50)
    await kept.at_least(2)
    assert _cap(kept) == 50


async def test_nothing_is_let_in_while_newer_rules_cannot_be_read(
    kept: PolicyKeeper, store: _Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "CATCH_UP_S", 0.02)
    store.fails(StoreUnavailable("gone"))
    with pytest.raises(StoreUnavailable, match="The rules have changed and cannot be read"):
        await kept.at_least(2)


async def test_the_start_fails_where_nothing_can_be_used(store: _Store) -> None:
    loading: Awaitable[None]
    store.fails(UnreadablePolicy("broken", 1))
    loading = PolicyKeeper(store, PolicyEngine(SERVER)).load()
    with pytest.raises(UnreadablePolicy, match="broken"):
        await loading
