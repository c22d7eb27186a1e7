"""The ledger's store on PostgreSQL: the driver directly, whole columns as arrays, one transaction for a batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import psycopg
import structlog
from psycopg import Connection
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import BigInteger, Boolean, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from pointsman_server.errors import StoreUnavailable
from pointsman_server.ledger.batch import Changes, ReservationKey, ReservationState
from pointsman_server.storage.control import Execute, Statement, compiled
from pointsman_server.storage.rows import (
    Row,
    decision_row,
    ending_row,
    entry_row,
    label_rows,
    outcome_row,
    reservation_row,
)
from pointsman_server.storage.tables import DECISIONS, RESERVATIONS, USAGE_ENTRIES, USAGE_LABELS

ResultT = TypeVar("ResultT")

FATE_SECONDS: Final = 6.0
"""How long to ask what became of a commit whose answer was lost. The server ends idle transactions before."""

_FATE_INTERVAL_SECONDS: Final = 0.05

_DIALECT: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy's dialects have no types

_ARRAYS: Final[Mapping[type, str]] = {
    Text: "text[]",
    BigInteger: "bigint[]",
    Boolean: "boolean[]",
    LargeBinary: "bytea[]",
}

# For this transaction alone, so that poolers may hand the connection on. A replica that is paused while it holds rows
# loses them after two seconds. The transaction's number tells later what became of it.
_BEGIN: Final = """
    SELECT pg_current_xact_id()::text,
        set_config('lock_timeout', '2s', true),
        set_config('statement_timeout', '2s', true),
        set_config('idle_in_transaction_session_timeout', '2s', true),
        CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END
"""

_FATE: Final = "SELECT pg_xact_status(%s::text::xid8)"


def _insert(table: Table, *, keep_existing: bool = False) -> str:
    """The statement that inserts rows from one array for each column, in the order of the table's."""
    names = ", ".join(column.name for column in table.columns)
    arrays = ", ".join(f"%s::{_ARRAYS[type(column.type)]}" for column in table.columns)
    conflict = " ON CONFLICT DO NOTHING" if keep_existing else ""
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}){conflict}"  # noqa: S608  # our own names


# A decision never changes, so one that is there already is the same.
_INSERT_DECISIONS: Final = _insert(DECISIONS, keep_existing=True)
_INSERT_RESERVATIONS: Final = _insert(RESERVATIONS)
_INSERT_ENTRIES: Final = _insert(USAGE_ENTRIES)
_INSERT_LABELS: Final = _insert(USAGE_LABELS)

_END_RESERVATIONS: Final = """
    UPDATE reservations SET state = ended.state, ended_at = ended.ended_at
    FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[]) AS ended(state, ended_at, tenant_id, reservation_id)
    WHERE reservations.tenant_id = ended.tenant_id AND reservations.reservation_id = ended.reservation_id
        AND reservations.state = 'open'
"""

# One by one: a later outcome of the same decision builds on the earlier.
_SET_OUTCOME: Final = """
    UPDATE decisions
    SET status = %s, model_id = coalesce(nullif(%s, ''), model_id),
        completion_id = coalesce(completion_id, nullif(%s, '')), outcome = %s
    WHERE tenant_id = %s AND decision_id = %s
"""

# In one order, so that replicas wait for each other and never in a circle. Locked, so that of two that end one
# reservation the second sees how the first ended it.
_LOCK_RESERVATIONS: Final = """
    SELECT tenant_id, reservation_id, state FROM reservations
    WHERE (tenant_id, reservation_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
    ORDER BY tenant_id, reservation_id
    FOR NO KEY UPDATE
"""

_COUNT_OPEN: Final = "SELECT count(*) FROM reservations WHERE state = 'open'"

_log = structlog.get_logger(__name__)


