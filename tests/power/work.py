"""Callers who do with the ledger whatever a server does, until the store is gone, and keep account of it."""

from __future__ import annotations

import asyncio
from random import Random

from pointsman_server.errors import BudgetExhausted, StoreUnavailable
from pointsman_server.identity.model import SERVER
from pointsman_server.ids import new_id
from pointsman_server.ledger.budgets import BudgetChange
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import Reservation, ReserveRequest
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import TENANT, decision, failed, outcome, request, settlement
from tests.power.account import Account, Attempt

CALLERS = 8
STEPS = 10
CHANGING = "changing"


def _meter(name: str, unit: Unit, kind: MeterKind, limit: int) -> Meter:
    return Meter(MeterKey(TENANT, name), name, Scope.TENANT, "", unit, kind, 0, limit)


METERS = (
    _meter("money", Unit.NANOS, MeterKind.MONTH, 10**12),
    _meter("tokens", Unit.TOKENS, MeterKind.DAY, 10**12),
    _meter("slots", Unit.REQUESTS, MeterKind.SLOTS, CALLERS - 2),  # so that some are refused
    Meter(MeterKey(TENANT, CHANGING), CHANGING, Scope.PROJECT, "idle", Unit.NANOS, MeterKind.DAY, 0, 0),
)


class Caller:
    """Does random operations, one after the other."""

    def __init__(self, storage: Storage, account: Account, random: Random, unknown: list[Reservation]) -> None:
        self._storage = storage
        self._ledger = storage.ledger
        self._account = account
        self._random = random
        self._unknown = unknown

    async def run(self) -> None:
        """Works until the store is gone, or enough is done."""
        kinds = (self._complete, self._complete, self._fall_back, self._void, self._route, self._cancel, self._change)
        try:
            for _ in range(STEPS):
                try:
                    await self._random.choice((*kinds, self._resolve))()
                except BudgetExhausted:
                    continue
        except StoreUnavailable:
            return

    async def _reserve(self) -> tuple[Attempt, Reservation]:
        attempt = Attempt(new_id("cmp"), 1)
        name = new_id("dec")
        reservation = await self._ledger.reserve(_request(attempt, name), decision(name))
        self._account.reserved.add(attempt)
        self._account.decisions.add(name)
        return attempt, reservation

    async def _complete(self) -> None:
        await self._settle(*await self._reserve())

    async def _settle(self, attempt: Attempt, reservation: Reservation) -> None:
        self._account.ending.add(attempt)
        booked = settlement(cost_nanos=attempt.cost_nanos)
        await self._ledger.settle(reservation, booked, outcome(reservation.request.charge.decision_id))
        self._account.settled.add(attempt)

    async def _fall_back(self) -> None:
        attempt, reservation = await self._reserve()
        following = Attempt(attempt.completion_id, 2)
        self._account.ending.add(attempt)
        self._account.moved.add(attempt)
        booked = settlement(**_fields(attempt))
        asked = _request(following, reservation.request.charge.decision_id)
        second = await self._ledger.settle_and_reserve(reservation, booked, asked)
        self._account.settled.add(attempt)
        self._account.reserved.add(following)
        await self._settle(following, second)

    async def _void(self) -> None:
        attempt, reservation = await self._reserve()
        await self._ledger.void(reservation)
        self._account.voided.add(attempt)

    async def _route(self) -> None:
        name = new_id("dec")
        await self._ledger.record(decision(name))
        self._account.decisions.add(name)

    async def _cancel(self) -> None:
        """Goes away while the reservation is made: whether it was, nobody is told."""
        name = new_id("dec")
        asking = asyncio.ensure_future(self._ledger.reserve(_request(Attempt(new_id("cmp"), 1), name), decision(name)))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])

    async def _change(self) -> None:
        async with self._account.changing:  # one by one, so that limits only rise
            self._account.limit_asked += 1
            asked = self._account.limit_asked
            await self._storage.budgets.update((TENANT,), CHANGING, BudgetChange(limit=asked), SERVER)
            self._account.limit = asked

    async def _resolve(self) -> None:
        """Settles late what an earlier cut left unknown."""
        if self._unknown:
            reservation = self._unknown.pop()
            attempt = Attempt(reservation.request.charge.completion_id, reservation.request.attempt)
            self._account.moved.discard(attempt)  # this settlement stands alone
            await self._settle(attempt, reservation)


def _request(attempt: Attempt, decision_id: str) -> ReserveRequest:
    return request(attempt=attempt.number, completion_id=attempt.completion_id, decision_id=decision_id)


def _fields(attempt: Attempt) -> dict[str, object]:
    lost = failed()
    return {"outcome": lost.outcome, "failure_kind": lost.failure_kind, "cost_nanos": attempt.cost_nanos}
