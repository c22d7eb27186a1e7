"""Ends reservations though the store may be away for a while: what was used must not be lost over that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pointsman_server.errors import StoreUnavailable

T = TypeVar("T")

PATIENCE_S = 30.0
"""How long a caller may be kept waiting for a store that is away."""

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0


async def persistently(write: Callable[[], Awaitable[T]], *, patience_s: float = PATIENCE_S) -> T:
    """Makes a write, and makes it again while the store is unavailable. What ends a reservation counts once, however
    often it is written.

    Raises:
        StoreUnavailable: the store stayed away for as long as ``patience_s``.
    """
    loop = asyncio.get_running_loop()
    latest = loop.time() + patience_s
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            return await write()
        except StoreUnavailable:
            if loop.time() + pause_s > latest:
                raise
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
