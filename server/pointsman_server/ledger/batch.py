"""The ledger's operations, and what a batch of them comes to: a pure fold, so that the store only writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from pointsman_server.ledger.model import DecisionEntry, OutcomeEntry, Reservation, Settlement


class ReservationState(StrEnum):
    """Where a reservation stands. It leaves ``OPEN`` once, and never returns."""

    OPEN = "open"
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
    """Opens a reservation; the first of a call brings the decision."""

    reservation: Reservation
    decision: DecisionEntry | None = None


@dataclass(frozen=True, slots=True)
class Settle:
    """Ends a reservation with its usage entry."""

    reservation: Reservation
    settlement: Settlement
    outcome: OutcomeEntry | None = None


@dataclass(frozen=True, slots=True)
class Void:
    """Ends a reservation without an entry."""

    reservation: Reservation
    ended_at: datetime
    outcome: OutcomeEntry | None = None


Operation = Record | Reserve | Settle | Void


class Ending(NamedTuple):
    """How and when a reservation ended."""

    state: ReservationState
    ended_at: datetime


@dataclass(slots=True)
class Changes:
    """What a batch comes to; the store writes each list as it stands.

    Attributes:
        decisions: with the completion that each belongs to, empty where it was only routed.
        reserved: new reservations; ``ended`` may hold some of them too.
        ended: the reservations that left ``OPEN``.
        entries: the usage entries, one for each that was settled.
        outcomes: what became of decisions; a later one replaces an earlier.
    """

    decisions: list[tuple[DecisionEntry, str]] = field(default_factory=list)
    reserved: list[Reservation] = field(default_factory=list)
    ended: dict[ReservationKey, Ending] = field(default_factory=dict)
    entries: list[tuple[Reservation, Settlement]] = field(default_factory=list)
    outcomes: list[OutcomeEntry] = field(default_factory=list)


def key_of(reservation: Reservation) -> ReservationKey:
    """Returns the key that names the reservation."""
    return ReservationKey(reservation.request.charge.tenant_id, reservation.reservation_id)


def ending_keys(operations: Iterable[Operation]) -> Iterator[ReservationKey]:
    """Yields the reservations that the operations end."""
    return (key_of(operation.reservation) for operation in operations if isinstance(operation, Settle | Void))


def fold(operations: Iterable[Operation], not_open: Mapping[ReservationKey, ReservationState | None]) -> Changes:
    """Applies the operations in order: the first end of a reservation counts, every later one changes nothing.

    Args:
        operations: what was asked for, in order.
        not_open: of the reservations that the operations end, those that are not open in the store: how they
            stand there, or ``None`` where the store does not have them.

    Raises:
        UnknownReservation: an operation ends a reservation that neither the store nor the batch has.
    """
    changes = Changes()
    made: set[ReservationKey] = set()
    for operation in operations:
        match operation:
            case Record():
                _add_record(changes, operation)
            case Reserve(reservation=reservation, decision=decision):
                made.add(key_of(reservation))
                changes.reserved.append(reservation)
                if decision is not None:
                    changes.decisions.append((decision, reservation.request.charge.completion_id))
            case Settle() | Void():
                if _still_open(key_of(operation.reservation), changes, made, not_open):
                    _end(changes, operation)
    return changes


def _add_record(changes: Changes, record: Record) -> None:
    completion_id = record.outcome.outcome.completion_id if record.outcome else ""
    changes.decisions.append((record.decision, completion_id))
    if record.outcome is not None:
        changes.outcomes.append(record.outcome)


def _still_open(
    key: ReservationKey,
    changes: Changes,
    made: set[ReservationKey],
    not_open: Mapping[ReservationKey, ReservationState | None],
) -> bool:
    if key in made or key not in not_open:
        return key not in changes.ended
    if not_open[key] is None:
        raise UnknownReservation(key.reservation_id)
    return False


def _end(changes: Changes, operation: Settle | Void) -> None:
    if isinstance(operation, Settle):
        ending = Ending(ReservationState.SETTLED, operation.settlement.ended_at)
        changes.entries.append((operation.reservation, operation.settlement))
    else:
        ending = Ending(ReservationState.VOIDED, operation.ended_at)
    changes.ended[key_of(operation.reservation)] = ending
    if operation.outcome is not None:
        changes.outcomes.append(operation.outcome)
