"""Rates against an exact oracle: over any schedule with refunds, nothing too much is let through."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.ledger import rates

SECOND = 1_000_000_000
steps = st.lists(
    st.tuples(st.integers(0, 3 * SECOND), st.integers(1, 12), st.integers(0, 12), st.integers(0, 3 * SECOND)),
    max_size=40,
)


class Bucket:
    """The oracle: a bucket of exact fractions that refills evenly and is never fuller than full."""

    def __init__(self, limit: int, period_s: int) -> None:
        self.limit = limit
        self.per_nano = Fraction(limit, period_s * SECOND)
        self.level = Fraction(limit)
        self.at = 0

    def refill(self, now: int) -> None:
        self.level = min(Fraction(self.limit), self.level + (now - self.at) * self.per_nano)
        self.at = now


@given(st.integers(1, 10), st.integers(1, 7), steps)
def test_nothing_is_let_through_that_the_oracle_refuses(
    limit: int, period_s: int, schedule: list[tuple[int, int, int, int]]
) -> None:
    oracle, arrival, now = Bucket(limit, period_s), 0, 0
    for wait, amount, unused, hold in schedule:
        now += wait
        oracle.refill(now)
        span = rates.span_nanos(amount, limit, period_s)
        fits = amount <= rates.room(arrival, now, limit, period_s)
        assert fits == (amount <= limit and not rates.wait_nanos(arrival, now, span, period_s))
        if not fits:
            continue
        assert amount <= oracle.level
        oracle.level -= amount
        arrival = rates.arrival_after(arrival, now, span)
        now += hold
        oracle.refill(now)
        given_back = min(unused, amount)
        arrival -= rates.refund_nanos(span, given_back, amount, hold)
        # What was never used frees the bucket as if it had never been taken, less what has been refilled since.
        oracle.level = min(Fraction(limit), oracle.level + max(Fraction(0), given_back - hold * oracle.per_nano))


@given(st.integers(1, 10**18), st.integers(1, 315_360_000), st.data())
def test_a_rate_is_idle_again_after_a_period_whatever_its_limit(limit: int, period_s: int, data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.integers(0, limit), max_size=20))
    amounts = [here - before for before, here in pairwise(sorted([0, *parts, limit]))]
    arrival = 0
    for amount in amounts:
        arrival = rates.arrival_after(arrival, 0, rates.span_nanos(amount, limit, period_s))
    period = period_s * SECOND
    assert period <= arrival <= period + len(amounts)


def test_a_limit_of_money_refills_within_its_period() -> None:
    thousand_dollars = 1_000 * 10**9
    arrival = rates.arrival_after(0, 0, rates.span_nanos(thousand_dollars, thousand_dollars, 60))
    assert rates.room(arrival, 30 * SECOND, thousand_dollars, 60) == thousand_dollars // 2
    assert rates.room(arrival, 60 * SECOND, thousand_dollars, 60) == thousand_dollars


def test_a_rate_lets_through_its_limit_at_once_and_then_evenly() -> None:
    arrival = rates.arrival_after(0, 0, rates.span_nanos(60, 60, 60))
    assert rates.room(arrival, 0, 60, 60) == 0
    assert rates.wait_nanos(arrival, 0, rates.span_nanos(1, 60, 60), 60) == SECOND
    assert rates.room(arrival, SECOND - 1, 60, 60) == 0
    assert rates.room(arrival, SECOND, 60, 60) == 1
    assert rates.room(arrival, 100 * SECOND, 60, 60) == 60


def test_a_late_refund_gives_nothing_back() -> None:
    assert rates.refund_nanos(8 * SECOND, 5, 8, 2 * SECOND) == 3 * SECOND
    assert rates.refund_nanos(8 * SECOND, 5, 8, 5 * SECOND) == 0
    assert rates.refund_nanos(8 * SECOND, 5, 8, 9 * SECOND) == 0


def test_a_span_is_rounded_up_and_a_refund_down() -> None:
    assert rates.span_nanos(1, 3, 1) == 333_333_334
    assert rates.span_nanos(3, 3, 1) == SECOND
    assert rates.refund_nanos(10, 1, 3, 0) == 3
