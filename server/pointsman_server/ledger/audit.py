"""The audit: what counters should be by the usage entries and the open reservations, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.ledger.amounts import billed
from pointsman_server.ledger.batch import ReservationState
from pointsman_server.ledger.meters import MAX_AMOUNT, Counter, CounterKey, Line, Meter, MeterKey
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.windows import MeterKind


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter that is not what it should be."""

    key: CounterKey
    found: Counter
    expected: Counter


@dataclass(frozen=True, slots=True)
class Unknown:
    """A reservation whose server went away."""

    reservation: Reservation


@dataclass(frozen=True, slots=True)
class Summary:
    """How much was checked, and what came of it."""

    counter_count: int
    reservation_count: int
    difference_count: int
    unknown_count: int


Finding = Difference | Unknown | Summary


@dataclass(frozen=True, slots=True)
class Used:
    """What a usage entry says."""

    usage: TokenUsage
    cost_nanos: int | None


class Audit:
    """Adds up reservations and compares the sums with the counters. Rates are state, not sums: they are left out."""

    def __init__(self, meters: Iterable[Meter]) -> None:
        self._meters: Mapping[MeterKey, Meter] = {
            meter.key: meter for meter in meters if meter.kind is not MeterKind.RATE
        }
        self._expected: dict[CounterKey, Counter] = {}
        self._reservation_count = 0
        self._unknown_count = 0

    def add(self, reservation: Reservation, state: ReservationState, entry: Used | None) -> Iterator[Finding]:
        """Adds what a reservation holds or used; yields it where it is unknown."""
        self._reservation_count += 1
        if state is ReservationState.UNKNOWN:
            self._unknown_count += 1
            yield Unknown(reservation)
        for line in reservation.lines:
            meter = self._meters.get(line.meter)
            if meter is None:
                continue
            counter = self._expected.setdefault(line.counter, Counter())
            if line.posted is None and state in {ReservationState.OPEN, ReservationState.UNKNOWN}:
                counter.reserved += line.amount
            else:
                counter.posted = min(MAX_AMOUNT, counter.posted + _posted(meter, line, entry))

    def compare(self, counters: Mapping[CounterKey, Counter]) -> Iterator[Finding]:
        """Yields every counter that differs from its sum, missing ones with them, then the summary."""
        found = {key: counter for key, counter in counters.items() if MeterKey(*key[:2]) in self._meters}
        difference_count = 0
        for key in sorted(found.keys() | self._expected.keys()):
            counter, expected = found.get(key, Counter()), self._expected.get(key, Counter())
            if (counter.posted, counter.reserved) != (expected.posted, expected.reserved):
                difference_count += 1
                yield Difference(key, counter, expected)
        yield Summary(len(found), self._reservation_count, difference_count, self._unknown_count)


def _posted(meter: Meter, line: Line, entry: Used | None) -> int:
    """What the line should have posted: what the entry says; for calls and what they bring, which no entry counts,
    what it says itself.
    """
    if meter.kind is MeterKind.SLOTS:
        return 0
    if meter.counts_calls:
        return line.posted or 0
    if entry is None:
        return 0
    amount = billed(meter.unit, entry.usage, entry.cost_nanos)
    return line.amount if amount is None else amount
