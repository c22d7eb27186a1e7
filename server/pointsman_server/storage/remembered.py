"""What the ledger's store on SQLite keeps in memory between batches, so that a usual one reads no meters.

Sound because nobody else writes: the lock file lets no other server in, and this one writes through one connection.
Whatever does not go through ``write`` makes it forget everything: control writes and rollbacks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, NamedTuple

from pointsman_server.ledger.generations import Generations
from pointsman_server.ledger.meters import Counter, CounterKey, Meter, MeterKey, ScopeKey
from pointsman_server.ledger.replicas import ReplicaState

MOST: Final = 20_000
"""The most scopes, and the most meters, that are kept. Every user is a scope."""

ReadMeters = Callable[[Collection[ScopeKey], Collection[MeterKey]], list[Meter]]
ReadCounters = Callable[[Collection[CounterKey]], Mapping[CounterKey, Counter]]


class _Kept(NamedTuple):
    """A meter's counters from a bucket on."""

    first: int
    counters: dict[int, Counter]


class Remembered:
    """Meters with their counters, and what else every batch asks.

    Attributes:
        replicas: how servers stand; ``None``: not known to the database.
        generations: ``None``: not read yet.
    """

    def __init__(self) -> None:
        self._at: dict[ScopeKey, list[Meter]] = {}
        self._named: dict[MeterKey, Meter | None] = {}
        self._counters: dict[MeterKey, _Kept] = {}
        self.replicas: dict[str, ReplicaState | None] = {}
        self.generations: Generations | None = None

    def forget(self) -> None:
        """Says that the database may hold something else now."""
        self._at.clear()
        self._named.clear()
        self._counters.clear()
        self.replicas.clear()
        self.generations = None

    def meters(self, scopes: Iterable[ScopeKey], keys: Iterable[MeterKey], read: ReadMeters) -> list[Meter]:
        """The meters at the scopes and those named, each once, ordered by key; reads what it does not know."""
        at, named = set(scopes), set(keys)
        if max(len(self._at), len(self._named)) > MOST:
            self.forget()
        self._look(at, named, read)
        found = {meter.key: meter for scope in at for meter in self._at[scope]}
        found.update((key, meter) for key in named if (meter := self._named[key]) is not None)
        return [found[key] for key in sorted(found)]

    def empty(self, scopes: Iterable[ScopeKey], read: ReadMeters) -> list[ScopeKey]:
        """The scopes that have no meter; reads what it does not know."""
        wanted = set(scopes)
        self._look(wanted, set(), read)
        return [scope for scope in wanted if not self._at[scope]]

    def keep(self, meters: Iterable[Meter]) -> None:
        """Takes meters, each the one of its scope, as the database has them now."""
        for meter in meters:
            self._at[meter.scope_key] = [meter]
            self._named[meter.key] = meter

    def counters(self, first: Iterable[CounterKey], read: ReadCounters) -> dict[CounterKey, Counter]:
        """The counters of each meter from the bucket named; reads what it does not know. Changed where they are."""
        wanted = {MeterKey(key.tenant_id, key.meter_id): key for key in first}
        unknown = {meter: key for meter, key in wanted.items() if not self._has(meter, key.bucket)}
        if unknown:
            found = read(unknown.values())
            self._counters.update((meter, _Kept(key.bucket, {})) for meter, key in unknown.items())
            self.write(found)
        for meter, key in wanted.items():
            self._drop_before(meter, key.bucket)
        return {
            CounterKey(*meter, bucket): counter
            for meter in wanted
            for bucket, counter in self._counters[meter].counters.items()
        }

    def write(self, counters: Mapping[CounterKey, Counter]) -> None:
        """Takes counters that the database has now."""
        for key, counter in counters.items():
            kept = self._counters.get(MeterKey(key.tenant_id, key.meter_id))
            if kept is not None:
                kept.counters[key.bucket] = counter

    def _look(self, scopes: set[ScopeKey], keys: set[MeterKey], read: ReadMeters) -> None:
        new_scopes, new_keys = scopes - self._at.keys(), keys - self._named.keys()
        if new_scopes or new_keys:
            self._learn(new_scopes, new_keys, read(new_scopes, new_keys))

    def _learn(self, scopes: Iterable[ScopeKey], keys: Iterable[MeterKey], found: Iterable[Meter]) -> None:
        self._at.update((scope, []) for scope in scopes)
        self._named.update(dict.fromkeys(keys))
        for meter in found:
            self._named[meter.key] = meter
            if meter.scope_key in scopes:
                self._at[meter.scope_key].append(meter)

    def _has(self, meter: MeterKey, bucket: int) -> bool:
        return meter in self._counters and self._counters[meter].first <= bucket

    def _drop_before(self, meter: MeterKey, bucket: int) -> None:
        kept = self._counters[meter]
        if kept.first < bucket:
            later = {each: counter for each, counter in kept.counters.items() if each >= bucket}
            self._counters[meter] = _Kept(bucket, later)
