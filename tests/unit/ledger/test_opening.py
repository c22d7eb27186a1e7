"""Which meters and counters a batch reads: all that its operations can touch, and no more than once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.batch import Held, Operation, Orphan, Record, Reserve, Settle, Void, Withdraw
from pointsman_server.ledger.meters import Counter, CounterKey, Line, Meter, MeterKey, Scope, ScopeKey, Unit
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.opening import MetersGone, open_book
from pointsman_server.ledger.windows import MeterKind, micros, oldest

from tests.conformance.builders import REQUEST, START, TENANT, USER, decision, settlement

HOURLY = Meter(MeterKey(TENANT, "hourly"), "m", Scope.TENANT, "", Unit.NANOS, MeterKind.HOUR, 0, 10)
SLOTS = Meter(MeterKey(TENANT, "slots"), "m", Scope.TENANT, "", Unit.REQUESTS, MeterKind.SLOTS, 0, 10)
THEIRS = {
    ScopeKey(PLATFORM_TENANT, Scope.GLOBAL, ""),
    ScopeKey(TENANT, Scope.TENANT, ""),
    ScopeKey(TENANT, Scope.USER, USER),
    ScopeKey(TENANT, Scope.PROJECT, "apollo"),
    ScopeKey(TENANT, Scope.AGENT, "reviewer"),
}
AN_HOUR_AGO = START - timedelta(hours=1)


class Rows:
    """Says what was asked for."""

    def __init__(self, *meters: Meter) -> None:
        self.found = list(meters)
        self.scopes: set[ScopeKey] = set()
        self.keys: set[MeterKey] = set()
        self.first: list[CounterKey] = []
        self.time = START
        self.read_in_order: list[str] = []
        self.seen: set[ScopeKey] = set()
        self.made: list[Meter] = []
        self.removing = False

    def unseen(self, scopes: Collection[ScopeKey]) -> Collection[ScopeKey]:
        self.read_in_order.append("unseen")
        return set(scopes) - self.seen

    def make(self, meters: Sequence[Meter]) -> None:
        self.read_in_order.append("make")
        self.made = list(meters)
        self.found += [] if self.removing else meters

    def meters(self, scopes: Iterable[ScopeKey], keys: Iterable[MeterKey]) -> list[Meter]:
        self.read_in_order.append("meters")
        self.scopes, self.keys = set(scopes), set(keys)
        return self.found

    def now(self) -> datetime:
        self.read_in_order.append("now")
        return self.time

    def counters(self, first: Iterable[CounterKey]) -> dict[CounterKey, Counter]:
        self.read_in_order.append("counters")
        self.first = list(first)
        return {key: Counter(1, 2) for key in self.first}


def made(*lines: Line) -> Reservation:
    return Reservation("rsv_1", REQUEST, START, lines)


def test_every_alternatives_scopes_are_read() -> None:
    rows = Rows()
    other = replace(REQUEST, provider_id="groq")
    open_book(rows, [Reserve(made(), others=(other,))])
    providers = {ScopeKey(PLATFORM_TENANT, Scope.PROVIDER, name) for name in ("openai", "groq")}
    assert rows.scopes == THEIRS | providers
    assert (rows.keys, rows.read_in_order) == (set(), ["meters", "now"]), "without meters there are no counters to read"


def test_what_needs_no_meter_reads_nothing() -> None:
    rows = Rows(HOURLY)
    book, _ = open_book(rows, [Record(decision()), Void(made()), Withdraw(made())])
    assert (rows.read_in_order, book.changed) == (["now"], {})


LINE = Line(TENANT, "hourly", 7, 3)
ENDS: list[Any] = [
    Settle(made(LINE), settlement()),
    Void(made(LINE)),
    Orphan(made(LINE)),
]


@pytest.mark.parametrize("operation", ENDS)
def test_an_end_reads_its_lines_from_the_bucket_that_admitted_them(operation: Operation) -> None:
    rows = Rows(HOURLY, SLOTS)
    book, _ = open_book(rows, [operation])
    assert (rows.scopes, rows.keys) == (set(), {HOURLY.key})
    assert rows.first == [CounterKey(*HOURLY.key, 7), CounterKey(*SLOTS.key, 0)]
    assert book._counters[CounterKey(*HOURLY.key, 7)] == Counter(1, 2)


def test_the_stores_own_lines_count_too_and_a_deleted_meter_is_passed_over() -> None:
    rows = Rows(HOURLY)
    gone = Line(TENANT, "gone", 1, 3)
    open_book(rows, [Withdraw(made())], [Held(START, (gone, LINE))])
    assert rows.keys == {HOURLY.key, gone.meter}
    assert rows.first == [CounterKey(*HOURLY.key, 7)]


def test_counters_are_read_from_the_bucket_of_the_stores_time_once_the_meters_are_locked() -> None:
    rows = Rows(HOURLY)
    rows.time = AN_HOUR_AGO
    _, now = open_book(rows, [Reserve(made())])
    assert (now, rows.read_in_order) == (AN_HOUR_AGO, ["meters", "now", "counters"])
    assert rows.first == [CounterKey(*HOURLY.key, oldest(MeterKind.HOUR, 0, AN_HOUR_AGO))]


def test_a_line_of_a_later_bucket_does_not_hide_an_earlier_one() -> None:
    rows = Rows(HOURLY)
    late = LINE._replace(bucket=micros(START + timedelta(days=1)))
    open_book(rows, [Reserve(made()), Void(made(late))])
    assert rows.first == [CounterKey(*HOURLY.key, oldest(MeterKind.HOUR, 0, START))]


def test_a_rolling_meter_is_read_from_the_oldest_part_that_counts() -> None:
    rolling = replace(HOURLY, kind=MeterKind.ROLLING, period_s=120)
    rows = Rows(rolling)
    open_book(rows, [Reserve(made())])
    assert rows.first == [CounterKey(*rolling.key, oldest(MeterKind.ROLLING, 120, START))]


STEPS = Meter(MeterKey(TENANT, ""), "steps", Scope.POLICY, "run r_1", Unit.REQUESTS, MeterKind.TOTAL, 0, 3)
CALLS = replace(STEPS, name="calls", scope_id="rule pol_1", kind=MeterKind.DAY)
LIMITED = replace(REQUEST, policy_meters=(STEPS, CALLS))


def limited(number: int) -> Reserve:
    return Reserve(Reservation(f"rsv_{number}", LIMITED, START))


def test_a_limit_that_has_no_meter_gets_one_named_after_the_first_that_asks() -> None:
    rows = Rows()
    rows.seen = {CALLS.scope_key}
    rows.found = [replace(CALLS, key=MeterKey(TENANT, "mtr_0_9"))]
    book, _ = open_book(rows, [limited(7), limited(8)])
    assert rows.made == [replace(STEPS, key=MeterKey(TENANT, "mtr_8_0"))]
    assert rows.read_in_order == ["unseen", "make", "meters", "now", "counters"], "what is made comes before all locks"
    assert rows.scopes >= {STEPS.scope_key, CALLS.scope_key}
    assert book.redefined == {}


def test_where_all_limits_have_meters_nothing_is_made() -> None:
    rows = Rows(replace(CALLS, key=MeterKey(TENANT, "mtr_0_1")), replace(STEPS, key=MeterKey(TENANT, "mtr_0_0")))
    rows.seen = {STEPS.scope_key, CALLS.scope_key}
    open_book(rows, [limited(7)])
    assert rows.read_in_order == ["unseen", "meters", "now", "counters"]


def test_a_meter_that_is_removed_meanwhile_has_the_batch_begin_again() -> None:
    rows = Rows(replace(CALLS, key=MeterKey(TENANT, "mtr_0_1")))
    rows.removing = True
    with pytest.raises(MetersGone):
        open_book(rows, [limited(7)])
    assert rows.read_in_order == ["unseen", "make", "meters"]
