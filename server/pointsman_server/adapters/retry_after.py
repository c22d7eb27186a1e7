"""Reads how long a provider asks to wait, from its response's headers alone."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=1)
"""The longest wait that is believed."""

_LONGEST_VALUE = 64
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_EPOCH_FROM = 1_000_000_000  # larger than any wait in seconds: a time of day
_EPOCH_MS_FROM = 1_000_000_000_000
_RESETS = ("requests", "tokens")


def read(headers: Mapping[str, str], *, rate_limited: bool) -> timedelta | None:
    """Returns the wait, from 0 to a day; ``None``: the headers ask for none.

    ``retry-after-ms`` counts before ``Retry-After`` (seconds, or a date, which the response's own ``Date`` turns into a
    wait). ``x-ratelimit-reset…`` counts last, and only for a rate limit, since it comes with good answers too: the
    longest of those whose ``remaining`` is 0, else the longest.
    """
    known = {name.lower(): value.strip() for name, value in headers.items() if len(value) <= _LONGEST_VALUE}
    now = _date(known.get("date", ""))
    seconds = _number(known.get("retry-after-ms", ""), 0.001)
    if seconds is None:
        seconds = _retry_after(known.get("retry-after", ""), now)
    if seconds is None and rate_limited:
        seconds = _reset(known, now)
    return None if seconds is None else timedelta(seconds=max(0.0, min(seconds, LONGEST.total_seconds())))


def _retry_after(value: str, now: datetime | None) -> float | None:
    seconds = _number(value)
    if seconds is not None:
        return seconds
    at = _date(value)
    return (at - now).total_seconds() if at and now else None


def _reset(headers: Mapping[str, str], now: datetime | None) -> float | None:
    waits: list[float] = []
    exhausted: list[float] = []
    for suffix in ("", *(f"-{unit}" for unit in _RESETS)):
        wait = _wait(headers.get(f"x-ratelimit-reset{suffix}", ""), now)
        if wait is not None:
            waits.append(wait)
            if headers.get(f"x-ratelimit-remaining{suffix}") == "0":
                exhausted.append(wait)
    return max(exhausted or waits, default=None)


def _wait(value: str, now: datetime | None) -> float | None:
    """A wait as seconds (``1.5``), a duration (``6m0s``), or a time since 1970 in seconds or milliseconds."""
    number = _number(value)
    if number is None:
        pieces = _DURATION.findall(value)
        whole = "".join(amount + unit for amount, unit in pieces) == value
        return sum(float(amount) * _SECONDS[unit] for amount, unit in pieces) if pieces and whole else None
    if number < _EPOCH_FROM:
        return number
    at = number / 1000 if number >= _EPOCH_MS_FROM else number
    return at - now.timestamp() if now else None


def _number(value: str, unit_seconds: float = 1) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number * unit_seconds if math.isfinite(number) else None


def _date(value: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value)
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
