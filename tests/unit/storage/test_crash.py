"""What was acknowledged is there after ``kill -9``."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from pointsman_server.ids import new_id
from pointsman_server.storage.database import Address
from pointsman_server.storage.ledger_sqlite import SqliteLedgerStore
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import SetClock

ROOT = Path(__file__).parents[3]

# Prints the id of each reservation after its settlement is acknowledged; leaves every tenth one open.
SETTLING = """
import asyncio, sys
from pathlib import Path
from pointsman_server.ids import new_id
from pointsman_server.storage.storage import Storage
from tests.conformance.builders import decision, outcome, request, settlement

async def caller(storage, number):
    while True:
        name = new_id("dec")
        reservation = await storage.ledger.reserve(request(decision_id=name), decision(name))
        if number == 9:
            print(f"open {reservation.reservation_id}", flush=True)
            await asyncio.Event().wait()
        await storage.ledger.settle(reservation, settlement(), outcome(name))
        print(f"settled {reservation.reservation_id}", flush=True)

async def main():
    where = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
    storage = await Storage.open(where, new_id=new_id)
    await asyncio.gather(*(caller(storage, number) for number in range(10)))

asyncio.run(main())
"""


@contextmanager
def settling(address: Address) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SETTLING, str(address)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def rows(address: Address, query: str) -> list[str]:
    if isinstance(address, str):
        with psycopg.connect(address) as server:
            return [value for (value,) in server.execute(query.encode())]
    with closing(sqlite3.connect(address)) as connection:
        return [value for (value,) in connection.execute(query)]


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    path: Address = tmp_path / "p.db"
    return path if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


@pytest.mark.parametrize("acknowledged", [1, 60])
async def test_nothing_acknowledged_is_lost(address: Address, acknowledged: int) -> None:
    lines: list[str] = []
    with settling(address) as process:
        assert process.stdout is not None
        while sum(line.startswith("settled") for line in lines) < acknowledged:
            lines.append(process.stdout.readline())
            assert lines[-1], "the process ended by itself"
        os.kill(process.pid, signal.SIGKILL)
        lines += process.stdout.readlines()
    settled = {line.split()[1] for line in lines if line.startswith("settled")}
    left_open = {line.split()[1] for line in lines if line.startswith("open")}

    async with await Storage.open(address, clock=SetClock(), new_id=new_id) as storage:
        assert 0 <= storage.orphans <= 10
        assert storage.orphans >= len(left_open)
    entries = rows(address, "SELECT reservation_id FROM usage_entries")
    assert settled <= set(entries)
    assert len(entries) == len(set(entries))
    assert set(entries) == set(rows(address, "SELECT reservation_id FROM reservations WHERE state = 'settled'"))
    assert left_open <= set(rows(address, "SELECT reservation_id FROM reservations WHERE state = 'unknown'"))
    if isinstance(address, Path):
        assert rows(address, "PRAGMA integrity_check") == ["ok"]


async def test_a_commit_is_on_the_disk_before_it_is_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    async with await Storage.open(path, clock=SetClock(), new_id=new_id):
        pass
    store = SqliteLedgerStore(path, SetClock())
    settings = {
        name: store._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")
    }
    store.close()
    assert settings == {"synchronous": 2, "journal_mode": "wal"}
