"""Reads counts of tokens as providers give them: nothing that they send raises, and no count is absurd."""

from __future__ import annotations

import math

from pointsman.v1.usage_pb2 import USAGE_FLAG_MALFORMED, USAGE_FLAG_NEGATIVE, UsageFlag

MAX_TOKENS = 2**53
"""The largest count that is believed."""

_LONGEST_NUMBER = 32
_COUNT_ENDINGS = ("_tokens", "okenCount")
# The member itself, its details, and in Gemini's a list between.
_LEVELS = 3


def count(value: object) -> int | None:
    """A count of tokens from 0 to 2^53; ``None``: the value is none.

    A boolean is no count, a negative one is 0, a huge one is cut, and a part of a token is a whole one.
    """
    if value is None or type(value) is int:  # nearly every value; a boolean is of another type
        return value if value is None else max(0, min(value, MAX_TOKENS))
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return max(0, min(math.ceil(value), MAX_TOKENS))


def oddities(usage: object) -> frozenset[UsageFlag.ValueType]:
    """What is odd about the counts in a member that tells the usage, whatever it is; other figures in it are passed
    over.
    """
    flags: set[UsageFlag.ValueType] = set()
    _look(usage, flags, _LEVELS)
    return frozenset(flags)


def _look(value: object, flags: set[UsageFlag.ValueType], levels: int) -> None:
    if isinstance(value, list) and levels:
        for item in value:
            _look(item, flags, levels - 1)
    if not isinstance(value, dict) or not levels:
        return
    for name, inner in value.items():
        if isinstance(inner, dict | list):
            _look(inner, flags, levels - 1)
        elif name.endswith(_COUNT_ENDINGS) and inner is not None:
            if type(inner) is not int:
                flags.add(USAGE_FLAG_MALFORMED)
            if isinstance(inner, int | float) and inner < 0:
                flags.add(USAGE_FLAG_NEGATIVE)


def first(*values: object) -> int:
    """The first count above 0, else 0."""
    return next((number for value in values if (number := count(value))), 0)
