"""The database file: its migrations, its writing connection and its reading ones."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, AsyncAdaptedQueuePool, Connection, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from pointsman_server.errors import ConfigurationError, StoreUnavailable
from pointsman_server.storage.lock import DatabaseLock

BUSY_TIMEOUT_MS = 2_000
"""How long to wait for a lock that only a foreign program can hold, such as a backup."""

READERS = 4
"""How many reports may be read at once."""

_WRITER_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit returns after its sync: with WAL, NORMAL would lose it to a power cut
    "PRAGMA fullfsync = ON",  # macOS: sync to the medium, not to the drive's cache
    "PRAGMA foreign_keys = ON",
    "PRAGMA journal_size_limit = 67108864",
)


def migrate(path: Path) -> str:
    """Brings the database to this version's tables, making it where it is missing; returns its revision.

    Raises:
        ConfigurationError: a server uses the database, a newer version wrote it, or it is no such database.
    """
    with DatabaseLock(path):
        return upgrade(path)


def upgrade(path: Path) -> str:
    """Does what ``migrate`` does, for one who holds the lock. All or nothing."""
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin_immediate)
    try:
        with engine.begin() as connection:
            config = _alembic(connection)
            head = _head(config, connection, path)
            command.upgrade(config, head)
            return head
    except DBAPIError as error:
        raise ConfigurationError(
            f"{path} cannot be migrated: {error.orig}. Restore it from a backup, or move it away to start afresh."
        ) from error


def open_writer(path: Path) -> sqlite3.Connection:
    """Opens the one connection that writes; it may be handed to another thread, but not shared."""
    connection = _connect(path)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    for pragma in _WRITER_PRAGMAS:
        connection.execute(pragma)
    return connection


def open_readers(path: Path) -> AsyncEngine:
    """Opens connections that cannot write. They never checkpoint: that is the writer's alone."""
    address = URL.create("sqlite+aiosqlite", database=path.absolute().as_uri(), query={"mode": "ro", "uri": "true"})
    engine = create_async_engine(
        address,
        connect_args={"isolation_level": None},
        poolclass=AsyncAdaptedQueuePool,
        pool_size=READERS,
        max_overflow=0,
    )
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


@asynccontextmanager
async def reading(readers: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection whose statements all see the same state of the database.

    Raises:
        StoreUnavailable: the database cannot be read.
    """
    try:
        async with readers.begin() as connection:
            yield connection
    except (DBAPIError, PoolTimeoutError) as error:
        raise StoreUnavailable("The store cannot be read now.") from error


def _connect(path: Path) -> sqlite3.Connection:
    # No isolation level: every transaction is begun by name, never by the driver's guess.
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _alembic(connection: Connection) -> Config:
    config = Config()
    migrations = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", migrations.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _head(config: Config, connection: Connection, path: Path) -> str:
    """The newest revision that this version knows; refuses a database that is ahead of it."""
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    for revision in MigrationContext.configure(connection).get_current_heads():
        if revision not in known:
            raise ConfigurationError(
                f"{path} is at revision {revision}, which this version does not know: a newer version wrote it. "
                "Run that version, or set POINTSMAN_DATA_DIR to another directory."
            )
    head = scripts.get_current_head()
    assert head is not None, "the migrations are packaged with the server"
    return head
