"""The audit adds up what reservations hold and used, and says where a counter differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.ledger.audit import Audit, Difference, Finding, Summary, Unknown, Used
from pointsman_server.ledger.batch import ReservationState
from pointsman_server.ledger.meters import (
    MAX_AMOUNT,
    Counter,
    CounterKey,
    Line,
    Meter,
    MeterKey,
    NamedUnit,
    Scope,
    Unit,
)
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.windows import MeterKind

from tests.conformance.builders import REQUEST, START, TENANT

OPEN, UNKNOWN, SETTLED = ReservationState.OPEN, ReservationState.UNKNOWN, ReservationState.SETTLED
USED = Used(TokenUsage(input_tokens=40, output_tokens=2), 700)


def meter(name: str, unit: Unit | NamedUnit = Unit.NANOS, kind: MeterKind = MeterKind.HOUR) -> Meter:
    return Meter(MeterKey(TENANT, name), name, Scope.TENANT, "", unit, kind, 0, 10)


def line(name: str, amount: int = 9, posted: int | None = None, bucket: int = 5) -> Line:
    return Line(TENANT, name, bucket, amount, posted=posted)


def made(*lines: Line) -> Reservation:
    return Reservation("rsv_1", REQUEST, START, lines)


def key(name: str, bucket: int = 5) -> CounterKey:
    return CounterKey(TENANT, name, bucket)


def compared(audit: Audit, **counters: Counter) -> list[Finding]:
    return list(audit.compare({key(name): counter for name, counter in counters.items()}))


def added(audit: Audit, *rows: tuple[Reservation, ReservationState, Used | None]) -> list[Finding]:
    return [finding for row in rows for finding in audit.add(*row)]


def test_what_is_open_or_unknown_is_held_and_what_ended_is_posted() -> None:
    audit = Audit([meter("m")])
    rows: Any = [
        (made(line("m", 9)), OPEN, None),
        (made(line("m", 5)), UNKNOWN, None),
        (made(line("m")), SETTLED, USED),
    ]
    assert added(audit, *rows) == [Unknown(made(line("m", 5)))]
    assert compared(audit, m=Counter(700, 14)) == [Summary(1, 3, 0, 1)]


def test_every_unknown_reservation_is_counted() -> None:
    audit = Audit([])
    assert len(added(audit, *[(made(), UNKNOWN, None)] * 3, (made(), OPEN, None))) == 3
    assert compared(audit) == [Summary(0, 4, 0, 3)]


def test_a_line_of_a_deleted_meter_is_passed_over_and_those_after_it_are_not() -> None:
    audit = Audit([meter("m")])
    assert added(audit, (made(line("gone"), line("m", 3)), OPEN, None)) == []
    assert compared(audit, m=Counter(0, 3), gone=Counter(1, 1)) == [Summary(1, 1, 0, 0)]


def test_every_counter_that_differs_is_told_also_where_one_side_has_none() -> None:
    audit = Audit([meter("a"), meter("b"), meter("c"), meter("d")])
    added(audit, (made(line("a", 1), line("b", 2), line("d", 4)), OPEN, None))
    assert compared(audit, a=Counter(0, 1), b=Counter(1, 2), c=Counter(0, 3)) == [
        Difference(key("b"), Counter(1, 2), Counter(0, 2)),
        Difference(key("c"), Counter(0, 3), Counter()),
        Difference(key("d"), Counter(), Counter(0, 4)),
        Summary(3, 1, 3, 0),
    ]


def test_buckets_are_counters_of_their_own() -> None:
    audit = Audit([meter("m")])
    added(audit, (made(line("m", 1), line("m", 2, bucket=6)), OPEN, None))
    found: Mapping[CounterKey, Counter] = {key("m"): Counter(0, 1), key("m", 6): Counter(0, 2)}
    assert list(audit.compare(found)) == [Summary(2, 1, 0, 0)]


def test_each_unit_posts_what_the_entry_says_and_calls_what_their_line_does() -> None:
    meters = [
        meter("money"),
        meter("tokens", Unit.TOKENS),
        meter("calls", Unit.REQUESTS),
        meter("slots", Unit.REQUESTS, MeterKind.SLOTS),
    ]
    audit = Audit(meters)
    lines = made(line("money"), line("tokens"), line("calls", 1, 1), line("slots", 1, 0))
    moved_on = made(line("calls", 1))  # the call's line went on to the next attempt, and this one is settled
    added(audit, (lines, SETTLED, USED), (replace(moved_on, lines=()), SETTLED, USED))
    expected = {"money": Counter(700), "tokens": Counter(42), "calls": Counter(1), "slots": Counter()}
    assert compared(audit, **expected) == [Summary(4, 2, 0, 0)]


def test_what_calls_bring_is_proven_by_their_lines_and_classes_of_tokens_by_their_entries() -> None:
    audit = Audit([meter("images", NamedUnit.IMAGES), meter("reasoning", Unit.REASONING_TOKENS)])
    entry = Used(TokenUsage(output_tokens=5, reasoning_tokens=8), 700)
    added(audit, (made(line("images", 9, 4), line("reasoning", 20, 3)), SETTLED, entry))
    added(audit, (made(line("images", 2)), OPEN, None))
    assert compared(audit, images=Counter(4, 2), reasoning=Counter(3)) == [
        Difference(key("reasoning"), Counter(3), Counter(8)),
        Summary(2, 2, 1, 0),
    ]


def test_a_slot_that_was_freed_of_an_unknown_reservation_holds_nothing() -> None:
    audit = Audit([meter("slots", Unit.REQUESTS, MeterKind.SLOTS)])
    added(audit, (made(line("slots", 1, 0)), UNKNOWN, None))
    assert compared(audit, slots=Counter()) == [Summary(1, 1, 0, 1)]


def test_what_has_no_known_cost_posts_all_that_it_held_and_what_has_no_entry_nothing() -> None:
    audit = Audit([meter("m")])
    added(audit, (made(line("m", 9)), SETTLED, Used(TokenUsage(), None)))
    added(audit, (made(line("m", 4)), ReservationState.VOIDED, None))
    assert compared(audit, m=Counter(9)) == [Summary(1, 2, 0, 0)]


def test_calls_without_a_line_that_ended_count_nothing_and_sums_stay_storable() -> None:
    audit = Audit([meter("calls", Unit.REQUESTS), meter("m")])
    added(audit, (made(line("calls", 1)), SETTLED, USED))
    for _ in range(2):
        added(audit, (made(line("m")), SETTLED, Used(TokenUsage(), MAX_AMOUNT)))
    assert compared(audit, m=Counter(MAX_AMOUNT), calls=Counter()) == [Summary(2, 3, 0, 0)]


def test_rates_are_no_sums() -> None:
    audit = Audit([meter("rate", kind=MeterKind.RATE)])
    added(audit, (made(line("rate")), OPEN, None))
    assert compared(audit, rate=Counter(1, 2, 3)) == [Summary(0, 1, 0, 0)]
