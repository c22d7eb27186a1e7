"""Forgets what is old: claims on request ids, and meters of plans and rules that stand idle. Now and then, a few at a
time, beside everything else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from pointsman_server.clock import Clock
from pointsman_server.errors import Overloaded, StoreUnavailable
from pointsman_server.ledger.claims import ClaimStore
from pointsman_server.ledger.idle import IdleMeters
from pointsman_server.telemetry import frames

KEPT: Final = timedelta(hours=24)
"""How long a request id is its call's, at the least."""

_ROUND_S: Final = 600.0
_STEP_S: Final = 0.1

_log = structlog.get_logger(__name__)


class Forgetting:
    """Removes claims that are older than ``KEPT``, and meters that may go."""

    def __init__(
        self,
        claims: ClaimStore,
        meters: IdleMeters,
        clock: Clock,
        *,
        round_s: float = _ROUND_S,
        step_s: float = _STEP_S,
    ) -> None:
        self._claims = claims
        self._meters = meters
        self._clock = clock
        self._round_s = round_s
        self._step_s = step_s

    async def run(self) -> None:
        """Goes round until it is cancelled. What a round leaves, whatever went wrong, the next one finds."""
        while True:
            await self._attempt(self._forget_claims)
            await self._attempt(self._forget_meters)
            await asyncio.sleep(self._round_s)

    async def _attempt(self, forget: Callable[[], Awaitable[None]]) -> None:
        try:
            await forget()
        except (Overloaded, StoreUnavailable) as error:
            _log.warning("not_forgotten", cause=repr(error.__cause__ or error))
        except Exception as defect:  # noqa: BLE001  # whatever it is, the next round may be without it
            _log.error("forgetting_defect", exception=frames(defect))

    async def _forget_claims(self) -> None:
        before = self._clock.now() - KEPT
        removed = await self._claims.forget(before)
        while removed:
            await asyncio.sleep(self._step_s)
            removed = await self._claims.forget(before)

    async def _forget_meters(self) -> None:
        after = await self._meters.forget(None)
        while after is not None:
            await asyncio.sleep(self._step_s)
            after = await self._meters.forget(after)
