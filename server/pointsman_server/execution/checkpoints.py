"""Checkpoints: what running attempts have used so far, written down so that a crash leaves more than a worst case."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import structlog

from pointsman_server.errors import Overloaded, StoreUnavailable
from pointsman_server.execution.run import Run
from pointsman_server.ledger.model import Progress
from pointsman_server.ledger.store import Ledger
from pointsman_server.telemetry import frames

CHECKPOINT_S = 2.0
"""How old an attempt is at its first checkpoint, and how long it is to the next. Most are over by then."""

_AT_ONCE = 100
"""After how many attempts other work has its turn: streams must not wait for their checkpoints."""

_log = structlog.get_logger(__name__)


class Checkpoints:
    """Writes all of a server's in one statement. Only attempts that got on since their last one are written."""

    def __init__(self, running: Callable[[], Iterable[Run]], ledger: Ledger) -> None:
        self._running = running
        self._ledger = ledger
        self._written: dict[str, Progress] = {}

    async def run(self) -> None:
        """Makes rounds until it is cancelled; a defect costs one of them, not all later ones."""
        while True:
            await asyncio.sleep(CHECKPOINT_S)
            try:
                await self.round()
            except Exception as defect:  # noqa: BLE001  # whatever it is, the next round may be without it
                _log.error("checkpoint_defect", exception=frames(defect))

    async def round(self) -> None:
        """Writes one checkpoint of every attempt that is old enough. What fails is left to the next round."""
        found = await self._progress()
        due = [each for each in found.values() if self._written.get(each.reservation_id) != each]
        if due:
            try:
                await self._ledger.checkpoint(due)
            except (Overloaded, StoreUnavailable):
                _log.warning("checkpoints_not_written", count=len(due))
                return
        self._written = found

    async def _progress(self) -> dict[str, Progress]:
        found: dict[str, Progress] = {}
        for count, run in enumerate(list(self._running()), start=1):
            if (progress := run.progress(older_than_s=CHECKPOINT_S)) is not None:
                found[progress.reservation_id] = progress
            if count % _AT_ONCE == 0:
                await asyncio.sleep(0)
        return found
