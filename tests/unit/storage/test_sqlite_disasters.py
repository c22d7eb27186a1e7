"""What befalls an SQLite file: clean errors, and it goes on as soon as it can be written."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from pointsman_server.errors import StoreUnavailable
from pointsman_server.ids import new_id
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import SetClock, request, settlement

ROOT = Path(__file__).parents[3]

# Lets the log grow by little, has callers reserve and settle until the disk is full, then makes room and goes on. A
# process of its own, since the bound on files is a process's.
FILLING = """
import asyncio, json, resource, sys
from pathlib import Path
from pointsman_server.errors import StoreUnavailable
from pointsman_server.identity.model import SERVER
from pointsman_server.ids import new_id
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage
from tests.conformance.builders import TENANT, request, settlement

METER = Meter(MeterKey(TENANT, "m"), "m", Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, 10**12)

async def pair(storage, told):
    try:
        held = await storage.ledger.reserve(request(completion_id=new_id("cmp")))
        await storage.ledger.settle(held, settlement())
        told["kept"].append(held.reservation_id)
    except StoreUnavailable as error:
        told["causes"].append(str(error.__cause__.__cause__))

async def main():
    told = {"kept": [], "causes": []}
    path = Path(sys.argv[1])
    async with await Storage.open(path, new_id=new_id) as storage:
        await storage.budgets.create(METER, SERVER)
        size = path.with_name(path.name + "-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 300_000, resource.RLIM_INFINITY))
        while not told["causes"]:
            await asyncio.gather(*(pair(storage, told) for _ in range(20)))
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        before = len(told["kept"])
        await asyncio.gather(*(pair(storage, told) for _ in range(20)))
        told["after"] = len(told["kept"]) - before
        told["findings"] = [type(found).__name__ async for found in storage.budgets.verify(None)]
    print(json.dumps(told))

asyncio.run(main())
"""


def test_a_full_disk_fails_what_it_stops_and_nothing_later(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    command = [sys.executable, "-c", FILLING, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, timeout=60)
    told = json.loads(done.stdout.splitlines()[-1])
    assert set(told["causes"]) <= {"disk I/O error", "database or disk is full"}
    assert (told["after"], told["findings"]) == (20, ["Summary"])
    with closing(sqlite3.connect(path)) as connection:
        entries = {name for (name,) in connection.execute("SELECT reservation_id FROM usage_entries")}
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert set(told["kept"]) <= entries


async def test_a_backup_that_holds_the_file_fails_calls_meanwhile_and_none_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pointsman_server.storage.sqlite.BUSY_TIMEOUT_MS", 50)
    path = tmp_path / "p.db"
    async with await Storage.open(path, clock=SetClock(), new_id=new_id) as storage:
        held = await storage.ledger.reserve(request())
        with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
            foreign.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable):
                await storage.ledger.settle(held, settlement())
        await storage.ledger.settle(held, settlement())


async def test_an_online_backup_stops_no_call_and_is_whole(tmp_path: Path) -> None:
    path, kept = tmp_path / "p.db", tmp_path / "kept.db"
    async with await Storage.open(path, clock=SetClock(), new_id=new_id) as storage:
        copying = threading.Thread(target=back_up, args=(path, kept))
        copying.start()
        for number in range(50):
            held = await storage.ledger.reserve(request(completion_id=f"cmp_{number}"))
            await storage.ledger.settle(held, settlement())
        await asyncio.to_thread(copying.join)
    with closing(sqlite3.connect(kept)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        ((settled,),) = copy.execute("SELECT count(*) FROM reservations WHERE state = 'settled'").fetchall()
        assert copy.execute("SELECT count(*) FROM usage_entries").fetchall() == [(settled,)]


def back_up(path: Path, copy: Path) -> None:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target, pages=5)
