"""The ledger's store on PostgreSQL: the driver directly, constant statements, one transaction for a batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeVar

import psycopg
import structlog
from psycopg import Connection
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from pointsman_server.clock import Clock
from pointsman_server.errors import StoreUnavailable
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.adjustments import Resolved
from pointsman_server.ledger.batch import Changes, Held, ReservationKey
from pointsman_server.ledger.claims import Claim
from pointsman_server.ledger.generations import Generations
from pointsman_server.ledger.meters import Counter, CounterKey, Meter, MeterKey, ScopeKey
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.replicas import ReplicaState
from pointsman_server.ledger.store import FateUnknown
from pointsman_server.storage import adjustments, audit_log
from pointsman_server.storage import ledger_postgres_sql as sql
from pointsman_server.storage.control import Execute, Statement, compiled
from pointsman_server.storage.generations import generations_of
from pointsman_server.storage.rows import (
    Row,
    claim_end_row,
    claim_name,
    claim_row,
    counter_row,
    counters_of,
    decision_row,
    ending_row,
    entry_row,
    held_of,
    label_rows,
    lines_row,
    mark_row,
    meter_of,
    meter_row,
    orphan_row,
    outcome_row,
    redefined_row,
    reservation_of,
    reservation_row,
)
from pointsman_server.storage.times import from_micros, to_micros

ResultT = TypeVar("ResultT")

FATE_SECONDS: Final = 6.0
"""How long to ask what became of a commit whose answer was lost. The server ends idle transactions before."""

LEAVE_SECONDS: Final = 1.0
"""How long the connection of a server that was killed a moment ago may take to go."""

MOST_SEEN: Final = 20_000
"""Of how many limits of plans and rules a store knows that they have a meter. Every user and every run has its own."""

_ASK_AGAIN_SECONDS: Final = 0.05

_DIALECT: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy's dialects have no types

_log = structlog.get_logger(__name__)


class PostgresLedgerStore:
    """Implements ``ledger.store.LedgerStore``.

    A lost connection fails the batch that met it, and the next one connects anew. A commit whose answer was lost is
    looked up by its transaction's number, so that a batch is never reported as failed when it was kept, nor the
    other way round.
    """

    def __init__(self, connect: Callable[[], Connection[Any]], clock: Clock | None = None) -> None:
        """Connects; ``clock`` tells the time in the database's place."""
        self._connect = connect
        self._clock = clock
        self._transaction = ""  # the number of the one that runs
        self._seen: set[ScopeKey] = set()  # limits of plans and rules whose meters were there, and hardly ever go
        with _available():
            self._connection = self._connected()

    @contextmanager
    def alone(self) -> Iterator[bool]:
        end = time.monotonic() + LEAVE_SECONDS
        while not (alone := self._ask(sql.TRY_ALONE)) and time.monotonic() < end:
            time.sleep(_ASK_AGAIN_SECONDS)
        try:
            yield alone
        except BaseException:
            self._connection.close()  # which ends the transaction and gives the lock back, whatever state it is in
            raise
        if alone:
            self._ask(sql.END_ALONE)

    def begin(self, replica_id: str = "") -> ReplicaState | None:
        self.rollback()
        with _available():
            try:
                return self._begin(replica_id)
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
                # It was lost while nothing ran, as by a restart of the server.
                self._connection = self._connected()
                return self._begin(replica_id)

    def claim(self, claims: Sequence[Claim]) -> Collection[str]:
        # In the order of keys, so that servers which claim the same ids wait for each other and never in a circle.
        rows = sorted(map(claim_row, claims), key=lambda row: row[:3])
        return {completion_id for (completion_id,) in self._read(sql.CLAIM, _columns(rows, 7))}

    def held(self, keys: Collection[ReservationKey]) -> Mapping[ReservationKey, Held]:
        if not keys:
            return {}
        rows = self._read(sql.LOCK_RESERVATIONS, _columns(keys, 2))
        return {ReservationKey(tenant_id, name): held_of(*row) for tenant_id, name, *row in rows}

    def unseen(self, scopes: Collection[ScopeKey]) -> Collection[ScopeKey]:
        return [scope for scope in scopes if scope not in self._seen]

    def make(self, meters: Sequence[Meter]) -> None:
        now = to_micros(self.now())
        rows = [meter_row(meter, now) for meter in sorted(meters, key=lambda meter: meter.scope_key)]
        with _available():
            self._connection.execute(sql.MAKE_METERS, _columns(rows, len(rows[0])), prepare=True)

    def meters(self, scopes: Iterable[ScopeKey], keys: Iterable[MeterKey]) -> list[Meter]:
        wanted = [*_columns(scopes, 3), *_columns(keys, 2)]
        found = [meter_of(row) for row in self._read(sql.LOCK_METERS, wanted)]
        if len(self._seen) > MOST_SEEN:
            self._seen.clear()
        self._seen.update(meter.scope_key for meter in found if meter.of_policy)
        return found

    def now(self) -> datetime:
        if self._clock is not None:
            return self._clock.now()
        ((micros,),) = self._read(sql.NOW)
        return from_micros(micros)

    def counters(self, first: Iterable[CounterKey]) -> dict[CounterKey, Counter]:
        return counters_of(self._read(sql.COUNTERS, _columns(first, 3)))

    def resolved(self, keys: Collection[ReservationKey]) -> Mapping[ReservationKey, Resolved]:
        with _available():
            return adjustments.read(self._execute, keys)

    def generations(self) -> Generations:
        return generations_of(self._read(sql.GENERATIONS, (PLATFORM_TENANT,)))

    def open_reservations(self) -> Sequence[Reservation]:
        return [reservation_of(row) for row in self._read(sql.OPEN)]

    def write(self, changes: Changes) -> None:
        # No pipeline: PostgreSQL's limit on idle transactions does not hold after one, so that a server which is
        # paused there would keep its rows for as long.
        with _available(), self._connection.cursor() as cursor:
            for statement, rows in _arrays(changes):
                if rows:
                    cursor.execute(statement, _columns(rows, len(rows[0])), prepare=True)
            for outcome in changes.outcomes:
                cursor.execute(sql.SET_OUTCOME, outcome_row(outcome), prepare=True)
        with _available():
            adjustments.write(self._execute, changes.adjusted)
            audit_log.write(self._execute, changes.done)

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
        self._seen.clear()
        try:
            self._connection.rollback()
        except psycopg.Error:
            self._connection.close()  # which ends the transaction as well

    def open_count(self) -> int:
        return int(self._ask(sql.COUNT_OPEN))

    def close(self) -> None:
        self._connection.close()

    def _connected(self) -> Connection[Any]:
        connection = self._connect()
        # One type for every whole number, whatever its size: one statement then has one plan.
        connection.adapters.register_dumper(int, Int8Dumper)
        try:
            with connection.transaction():
                connection.execute(sql.ENTER)
        except psycopg.Error:
            connection.close()
            raise
        return connection

    def _begin(self, replica_id: str) -> ReplicaState | None:
        with self._connection.pipeline():
            row = self._connection.execute(sql.BEGIN, (replica_id,), prepare=True).fetchone()
        assert row is not None, "a SELECT without FROM has one row"
        self._transaction, state, *_ = row
        return ReplicaState(state) if state else None

    def _read(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with _available():
            return self._connection.execute(statement, parameters, prepare=True).fetchall()

    def _ask(self, statement: str) -> Any:  # noqa: ANN401  # a statement's one value
        """Asks outside of the ledger's transactions. A lock that it takes is the connection's, and stays."""
        ((answer,),) = self._read(statement)
        self.rollback()
        return answer

    def _execute(self, statement: Statement, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        made = compiled(statement, _DIALECT)
        cursor = self._connection.execute(made.string, made.construct_params(dict(parameters)))
        return cursor.fetchall() if cursor.description else []

    def _was_committed(self) -> bool:
        """Asks the server what became of the transaction until it says so.

        Raises:
            FateUnknown: it did not say in time.
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
                raise FateUnknown("The store did not say what became of a commit.") from cause
            time.sleep(_ASK_AGAIN_SECONDS)

    def _fate(self) -> str | None:
        if self._connection.closed:
            self._connection = self._connected()
        row = self._connection.execute(sql.FATE, (self._transaction,)).fetchone()
        self._connection.rollback()
        assert row is not None, "a SELECT without FROM has one row"
        fate: str | None = row[0]
        return fate


def _arrays(changes: Changes) -> Iterator[tuple[str, list[Row]]]:
    """The statements that write the changes, in the order in which they build on each other."""
    yield sql.INSERT_DECISIONS, [decision_row(*decision) for decision in changes.decisions]
    yield sql.INSERT_RESERVATIONS, [reservation_row(reservation) for reservation in changes.reserved]
    yield sql.END_RESERVATIONS, [ending_row(*ended) for ended in changes.ended.items()]
    yield sql.MARK_RESERVATIONS, [mark_row(*marked) for marked in changes.marks]
    yield sql.ORPHAN_RESERVATIONS, [orphan_row(*found) for found in changes.orphaned.items()]
    yield sql.SET_LINES, [lines_row(*held) for held in changes.lines.items()]
    yield sql.REDEFINE_METERS, [redefined_row(each) for each in changes.redefined]
    yield sql.SET_COUNTERS, [counter_row(*counter) for counter in changes.counters.items()]
    yield sql.INSERT_ENTRIES, [entry_row(entry) for entry in changes.entries]
    yield sql.INSERT_LABELS, [row for entry in changes.entries for row in label_rows(entry.reservation)]
    yield sql.END_CLAIMS, [claim_end_row(end) for end in changes.ended_claims]
    yield sql.RELEASE_CLAIMS, [claim_name(claim) for claim in changes.freed_claims]


def _columns(rows: Iterable[Row], width: int) -> list[list[Any]]:
    """Rows as one list for each column. The driver would write enumerations by their names, so they become text."""
    columns: list[list[Any]] = [[] for _ in range(width)]
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            column.append(str(value) if isinstance(value, str) else value)
    return columns


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
