"""Rates by GCRA, the generic cell rate algorithm, in whole nanoseconds.

A rate lets through ``limit`` units in a period, all of them at once where it was idle. Its whole state is the
theoretical arrival time: when it will be idle again. An amount moves that time by its span, its share of the period.
A span is rounded up once, so that rounding never lets through too much, and never costs more than a nanosecond: limits
of money pass one unit in a nanosecond.
"""

from __future__ import annotations

_SECOND_NANOS = 1_000_000_000


def span_nanos(amount: int, limit: int, period_s: int) -> int:
    """What an amount holds of the time, for a limit of at least 1."""
    return -(-amount * period_s * _SECOND_NANOS // limit)


def arrival_after(arrival_nanos: int, now_nanos: int, span: int) -> int:
    """The arrival time once a span is let through."""
    return max(arrival_nanos, now_nanos) + span


def wait_nanos(arrival_nanos: int, now_nanos: int, span: int, period_s: int) -> int:
    """How long until the span fits; 0: it fits now. One longer than the period never fits, whatever this says."""
    return max(0, arrival_after(arrival_nanos, now_nanos, span) - now_nanos - period_s * _SECOND_NANOS)


def room(arrival_nanos: int, now_nanos: int, limit: int, period_s: int) -> int:
    """How many units fit now."""
    period_nanos = period_s * _SECOND_NANOS
    return (period_nanos - max(0, arrival_nanos - now_nanos)) * limit // period_nanos


def refund_nanos(span: int, unused: int, amount: int, held_nanos: int) -> int:
    """What unused units of an amount give back after so long a hold.

    The time of the hold has been given back already: taking off the share of the span whole would let through more
    than the rate.
    """
    return max(0, span * unused // amount - held_nanos)
