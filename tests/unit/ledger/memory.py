"""A ledger's store in memory: what is left of one when the database is taken away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.ledger.adjustments import Adjustment, Resolved, Resolver
from pointsman_server.ledger.batch import (
    Changes,
    Entry,
    Held,
    Known,
    Operation,
    ReservationKey,
    ReservationState,
    ending_keys,
    key_of,
    late_keys,
    not_open,
)
from pointsman_server.ledger.fold import fold
from pointsman_server.ledger.meters import Counter, CounterKey, Line, Meter, MeterKey, ScopeKey
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.opening import open_book

from tests.conformance.builders import START, settlement


@dataclass
class MemoryLedger:
    """Applies batches as the writer does, and writes them as the stores do."""

    limits: dict[MeterKey, Meter]
    made: dict[ReservationKey, Reservation] = field(default_factory=dict)
    states: dict[ReservationKey, ReservationState] = field(default_factory=dict)
    held: dict[ReservationKey, tuple[Line, ...]] = field(default_factory=dict)
    entries: dict[ReservationKey, Entry] = field(default_factory=dict)
    resolvers: dict[ReservationKey, Resolver] = field(default_factory=dict)
    adjustments: dict[ReservationKey, list[Adjustment]] = field(default_factory=dict)
    kept: dict[CounterKey, Counter] = field(default_factory=dict)
    time: datetime = START

    def apply(self, *operations: Operation) -> Changes:
        """One batch; returns what it came to."""
        ending = set(ending_keys(operations))
        held = {key: self._held(key) for key in ending if key in self.held}
        ended = not_open(ending, held)
        late = late_keys(operations, ended)
        resolved = {key: self.resolved(key) for key in late if self.resolvers[key]}
        book, now = open_book(self, operations, held.values())
        changes = fold(operations, now, book, Known(ended, held, resolved=resolved))
        self._write(changes)
        return changes

    def unseen(self, scopes: Collection[ScopeKey]) -> Collection[ScopeKey]:
        return set(scopes) - {each.scope_key for each in self.limits.values()}

    def make(self, meters: Sequence[Meter]) -> None:
        self.limits.update((meter.key, meter) for meter in meters)

    def meters(self, scopes: Iterable[ScopeKey], keys: Iterable[MeterKey]) -> list[Meter]:
        at, named = set(scopes), set(keys)
        return [each for _, each in sorted(self.limits.items()) if each.scope_key in at or each.key in named]

    def now(self) -> datetime:
        return self.time

    def counters(self, first: Iterable[CounterKey]) -> dict[CounterKey, Counter]:
        return {
            key: replace(counter)
            for since in first
            for key, counter in self.kept.items()
            if key[:2] == since[:2] and key.bucket >= since.bucket
        }

    def resolved(self, key: ReservationKey) -> Resolved:
        entry, count = self.entries.get(key), len(self.adjustments.get(key, ()))
        booked = entry.settlement if entry else settlement(usage=TokenUsage(), cost_nanos=0)
        return Resolved(self.resolvers[key], booked.usage, booked.cost_nanos, entry is not None, count)

    def _held(self, key: ReservationKey) -> Held:
        return Held(self.made[key].created_at, self.held[key], self.states[key])

    def _write(self, changes: Changes) -> None:
        for reservation in changes.reserved:
            key = key_of(reservation)
            self.made[key], self.states[key], self.held[key] = reservation, ReservationState.OPEN, reservation.lines
        self.states.update({key: ending.state for key, ending in changes.ended.items()})
        self.states.update(dict.fromkeys(changes.orphaned, ReservationState.UNKNOWN))
        self.held.update(changes.lines)
        self.kept.update(changes.counters)
        self.limits.update((each.meter.key, each.meter) for each in changes.redefined)
        self.resolvers.update({key: ending.resolver for key, ending in changes.ended.items()})
        for entry in changes.entries:
            assert key_of(entry.reservation) not in self.entries, "one entry for each"
            self.entries[key_of(entry.reservation)] = entry
        for adjustment in changes.adjusted:
            key = key_of(adjustment.reservation)
            self.entries[key] = self.entries[key]._replace(settlement=adjustment.settlement)
            self.states[key], self.resolvers[key] = ReservationState.SETTLED, Resolver.OWNER
            self.adjustments.setdefault(key, []).append(adjustment)
