"""Opaque ids, made by the server."""

import os
import time
from collections.abc import Callable

# Crockford's base 32: no letter that looks like a digit.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

NewId = Callable[[str], str]
"""Makes an id with the given prefix, such as ``cmp``."""


def new_id(prefix: str) -> str:
    """Returns ``prefix_`` and 26 characters: 48 bits of milliseconds, so that ids sort by age, and 80 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return f"{prefix}_" + "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -5, -5))
