"""The ledger's operations, and what a batch of them comes to: a pure fold, so that the store only writes.

Operations bring no time of their own: a batch has one, the store's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.ledger.adjustments import Adjustment, Resolved, Resolver
from pointsman_server.ledger.book import Book
from pointsman_server.ledger.claims import Claim, ClaimEnd
from pointsman_server.ledger.meters import Balance, Counter, CounterKey, Line, Refusal
from pointsman_server.ledger.model import (
    DecisionEntry,
    OutcomeEntry,
    Owner,
    Progress,
    Reservation,
    ReserveRequest,
    Settlement,
)


class ReservationState(StrEnum):
    """Where a reservation stands. It ends once, as settled or voided.

    ``UNKNOWN``: its server went away, so that nobody knows what it used; it stays charged until that is resolved.
    """

    OPEN = "open"
    UNKNOWN = "unknown"
    SETTLED = "settled"
    VOIDED = "voided"


class ReservationKey(NamedTuple):
    """Names a reservation in the store."""

    tenant_id: str
    reservation_id: str


class UnknownReservation(Exception):
    """A reservation was to be ended that was never made: a defect, since a made one is durable."""


@dataclass(frozen=True, slots=True)
class Record:
    """Stores a decision, or the outcome of one that is stored already."""

    decision: DecisionEntry
    outcome: OutcomeEntry | None = None


@dataclass(frozen=True, slots=True)
class Reserve:
    """Opens a reservation for the first alternative that fits; the first of a call brings the decision.

    Attributes:
        reservation: names it, and asks for the first alternative.
        others: the further alternatives, in order.
        following: the attempt before, which the same submission settles; what the call holds moves on from it.
        claim: on the call's request id; where another call has it, nothing is reserved.
    """

    reservation: Reservation
    decision: DecisionEntry | None = None
    others: tuple[ReserveRequest, ...] = ()
    following: Reservation | None = None
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Settle:
    """Ends a reservation with its usage entry. By its own server it corrects what somebody else said before.

    Attributes:
        call_goes_on: whether the call's own lines are kept for the ``Reserve`` that follows.
    """

    reservation: Reservation
    settlement: Settlement
    outcome: OutcomeEntry | None = None
    call_goes_on: bool = False
    resolver: Resolver = Resolver.OWNER


@dataclass(frozen=True, slots=True)
class Void:
    """Ends a reservation without an entry."""

    reservation: Reservation
    outcome: OutcomeEntry | None = None
    resolver: Resolver = Resolver.OWNER


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Voids a reservation that its caller did not get, if it was made at all, and lets go of its claim.

    Attributes:
        following: the attempt before, for which the same submission reserves anew; what the call holds is kept.
    """

    reservation: Reservation
    claim: Claim | None = None
    following: Reservation | None = None


@dataclass(frozen=True, slots=True)
class Orphan:
    """Says that a reservation's server went away: it becomes unknown, and its slots are free."""

    reservation: Reservation


@dataclass(frozen=True, slots=True)
class Mark:
    """Writes checkpoints of reservations, as far as they are still open."""

    progress: tuple[Progress, ...]


Operation = Record | Reserve | Settle | Void | Withdraw | Orphan | Mark


@dataclass(frozen=True, slots=True)
class Taken:
    """Another call has the request id, so that nothing was reserved."""

    claim: Claim


class AlreadyEnded:
    """Somebody was to resolve a reservation that has ended meanwhile, so that nothing changed."""


Result = Reservation | Refusal | Taken | AlreadyEnded | Balance | None
"""What an operation comes to: a reservation or why there is none; after a settlement the tightest meter, if any."""


