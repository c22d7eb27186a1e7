"""The databases that there are, and which of them an address means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from pointsman_server.clock import Clock, SystemClock
from pointsman_server.errors import ConfigurationError
from pointsman_server.storage import sqlite
from pointsman_server.storage.control import ControlWriter
from pointsman_server.storage.database import Address, Database
from pointsman_server.storage.ledger_sqlite import SqliteLedgerStore
from pointsman_server.storage.lock import DatabaseLock


@dataclass(frozen=True, slots=True)
class SqliteDatabase:
    """Implements ``Database`` with one file and one writer for everything."""

    path: Path
    clock: Clock

    @property
    def name(self) -> str:
        return str(self.path)

    def claim(self) -> DatabaseLock:
        return DatabaseLock(self.path)

    def upgrade(self) -> str:
        return sqlite.upgrade(self.path)

    def tend(self) -> bool:
        return True  # a file needs nothing

    def open_store(self) -> SqliteLedgerStore:
        return SqliteLedgerStore(self.path, self.clock)

    async def now(self, connection: AsyncConnection) -> datetime:
        del connection  # the file has no time of its own
        return self.clock.now()

    def open_readers(self) -> AsyncEngine:
        return sqlite.open_readers(self.path)

    def control_writer(self, ledger_writer: ControlWriter, readers: AsyncEngine) -> ControlWriter:
        del readers  # one write lock: whoever writes goes through the one writer
        return ledger_writer


def database_at(address: Address, clock: Clock | None = None) -> Database:
    """The database that the address means. Its time is the machine's for a file, else its own, unless a clock is given.

    Raises:
        ConfigurationError: the URL is wrong, or PostgreSQL's driver is not installed.
    """
    if isinstance(address, Path):
        return SqliteDatabase(address, clock or SystemClock())
    try:
        # Only here: the driver is an extra, and SQLite alone needs no other.
        from pointsman_server.storage.postgres import PostgresDatabase  # noqa: PLC0415
    except ImportError as error:
        raise ConfigurationError(
            "PostgreSQL's driver is not installed: pip install 'pointsman-server[postgres]'."
        ) from error
    return PostgresDatabase(address, clock)


def migrate(address: Address) -> str:
    """Brings the database to this version's tables, making an SQLite file where it is missing; returns a line on it.

    Raises:
        ConfigurationError: a server uses the file, a newer version wrote the database, or it cannot be migrated.
    """
    database = database_at(address)
    with database.claim():
        return f"{database.name} is at revision {database.upgrade()}"
