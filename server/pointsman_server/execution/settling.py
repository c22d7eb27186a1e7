"""Writes how the reservations of a completion end, however long the store is away."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from pointsman_server.errors import PointsmanError, StoreUnavailable
from pointsman_server.execution import persistence
from pointsman_server.execution.model import Completion, StopCause
from pointsman_server.execution.persistence import persistently
from pointsman_server.execution.relay import Relay
from pointsman_server.execution.shared_relay import SharedRelay
from pointsman_server.execution.stop import Stop
from pointsman_server.ledger.meters import Balance
from pointsman_server.ledger.model import OutcomeEntry, Reservation, ReserveRequest, Settlement
from pointsman_server.ledger.store import Ledger

_log = structlog.get_logger(__name__)

T = TypeVar("T")


class Settling:
    """Settles, voids and moves on. A caller waits no longer than for ``PATIENCE_S``; the writes go on."""

    def __init__(self, ledger: Ledger, completion: Completion, relay: Relay | SharedRelay, stop: Stop) -> None:
        self._ledger = ledger
        self._completion = completion
        self._relay = relay
        self._stop = stop

    async def move_on(self, failed: Reservation, booked: Settlement, requests: Sequence[ReserveRequest]) -> Reservation:
        """Settles a failed attempt and holds the first of the requests that fits."""
        first, *others = requests
        return await self._persistently(
            lambda: self._ledger.settle_and_reserve(failed, booked, first, others=tuple(others))
        )

    async def settle(self, reservation: Reservation, booked: Settlement, outcome: OutcomeEntry) -> Balance | None:
        """Ends the completion's last attempt; returns the tightest meter."""
        return await self._persistently(lambda: self._ledger.settle(reservation, booked, outcome))

    async def void(self, reservation: Reservation, outcome: OutcomeEntry) -> None:
        """Ends a reservation whose attempt never reached a provider."""
        await self._persistently(lambda: self._ledger.void(reservation, outcome))

    async def record(self, refused: PointsmanError, outcome: OutcomeEntry) -> None:
        """Stores what became of a refused decision. The caller hears of the refusal whatever becomes of the record."""

        async def write() -> None:
            await self._ledger.record(self._completion.decision, outcome, admission=False)

        try:
            await write()
        except StoreUnavailable:
            _log.error("refusal_waits", completion_id=self._completion.completion_id)
            self._relay.end(refused)
            await persistently(write, patience_s=math.inf)

    async def _persistently(self, write: Callable[[], Awaitable[T]]) -> T:
        try:
            return await persistently(write, patience_s=persistence.PATIENCE_S)
        except StoreUnavailable as away:
            _log.error("settlement_waits", completion_id=self._completion.completion_id)
            self._relay.end(away)
            self._stop.give(StopCause.CANCELLED)
            return await persistently(write, patience_s=math.inf)
