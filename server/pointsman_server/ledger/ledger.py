"""The ledger: makes reservations, ends them, and leaves their durability to the one writer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Generic

import structlog

from pointsman_server.clock import Clock
from pointsman_server.errors import StoreUnavailable
from pointsman_server.identity.audit import Deed
from pointsman_server.ids import NewId
from pointsman_server.ledger.adjustments import Resolver
from pointsman_server.ledger.batch import (
    AlreadyEnded,
    Mark,
    Operation,
    Record,
    ReservationKey,
    Reserve,
    Settle,
    Stale,
    Taken,
    Void,
    Withdraw,
    key_of,
)
from pointsman_server.ledger.claims import AlreadyClaimed, Claim
from pointsman_server.ledger.generations import GenerationsChanged
from pointsman_server.ledger.meters import Balance, Refusal
from pointsman_server.ledger.model import DecisionEntry, OutcomeEntry, Progress, Reservation, ReserveRequest, Settlement
from pointsman_server.ledger.refusals import exhausted, no_unknown
from pointsman_server.ledger.store import AccessT, FateUnknown
from pointsman_server.ledger.writer import GroupCommitWriter

MAX_COST_NANOS = 2**63 - 1
"""The largest cost that can be stored: nine billion dollars."""

WITHDRAW_AGAIN_S = 1.0
"""How long to wait before a withdrawal that could not be written is made again."""

_log = structlog.get_logger(__name__)


class GroupCommitLedger(Generic[AccessT]):
    """Implements ``ledger.store.Ledger``."""

    def __init__(self, writer: GroupCommitWriter[AccessT], *, clock: Clock, new_id: NewId) -> None:
        self._writer = writer
        self._clock = clock
        self._new_id = new_id
        self._lost: dict[ReservationKey, tuple[Reservation, ...]] = {}

    async def record(
        self, decision: DecisionEntry, outcome: OutcomeEntry | None = None, *, admission: bool = True
    ) -> None:
        await self._writer.apply(Record(decision, outcome), admission=admission)

    async def reserve(
        self,
        request: ReserveRequest,
        decision: DecisionEntry | None = None,
        *,
        others: tuple[ReserveRequest, ...] = (),
        claim: Claim | None = None,
    ) -> Reservation:
        reservation = self._reservation(request)
        reserve = Reserve(reservation, decision, others, claim=claim)
        try:
            return await self._open(reservation, reserve, admission=True)
        except (asyncio.CancelledError, FateUnknown):
            self._withdraw(reservation, claim)
            raise

    async def settle(
        self,
        reservation: Reservation,
        settlement: Settlement,
        outcome: OutcomeEntry | None = None,
        *,
        resolver: Resolver = Resolver.OWNER,
        deed: Deed | None = None,
    ) -> Balance | None:
        settle = Settle(reservation, _storable(settlement), outcome, resolver=resolver, deed=deed)
        tightest = await self._writer.apply(settle, admission=False)
        if isinstance(tightest, AlreadyEnded):
            raise no_unknown(reservation.reservation_id)
        assert tightest is None or isinstance(tightest, Balance), "a settlement comes to a balance"
        return tightest

    async def settle_and_reserve(
        self,
        reservation: Reservation,
        settlement: Settlement,
        request: ReserveRequest,
        *,
        others: tuple[ReserveRequest, ...] = (),
    ) -> Reservation:
        following = self._reservation(request)
        settle = Settle(reservation, _storable(settlement), call_goes_on=True)
        reserve = Reserve(following, others=others, following=reservation)
        lost = self._lost.pop(key_of(reservation), ())
        withdrawals = [Withdraw(each, following=reservation) for each in lost]
        try:
            return await self._open(following, *withdrawals, settle, reserve, admission=False)
        except asyncio.CancelledError:
            for each in (*lost, following):
                self._withdraw(each, None)
            raise
        except StoreUnavailable as error:
            # The caller asks again, and what the call holds must not count twice then.
            lost = (*lost, following) if isinstance(error, FateUnknown) else lost
            self._lost.update({key_of(reservation): lost} if lost else {})
            raise

    async def void(
        self,
        reservation: Reservation,
        outcome: OutcomeEntry | None = None,
        *,
        resolver: Resolver = Resolver.OWNER,
        deed: Deed | None = None,
    ) -> None:
        void = Void(reservation, outcome, resolver, deed)
        if isinstance(await self._writer.apply(void, admission=False), AlreadyEnded):
            raise no_unknown(reservation.reservation_id)

    async def checkpoint(self, progress: Sequence[Progress]) -> None:
        await self._writer.apply(Mark(tuple(progress)), admission=True)

    def _reservation(self, request: ReserveRequest) -> Reservation:
        return Reservation(self._new_id("rsv"), request, self._clock.now())

    async def _open(self, reservation: Reservation, *operations: Operation, admission: bool) -> Reservation:
        result = await self._writer.apply(*operations, admission=admission)
        if isinstance(result, Taken):
            raise AlreadyClaimed(result.claim.key.request_id)
        if isinstance(result, Stale):
            raise GenerationsChanged(result.generations)
        if isinstance(result, Refusal):
            raise exhausted(result, reservation.request.charge.decision_id)
        assert isinstance(result, Reservation), "a reserve comes to a reservation or a refusal"
        return result

    def _withdraw(self, reservation: Reservation, claim: Claim | None) -> None:
        """Voids a reservation that its caller did not get: its attempt can never start."""
        try:
            withdrawn = self._writer.submit(Withdraw(reservation, claim), admission=False)
        except StoreUnavailable:
            _log.warning("reservation_left_open", reservation_id=reservation.reservation_id)
        else:
            withdrawn.add_done_callback(lambda done: self._withdrawn(reservation, claim, done))

    def _withdrawn(self, reservation: Reservation, claim: Claim | None, done: asyncio.Future[object]) -> None:
        if done.exception() is not None:  # the writer has logged it
            done.get_loop().call_later(WITHDRAW_AGAIN_S, self._withdraw, reservation, claim)


def _storable(settlement: Settlement) -> Settlement:
    """Caps a cost that no column holds, so that an absurd bill is booked and seen rather than lost."""
    if settlement.cost_nanos is None or settlement.cost_nanos <= MAX_COST_NANOS:
        return settlement
    _log.error("settlement_cost_capped", cost_nanos=settlement.cost_nanos)
    return replace(settlement, cost_nanos=MAX_COST_NANOS)
