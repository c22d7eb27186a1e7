"""Opaque ids, made by the server."""

import base64
import os
import time
from collections.abc import Callable

NewId = Callable[[str], str]
"""Makes an id with the given prefix, such as ``cmp``."""


def new_id(prefix: str) -> str:
    """Returns ``prefix_`` and 26 characters: 48 bits of milliseconds, so that ids sort by age, and 80 random bits."""
    bits = (time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10)
    return f"{prefix}_{base64.b32hexencode(bits).decode().rstrip('=').lower()}"
