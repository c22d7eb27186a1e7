"""Windows: which span of time a moment counts in. They follow from time alone, so that nothing ever resets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

SUB_BUCKETS = 60
"""How many parts a rolling window has. The oldest counts whole, so that a window never counts too little."""

TIMELESS = 0
"""The bucket of what no window splits: rates, slots and totals."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND_MICROS = 1_000_000


class MeterKind(StrEnum):
    """What a meter's limit holds for: a calendar window in UTC, a rolling one, a rate, what is in use at once, or
    all that is ever used.
    """

    MONTH = "month"
    DAY = "day"
    HOUR = "hour"
    ROLLING = "rolling"
    RATE = "rate"
    SLOTS = "slots"
    TOTAL = "total"


CALENDAR = frozenset({MeterKind.MONTH, MeterKind.DAY, MeterKind.HOUR})


def micros(moment: datetime) -> int:
    """The microseconds since 1970."""
    return (moment - EPOCH) // _MICROSECOND


def bucket_of(kind: MeterKind, period_s: int, now: datetime) -> int:
    """Where an admission at this moment is counted: the start of its span, in microseconds since 1970."""
    if kind in CALENDAR:
        return micros(_start(kind, now))
    return _sub_bucket(period_s, micros(now)) if kind is MeterKind.ROLLING else TIMELESS


def oldest(kind: MeterKind, period_s: int, now: datetime) -> int:
    """The first bucket that still counts at this moment.

    All later ones count too, so that a clock that went back forgets none.
    """
    if kind is MeterKind.ROLLING:
        return _sub_bucket(period_s, micros(now) - period_s * _SECOND_MICROS)
    return bucket_of(kind, period_s, now)


def bounds(kind: MeterKind, period_s: int, now: datetime) -> tuple[datetime, datetime] | None:
    """When the window began and when it next lets go of what it counts; ``None``: the kind has no window."""
    if kind in CALENDAR:
        start = _start(kind, now)
        return start, _start(kind, start + _LONGER_THAN[kind])
    if kind is MeterKind.ROLLING:
        first = oldest(kind, period_s, now)
        end = first + _sub_bucket_micros(period_s) + period_s * _SECOND_MICROS
        return EPOCH + first * _MICROSECOND, EPOCH + end * _MICROSECOND
    return None


# From the start of a window, a step that ends within the next one.
_LONGER_THAN = {
    MeterKind.MONTH: timedelta(days=32),
    MeterKind.DAY: timedelta(days=1),
    MeterKind.HOUR: timedelta(hours=1),
}


def _start(kind: MeterKind, now: datetime) -> datetime:
    hour = now.replace(minute=0, second=0, microsecond=0)
    if kind is MeterKind.HOUR:
        return hour
    return hour.replace(hour=0) if kind is MeterKind.DAY else hour.replace(hour=0, day=1)


def _sub_bucket(period_s: int, moment_micros: int) -> int:
    size = _sub_bucket_micros(period_s)
    return moment_micros // size * size


def _sub_bucket_micros(period_s: int) -> int:
    return -(-period_s * _SECOND_MICROS // SUB_BUCKETS)
