"""Parts of the week, on the clocks of a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DAY_MINUTES = 1_440
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""The days' names, Monday first, as ``datetime.weekday`` counts them."""

_SAMPLE_WEEKS = (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC))
"""Mondays in the northern winter and summer: between zones, hours are apart in one of two ways."""
_MINUTE = timedelta(minutes=1)
_EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the week, by the wall clock of a place: where that skips or repeats an hour, so do they.

    Attributes:
        weekdays: the days on which it begins, 0 for Monday; empty: every day.
        start_minute: after midnight, 0 to 1439.
        end_minute: exclusive, 1 to 1440; at or before the start: on the next day.
        time_zone: an IANA name; empty: UTC.
    """

    weekdays: frozenset[int]
    start_minute: int
    end_minute: int
    time_zone: str = ""

    def include(self, now: datetime) -> bool:
        """Whether the moment lies in it."""
        local = self.local(now)
        minute, day = local.hour * 60 + local.minute, local.weekday()
        days = self.weekdays or _EVERY_DAY
        if self.end_minute > self.start_minute:
            return day in days and self.start_minute <= minute < self.end_minute
        began_today = day in days and minute >= self.start_minute
        return began_today or ((day - 1) % 7 in days and minute < self.end_minute)

    def local(self, now: datetime) -> datetime:
        """The moment on the clocks of its place."""
        return now.astimezone(_zone(self.time_zone))

    def starts(self) -> Iterator[datetime]:
        """When it begins in two sample weeks, half a year apart."""
        for monday in _SAMPLE_WEEKS:
            first = monday.replace(tzinfo=_zone(self.time_zone))
            for day in sorted(self.weekdays or _EVERY_DAY):
                yield (first + timedelta(days=day) + self.start_minute * _MINUTE).astimezone(UTC)

    def __str__(self) -> str:
        days = ", ".join(WEEKDAYS[day] for day in sorted(self.weekdays)) or "every day"
        return f"{days} {_clock(self.start_minute)}-{_clock(self.end_minute)} {self.time_zone or 'UTC'}"


def meet(hours: tuple[Hours, ...]) -> bool:
    """Whether some moment lies in all of them. What they have in common begins where one of them begins."""
    return any(all(each.include(start) for each in hours) for one in hours for start in one.starts())


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """The names of all places."""
    return frozenset(available_timezones())


@lru_cache(maxsize=1_024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name or "UTC")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
