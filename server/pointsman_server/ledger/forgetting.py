"""Forgets claims on request ids that are old: now and then, a few at a time, beside everything else."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from pointsman_server.clock import Clock
from pointsman_server.errors import Overloaded, StoreUnavailable
from pointsman_server.ledger.claims import ClaimStore
from pointsman_server.telemetry import frames

KEPT: Final = timedelta(hours=24)
"""How long a request id is its call's, at the least."""

_ROUND_S: Final = 600.0
_STEP_S: Final = 0.1

_log = structlog.get_logger(__name__)


class Forgetting:
    """Removes claims that are older than ``KEPT``."""

    def __init__(self, claims: ClaimStore, clock: Clock, *, round_s: float = _ROUND_S, step_s: float = _STEP_S) -> None:
        self._claims = claims
        self._clock = clock
        self._round_s = round_s
        self._step_s = step_s

    async def run(self) -> None:
        """Goes round until it is cancelled. What a round leaves, whatever went wrong, the next one finds."""
        while True:
            try:
                await self._round()
            except (Overloaded, StoreUnavailable) as error:
                _log.warning("claims_not_forgotten", cause=repr(error.__cause__ or error))
            except Exception as defect:  # noqa: BLE001  # whatever it is, the next round may be without it
                _log.error("forgetting_defect", exception=frames(defect))
            await asyncio.sleep(self._round_s)

    async def _round(self) -> None:
        before = self._clock.now() - KEPT
        removed = await self._claims.forget(before)
        while removed:
            await asyncio.sleep(self._step_s)
            removed = await self._claims.forget(before)
