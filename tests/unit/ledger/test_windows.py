"""Windows by the clock: where moments count, and when they no longer do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.ledger.windows import TIMELESS, MeterKind, bounds, bucket_of, micros, oldest

LEAP = datetime(2028, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # Hypothesis wants naive bounds


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        (MeterKind.MONTH, datetime(2028, 2, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
        (MeterKind.DAY, datetime(2028, 2, 29, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
        (MeterKind.HOUR, datetime(2028, 2, 29, 23, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_calendar_window_ends_where_the_next_begins(kind: MeterKind, start: datetime, end: datetime) -> None:
    assert bounds(kind, 0, LEAP) == (start, end)
    assert bucket_of(kind, 0, LEAP) == oldest(kind, 0, LEAP) == micros(start)
    assert bucket_of(kind, 0, LEAP + timedelta(microseconds=1)) == micros(end)


@given(moments, st.integers(1, 10**8), st.integers(0, 10**15))
def test_a_rolling_window_counts_all_of_its_period(now: datetime, period_s: int, age_micros: int) -> None:
    bucket = bucket_of(MeterKind.ROLLING, period_s, now)
    assert bucket <= micros(now)
    later = now + timedelta(microseconds=age_micros)
    counts = bucket >= oldest(MeterKind.ROLLING, period_s, later)
    if age_micros <= period_s * 1_000_000:
        assert counts
    found = bounds(MeterKind.ROLLING, period_s, now)
    assert found is not None
    start, end = found
    assert start <= now - timedelta(seconds=period_s)
    assert end > now
    assert oldest(MeterKind.ROLLING, period_s, end) > oldest(MeterKind.ROLLING, period_s, now)
    assert oldest(MeterKind.ROLLING, period_s, end - timedelta(microseconds=1)) == oldest(
        MeterKind.ROLLING, period_s, now
    )


@pytest.mark.parametrize("kind", [MeterKind.RATE, MeterKind.SLOTS, MeterKind.TOTAL])
def test_rates_slots_and_totals_have_no_window(kind: MeterKind) -> None:
    assert bounds(kind, 60, LEAP) is None
    assert bucket_of(kind, 60, LEAP) == oldest(kind, 60, LEAP) == TIMELESS


def test_a_rolling_window_has_sixty_parts_and_the_oldest_counts_whole() -> None:
    now = datetime(2026, 11, 20, 10, 30, 17, 250, tzinfo=UTC)
    minute = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    bucket = bucket_of(MeterKind.ROLLING, 3_600, now)
    assert isinstance(bucket, int)
    assert bucket == micros(minute)
    assert oldest(MeterKind.ROLLING, 3_600, now) == micros(minute - timedelta(hours=1))
    assert bounds(MeterKind.ROLLING, 3_600, now) == (minute - timedelta(hours=1), minute + timedelta(minutes=1))


def test_the_microseconds_of_a_moment_are_whole() -> None:
    assert isinstance(micros(LEAP), int)
    assert micros(LEAP + timedelta(microseconds=1)) - micros(LEAP) == 1
