"""What a batch of operations comes to: a pure fold, so that the store only writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.ledger.adjustments import Adjustment, Resolved, Resolver
from pointsman_server.ledger.batch import (
    AlreadyEnded,
    Changes,
    Done,
    Ending,
    Entry,
    Held,
    Known,
    Mark,
    Marked,
    Operation,
    Orphan,
    Orphaned,
    Record,
    Redefined,
    ReservationKey,
    ReservationState,
    Reserve,
    Result,
    Settle,
    Stale,
    Taken,
    UnknownReservation,
    Void,
    Withdraw,
    key_of,
)
from pointsman_server.ledger.book import Book, Hold
from pointsman_server.ledger.generations import Generation
from pointsman_server.ledger.meters import Balance, Line, Refusal
from pointsman_server.ledger.model import AttemptOutcome, Reservation, Settlement

NEVER_MADE: Final = Settlement(AttemptOutcome.CANCELLED, "", TokenUsage(), 0, 0, None)
"""What an entry is corrected to whose attempt reached no provider, as its own server says."""


def fold(
    operations: Iterable[Operation],
    now: datetime,
    book: Book,
    known: Known,
) -> Changes:
    """Applies the operations in order: the first end of a reservation counts, every later one changes nothing.

    Args:
        operations: what was asked for, in order.
        now: the store's time, read after the rows were locked.
        book: the meters that the operations touch; changed in place.
        known: what the store has of what the operations name.

    Raises:
        UnknownReservation: an operation ends a reservation that neither the store nor the batch has.
    """
    batch = _Batch(now, book, known)
    batch.changes.results = [batch.apply(operation) for operation in operations]
    batch.changes.counters = book.changed
    batch.changes.redefined = [Redefined(meter, now) for meter in book.redefined.values()]
    return batch.changes


class _Batch:
    """A batch as far as it has been applied."""

    def __init__(
        self,
        now: datetime,
        book: Book,
        known: Known,
    ) -> None:
        self.changes = Changes()
        self._now = now
        self._resolved = dict(known.resolved)
        self._book = book
        self._known = known
        self._made: dict[ReservationKey, Reservation] = {}
        self._kept: dict[ReservationKey, tuple[Line, ...]] = {}

    def apply(self, operation: Operation) -> Result:
        match operation:
            case Record():
                self._record(operation)
            case Reserve():
                return self._reserve(operation)
            case Settle() | Void():
                return self._finish(operation)
            case Withdraw():
                self._withdraw(operation)
            case Orphan() if self._still_open(key_of(operation.reservation)):
                self._orphan(operation)
            case Mark():
                self.changes.marks.extend(Marked(each, self._now) for each in operation.progress)
        return None

    def _finish(self, end: Settle | Void) -> AlreadyEnded | Balance | None:
        """Ends a reservation, or corrects what somebody else has said of it."""
        key = key_of(end.reservation)
        if self._still_open(key):
            held = self._as_held(end.reservation)
            if end.deed is not None:
                self.changes.done.append(Done(end.deed, self._now))
            if isinstance(end, Settle):
                return self._settle(end, held)
            self._void(held, end.resolver)
            if end.outcome is not None:
                self.changes.outcomes.append(end.outcome)
        elif end.resolver is not Resolver.OWNER:
            return AlreadyEnded()
        elif booked := self._resolved.pop(key, None):
            if isinstance(end, Settle):
                return self._adjust(end, booked, self._as_held(end.reservation))
            if booked.has_entry:
                never_made = Settle(end.reservation, NEVER_MADE, end.outcome)
                return self._adjust(never_made, booked, self._as_held(end.reservation))
            if end.outcome is not None:
                self.changes.outcomes.append(end.outcome)
        return None

    def _record(self, record: Record) -> None:
        completion_id = record.outcome.outcome.completion_id if record.outcome else ""
        self.changes.decisions.append((record.decision, completion_id))
        if record.outcome is not None:
            self.changes.outcomes.append(record.outcome)

    def _reserve(self, reserve: Reserve) -> Reservation | Refusal | Taken | Stale:
        asked = reserve.reservation
        if reserve.claim is not None and reserve.claim.completion_id not in self._known.claimed:
            return Taken(reserve.claim)
        carried = self._kept.pop(key_of(reserve.following), ()) if reserve.following else ()
        found = self._room(reserve, carried)
        if not isinstance(found, Hold):
            if reserve.following is not None:
                self._end_call(reserve.following, carried)
            if reserve.claim is not None:
                self.changes.released.append(reserve.claim)
            return found
        reservation = replace(
            asked,
            request=found.request,
            created_at=self._now,
            lines=found.lines,
            replica_id=self._known.owner.replica_id,
            expires_at=self._known.owner.expiry(self._now),
        )
        self._made[key_of(reservation)] = reservation
        self.changes.reserved.append(reservation)
        if reserve.decision is not None:
            self.changes.decisions.append((reserve.decision, asked.request.charge.completion_id))
        return reservation

    def _room(self, reserve: Reserve, carried: tuple[Line, ...]) -> Hold | Refusal | Stale:
        if self._is_outdated(reserve):
            return Stale(self._known.generations)
        alternatives = (reserve.reservation.request, *reserve.others)
        self._book.declare(reserve.reservation.request.policy_meters)
        return self._book.reserve(alternatives, self._now, carried=carried)

    def _is_outdated(self, reserve: Reserve) -> bool:
        """Whether what the call was planned under has changed. One that goes on keeps the catalog that it began with,
        as its first attempt does: what may forbid it is not the catalog's to say.
        """
        planned_under = reserve.reservation.request.generations
        if planned_under is None:
            return False
        changed = self._known.generations.changed_since(planned_under)
        return any(reserve.following is None or name is not Generation.CATALOG for name in changed)

    def _settle(self, settle: Settle, reservation: Reservation) -> Balance | None:
        settlement = settle.settlement
        lines, call = self._book.split(reservation.lines) if settle.call_goes_on else (reservation.lines, ())
        ended = self._book.settle(lines, settlement, reservation.created_at, self._now)
        if call:
            self._kept[key_of(reservation)] = call
        ending = self._end(reservation, ReservationState.SETTLED, ended, settle.resolver)
        if settle.resolver is not Resolver.OWNER:
            booked = Resolved(
                settle.resolver, settlement.usage, settlement.cost_nanos, has_entry=True, adjustment_count=0
            )
            self._resolved[key_of(reservation)] = booked
        self.changes.entries.append(Entry(reservation, settlement, ending.ended_at))
        if settle.outcome is not None:
            self.changes.outcomes.append(settle.outcome)
        return self._book.tightest(ended, self._now)

    def _adjust(self, settle: Settle, booked: Resolved, reservation: Reservation) -> Balance | None:
        """Corrects what somebody else has booked. What a call that goes on held itself stays as it was ended: the
        ``Reserve`` that follows asks for it anew, so that it is admitted and never too little.
        """
        settlement = settle.settlement
        lines, call = self._book.split(reservation.lines) if settle.call_goes_on else (reservation.lines, ())
        adjusted = self._book.adjust(lines, settlement, reservation.created_at, self._now)
        if reservation.lines:
            self.changes.lines[key_of(reservation)] = (*adjusted, *call)
        self.changes.adjusted.append(Adjustment(reservation, booked, settlement, self._now))
        if not booked.has_entry:
            self.changes.entries.append(Entry(reservation, settlement, self._now))
        if settle.outcome is not None:
            self.changes.outcomes.append(settle.outcome)
        return self._book.tightest(adjusted, self._now)

    def _void(self, reservation: Reservation, resolver: Resolver = Resolver.OWNER) -> None:
        began = reservation.request.attempt > 1
        ended = self._book.void(reservation.lines, reservation.created_at, self._now, call_began=began)
        self._end(reservation, ReservationState.VOIDED, ended, resolver)
        if resolver is not Resolver.OWNER:
            self._resolved[key_of(reservation)] = Resolved(
                resolver, TokenUsage(), 0, has_entry=False, adjustment_count=0
            )

    def _withdraw(self, withdraw: Withdraw) -> None:
        key = key_of(withdraw.reservation)
        was_made = key in self._made or key in self._known.held
        if not was_made or not self._still_open(key):
            return
        held = self._as_held(self._made.get(key, withdraw.reservation))
        if withdraw.following is not None:
            lines, self._kept[key_of(withdraw.following)] = self._book.split(held.lines)
            held = replace(held, lines=lines)
        self._void(held)
        if withdraw.claim is not None:
            self.changes.released.append(withdraw.claim)

    def _orphan(self, orphan: Orphan) -> None:
        key = key_of(orphan.reservation)
        if key in self.changes.orphaned or self._is_unknown(key):
            return  # several servers may find the same
        reservation = self._as_held(orphan.reservation)
        lines = self._book.free_slots(reservation.lines, self._now)
        self.changes.orphaned[key] = Orphaned(reservation, self._now)
        if lines != reservation.lines:
            self.changes.lines[key] = lines

    def _is_unknown(self, key: ReservationKey) -> bool:
        return key in self._known.held and self._known.held[key].state is ReservationState.UNKNOWN

    def _as_held(self, reservation: Reservation) -> Reservation:
        """The reservation with what it holds now."""
        key = key_of(reservation)
        held = self._known.held.get(key) or Held(reservation.created_at, reservation.lines)
        lines = self.changes.lines.get(key, held.lines)
        if held.created_at == reservation.created_at and lines == reservation.lines:
            return reservation
        return replace(reservation, created_at=held.created_at, lines=lines)

    def _end_call(self, last: Reservation, call: tuple[Line, ...]) -> None:
        """Ends what a call holds after its last attempt, since no further one is admitted: it counts."""
        ended = self._book.void(call, last.created_at, self._now, call_began=True)
        self.changes.lines[key_of(last)] = (*self._as_settled(last), *ended)

    def _as_settled(self, last: Reservation) -> tuple[Line, ...]:
        key = key_of(last)
        if key in self.changes.lines:
            return self.changes.lines[key]
        return self._known.held[key].lines if key in self._known.held else ()

    def _end(
        self,
        reservation: Reservation,
        state: ReservationState,
        lines: tuple[Line, ...],
        resolver: Resolver = Resolver.OWNER,
    ) -> Ending:
        """Ends the reservation, never before it began, whatever the store's clock does."""
        key = key_of(reservation)
        ending = self.changes.ended[key] = Ending(state, max(self._now, reservation.created_at), resolver)
        if reservation.lines:
            self.changes.lines[key] = lines
        return ending

    def _still_open(self, key: ReservationKey) -> bool:
        if key in self._made or key not in self._known.not_open:
            return key not in self.changes.ended
        if self._known.not_open[key] is None:
            raise UnknownReservation(key.reservation_id)
        return False
