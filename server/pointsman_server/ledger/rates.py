"""Rates by GCRA, the generic cell rate algorithm, in whole nanoseconds.

A rate lets through ``limit`` units in a period, all of them at once where it was idle. Its whole state is the
theoretical arrival time: when it will be idle again. One unit moves that time by the interval, rounded up, so that
rounding never lets through too much.
"""

from __future__ import annotations

_SECOND_NANOS = 1_000_000_000


def interval_nanos(limit: int, period_s: int) -> int:
    """What one unit holds of the time, for a limit of at least 1."""
    return -(-period_s * _SECOND_NANOS // limit)


def arrival_after(arrival_nanos: int, now_nanos: int, amount: int, interval: int) -> int:
    """The arrival time once the amount is let through."""
    return max(arrival_nanos, now_nanos) + amount * interval


def wait_nanos(arrival_nanos: int, now_nanos: int, amount: int, interval: int, limit: int) -> int:
    """How long until the amount fits; 0: it fits now. An amount above the limit never fits, whatever this says."""
    return max(0, arrival_after(arrival_nanos, now_nanos, amount, interval) - now_nanos - limit * interval)


def room(arrival_nanos: int, now_nanos: int, interval: int, limit: int) -> int:
    """How many units fit now."""
    return (limit * interval - max(0, arrival_nanos - now_nanos)) // interval


def refund_nanos(unused: int, interval: int, held_nanos: int) -> int:
    """What unused units give back after so long a hold.

    The time of the hold has been given back already: taking off ``unused * interval`` whole would let through more
    than the rate.
    """
    return max(0, unused * interval - held_nanos)
