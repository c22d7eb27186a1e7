"""Times in the tables: exact to the microsecond."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.storage.times import from_micros, to_micros


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_comes_back_as_it_was(time: datetime) -> None:
    assert from_micros(to_micros(time)) == time


def test_any_time_zone_gives_the_same_moment() -> None:
    time = datetime(2026, 11, 20, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=2)))
    assert to_micros(time) == to_micros(time.astimezone(UTC)) == 1_795_168_800_000_001
