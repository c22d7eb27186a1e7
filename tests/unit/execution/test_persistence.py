"""Writes that must not be lost: made again while the store is away, but not for ever."""

import asyncio

import pytest
from pointsman_server.errors import Overloaded, StoreUnavailable
from pointsman_server.execution.persistence import persistently


class Store:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def write(self) -> str:
        self.calls += 1
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop(0)
        return "written"


async def test_a_store_that_comes_back_is_written_once() -> None:
    store = Store(StoreUnavailable("away"), StoreUnavailable("away"))
    assert await persistently(store.write) == "written"
    assert store.calls == 3


async def test_patience_ends() -> None:
    store = Store(*[StoreUnavailable("away")] * 100)
    with pytest.raises(StoreUnavailable):
        await persistently(store.write, patience_s=0.1)
    assert 2 <= store.calls <= 3


async def test_other_errors_are_not_waited_out() -> None:
    store = Store(Overloaded("full"))
    with pytest.raises(Overloaded):
        await persistently(store.write)
    assert store.calls == 1
