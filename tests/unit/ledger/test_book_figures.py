"""The book to the last unit: bounds, ties, roundings and amounts of nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.ledger.book import Book, Hold
from pointsman_server.ledger.meters import Cause, Counter, CounterKey, Meter, MeterKey, Refusal, Scope, Unit
from pointsman_server.ledger.windows import MeterKind, bounds, micros

from tests.conformance.builders import REQUEST, START, TENANT, settlement


def meter(limit: int, **fields: Any) -> Meter:
    name = fields.pop("name", "m")
    usual = Meter(MeterKey(TENANT, name), name, Scope.TENANT, "", Unit.NANOS, MeterKind.HOUR, 0, limit)
    return replace(usual, **fields)


def rate(limit: int, period_s: int = 10) -> Meter:
    return meter(limit, unit=Unit.INPUT_TOKENS, kind=MeterKind.RATE, period_s=period_s)


def hold(book: Book, now: Any = START, **fields: Any) -> Hold:
    found = book.reserve((replace(REQUEST, **fields),), now)
    assert isinstance(found, Hold)
    return found


def refused(book: Book, now: Any = START, **fields: Any) -> Refusal:
    found = book.reserve((replace(REQUEST, **fields),), now)
    assert isinstance(found, Refusal)
    return found


def arrival(book: Book) -> int:
    """How far the rate's arrival time is after the start, in nanoseconds."""
    nanos = book.changed[CounterKey(TENANT, "m", 0)].arrival_nanos
    assert isinstance(nanos, int)
    return nanos - micros(START) * 1_000


def test_a_rate_of_nothing_lets_through_nothing_but_nothing() -> None:
    book = Book([rate(0)])
    assert (book.balance(rate(0), START).reserved, book.balance(rate(0), START).remaining) == (0, 0)
    refused(book, input_tokens_bound=1)
    (line,) = hold(book, input_tokens_bound=0).lines
    assert (line.amount, line.span_nanos) == (0, 0)


def test_what_was_used_in_every_part_of_a_rolling_window_counts() -> None:
    rolling = meter(100, kind=MeterKind.ROLLING, period_s=3_600)
    book = Book([rolling])
    for minutes, cost in ((0, 5), (2, 7), (4, 11)):
        now = START + timedelta(minutes=minutes)
        book.settle(hold(book, now, worst_case_cost_nanos=20).lines, settlement(cost_nanos=cost), now, now)
    later = START + timedelta(minutes=5)
    assert book.balance(rolling, later).posted == 23
    assert rolling.window(later) == bounds(MeterKind.ROLLING, 3_600, later)


def test_what_is_held_in_every_part_of_a_rolling_window_counts() -> None:
    rolling = meter(100, kind=MeterKind.ROLLING, period_s=3_600)
    book = Book([rolling])
    for minutes, cost in ((0, 5), (2, 7), (4, 11)):
        hold(book, START + timedelta(minutes=minutes), worst_case_cost_nanos=cost)
    assert book.balance(rolling, START + timedelta(minutes=5)).reserved == 23


def test_a_meters_time_is_the_latest_of_all_its_counters() -> None:
    moments = [START, START + timedelta(minutes=9), START + timedelta(minutes=3)]
    counters = {CounterKey(TENANT, "m", bucket): Counter(decided_at=moment) for bucket, moment in enumerate(moments, 1)}
    assert Book([meter(1)], counters).time_of(meter(1), START) == moments[1]


def test_a_correction_without_a_known_cost_used_all_that_was_held() -> None:
    book = Book([meter(100)])
    held = hold(book, worst_case_cost_nanos=20)
    ended = book.settle(held.lines, settlement(cost_nanos=3), START, START)
    (line,) = book.adjust(ended, settlement(cost_nanos=None), START, START)
    assert (line.posted, book.balance(meter(100), START).posted) == (20, 20)


def test_a_frozen_meter_with_room_tells_no_wait() -> None:
    (hindrance,) = refused(Book([meter(10_000, frozen=True)])).hindrances
    assert (hindrance.cause, hindrance.wait, hindrance.needed) == (Cause.FROZEN, None, 9_000)
    assert hindrance.model_id == REQUEST.model_id


def test_what_has_no_price_needs_nothing_that_is_known() -> None:
    (hindrance,) = refused(Book([meter(10_000)]), worst_case_cost_nanos=None).hindrances
    assert (hindrance.cause, hindrance.needed, hindrance.wait) == (Cause.NO_PRICE, 0, None)


def test_what_has_no_known_cost_used_all_that_it_held() -> None:
    book = Book([meter(10_000)])
    (line,) = book.settle(hold(book).lines, settlement(cost_nanos=None), START, START)
    assert line.posted == 9_000


