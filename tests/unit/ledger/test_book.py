"""What one book decides within a batch: it serves many operations, each at its own time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.book import Book, Hold
from pointsman_server.ledger.meters import MAX_AMOUNT, Cause, Meter, MeterKey, Refusal, Scope, Unit
from pointsman_server.ledger.windows import MeterKind

from tests.conformance.builders import REQUEST, START, TENANT, settlement


def meter(limit: int, **fields: Any) -> Meter:
    name = fields.pop("name", "m")
    usual = Meter(MeterKey(TENANT, name), name, Scope.TENANT, "", Unit.NANOS, MeterKind.HOUR, 0, limit)
    return replace(usual, **fields)


def hold(book: Book, now: Any = START, **fields: Any) -> Hold:
    found = book.reserve((replace(REQUEST, **fields),), now)
    assert isinstance(found, Hold)
    return found


def test_a_batch_that_passes_an_hour_counts_each_side_for_itself() -> None:
    book = Book([meter(9_000)])
    for hour in range(3):
        now = START + timedelta(hours=hour)
        hold(book, now)
        assert isinstance(book.reserve((REQUEST,), now), Refusal)
    assert [counter.reserved for counter in book.changed.values()] == [9_000] * 3
    assert isinstance(book.reserve((REQUEST,), START), Refusal), "what came later counts where the clock goes back"


def test_a_rate_that_was_overrun_waits_for_what_was_used() -> None:
    rate = meter(10, unit=Unit.INPUT_TOKENS, kind=MeterKind.RATE, period_s=10)
    book = Book([rate])
    held = hold(book, input_tokens_bound=2)
    used = settlement(usage=TokenUsage(input_tokens=15))
    book.settle(held.lines, used, START, START + timedelta(seconds=1))
    # Ten at once were allowed; five more than those take five seconds, one of which has passed.
    assert book.balance(rate, START + timedelta(seconds=5)).remaining == 0
    assert book.balance(rate, START + timedelta(seconds=6)).remaining == 1
    assert book.balance(rate, START + timedelta(seconds=60)).remaining == 10


def test_a_rate_gives_back_what_was_not_used_less_what_it_refilled() -> None:
    rate = meter(10, unit=Unit.INPUT_TOKENS, kind=MeterKind.RATE, period_s=10)
    book = Book([rate])
    held = hold(book, input_tokens_bound=10)
    later = START + timedelta(seconds=4)
    book.settle(held.lines, settlement(usage=TokenUsage(input_tokens=3)), START, later)
    assert book.balance(rate, later).remaining == 7


def test_an_absurd_bill_is_kept_as_the_largest_amount() -> None:
    money = meter(20_000)
    book = Book([money])
    holds = [hold(book, worst_case_cost_nanos=number) for number in range(3)]
    for held in holds:
        book.settle(held.lines, settlement(cost_nanos=MAX_AMOUNT), START, START)
    assert book.balance(money, START).posted == MAX_AMOUNT
    assert isinstance(book.reserve((REQUEST,), START), Refusal)


@pytest.mark.parametrize(("frozen", "cause"), [(True, Cause.FROZEN), (False, Cause.FULL)])
def test_a_frozen_meter_says_so_even_where_it_is_full(frozen: bool, cause: Cause) -> None:  # noqa: FBT001  # a parameter
    found = Book([meter(1, frozen=frozen)]).reserve((REQUEST,), START)
    assert isinstance(found, Refusal)
    (hindrance,) = found.hindrances
    assert (hindrance.cause, hindrance.wait) == (cause, None)


def test_a_full_slot_says_to_come_again_soon_and_none_at_all_does_not() -> None:
    slots = meter(1, unit=Unit.REQUESTS, kind=MeterKind.SLOTS)
    book = Book([slots])
    hold(book)
    found = book.reserve((REQUEST,), START)
    assert isinstance(found, Refusal)
    assert found.hindrances[0].wait == timedelta(seconds=1)
    found = Book([replace(slots, limit=0)]).reserve((REQUEST,), START)
    assert isinstance(found, Refusal)
    assert found.hindrances[0].wait is None


def test_the_tightest_is_the_one_with_the_least_share_left_and_the_tenants_own() -> None:
    wide, narrow = meter(1_000_000, name="wide"), meter(20_000, name="narrow")
    platform = MeterKey(PLATFORM_TENANT, "all")
    everyone = meter(9_000, key=platform, scope=Scope.GLOBAL)
    for order in ([wide, narrow, everyone], [everyone, narrow, wide]):
        book = Book(order)
        tightest = book.tightest(hold(book).lines, START)
        assert tightest is not None
        assert (tightest.meter, tightest.remaining) == (narrow, 11_000)
    book = Book([everyone])
    assert book.tightest(hold(book).lines, START) is None


def test_a_limit_that_was_lowered_to_nothing_is_the_tightest() -> None:
    wide, nothing = meter(1_000_000, name="wide"), meter(20_000, name="nothing")
    lines = hold(Book([wide, nothing])).lines
    nothing = replace(nothing, limit=0)
    for order in (lines, lines[::-1]):
        tightest = Book([wide, nothing]).tightest(order, START)
        assert tightest is not None
        assert (tightest.meter, tightest.remaining) == (nothing, 0)


def test_what_a_deleted_meter_held_ends_without_a_counter() -> None:
    held = hold(Book([meter(9_000)]))
    book = Book()
    (line,) = book.settle(held.lines, settlement(), START, START)
    assert line.posted == 0
    assert not book.changed
