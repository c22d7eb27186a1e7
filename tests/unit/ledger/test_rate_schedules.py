"""Rates through the book, over schedules where holds overlap and end in any order: never too much in any stretch."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.ledger.book import Book, Hold
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind

from tests.conformance.builders import REQUEST, START, TENANT, settlement

MICRO = timedelta(microseconds=1)
EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES", "500"))


@dataclass
class Admitted:
    """What was let through, and what it counts now: what it holds, then what it used."""

    at_micros: int
    hold: Hold
    counts: int


steps = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.integers(0, 12)),
        st.tuples(st.just("end"), st.integers(0, 12)),
        st.tuples(st.just("wait"), st.one_of(st.integers(0, 10), st.integers(0, 4_000_000))),
    ),
    min_size=4,
    max_size=40,
)


@given(st.integers(0, 12), st.integers(1, 7), steps)
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_stretch_of_time_lets_through_more_than_the_rate(
    limit: int, period_s: int, schedule: list[tuple[str, int]]
) -> None:
    """Whenever something is let in: what was let in since any moment, less what proved to be unused, is at most the
    limit and what the rate gives in that time. Exact fractions, and nothing of the algorithm.
    """
    run(limit, period_s, schedule)


def test_the_naive_refund_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives back the whole span of what was not used, whatever refilled in the meantime."""
    schedule = [("reserve", 4), ("wait", 2_000_000), ("reserve", 2), ("end", 0), ("reserve", 4)]
    run(4, 4, schedule)
    monkeypatch.setattr(
        "pointsman_server.ledger.rates.refund_nanos", lambda span, unused, amount, _: span * unused // amount
    )
    with pytest.raises(AssertionError):
        run(4, 4, schedule)


def run(limit: int, period_s: int, schedule: list[tuple[str, int]]) -> None:
    """Puts the schedule through a book."""
    rate = Meter(MeterKey(TENANT, "r"), "r", Scope.TENANT, "", Unit.INPUT_TOKENS, MeterKind.RATE, period_s, limit)
    book, now = Book([rate]), 0
    admitted: list[Admitted] = []
    open_holds: list[Admitted] = []
    per_micro = Fraction(limit, period_s * 1_000_000)
    for step, number in schedule:
        moment = START + now * MICRO
        if step == "wait":
            now += number
        elif step == "reserve":
            found = book.reserve((replace(REQUEST, input_tokens_bound=number),), moment)
            if isinstance(found, Hold):
                made = Admitted(now, found, number)
                admitted.append(made)
                open_holds.append(made)
                check(admitted, now, limit, per_micro)
        elif open_holds:
            ending = open_holds.pop(number % len(open_holds))
            used = min(number, ending.counts)
            since = START + ending.at_micros * MICRO
            book.settle(ending.hold.lines, settlement(usage=TokenUsage(input_tokens=used)), since, moment)
            ending.counts = used


def check(admitted: list[Admitted], now: int, limit: int, per_micro: Fraction) -> None:
    total = 0
    for each in reversed(admitted):
        total += each.counts
        assert total <= limit + (now - each.at_micros) * per_micro
