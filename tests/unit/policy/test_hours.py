"""Parts of the week, by the clocks of a place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pointsman_server.policy.hours import Hours, meet, time_zones

OFFICE = Hours(frozenset(range(5)), 9 * 60, 17 * 60, "Europe/Berlin")
NIGHT = Hours(frozenset({4}), 22 * 60, 6 * 60, "Europe/Berlin")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "inside"),
    [
        (OFFICE, "2026-11-20 08:00", True),  # a Friday, 09:00 in Berlin
        (OFFICE, "2026-11-20 07:59:59.9", False),
        (OFFICE, "2026-11-20 15:59:59", True),
        (OFFICE, "2026-11-20 16:00", False),
        (OFFICE, "2026-11-21 10:00", False),
        (OFFICE, "2026-07-17 07:00", True),  # in summer the same wall clock is an hour earlier
        (OFFICE, "2026-07-17 15:00", False),
        (NIGHT, "2026-11-20 20:59", False),
        (NIGHT, "2026-11-20 21:00", True),
        (NIGHT, "2026-11-21 04:59", True),  # Saturday morning belongs to Friday's night
        (NIGHT, "2026-11-21 05:00", False),
        (NIGHT, "2026-11-20 04:00", False),
        (NIGHT, "2026-11-21 21:00", False),
        (Hours(frozenset(), 0, 1440), "2026-11-21 21:00", True),
        (Hours(frozenset(), 60, 60), "2026-11-21 00:30", True),  # a whole day, from 01:00 to 01:00
        (Hours(frozenset({6}), 0, 1440, "Pacific/Auckland"), "2026-11-21 11:30", True),  # Sunday there already
        # The night on which Berlin's clocks skip 02:00 to 03:00, and the one on which they repeat it.
        (Hours(frozenset({6}), 120, 180, "Europe/Berlin"), "2026-03-29 01:00", False),
        (Hours(frozenset({6}), 120, 180, "Europe/Berlin"), "2026-10-25 00:30", True),
        (Hours(frozenset({6}), 120, 180, "Europe/Berlin"), "2026-10-25 01:30", True),
        (Hours(frozenset({6}), 120, 180, "Europe/Berlin"), "2026-10-25 02:00", False),
    ],
)
def test_a_moment_lies_in_hours_by_the_wall_clock(hours: Hours, now: str, *, inside: bool) -> None:
    assert hours.include(_at(now)) is inside


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        (OFFICE, Hours(frozenset({0}), 0, 1440), True),
        (OFFICE, Hours(frozenset({5, 6}), 0, 1440), False),
        (OFFICE, Hours(frozenset({5, 6}), 600, 1200), False),
        (OFFICE, Hours(frozenset(), 17 * 60, 9 * 60, "Europe/Berlin"), False),
        (OFFICE, Hours(frozenset(), 17 * 60, 9 * 60, "America/New_York"), True),
        (NIGHT, Hours(frozenset({5}), 0, 60, "Europe/Berlin"), True),
    ],
)
def test_hours_meet_where_some_moment_lies_in_both(one: Hours, other: Hours, *, common: bool) -> None:
    assert meet((one, other)) is common
    assert meet((other, one)) is common


def test_hours_are_told_in_words() -> None:
    assert str(OFFICE) == "Mon, Tue, Wed, Thu, Fri 09:00-17:00 Europe/Berlin"
    assert str(Hours(frozenset(), 0, 1440)) == "every day 00:00-24:00 UTC"


def test_places_are_known_everywhere() -> None:
    assert {"Europe/Berlin", "Asia/Kolkata", "UTC"} <= time_zones()