class Held(NamedTuple):
    """What a reservation holds, since when, and whether it is unknown."""

    created_at: datetime
    lines: tuple[Line, ...]
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has of what the operations of a batch name.

    Attributes:
        not_open: of the reservations that they end, those that have ended or are not there: how they stand, or
            ``None`` where the store does not have them.
        held: what the reservations that they end hold, as far as the store has them. That counts, not what a caller
            remembers: whoever found the reservation without its server freed its slots.
        claimed: the completions that have the claims which they make here.
        resolved: what was booked for those ``late_keys`` that somebody else has ended.
        owner: whose the reservations are that they make.
    """

    not_open: Mapping[ReservationKey, ReservationState | None] = field(default_factory=dict)
    held: Mapping[ReservationKey, Held] = field(default_factory=dict)
    claimed: Collection[str] = ()
    resolved: Mapping[ReservationKey, Resolved] = field(default_factory=dict)
    owner: Owner = field(default_factory=Owner)


class Ending(NamedTuple):
    """How and when a reservation ended, and who said so."""

    state: ReservationState
    ended_at: datetime
    resolver: Resolver = Resolver.OWNER


class Orphaned(NamedTuple):
    """A reservation that became unknown, and when it was found."""

    reservation: Reservation
    found_at: datetime


class Marked(NamedTuple):
    """A checkpoint, and when it was made."""

    progress: Progress
    at: datetime


class Entry(NamedTuple):
    """What becomes a usage entry."""

    reservation: Reservation
    settlement: Settlement
    ended_at: datetime


@dataclass(slots=True)
class Changes:
    """What a batch comes to; the store writes each list as it stands.

    Attributes:
        decisions: with the completion that each belongs to, empty where it was only routed.
        reserved: new reservations; ``ended`` may hold some of them too.
        ended: the reservations that left ``OPEN`` or ``UNKNOWN``.
        orphaned: the reservations that became unknown.
        marks: checkpoints of reservations, for those that are open after all else is written.
        lines: the lines of reservations, where they are others now.
        counters: the meters' counters, where they are others now.
        entries: the usage entries, one for each that was settled.
        adjusted: what corrects entries, or makes the one of a reservation that was voided.
        outcomes: what became of decisions; a later one replaces an earlier.
        released: the claims whose calls hold nothing, so that their request ids are free again.
        results: what each operation came to.
    """

    decisions: list[tuple[DecisionEntry, str]] = field(default_factory=list)
    reserved: list[Reservation] = field(default_factory=list)
    ended: dict[ReservationKey, Ending] = field(default_factory=dict)
    orphaned: dict[ReservationKey, Orphaned] = field(default_factory=dict)
    marks: list[Marked] = field(default_factory=list)
    lines: dict[ReservationKey, tuple[Line, ...]] = field(default_factory=dict)
    counters: Mapping[CounterKey, Counter] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    adjusted: list[Adjustment] = field(default_factory=list)
    outcomes: list[OutcomeEntry] = field(default_factory=list)
    released: list[Claim] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    @property
    def ended_claims(self) -> list[ClaimEnd]:
        """The claims that outlive their calls."""
        ends = (entry.claim_end for entry in self.outcomes if entry.claim_end is not None)
        return [end for end in ends if end.told is not None]

    @property
    def freed_claims(self) -> list[Claim]:
        """The claims that are let go."""
        ends = (entry.claim_end for entry in self.outcomes if entry.claim_end is not None)
        return [*self.released, *(end.claim for end in ends if end.told is None)]


def key_of(reservation: Reservation) -> ReservationKey:
    """Returns the key that names the reservation."""
    return ReservationKey(reservation.request.charge.tenant_id, reservation.reservation_id)


def ending_keys(operations: Iterable[Operation]) -> Iterator[ReservationKey]:
    """Yields the reservations that the operations end or orphan."""
    return (
        key_of(operation.reservation)
        for operation in operations
        if isinstance(operation, Settle | Void | Withdraw | Orphan)
    )


def late_keys(
    operations: Iterable[Operation], not_open: Mapping[ReservationKey, ReservationState | None]
) -> set[ReservationKey]:
    """The reservations that their own servers settle though they have ended."""
    settled = {key_of(each.reservation) for each in operations if isinstance(each, Settle)}
    return {key for key in settled if not_open.get(key) is not None}


def claims_of(operations: Iterable[Operation]) -> list[Claim]:
    """Returns the claims that the operations make."""
    return [
        operation.claim for operation in operations if isinstance(operation, Reserve) and operation.claim is not None
    ]


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
            if isinstance(end, Settle):
                return self._settle(end, held)
            self._void(held, end.resolver)
            if end.outcome is not None:
                self.changes.outcomes.append(end.outcome)
        elif end.resolver is not Resolver.OWNER:
            return AlreadyEnded()
        elif isinstance(end, Settle) and (booked := self._resolved.pop(key, None)):
            return self._adjust(end, booked, self._as_held(end.reservation))
        return None

    def _record(self, record: Record) -> None:
        completion_id = record.outcome.outcome.completion_id if record.outcome else ""
        self.changes.decisions.append((record.decision, completion_id))
        if record.outcome is not None:
            self.changes.outcomes.append(record.outcome)

    def _reserve(self, reserve: Reserve) -> Reservation | Refusal | Taken:
        asked = reserve.reservation
        if reserve.claim is not None and reserve.claim.completion_id not in self._known.claimed:
            return Taken(reserve.claim)
        alternatives: Sequence[ReserveRequest] = (asked.request, *reserve.others)
        carried = self._kept.pop(key_of(reserve.following), ()) if reserve.following else ()
        found = self._book.reserve(alternatives, self._now, carried=carried)
        if isinstance(found, Refusal):
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
        if key in self.changes.orphaned or (key in self._known.held and self._known.held[key].is_unknown):
            return  # several servers may find the same
        reservation = self._as_held(orphan.reservation)
        lines = self._book.free_slots(reservation.lines, self._now)
        self.changes.orphaned[key] = Orphaned(reservation, self._now)
        if lines != reservation.lines:
            self.changes.lines[key] = lines

    def _as_held(self, reservation: Reservation) -> Reservation:
        """The reservation with what it holds now."""
        key = key_of(reservation)
        held = self._known.held.get(key, Held(reservation.created_at, reservation.lines))
        return replace(reservation, created_at=held.created_at, lines=self.changes.lines.get(key, held.lines))

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
