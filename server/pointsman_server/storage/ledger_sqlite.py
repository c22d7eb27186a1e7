"""The ledger's store on SQLite: the driver directly, constant statements, one transaction for a batch."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

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
from pointsman_server.storage import adjustments, audit_log
from pointsman_server.storage.control import Execute, Statement, compiled
from pointsman_server.storage.generations import generations_of
from pointsman_server.storage.remembered import Remembered
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
from pointsman_server.storage.sqlite import open_writer
from pointsman_server.storage.tables import (
    DECISIONS,
    METER_COUNTERS,
    METERS,
    RESERVATIONS,
    USAGE_ENTRIES,
    USAGE_LABELS,
)
from pointsman_server.storage.times import to_micros

ResultT = TypeVar("ResultT")

# Named parameters: values of control writes are bound by the names of the statement, not by their places.
_NAMED = SQLiteDialect_pysqlite(paramstyle="named")


def _fields(count: int) -> str:
    """The first fields of an element of a JSON list of lists."""
    return ", ".join(f"json_extract(value, '$[{place}]')" for place in range(count))


def _insert(table: Table, *, keep_existing: bool = False) -> str:
    """The statement that inserts a row whose values stand in the order of the table's columns."""
    statement = insert(table).on_conflict_do_nothing() if keep_existing else insert(table)
    return str(statement.compile(dialect=SQLiteDialect_pysqlite(paramstyle="qmark")))


# A decision never changes, so one that is there already is the same.
_INSERT_DECISION = _insert(DECISIONS, keep_existing=True)
_INSERT_RESERVATION = _insert(RESERVATIONS)
_INSERT_ENTRY = _insert(USAGE_ENTRIES)
_INSERT_LABEL = _insert(USAGE_LABELS)

_END_RESERVATION = """
    UPDATE reservations SET state = ?, ended_at = ?, resolved_by = ?
    WHERE tenant_id = ? AND reservation_id = ? AND state IN ('open', 'unknown')
"""

_CLAIM = f"""
    INSERT INTO completion_claims
        (tenant_id, user_id, request_id, completion_id, decision_id, body_digest, created_at)
    SELECT {_fields(7)} FROM json_each(?) WHERE true
    ON CONFLICT DO NOTHING
    RETURNING completion_id
"""  # noqa: S608  # the names of fields are made here

_END_CLAIM = """
    UPDATE completion_claims SET status = ?, told = ?
    WHERE tenant_id = ? AND user_id = ? AND request_id = ? AND completion_id = ?
"""

_RELEASE_CLAIM = """
    DELETE FROM completion_claims WHERE tenant_id = ? AND user_id = ? AND request_id = ? AND completion_id = ?
"""

_MARK_RESERVATION = """
    UPDATE reservations
    SET checkpoint_at = ?, checkpoint_input_tokens = ?, checkpoint_output_tokens = ?, checkpoint_cost_nanos = ?
    WHERE tenant_id = ? AND reservation_id = ? AND state = 'open'
"""

_ORPHAN_RESERVATION = """
    UPDATE reservations SET state = 'unknown', unknown_at = ?
    WHERE tenant_id = ? AND reservation_id = ? AND state = 'open'
"""

_SET_LINES = "UPDATE reservations SET lines = ? WHERE tenant_id = ? AND reservation_id = ?"

_SET_COUNTER = """
    INSERT INTO meter_counters (tenant_id, meter_id, bucket, posted, reserved, arrival_nanos, decided_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE
    SET posted = excluded.posted, reserved = excluded.reserved, arrival_nanos = excluded.arrival_nanos,
        decided_at = excluded.decided_at
"""

_INSERT_METER = _insert(METERS)

_REDEFINE_METER = """
    UPDATE meters SET name = ?, limit_amount = ?, source = ?, updated_at = ? WHERE tenant_id = ? AND meter_id = ?
"""

