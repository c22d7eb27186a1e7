"""The rounds of a server: they go on whatever fails, and cost the database little."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import pytest
from pointsman_server.errors import StoreUnavailable
from pointsman_server.ids import new_id
from pointsman_server.ledger import sweeper as sweeper_module
from pointsman_server.ledger.writer import GroupCommitWriter
from pointsman_server.storage import replicas
from pointsman_server.storage.control import Statement, compiled
from pointsman_server.storage.storage import Storage
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from structlog.testing import capture_logs

from tests.conformance.builders import SetClock

NAMED = SQLiteDialect_pysqlite(paramstyle="named")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "p.db"


@pytest.fixture
async def storage(path: Path) -> AsyncIterator[Storage]:
    async with await Storage.open(path, clock=SetClock(), new_id=new_id) as opened:
        yield opened


async def away(*_: Any, **__: Any) -> NoReturn:
    raise StoreUnavailable("away")


def read(path: Path, column: str) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        return [value for (value,) in connection.execute(f"SELECT {column} FROM replicas")]


async def test_rounds_go_on_after_a_defect(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = 0
    twice = asyncio.Event()

    async def broken() -> None:
        nonlocal rounds
        rounds += 1
        if rounds > 1:
            twice.set()
        raise ValueError("a defect")

    monkeypatch.setattr(sweeper_module, "HEARTBEAT_S", 0.001)
    monkeypatch.setattr(storage.sweeper, "round", broken)
    with capture_logs() as logs:
        running = asyncio.create_task(storage.sweeper.run())
        await asyncio.wait_for(twice.wait(), 10)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert {(log["event"], log["log_level"]) for log in logs} == {("sweeper_defect", "error")}


async def test_a_store_that_is_away_costs_a_round(
    storage: Storage, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await storage.sweeper.round()
    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(GroupCommitWriter, "inside", away)
        await storage.sweeper.round()
    assert [log["event"] for log in logs] == ["sweep_failed"]
    await storage.sweeper.round()
    assert read(path, "heartbeats") == [2]


async def test_who_cannot_say_that_it_leaves_goes_all_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = await Storage.open(path, clock=SetClock(), new_id=new_id)
    await storage.sweeper.round()
    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(GroupCommitWriter, "inside", away)
        await storage.close()
    assert [log["event"] for log in logs] == ["replica_left_unsaid"]
    assert read(path, "state") == ["alive"]


@pytest.mark.parametrize(
    ("statement", "index"),
    [(replicas._LOST, "ix_reservations_open"), (replicas._FORGOTTEN, "ix_reservations_unknown")],
    ids=["open", "unknown"],
)
async def test_a_round_reads_no_reservation_that_has_ended(
    storage: Storage, path: Path, statement: Statement, index: str
) -> None:
    del storage  # it has made the tables
    made = compiled(statement, NAMED)
    parameters = made.construct_params({"now": 1, "since": 1, "count": 1})
    with closing(sqlite3.connect(path)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {made.string}", parameters).fetchall()
    assert index in str(plan)
