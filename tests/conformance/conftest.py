"""Every database that the suites run on: to add one, add its opener here."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from pointsman_server.ids import NewId
from pointsman_server.storage.database import upgrade
from pointsman_server.storage.ledger_sqlite import SqliteLedgerStore
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import SetClock

OpenStorage = Callable[[], Awaitable[Storage]]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def new_id() -> NewId:
    count = itertools.count(1)
    return lambda prefix: f"{prefix}_{next(count):06d}"


@pytest.fixture(params=["sqlite"])
def database(tmp_path: Path) -> Path:
    return tmp_path / "pointsman.db"


@pytest.fixture
def open_storage(database: Path, clock: SetClock, new_id: NewId) -> OpenStorage:
    """Opens the test's database, again where it was closed before."""
    return lambda: Storage.open(database, clock=clock, new_id=new_id)


@pytest.fixture
async def storage(open_storage: OpenStorage) -> AsyncIterator[Storage]:
    async with await open_storage() as opened:
        yield opened


@pytest.fixture
def open_store(database: Path) -> Callable[[], SqliteLedgerStore]:
    """Opens the writing connection alone, on a migrated database."""
    upgrade(database)
    return lambda: SqliteLedgerStore(database)