_METERS = f"""
    SELECT {", ".join(column.name for column in METERS.columns)} FROM meters
    WHERE (tenant_id, scope, scope_id) IN (SELECT {_fields(3)} FROM json_each(?1))
        OR (tenant_id, meter_id) IN (SELECT {_fields(2)} FROM json_each(?2))
    ORDER BY tenant_id, meter_id
"""  # noqa: S608  # the names of columns are the tables'

_COUNTERS = f"""
    SELECT {", ".join("held." + column.name for column in METER_COUNTERS.columns)}
    FROM json_each(?) AS wanted
    JOIN meter_counters AS held
        ON held.tenant_id = json_extract(wanted.value, '$[0]')
        AND held.meter_id = json_extract(wanted.value, '$[1]')
        AND held.bucket >= json_extract(wanted.value, '$[2]')
"""  # noqa: S608  # the names of columns are the table's

_HELD = f"""
    SELECT tenant_id, reservation_id, state, created_at, lines FROM reservations
    WHERE (tenant_id, reservation_id) IN (SELECT {_fields(2)} FROM json_each(?))
"""  # noqa: S608  # the names of fields are made here

_OPEN = f"""
    SELECT {", ".join(column.name for column in RESERVATIONS.columns)} FROM reservations WHERE state = 'open'
"""  # noqa: S608  # the names of columns are the table's

_SET_OUTCOME = """
    UPDATE decisions
    SET status = ?, model_id = coalesce(nullif(?, ''), model_id),
        completion_id = coalesce(completion_id, nullif(?, '')), outcome = ?
    WHERE tenant_id = ? AND decision_id = ?
"""

_REPLICA_STATE = f"SELECT state FROM replicas WHERE tenant_id = '{PLATFORM_TENANT}' AND replica_id = ?"  # noqa: S608  # a constant

_GENERATIONS = "SELECT name, value FROM generations WHERE tenant_id = ?"

_COUNT_OPEN = "SELECT count(*) FROM reservations WHERE state IN ('open', 'unknown')"