class PostgresLedgerStore:
    """Implements ``ledger.store.LedgerStore``.

    A lost connection fails the batch that met it, and the next one connects anew. A commit whose answer was lost is
    looked up by its transaction's number, so that a batch is never reported as failed when it was kept, nor the
    other way round.
    """

    def __init__(self, connect: Callable[[], Connection[Any]]) -> None:
        self._connect = connect
        self._transaction = ""  # the number of the one that runs
        with _available():
            self._connection = self._connected()

    def begin(self) -> None:
        self.rollback()
        with _available():
            try:
                self._begin()
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
                # It was lost while nothing ran, as by a restart of the server.
                self._connection = self._connected()
                self._begin()

    def not_open(self, keys: Collection[ReservationKey]) -> Mapping[ReservationKey, ReservationState | None]:
        if not keys:
            return {}
        with _available():
            found = {
                ReservationKey(tenant, name): ReservationState(state)
                for tenant, name, state in self._connection.execute(_LOCK_RESERVATIONS, _columns(list(keys)))
            }
        return {key: found.get(key) for key in keys if found.get(key) is not ReservationState.OPEN}

    def write(self, changes: Changes) -> None:
        labels = [row for reservation, _ in changes.entries for row in label_rows(reservation)]
        with _available(), self._connection.pipeline(), self._connection.cursor() as cursor:
            for statement, rows in (
                (_INSERT_DECISIONS, [decision_row(*decision) for decision in changes.decisions]),
                (_INSERT_RESERVATIONS, [reservation_row(reservation) for reservation in changes.reserved]),
                (_END_RESERVATIONS, [ending_row(*ended) for ended in changes.ended.items()]),
                (_INSERT_ENTRIES, [entry_row(*entry) for entry in changes.entries]),
                (_INSERT_LABELS, labels),
            ):
                if rows:
                    cursor.execute(statement, _columns(rows), prepare=True)
            for outcome in changes.outcomes:
                cursor.execute(_SET_OUTCOME, outcome_row(outcome), prepare=True)

    def control(self, write: Callable[[Execute], ResultT]) -> ResultT:
        with _available():
            return write(self._execute)

    def commit(self) -> None:
        try:
            self._connection.commit()
        except psycopg.Error as error:
            if not self._connection.closed:
                raise _unavailable() from error
            if not self._was_committed():
                raise _unavailable() from error

    def rollback(self) -> None:
        if self._connection.closed or self._connection.info.transaction_status is TransactionStatus.IDLE:
            return
        try:
            self._connection.rollback()
        except psycopg.Error:
            self._connection.close()  # which ends the transaction as well

    def open_count(self) -> int:
        with _available(), self._connection.transaction():
            row = self._connection.execute(_COUNT_OPEN).fetchone()
        assert row is not None, "count(*) has one row"
        count: int = row[0]
        return count

    def close(self) -> None:
        self._connection.close()

    def _connected(self) -> Connection[Any]:
        connection = self._connect()
        # One type for every whole number, whatever its size: one statement then has one plan.
        connection.adapters.register_dumper(int, Int8Dumper)
        return connection

    def _begin(self) -> None:
        with self._connection.pipeline():
            row = self._connection.execute(_BEGIN, prepare=True).fetchone()
        assert row is not None, "a SELECT without FROM has one row"
        self._transaction = row[0]

    def _execute(self, statement: Statement, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        sql = compiled(statement, _DIALECT)
        cursor = self._connection.execute(sql.string, sql.construct_params(dict(parameters)))
        return cursor.fetchall() if cursor.description else []

    def _was_committed(self) -> bool:
        """Asks the server what became of the transaction until it says so.

        Raises:
            StoreUnavailable: it did not say in time. The batch may have been kept, and callers are told the worse.
        """
        end = time.monotonic() + FATE_SECONDS
        cause: Exception | None = None
        while True:
            try:
                fate = self._fate()
            except psycopg.DataError:  # another server took over that never saw it
                fate = "never seen"
            except psycopg.Error as error:
                fate, cause = "unreachable", error
            if fate not in {"in progress", "unreachable"}:
                _log.warning("commit_looked_up", fate=fate)
                return fate == "committed"
            if time.monotonic() > end:
                _log.error("commit_fate_unknown", fate=fate)
                raise _unavailable() from cause
            time.sleep(_FATE_INTERVAL_SECONDS)

    def _fate(self) -> str | None:
        if self._connection.closed:
            self._connection = self._connected()
        with self._connection.transaction():
            row = self._connection.execute(_FATE, (self._transaction,)).fetchone()
        assert row is not None, "a SELECT without FROM has one row"
        fate: str | None = row[0]
        return fate


def _columns(rows: Sequence[Row]) -> list[list[Any]]:
    """Rows as one list for each column."""
    return [list(values) for values in zip(*rows, strict=True)]


def _unavailable() -> StoreUnavailable:
    return StoreUnavailable("The store cannot be written now.")


@contextmanager
def _available() -> Iterator[None]:
    """Tells trouble with the database from trouble with what is written.

    The driver raises ``DataError`` and ``IntegrityError`` for values, and ``ProgrammingError`` for statements; every
    other class speaks of the server, of locks and of time.
    """
    try:
        yield
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError):
        raise
    except psycopg.Error as error:
        raise _unavailable() from error
