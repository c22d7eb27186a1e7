"""Rounds of work and power cuts on the ledger's store, in a process of its own; prints what came of them as JSON.

The store's class, its statements and its settings are the product's. Its connection goes through the SQLite that apsw
brings to a disk in memory, which loses what was not synced. What survives a cut is written to files and audited by the
product with the standard library's SQLite, which is another build; the next round goes on with what survived.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sqlite3
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import apsw
import structlog
from pointsman_server.clock import Clock, SystemClock
from pointsman_server.errors import ConfigurationError
from pointsman_server.identity.model import SERVER
from pointsman_server.ids import new_id
from pointsman_server.ledger.model import Reservation
from pointsman_server.storage import sqlite, storage
from pointsman_server.storage.databases import SqliteDatabase
from pointsman_server.storage.storage import Storage
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.power.account import Account, audited
from tests.power.disk import Disk
from tests.power.vfs import DiskConnection, DiskFileSystem
from tests.power.work import CALLERS, METERS, Caller

if TYPE_CHECKING:
    from pointsman_server.storage.database import Address

NAME = "pointsman.db"
ROUNDS_FOR_EACH_DATABASE = 25
MOST_STEPS = 1_200
"""Some rounds make fewer writes and syncs than that, and end before the cut."""


@dataclass(slots=True)
class Report:
    """What came of all rounds.

    Attributes:
        cut: the rounds whose power went in the middle of the work.
        checkpoints: how often the log was folded into the file.
        fates: how often unsynced writes met each fate.
    """

    seed: int
    sqlite: str
    audited_by: str
    rounds: int = 0
    cut: int = 0
    commits: int = 0
    checkpoints: int = 0
    acknowledged: int = 0
    fates: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class DiskDatabase(SqliteDatabase):
    """The product's, but for what needs real files: nobody else could open it, and reports read the seed's copy."""

    def claim(self) -> AbstractContextManager[object]:  # type: ignore[override]
        return nullcontext()

    def upgrade(self) -> str:
        return "the seed's"

    def open_readers(self) -> AsyncEngine:
        return sqlite.open_readers(SEED.path)


class Seed:
    """A migrated database with budgets, as a clean end left it."""

    path: Path

    async def make(self, directory: Path) -> None:
        """Makes it with the product."""
        self.path = directory / NAME
        async with await Storage.open(self.path, clock=SystemClock(), new_id=new_id) as opened:
            for meter in METERS:
                await opened.budgets.create(meter, SERVER)


SEED = Seed()


class Rounds:
    """Runs rounds on one database after the other."""

    def __init__(self, options: argparse.Namespace, directory: Path, report: Report) -> None:
        self._random = Random(options.seed)
        self._lies = options.lies
        self._directory = directory
        self._report = report

    async def database(self, rounds: int) -> None:
        """Uses one database for some rounds, or until something is wrong with it."""
        files = {f"/{NAME}": SEED.path.read_bytes()}
        account = Account()
        unknown: list[Reservation] = []
        for _ in range(rounds):
            files = await self._work(files, account, unknown)
            survived = await audited(self._written(files), account)
            self._report.rounds += 1
            self._report.lost += survived.lost
            self._report.faults += survived.faults
            unknown = survived.unknown
            if survived.lost or survived.faults:
                break
        self._report.acknowledged += account.acknowledged

    async def _work(self, files: dict[str, bytes], account: Account, unknown: list[Reservation]) -> dict[str, bytes]:
        """Works until the power is cut; returns what is on the disk then."""
        disk = Disk(files, lies=self._lies)
        disk.cut_after(self._random.randrange(1, MOST_STEPS))
        with _mounted(disk, self._random.choice((8, 40, 200))):
            try:
                async with await Storage.open(Path(f"/{NAME}"), clock=SystemClock(), new_id=new_id) as opened:
                    callers = [Caller(opened, account, self._random, unknown) for _ in range(CALLERS)]
                    await asyncio.gather(*(caller.run() for caller in callers))
            except ConfigurationError:  # the power went while the server started
                assert not disk.on
        self._note(disk)
        survivors, fate = disk.survivors(self._random)
        self._report.fates[fate.value] = self._report.fates.get(fate.value, 0) + 1
        return survivors

    def _note(self, disk: Disk) -> None:
        self._report.cut += not disk.on
        self._report.commits += disk.synced.get(f"/{NAME}-wal", 0)
        self._report.checkpoints += disk.synced.get(f"/{NAME}", 0)

    def _written(self, files: dict[str, bytes]) -> Path:
        """What survived, as files of a directory of their own."""
        directory = self._directory / "survived"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        for name, content in files.items():
            (directory / name.lstrip("/")).write_bytes(content)
        return directory / NAME


class _mounted:  # noqa: N801  # a context manager
    """Lets the product open the disk's database in place of a file's."""

    def __init__(self, disk: Disk, checkpoint_pages: int) -> None:
        self._file_system = DiskFileSystem(disk)
        self._checkpoint_pages = checkpoint_pages
        self._usual = (sqlite._connect, storage.database_at)

    def __enter__(self) -> None:
        def connect(path: Path) -> DiskConnection:
            return DiskConnection(path, self._file_system, checkpoint_pages=self._checkpoint_pages)

        def database_at(address: Address, clock: Clock | None = None) -> DiskDatabase:
            return DiskDatabase(Path(address), clock or SystemClock())

        sqlite._connect = connect  # type: ignore[assignment]
        storage.database_at = database_at

    def __exit__(self, *_: object) -> None:
        sqlite._connect, storage.database_at = self._usual


def less_safe() -> None:
    """Makes the product's connection sync at checkpoints alone."""
    full, normal = "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"
    assert full in sqlite._WRITER_PRAGMAS
    sqlite._WRITER_PRAGMAS = tuple(normal if pragma == full else pragma for pragma in sqlite._WRITER_PRAGMAS)


async def run(options: argparse.Namespace) -> Report:
    """Runs all rounds."""
    report = Report(options.seed, apsw.sqlite_lib_version(), sqlite3.sqlite_version)
    with tempfile.TemporaryDirectory(prefix="power") as name:
        await SEED.make(Path(name))
        if options.normal:
            less_safe()
        rounds = Rounds(options, Path(name), report)
        while report.rounds < options.rounds and not report.lost and not report.faults:
            await rounds.database(min(ROUNDS_FOR_EACH_DATABASE, options.rounds - report.rounds))
    return report


def main() -> None:
    """Runs the rounds and prints the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=Random().getrandbits(32))
    parser.add_argument("--normal", action="store_true", help="synchronous = NORMAL in place of FULL")
    parser.add_argument("--lies", action="store_true", help="the disk says that it synced, and did not")
    options = parser.parse_args()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(sys.stderr))
    print(json.dumps(asdict(asyncio.run(run(options)))))  # noqa: T201  # what it is for


if __name__ == "__main__":
    main()