def test_a_wait_is_rounded_up_to_a_microsecond() -> None:
    book = Book([rate(3, period_s=1)])
    hold(book, input_tokens_bound=3)
    (hindrance,) = refused(book, input_tokens_bound=1).hindrances
    assert hindrance.wait == timedelta(microseconds=333_334)


@pytest.mark.parametrize(("used", "after"), [(0, 0), (3, 3_000_000_000), (10, 10_000_000_000), (11, 11_000_000_000)])
def test_an_end_at_once_leaves_a_rate_what_was_used(used: int, after: int) -> None:
    book = Book([rate(10)])
    held = hold(book, input_tokens_bound=10)
    book.settle(held.lines, settlement(usage=TokenUsage(input_tokens=used)), START, START)
    assert arrival(book) == after


def test_an_end_as_it_was_held_leaves_a_rate_alone_however_late() -> None:
    book = Book([rate(10)])
    held = hold(book, input_tokens_bound=10)
    later = START + timedelta(hours=1)
    book.settle(held.lines, settlement(usage=TokenUsage(input_tokens=10)), START, later)
    assert arrival(book) == 10_000_000_000


def test_shares_that_are_equal_leave_the_first_the_tightest() -> None:
    one, two = meter(18_000, name="one"), meter(18_000, name="two")
    book = Book([one, two])
    lines = hold(book).lines
    for order in (lines, lines[::-1]):
        tightest = book.tightest(order, START)
        assert tightest is not None
        assert tightest.meter.key == order[0].meter


def test_a_limit_of_one_is_compared_by_its_share() -> None:
    single = meter(1, name="single", unit=Unit.OUTPUT_TOKENS)
    four = meter(4, name="four", unit=Unit.INPUT_TOKENS)
    book = Book([single, four])
    lines = hold(book, input_tokens_bound=1, max_output_tokens=0).lines
    for order in (lines, lines[::-1]):
        tightest = book.tightest(order, START)
        assert tightest is not None
        assert (tightest.meter, tightest.remaining) == (four, 3)


def adjusted(book: Book, held: Hold, first: int, then: int, *, later: timedelta = timedelta()) -> None:
    lines = book.settle(held.lines, settlement(usage=TokenUsage(input_tokens=first)), START, START)
    used = settlement(usage=TokenUsage(input_tokens=then))
    (line,) = book.adjust(lines, used, START, START + later)
    assert line.posted == then


@pytest.mark.parametrize(
    ("first", "then", "after"), [(3, 5, 5), (5, 3, 3), (4, 4, 4), (0, 10, 10), (10, 0, 0), (8, 12, 12), (12, 8, 8)]
)
def test_an_adjustment_leaves_a_rate_and_a_window_what_was_used(first: int, then: int, after: int) -> None:
    book = Book([rate(10)])
    adjusted(book, hold(book, input_tokens_bound=10), first, then)
    assert arrival(book) == after * 1_000_000_000
    window = meter(10, unit=Unit.INPUT_TOKENS)
    book = Book([window])
    adjusted(book, hold(book, input_tokens_bound=10), first, then)
    assert (book.balance(window, START).posted, book.balance(window, START).reserved) == (after, 0)


def test_an_adjustment_counts_in_the_bucket_that_admitted_it_and_refills_nothing_twice() -> None:
    window = meter(10, unit=Unit.INPUT_TOKENS)
    book = Book([window])
    adjusted(book, hold(book, input_tokens_bound=10), 3, 7, later=timedelta(hours=2))
    ((key, counter),) = book.changed.items()
    assert (key.bucket, counter.posted) == (micros(START.replace(minute=0, second=0, microsecond=0)), 7)
    book = Book([rate(10)])
    adjusted(book, hold(book, input_tokens_bound=10), 8, 2, later=timedelta(seconds=4))
    assert arrival(book) == 6_000_000_000, "of six units that were not used, four have refilled by themselves"


def test_an_adjustment_leaves_slots_open_lines_and_deleted_meters_alone() -> None:
    slots = meter(3, name="slots", unit=Unit.REQUESTS, kind=MeterKind.SLOTS)
    window = meter(10_000, name="window")
    book = Book([slots, window])
    lines = hold(book).lines
    assert book.adjust(lines, settlement(), START, START) == lines, "what is open has nothing to correct"
    ended = book.settle(lines, settlement(), START, START)
    slot, money = book.adjust(ended, settlement(cost_nanos=1), START, START)
    assert (slot.posted, money.posted) == (0, 1)
    assert Book().adjust(ended, settlement(cost_nanos=1), START, START) == ended