class SqliteLedgerStore:
    """Implements ``ledger.store.LedgerStore``."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._remembered = Remembered()
        with _available():
            self._connection = open_writer(path)

    def alone(self) -> AbstractContextManager[bool]:
        return nullcontext(True)  # the lock file lets no other server in

    def begin(self, replica_id: str = "") -> ReplicaState | None:
        if self._connection.in_transaction:
            self.rollback()
        with _available():
            self._connection.execute("BEGIN IMMEDIATE")
        known = self._remembered.replicas
        if replica_id not in known:
            known[replica_id] = self._replica_state(replica_id)
        return known[replica_id]

    def claim(self, claims: Sequence[Claim]) -> Collection[str]:
        with _available():
            rows = self._connection.execute(_CLAIM, (json.dumps([claim_row(claim) for claim in claims]),))
            return {completion_id for (completion_id,) in rows.fetchall()}

    def unseen(self, scopes: Collection[ScopeKey]) -> Collection[ScopeKey]:
        return self._remembered.empty(scopes, self._read_meters)

    def make(self, meters: Sequence[Meter]) -> None:
        now = to_micros(self._clock.now())
        with _available():
            self._write(_INSERT_METER, [meter_row(meter, now) for meter in meters])
        self._remembered.keep(meters)

    def meters(self, scopes: Iterable[ScopeKey], keys: Iterable[MeterKey]) -> list[Meter]:
        return self._remembered.meters(scopes, keys, self._read_meters)

    def now(self) -> datetime:
        return self._clock.now()

    def counters(self, first: Iterable[CounterKey]) -> dict[CounterKey, Counter]:
        return self._remembered.counters(first, self._read_counters)

    def held(self, keys: Collection[ReservationKey]) -> Mapping[ReservationKey, Held]:
        if not keys:
            return {}
        with _available():
            rows = self._connection.execute(_HELD, (json.dumps(list(keys)),))
            return {ReservationKey(*row[:2]): held_of(*row[2:]) for row in rows}

    def resolved(self, keys: Collection[ReservationKey]) -> Mapping[ReservationKey, Resolved]:
        with _available():
            return adjustments.read(self._execute, keys)

    def generations(self) -> Generations:
        if self._remembered.generations is None:
            with _available():
                rows = self._connection.execute(_GENERATIONS, (PLATFORM_TENANT,))
                self._remembered.generations = generations_of(rows)
        return self._remembered.generations

    def open_reservations(self) -> Sequence[Reservation]:
        with _available():
            return [reservation_of(row) for row in self._connection.execute(_OPEN)]

    def write(self, changes: Changes) -> None:
        with _available():
            self._write(_INSERT_DECISION, [decision_row(*decision) for decision in changes.decisions])
            self._write(_INSERT_RESERVATION, [reservation_row(reservation) for reservation in changes.reserved])
            self._write(_END_RESERVATION, [ending_row(*ended) for ended in changes.ended.items()])
            self._write(_MARK_RESERVATION, [mark_row(*marked) for marked in changes.marks])
            self._write(_ORPHAN_RESERVATION, [orphan_row(*found) for found in changes.orphaned.items()])
            self._write(_SET_LINES, [lines_row(*held) for held in changes.lines.items()])
            self._write(_REDEFINE_METER, [redefined_row(each) for each in changes.redefined])
            self._write(_SET_COUNTER, [counter_row(*counter) for counter in changes.counters.items()])
            self._write(_INSERT_ENTRY, [entry_row(entry) for entry in changes.entries])
            self._write(_INSERT_LABEL, [row for entry in changes.entries for row in label_rows(entry.reservation)])
            adjustments.write(self._execute, changes.adjusted)
            self._write(_SET_OUTCOME, [outcome_row(outcome) for outcome in changes.outcomes])
            self._write(_END_CLAIM, [claim_end_row(end) for end in changes.ended_claims])
            self._write(_RELEASE_CLAIM, [claim_name(claim) for claim in changes.freed_claims])
            audit_log.write(self._execute, changes.done)
        self._remembered.write(changes.counters)
        self._remembered.keep([each.meter for each in changes.redefined])

    def control(self, write: Callable[[Execute], ResultT]) -> ResultT:
        try:
            with _available():
                return write(self._execute)
        finally:
            self._remembered.forget()

    def commit(self) -> None:
        with _available():
            self._connection.execute("COMMIT")

    def rollback(self) -> None:
        self._remembered.forget()
        # SQLite ends some transactions itself, such as one that met a full disk.
        if self._connection.in_transaction:
            with _available():
                self._connection.execute("ROLLBACK")

    def open_count(self) -> int:
        with _available():
            count: int = self._connection.execute(_COUNT_OPEN).fetchone()[0]
        return count

    def close(self) -> None:
        self._connection.close()

    def _replica_state(self, replica_id: str) -> ReplicaState | None:
        with _available():
            found = self._connection.execute(_REPLICA_STATE, (replica_id,)).fetchone()
        return ReplicaState(found[0]) if found else None

    def _read_meters(self, scopes: Collection[ScopeKey], keys: Collection[MeterKey]) -> list[Meter]:
        wanted = (json.dumps(list(scopes)), json.dumps(list(keys)))
        with _available():
            return [meter_of(row) for row in self._connection.execute(_METERS, wanted)]

    def _read_counters(self, first: Collection[CounterKey]) -> Mapping[CounterKey, Counter]:
        with _available():
            return counters_of(self._connection.execute(_COUNTERS, (json.dumps(list(first)),)))

    def _execute(self, statement: Statement, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        sql = compiled(statement, _NAMED)
        return self._connection.execute(sql.string, sql.construct_params(dict(parameters))).fetchall()

    def _write(self, statement: str, rows: list[Row]) -> None:
        if rows:
            self._connection.executemany(statement, rows)


@contextmanager
def _available() -> Iterator[None]:
    """Tells trouble with the database from trouble with what is written.

    The driver raises ``OperationalError`` where the file is locked, full or broken, and ``DatabaseError`` itself where
    it is corrupt; its other classes speak of values and statements.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
            raise StoreUnavailable("The store cannot be written now.") from error
        raise
