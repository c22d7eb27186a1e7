"""Follows a generation: who keeps something at hand is told that it changed, and callers wait for what is newer."""

from __future__ import annotations

import asyncio

from pointsman_server.errors import StoreUnavailable

CATCH_UP_S = 2.0
"""How long a call waits for what is known to be newer than what is at hand."""


class Following:
    """How far something at hand follows the store.

    Attributes:
        reached: the generation that was loaded, or found to be unusable.
    """

    def __init__(self, unread: str, *, reached: int = -1) -> None:
        """``unread`` tells callers that what is newer cannot be read; ``reached`` is what is at hand already."""
        self._unread = unread
        self._changed = asyncio.Event()
        self._news = asyncio.Condition()
        self.reached = reached

    def changed(self) -> None:
        """Says that something has changed."""
        self._changed.set()

    async def change(self, longest_s: float | None = None) -> bool:
        """Waits for a change and takes note of it; false where none came for so long, ``None``: waits for ever."""
        try:
            async with asyncio.timeout(longest_s):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True

    async def reach(self, generation: int) -> None:
        """Tells those who wait how far it is now."""
        async with self._news:
            self.reached = max(self.reached, generation)
            self._news.notify_all()

    async def at_least(self, generation: int) -> None:
        """Returns when this generation, or a later one, is reached.

        Raises:
            StoreUnavailable: it was not for too long.
        """
        if self.reached >= generation:
            return
        self._changed.set()
        try:
            async with asyncio.timeout(CATCH_UP_S), self._news:
                await self._news.wait_for(lambda: self.reached >= generation)
        except TimeoutError:
            raise StoreUnavailable(self._unread) from None
