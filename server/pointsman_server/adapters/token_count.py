"""Reads counts of tokens as providers give them: nothing that they send raises, and no count is absurd."""

from __future__ import annotations

import math

MAX_TOKENS = 2**53
"""The largest count that is believed."""

_LONGEST_NUMBER = 32


def count(value: object) -> int | None:
    """A count of tokens from 0 to 2^53; ``None``: the value is none.

    A boolean is no count, a negative one is 0, a huge one is cut.
    """
    if value is None or type(value) is int:  # nearly every value; a boolean is of another type
        return value if value is None else max(0, min(value, MAX_TOKENS))
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return max(0, min(int(value), MAX_TOKENS))


def first(*values: object) -> int:
    """The first count above 0, else 0."""
    return next((number for value in values if (number := count(value))), 0)
