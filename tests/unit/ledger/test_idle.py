"""Which meters of plans and rules may go: those that hold nothing, count nothing now, and have stood idle for long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from pointsman_server.ledger.book import Book
from pointsman_server.ledger.idle import IDLE, IDLE_TOTAL, Idle
from pointsman_server.ledger.meters import Counter, CounterKey, Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind, bucket_of

from tests.conformance.builders import REQUEST, START, TENANT, settlement

LIMIT = Meter(MeterKey(TENANT, "mtr_1"), "m", Scope.POLICY, "run_1", Unit.REQUESTS, MeterKind.TOTAL, 0, 5)
INSTANT = timedelta(microseconds=1)


def idle(kind: MeterKind, counter: Counter, updated_at: timedelta = timedelta(0)) -> Idle:
    limit = replace(LIMIT, kind=kind, period_s=60 if kind is MeterKind.RATE else 0)
    counter.decided_at = START
    return Idle(limit, {CounterKey(*LIMIT.key, bucket_of(kind, 60, START)): counter}, START + updated_at)


@pytest.mark.parametrize(
    ("kind", "counter", "stands"),
    [
        (MeterKind.TOTAL, Counter(posted=3), IDLE_TOTAL),
        (MeterKind.SLOTS, Counter(), IDLE),
        (MeterKind.HOUR, Counter(posted=3), IDLE),
        (MeterKind.MONTH, Counter(), IDLE),
        (MeterKind.RATE, Counter(arrival_nanos=1), IDLE),
    ],
)
def test_a_meter_stands_for_so_long_after_its_last_change(kind: MeterKind, counter: Counter, stands: timedelta) -> None:
    assert not idle(kind, counter).may_go(START + stands - INSTANT)
    assert idle(kind, counter).may_go(START + stands)
    assert not idle(kind, counter, INSTANT).may_go(START + stands), "its limit changed later"


@pytest.mark.parametrize("kind", [MeterKind.TOTAL, MeterKind.SLOTS, MeterKind.HOUR])
def test_what_is_held_in_any_window_keeps_its_meter(kind: MeterKind) -> None:
    assert not idle(kind, Counter(reserved=1)).may_go(START + 2 * IDLE_TOTAL)


def test_what_counts_in_its_window_keeps_its_meter() -> None:
    assert not idle(MeterKind.MONTH, Counter(posted=1)).may_go(START + IDLE)


def test_what_a_call_says_is_what_is_left_for_it() -> None:
    """Also in the batch in which it was said."""
    book = Book([replace(LIMIT, kind=MeterKind.DAY)])
    book.declare([replace(LIMIT, key=MeterKey(TENANT, ""), kind=MeterKind.DAY, limit=9)])
    held = book.reserve([replace(REQUEST, policy_meters=(LIMIT,))], START)
    tightest = book.tightest(book.settle(held.lines, settlement(), START, START), START)  # type: ignore[union-attr]
    assert tightest is not None
    assert (tightest.meter.key, tightest.meter.limit, tightest.remaining) == (LIMIT.key, 9, 8)
