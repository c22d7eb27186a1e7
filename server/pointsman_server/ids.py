"""Opaque ids, made by the server."""

import os
import threading
import time
from collections.abc import Callable

NewId = Callable[[str], str]
"""Makes an id with the given prefix, such as ``cmp``."""

_RANDOM_BYTES = 10
# Base 32 with the digits in order (RFC 4648, section 7), two at a time.
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [high + low for high in _DIGITS for low in _DIGITS]
_PADDING_BITS = 2
_SHIFTS = range(120, -1, -10)
_DRAWN_AT_ONCE = 256 * _RANDOM_BYTES


class _Randomness(threading.local):
    """The operating system's random bytes, drawn ahead: asking it costs more than all the rest of making an id."""

    def __init__(self) -> None:
        self._bytes = b""
        self._used = 0

    def take(self, count: int) -> bytes:
        if self._used + count > len(self._bytes):
            self._bytes, self._used = os.urandom(_DRAWN_AT_ONCE), 0
        start, self._used = self._used, self._used + count
        return self._bytes[start : self._used]


_randomness = _Randomness()


def new_id(prefix: str) -> str:
    """Returns ``prefix_`` and 26 characters: 48 bits of milliseconds, so that ids sort by age, and 80 random bits."""
    bits = (time.time_ns() // 1_000_000).to_bytes(6, "big") + _randomness.take(_RANDOM_BYTES)
    number = int.from_bytes(bits, "big") << _PADDING_BITS
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])}"
