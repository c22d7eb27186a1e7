"""The SQLite file: its lock, its migrations, its writing connection and its reading ones."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

from sqlalchemy import URL, AsyncAdaptedQueuePool, Connection, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from pointsman_server.errors import ConfigurationError
from pointsman_server.storage.database import READERS
from pointsman_server.storage.migration import upgrade_connection

BUSY_TIMEOUT_MS = 2_000
"""How long to wait for a lock that only a foreign program can hold, such as a backup."""

_WRITER_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit returns after its sync: with WAL, NORMAL would lose it to a power cut
    "PRAGMA fullfsync = ON",  # macOS: sync to the medium, not to the drive's cache
    "PRAGMA foreign_keys = ON",
    "PRAGMA journal_size_limit = 67108864",
)


def upgrade(path: Path) -> str:
    """Brings the file to this version's tables, for one who holds its lock; returns its revision. All or nothing.

    Raises:
        ConfigurationError: a newer version wrote it, or it is no such database.
    """
    _make_private(path)
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin_immediate)
    try:
        with engine.begin() as connection:
            return upgrade_connection(connection, name=str(path), setting="POINTSMAN_DATA_DIR")
    except DBAPIError as error:
        raise ConfigurationError(
            f"{path} cannot be migrated: {error.orig}. Restore it from a backup, or move it away to start afresh."
        ) from error


def _make_private(path: Path) -> None:
    """Lets nobody else read the file, and so neither its log: it has every tenant's data, and the key of tokens."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        found = path.stat()
        if found.st_mode & stat.S_IRWXO and found.st_uid == os.geteuid():
            path.chmod(stat.S_IMODE(found.st_mode) & ~stat.S_IRWXO)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be made ({error.strerror}). Set POINTSMAN_DATA_DIR to another directory."
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


def _connect(path: Path) -> sqlite3.Connection:
    # No isolation level: every transaction is begun by name, never by the driver's guess.
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
