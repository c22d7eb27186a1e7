"""Opens the book of a batch: which meters and counters its operations can touch, read under the write lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, Protocol

from pointsman_server.ledger.amounts import scopes_of
from pointsman_server.ledger.batch import Held, Operation, Orphan, Reserve, Settle, Void
from pointsman_server.ledger.book import Book
from pointsman_server.ledger.meters import Counter, CounterKey, Line, Meter, MeterKey, ScopeKey
from pointsman_server.ledger.model import Reservation, ReserveRequest
from pointsman_server.ledger.windows import oldest


class MetersGone(Exception):
    """A meter of a plan or a rule was removed while the batch began. Begun again, the batch makes it anew."""


class MeterRows(Protocol):
    """What reads meters inside the transaction of a batch."""

    def unseen(self, scopes: Collection[ScopeKey]) -> Collection[ScopeKey]:
        """Which of the scopes, each that of one limit of a plan or a rule, may have no meter yet."""
        ...

    def make(self, meters: Sequence[Meter]) -> None:
        """Makes meters of plans and rules, but for those whose scopes have one. It comes before ``meters``, which
        locks more.
        """
        ...

    def meters(self, scopes: Iterable[ScopeKey], keys: Iterable[MeterKey]) -> list[Meter]:
        """The meters at any of the scopes, and those named, each once, ordered by key; their rows stay locked."""
        ...

    def now(self) -> datetime:
        """The store's time, in UTC. Read after the rows are locked, it is later than whatever was decided on them,
        unless the store's clock went back.
        """
        ...

    def counters(self, first: Iterable[CounterKey]) -> dict[CounterKey, Counter]:
        """The counters of each meter, from the bucket that is named with it; the rows stay locked."""
        ...


def open_book(rows: MeterRows, operations: Sequence[Operation], stored: Iterable[Held] = ()) -> tuple[Book, datetime]:
    """Reads what the operations need, and the time at which they are decided.

    Args:
        rows: the store.
        operations: what is to be decided.
        stored: what reservations hold that the operations name.

    Raises:
        MetersGone: the transaction must begin again.
    """
    requests = [request for operation in operations for request in _requests(operation)]
    held = {line.counter for operation in operations for line in _lines(operation)}
    held.update(line.counter for each in stored for line in each.lines)
    scopes = {scope for request in requests for scope in scopes_of(request)}
    limits = {limit.scope: limit for operation in operations for limit in _limits(operation)}
    if limits and (unseen := rows.unseen(limits.keys())):
        rows.make([limits[scope].new() for scope in sorted(unseen)])
    meters = rows.meters(scopes, {MeterKey(key.tenant_id, key.meter_id) for key in held}) if scopes or held else []
    if limits and not limits.keys() <= {meter.scope_key for meter in meters}:
        raise MetersGone
    now = rows.now()
    if not meters:
        return Book(), now
    buckets = _first_buckets(meters, held, now)
    return Book(meters, rows.counters(CounterKey(*key, bucket) for key, bucket in buckets.items())), now


class _Limit(NamedTuple):
    """What a plan or a rule says of a call that asks for room."""

    scope: ScopeKey
    meter: Meter
    asking: Reservation
    number: int

    def new(self) -> Meter:
        """Its meter, named after the reservation that first asks for it: what is removed and comes again has another
        name, so that its counters are the sums over its own lines alone.
        """
        name = f"mtr_{self.asking.reservation_id.removeprefix('rsv_')}_{self.number}"
        return replace(self.meter, key=MeterKey(self.scope.tenant_id, name))


def _limits(operation: Operation) -> Iterator[_Limit]:
    if isinstance(operation, Reserve):
        asking = operation.reservation
        for number, meter in enumerate(asking.request.policy_meters):
            yield _Limit(meter.scope_key, meter, asking, number)


def _first_buckets(meters: Iterable[Meter], held: Iterable[CounterKey], now: datetime) -> Mapping[MeterKey, int]:
    first = {meter.key: oldest(meter.kind, meter.period_s, now) for meter in meters}
    for tenant_id, meter_id, bucket in held:
        meter = MeterKey(tenant_id, meter_id)
        if meter in first:
            first[meter] = min(first[meter], bucket)
    return first


def _requests(operation: Operation) -> Iterator[ReserveRequest]:
    if isinstance(operation, Reserve):
        yield operation.reservation.request
        yield from operation.others


def _lines(operation: Operation) -> tuple[Line, ...]:
    return operation.reservation.lines if isinstance(operation, Settle | Void | Orphan) else ()
