"""What callers were told, and whether what survived agrees with it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from pointsman_server.clock import SystemClock
from pointsman_server.errors import ConfigurationError, StoreUnavailable
from pointsman_server.identity.audit import NO_ENTRIES
from pointsman_server.identity.audit_proof import Break
from pointsman_server.ids import new_id
from pointsman_server.ledger.audit import Difference
from pointsman_server.ledger.model import Reservation
from pointsman_server.storage.rows import reservation_of
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import TENANT


class Attempt(NamedTuple):
    """Names an attempt as callers know it."""

    completion_id: str
    number: int

    @property
    def cost_nanos(self) -> int:
        """What it costs: every attempt something else, so that a mix-up shows."""
        return 1 + crc32(f"{self.completion_id} {self.number}".encode()) % 8_000


@dataclass(slots=True)
class Account:
    """What was acknowledged, and what was only asked for.

    Attributes:
        reserved: the attempts that have a reservation.
        settled: those that have their entry.
        voided: those that ended without one.
        ending: those whose end was asked for, whether or not it was acknowledged.
        moved: the failed attempts whose entry stands or falls with the next one's reservation.
        decisions: the decisions that are recorded.
        limit: of the budget that is changed, the last limit that was acknowledged.
        limit_asked: the last one that was asked for.
    """

    reserved: set[Attempt] = field(default_factory=set)
    settled: set[Attempt] = field(default_factory=set)
    voided: set[Attempt] = field(default_factory=set)
    ending: set[Attempt] = field(default_factory=set)
    moved: set[Attempt] = field(default_factory=set)
    decisions: set[str] = field(default_factory=set)
    limit: int = 0
    limit_asked: int = 0
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def acknowledged(self) -> int:
        """How many writes were."""
        return len(self.reserved) + len(self.settled) + len(self.voided) + len(self.decisions) + self.limit


@dataclass(frozen=True, slots=True)
class Survived:
    """What a database holds after a start.

    Attributes:
        unknown: the reservations that wait for an answer.
        faults: what is not as it must be; ``lost`` are those that were acknowledged and are not there.
    """

    unknown: list[Reservation]
    lost: list[str]
    faults: list[str]


async def audited(path: Path, account: Account) -> Survived:
    """Starts on the database as the product does, with the standard library's SQLite, and compares."""
    try:
        return await _audited(path, account)
    except (ConfigurationError, StoreUnavailable, sqlite3.DatabaseError) as error:
        return Survived([], [], [f"cannot be read: {error}"])


async def _audited(path: Path, account: Account) -> Survived:
    async with await Storage.open(path, clock=SystemClock(), new_id=new_id) as storage:
        findings = [finding async for finding in storage.budgets.verify(None)]
        chain = [finding async for finding in storage.audit.verify(TENANT, NO_ENTRIES)]
    with closing(sqlite3.connect(path)) as connection:
        rows = _Rows(connection)
        faults = [f"counter {finding}" for finding in findings if isinstance(finding, Difference)]
        faults += [f"audit log {finding}" for finding in chain if isinstance(finding, Break)]
        return Survived(rows.unknown, list(_lost(rows, account)), [*faults, *_wrong(rows, account)])


class _Rows:
    """The tables that matter here."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.integrity = connection.execute("PRAGMA integrity_check").fetchall()
        states = connection.execute("SELECT completion_id, attempt, state FROM reservations").fetchall()
        self.states = {Attempt(*row[:2]): row[2] for row in states}
        self.state_count = len(states)
        entries = connection.execute("SELECT completion_id, attempt, cost_nanos FROM usage_entries").fetchall()
        self.costs = {Attempt(*row[:2]): row[2] for row in entries}
        self.entry_count = len(entries)
        self.decisions = {name for (name,) in connection.execute("SELECT decision_id FROM decisions")}
        (self.limit,) = connection.execute("SELECT limit_amount FROM meters WHERE name = 'changing'").fetchone()
        changes = connection.execute("SELECT payload FROM audit_payloads ORDER BY sequence").fetchall()
        after = [json.loads(payload)["after"] for (payload,) in changes]
        self.recorded_limit = [int(each.get("limit", 0)) for each in after if each["name"] == "changing"][-1]
        unknown = connection.execute("SELECT * FROM reservations WHERE state = 'unknown'")
        self.unknown = [reservation_of(row) for row in unknown]


def _lost(rows: _Rows, account: Account) -> Iterator[str]:
    """What was acknowledged and is not there."""
    yield from (f"reservation of {attempt}" for attempt in account.reserved - rows.states.keys())
    yield from (f"entry of {attempt}" for attempt in account.settled - rows.costs.keys())
    yield from (f"void of {attempt}" for attempt in account.voided if rows.states.get(attempt) != "voided")
    yield from (f"decision {name}" for name in account.decisions - rows.decisions)
    if rows.limit < account.limit:
        yield f"limit {account.limit}: {rows.limit}"


def _wrong(rows: _Rows, account: Account) -> Iterator[str]:
    """What no power cut may leave, whatever was acknowledged."""
    if rows.integrity != [("ok",)]:
        yield f"integrity {rows.integrity[:3]}"
    if rows.state_count != len(rows.states) or rows.entry_count != len(rows.costs):
        yield "an attempt has two reservations or two entries"
    settled = {attempt for attempt, state in rows.states.items() if state == "settled"}
    if settled != rows.costs.keys():
        yield f"entries without a settled reservation, or the other way round: {settled ^ rows.costs.keys()}"
    yield from (f"cost of {key}: {cost}" for key, cost in rows.costs.items() if cost != key.cost_nanos)
    for attempt, state in rows.states.items():
        if state == "open":
            yield f"{attempt} is still open after a start"
        if state == "settled" and attempt not in account.ending:
            yield f"{attempt} is settled, which nobody asked for"
    for attempt in account.moved:
        following = Attempt(attempt.completion_id, attempt.number + 1)
        if (attempt in rows.costs) != (following in rows.states):
            yield f"half of what moved on from {attempt}"
    yield from _wrong_limit(rows, account)


def _wrong_limit(rows: _Rows, account: Account) -> Iterator[str]:
    if rows.recorded_limit != rows.limit:
        yield f"limit {rows.limit}: the audit log says {rows.recorded_limit}"
    if rows.limit > account.limit_asked:
        yield f"limit {rows.limit}: at most {account.limit_asked} was asked for"
