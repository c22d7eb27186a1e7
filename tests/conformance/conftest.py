"""Every database that the suites run on: to add one, add its address here."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pointsman_server.ids import NewId
from pointsman_server.ledger.store import LedgerStore
from pointsman_server.storage.control import Execute
from pointsman_server.storage.database import Address
from pointsman_server.storage.databases import database_at
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


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    """An address where nobody has been before."""
    if request.param == "sqlite":
        return tmp_path / "pointsman.db"
    address: Any = request.getfixturevalue("postgres_url")
    assert isinstance(address, str)
    return address


@pytest.fixture
def open_storage(database: Address, clock: SetClock, new_id: NewId) -> OpenStorage:
    """Opens the test's database, again where it was closed before."""
    return lambda: Storage.open(database, clock=clock, new_id=new_id)


@pytest.fixture
async def storage(open_storage: OpenStorage) -> AsyncIterator[Storage]:
    async with await open_storage() as opened:
        yield opened


@pytest.fixture
def open_store(database: Address, clock: SetClock) -> Callable[[], LedgerStore[Execute]]:
    """Opens the writing connection alone, on a migrated database."""
    found = database_at(database, clock)
    found.upgrade()
    return found.open_store
