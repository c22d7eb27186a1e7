"""Opens the book of a batch: which meters and counters its operations can touch, read under the write lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from pointsman_server.ledger.amounts import scopes_of
from pointsman_server.ledger.batch import Operation, Orphan, Reserve, Settle, Void, Withdraw
from pointsman_server.ledger.book import Book
from pointsman_server.ledger.meters import Counter, CounterKey, Line, Meter, MeterKey, ScopeKey
from pointsman_server.ledger.model import ReserveRequest
from pointsman_server.ledger.windows import oldest


class MeterRows(Protocol):
    """What reads meters inside the transaction of a batch."""

    def meters(self, scopes: Iterable[ScopeKey], keys: Iterable[MeterKey]) -> list[Meter]:
        """The meters at any of the scopes, and those named, each once, ordered by key; their rows stay locked."""
        ...

    def counters(self, first: Iterable[CounterKey]) -> dict[CounterKey, Counter]:
        """The counters of each meter, from the bucket that is named with it; the rows stay locked."""
        ...


def open_book(rows: MeterRows, operations: Sequence[Operation], lines: Iterable[tuple[Line, ...]] = ()) -> Book:
    """Reads what the operations need; ``lines`` are of reservations that they name without them."""
    requests = [request for operation in operations for request in _requests(operation)]
    held = [line for operation in operations for line in _lines(operation)]
    held.extend(line for some in lines for line in some)
    if not requests and not held:
        return Book()
    meters = rows.meters({scope for request in requests for scope in scopes_of(request)}, {line.meter for line in held})
    if not meters:
        return Book()
    earliest = min(moment for operation in operations for moment in _moments(operation))
    buckets = _first_buckets(meters, held, earliest)
    return Book(meters, rows.counters(CounterKey(*key, bucket) for key, bucket in buckets.items()))


def _first_buckets(meters: Iterable[Meter], held: Iterable[Line], earliest: datetime) -> Mapping[MeterKey, int]:
    first = {meter.key: oldest(meter.kind, meter.period_s, earliest) for meter in meters}
    for line in held:
        if line.meter in first:
            first[line.meter] = min(first[line.meter], line.bucket)
    return first


def _requests(operation: Operation) -> Iterator[ReserveRequest]:
    if isinstance(operation, Reserve):
        yield operation.reservation.request
        yield from operation.others


def _lines(operation: Operation) -> tuple[Line, ...]:
    return operation.reservation.lines if isinstance(operation, Settle | Void | Orphan) else ()


def _moments(operation: Operation) -> Iterator[datetime]:
    match operation:
        case Reserve():
            yield operation.reservation.created_at
        case Settle():
            yield operation.settlement.ended_at
        case Void() | Withdraw():
            yield operation.ended_at
        case Orphan():
            yield operation.found_at
