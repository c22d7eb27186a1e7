"""Rates against an exact oracle: over any schedule with refunds, nothing too much is let through."""

from fractions import Fraction

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
    interval = rates.interval_nanos(limit, period_s)
    oracle, arrival, now = Bucket(limit, period_s), 0, 0
    for wait, amount, unused, hold in schedule:
        now += wait
        oracle.refill(now)
        fits = amount <= rates.room(arrival, now, interval, limit)
        assert fits == (amount <= limit and not rates.wait_nanos(arrival, now, amount, interval, limit))
        if not fits:
            continue
        assert amount <= oracle.level
        oracle.level -= amount
        arrival = rates.arrival_after(arrival, now, amount, interval)
        now += hold
        oracle.refill(now)
        given_back = min(unused, amount)
        arrival -= rates.refund_nanos(given_back, interval, hold)
        # What was never used frees the bucket as if it had never been taken, less what has been refilled since.
        oracle.level = min(Fraction(limit), oracle.level + max(Fraction(0), given_back - hold * oracle.per_nano))


def test_a_rate_lets_through_its_limit_at_once_and_then_evenly() -> None:
    interval = rates.interval_nanos(60, 60)
    arrival = rates.arrival_after(0, 0, 60, interval)
    assert rates.room(arrival, 0, interval, 60) == 0
    assert rates.wait_nanos(arrival, 0, 1, interval, 60) == SECOND
    assert rates.room(arrival, SECOND - 1, interval, 60) == 0
    assert rates.room(arrival, SECOND, interval, 60) == 1
    assert rates.room(arrival, 100 * SECOND, interval, 60) == 60


def test_a_late_refund_gives_nothing_back() -> None:
    assert rates.refund_nanos(5, SECOND, 2 * SECOND) == 3 * SECOND
    assert rates.refund_nanos(5, SECOND, 5 * SECOND) == 0
    assert rates.refund_nanos(5, SECOND, 9 * SECOND) == 0


def test_an_interval_is_rounded_up() -> None:
    assert rates.interval_nanos(3, 1) == 333_333_334
