"""Keeps the snapshot true to price lists with dates: when a price changes, the snapshot is made anew."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from pointsman_server.catalog.catalog import Catalog
from pointsman_server.clock import Clock
from pointsman_server.telemetry import frames

_LONGEST_WAIT_S = 60.0
"""Clocks are set, and other snapshots come with changes that are nearer."""

_SHORTEST_WAIT_S = 1.0
"""So that a snapshot that cannot be made is tried again, but not without end."""

_log = structlog.get_logger(__name__)


class PriceWatch:
    """Waits for the next change of a price.

    Calls do not wait for it: whatever their snapshot says, an attempt is held and booked at the prices in force when
    it is admitted.
    """

    def __init__(self, catalog: Catalog, rebuild: Callable[[], Awaitable[bool]], *, clock: Clock) -> None:
        self._catalog = catalog
        self._rebuild = rebuild
        self._clock = clock

    async def run(self) -> None:
        """Follows the prices until cancelled; a defect costs one round, not all later ones."""
        while True:
            await asyncio.sleep(self.wait_s())
            try:
                await self.follow()
            except Exception as defect:  # noqa: BLE001  # whatever it is, the next round may be without it
                _log.error("price_change_defect", exception=frames(defect))

    async def follow(self) -> bool:
        """Makes the snapshot anew where a price has changed since it was made; returns whether it did."""
        change = self._catalog.snapshot.next_price_change
        if change is None or self._clock.now() < change:
            return False
        _log.info("prices_change", since=change.isoformat())
        return await self._rebuild()

    def wait_s(self) -> float:
        """How long to wait before the next look."""
        change = self._catalog.snapshot.next_price_change
        if change is None:
            return _LONGEST_WAIT_S
        left_s = (change - self._clock.now()).total_seconds()
        return min(max(left_s, _SHORTEST_WAIT_S), _LONGEST_WAIT_S)
