"""The PostgreSQL database: how it is connected to, migrated, written and read."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection, Connection
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import AsyncAdaptedQueuePool, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection as SqlConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from pointsman_server.clock import Clock
from pointsman_server.errors import ConfigurationError
from pointsman_server.storage import partitions
from pointsman_server.storage.control import ControlWriter
from pointsman_server.storage.control_postgres import PostgresControlWriter
from pointsman_server.storage.database import READERS
from pointsman_server.storage.ledger_postgres import PostgresLedgerStore
from pointsman_server.storage.ledger_postgres_sql import NOW
from pointsman_server.storage.migration import upgrade_connection
from pointsman_server.storage.times import from_micros

_log = structlog.get_logger(__name__)

_NOW = text(NOW)

_DRIVER = "postgresql+psycopg://"

# A server that is gone without a word is noticed in about ten seconds. What the URL says stands before these.
_CONNECTION_DEFAULTS = {
    "connect_timeout": "3",
    "tcp_user_timeout": "5000",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "application_name": "pointsman",
}

_MIGRATION_LOCK = text("SELECT pg_advisory_xact_lock(5769830127404249)")
"""Any number that nobody else takes: replicas that start at once migrate one after the other."""

_MIGRATION_PATIENCE = text("SET LOCAL lock_timeout = '60s'")


class PostgresDatabase:
    """Implements ``Database`` with transactions that several servers run side by side."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        """Takes the URL as it is; nothing connects yet.

        Args:
            url: where it is.
            clock: tells the time in the database's place.

        Raises:
            ConfigurationError: libpq does not understand the URL.
        """
        self._clock = clock
        try:
            given = conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            # The driver's message repeats parts of the URL, which may be parts of a password.
            raise ConfigurationError(
                "POINTSMAN_DATABASE_URL is no PostgreSQL URL, such as postgresql://user:password@host:5432/database; "
                "special characters in a password are written as %40 and the like."
            ) from None
        self._parameters: dict[str, Any] = _CONNECTION_DEFAULTS | given

    @property
    def name(self) -> str:
        shown = {key: self._parameters.get(key) for key in ("host", "port", "dbname")}
        return "PostgreSQL (" + ", ".join(f"{key} {value}" for key, value in shown.items() if value) + ")"

    def claim(self) -> AbstractContextManager[object]:
        return nullcontext()  # replicas share it: rows are locked, and migrations lock each other out

    def upgrade(self) -> str:
        engine = create_engine(_DRIVER, creator=self.connect, poolclass=NullPool, use_native_hstore=False)
        try:
            with engine.begin() as connection:
                connection.execute(_MIGRATION_PATIENCE)
                connection.execute(_MIGRATION_LOCK)
                revision = upgrade_connection(connection, name=self.name, setting="POINTSMAN_DATABASE_URL")
        except DBAPIError as error:
            raise ConfigurationError(f"{self.name} cannot be migrated: {_first_line(error.orig)}") from error
        self.tend()
        return revision

    def tend(self) -> bool:
        try:
            with self.connect() as connection:
                connection.autocommit = True  # each partition is a transaction of its own
                for name in partitions.tend(connection, self._time(connection)):
                    _log.info("partition_made", partition=name)
        except psycopg.Error as error:
            # Entries go to the default partition as long, and move once theirs is made.
            _log.error("partitions_not_made", cause=_first_line(error))
            return False
        return True

    def _time(self, connection: Connection[Any]) -> datetime:
        if self._clock is not None:
            return self._clock.now()
        ((micros,),) = connection.execute(NOW).fetchall()
        return from_micros(micros)

    def open_store(self) -> PostgresLedgerStore:
        return PostgresLedgerStore(self.connect, self._clock)

    async def now(self, connection: SqlConnection) -> datetime:
        return self._clock.now() if self._clock else from_micros((await connection.execute(_NOW)).scalar_one())

    def open_readers(self) -> AsyncEngine:
        async def connect() -> AsyncConnection[Any]:
            return await AsyncConnection.connect(**self._parameters)

        engine = create_async_engine(
            _DRIVER,
            async_creator=connect,
            use_native_hstore=False,
            hide_parameters=True,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=READERS,
            max_overflow=0,
            pool_pre_ping=True,  # after a restart of the server no call has to fail to find it out
        )
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def control_writer(self, ledger_writer: ControlWriter, readers: AsyncEngine) -> ControlWriter:
        del ledger_writer  # no lock is shared: these writes need not wait for the ledger's
        return PostgresControlWriter(readers)

    def connect(self) -> Connection[Any]:
        """Opens a connection of its own.

        Raises:
            psycopg.OperationalError: the server refuses, or does not answer.
        """
        return psycopg.connect(**self._parameters)


def _first_line(error: BaseException | None) -> str:
    """What went wrong, without the statement and its parameters."""
    return str(error).strip().partition("\n")[0]
