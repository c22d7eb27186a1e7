"""The ledger's operations, and in what words a batch of them is told what it comes to.

Operations bring no time of their own: a batch has one, the store's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from pointsman_server.identity.audit import Deed
from pointsman_server.ledger.adjustments import Adjustment, Resolved, Resolver
from pointsman_server.ledger.claims import Claim, ClaimEnd
from pointsman_server.ledger.generations import NEVER_CHANGED, Generations
from pointsman_server.ledger.meters import Balance, Counter, CounterKey, Line, Meter, Refusal
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


_WAITING = frozenset({ReservationState.OPEN, ReservationState.UNKNOWN})


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
        deed: what the audit log is told, where it ends the reservation.
    """

    reservation: Reservation
    settlement: Settlement
    outcome: OutcomeEntry | None = None
    call_goes_on: bool = False
    resolver: Resolver = Resolver.OWNER
    deed: Deed | None = None


@dataclass(frozen=True, slots=True)
class Void:
    """Ends a reservation without an entry. By its own server it corrects what somebody else booked before.

    Attributes:
        deed: what the audit log is told, where it ends the reservation.
    """

    reservation: Reservation
    outcome: OutcomeEntry | None = None
    resolver: Resolver = Resolver.OWNER
    deed: Deed | None = None


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


@dataclass(frozen=True, slots=True)
class AlreadyEnded:
    """Somebody was to resolve a reservation that has ended meanwhile, so that nothing changed."""


@dataclass(frozen=True, slots=True)
class Stale:
    """The call was planned under older generations than these of the store, so that nothing was reserved."""

    generations: Generations


Result = Reservation | Refusal | Taken | Stale | AlreadyEnded | Balance | None
"""What an operation comes to: a reservation or why there is none; after a settlement the tightest meter, if any."""


class Held(NamedTuple):
    """What a reservation holds, since when, and how it stands."""

    created_at: datetime
    lines: tuple[Line, ...]
    state: ReservationState = ReservationState.OPEN


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
        generations: the store's, where an operation asks for them.
    """

    not_open: Mapping[ReservationKey, ReservationState | None] = field(default_factory=dict)
    held: Mapping[ReservationKey, Held] = field(default_factory=dict)
    claimed: Collection[str] = ()
    resolved: Mapping[ReservationKey, Resolved] = field(default_factory=dict)
    owner: Owner = field(default_factory=Owner)
    generations: Generations = NEVER_CHANGED


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


class Redefined(NamedTuple):
    """A meter of a plan or a rule whose limit, name or source is another now, and since when."""

    meter: Meter
    at: datetime


class Entry(NamedTuple):
    """What becomes a usage entry."""

    reservation: Reservation
    settlement: Settlement
    ended_at: datetime


class Done(NamedTuple):
    """A deed for the audit log, and when it was done."""

    deed: Deed
    at: datetime


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
        redefined: what the limits of plans and rules are now, where they are others.
        entries: the usage entries, one for each that was settled.
        adjusted: what corrects entries, or makes the one of a reservation that was voided.
        outcomes: what became of decisions; a later one replaces an earlier.
        done: what goes into the audit log.
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
    redefined: list[Redefined] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    adjusted: list[Adjustment] = field(default_factory=list)
    outcomes: list[OutcomeEntry] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
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


def not_open(
    keys: Iterable[ReservationKey], held: Mapping[ReservationKey, Held]
) -> dict[ReservationKey, ReservationState | None]:
    """Those that have ended or are not there, as ``Known`` has them."""
    states = {key: held[key].state if key in held else None for key in keys}
    return {key: state for key, state in states.items() if state not in _WAITING}


def late_keys(
    operations: Iterable[Operation], not_open: Mapping[ReservationKey, ReservationState | None]
) -> set[ReservationKey]:
    """The reservations that their own servers end though they have ended."""
    late = {key_of(each.reservation) for each in operations if isinstance(each, Settle | Void)}
    return {key for key in late if not_open.get(key) is not None}


def claims_of(operations: Iterable[Operation]) -> list[Claim]:
    """Returns the claims that the operations make."""
    return [
        operation.claim for operation in operations if isinstance(operation, Reserve) and operation.claim is not None
    ]


def depends_on_generations(operations: Iterable[Operation]) -> bool:
    """Whether an operation asks for what its call was planned under."""
    return any(isinstance(each, Reserve) and each.reservation.request.generations is not None for each in operations)
