"""The book: meters and counters of one batch, and every decision about them. ``meters`` states what always holds.

Whoever uses a book loads it under the write lock, and writes ``changed`` in the same transaction. It reads no clock:
every operation brings its time, and where a meter has seen a later one already, that counts for the meter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from pointsman_server.ledger import rates
from pointsman_server.ledger.amounts import clamped, counts, held, scopes_of, used
from pointsman_server.ledger.meters import (
    MAX_AMOUNT,
    PLATFORM_SCOPES,
    Balance,
    Cause,
    Counter,
    CounterKey,
    Hindrance,
    Line,
    Meter,
    MeterKey,
    Refusal,
    ScopeKey,
)
from pointsman_server.ledger.model import ReserveRequest, Settlement
from pointsman_server.ledger.windows import EPOCH, TIMELESS, MeterKind, bucket_of, micros, oldest

_MICRO_NANOS = 1_000
_SLOT_WAIT = timedelta(seconds=1)
"""When to come again for a slot; nobody knows when one is free."""


class Hold(NamedTuple):
    """Room that was found: the alternative that fits, its output cap lowered where that had to be, and its lines."""

    request: ReserveRequest
    lines: tuple[Line, ...]


class Book:
    """Meters with their counters.

    Attributes:
        changed: the counters that operations changed.
        redefined: the meters of plans and rules that calls said otherwise of than the store.
    """

    def __init__(self, meters: Iterable[Meter] = (), counters: Mapping[CounterKey, Counter] | None = None) -> None:
        self._meters: dict[MeterKey, Meter] = {}
        self._by_scope: dict[ScopeKey, list[Meter]] = {}
        self._buckets: dict[MeterKey, set[int]] = {}
        self._counters: dict[CounterKey, Counter] = {}
        self._latest: dict[MeterKey, datetime] = {}
        self._moment: datetime | None = None
        self._first_buckets: dict[tuple[MeterKind, int], int] = {}
        self.changed: dict[CounterKey, Counter] = {}
        self.redefined: dict[MeterKey, Meter] = {}
        for meter in meters:
            self._meters[meter.key] = meter
            self._by_scope.setdefault(meter.scope_key, []).append(meter)
        for key, counter in (counters or {}).items():
            self._add(key, counter)

    def declare(self, limits: Iterable[Meter]) -> None:
        """Takes what a call says of the meters of plans and rules. It holds until the next call says otherwise."""
        for limit in limits:
            (known,) = self._by_scope[limit.scope_key]
            if (limit.limit, limit.name, limit.source) != (known.limit, known.name, known.source):
                now = replace(limit, key=known.key)
                self._meters[now.key] = self.redefined[now.key] = now
                self._by_scope[now.scope_key] = [now]

    def reserve(
        self, alternatives: Sequence[ReserveRequest], now: datetime, *, carried: Sequence[Line] = ()
    ) -> Hold | Refusal:
        """Holds the first alternative that fits on every meter, all or nothing.

        Args:
            alternatives: in the caller's order; one that may be clamped fits with the largest cap that does.
            now: the time of the admission.
            carried: lines that the call holds already; its own meters are then not asked again.
        """
        hindrances = []
        for request in alternatives:
            meters = [meter for meter in self._applying(request) if not (carried and meter.of_call)]
            found = self._fit(meters, request, now)
            if isinstance(found, ReserveRequest):
                return Hold(found, (*carried, *(self._hold(meter, found, now) for meter in meters)))
            hindrances.append(found)
        return Refusal(tuple(hindrances))

    def settle(
        self, lines: Iterable[Line], settlement: Settlement, held_since: datetime, now: datetime
    ) -> tuple[Line, ...]:
        """Ends the lines with what was used; what has no known cost used all that it held."""
        return tuple(self._end(line, _Use(settlement), held_since, now) for line in lines)

    def adjust(
        self, lines: Iterable[Line], settlement: Settlement, held_since: datetime, now: datetime
    ) -> tuple[Line, ...]:
        """Corrects lines that have ended to what was used, each in the bucket that admitted it."""
        return tuple(self._correct(line, _Use(settlement), held_since, now) for line in lines)

    def void(self, lines: Iterable[Line], held_since: datetime, now: datetime, *, call_began: bool) -> tuple[Line, ...]:
        """Ends the lines of an attempt that used nothing. A call of which an earlier attempt was made still counts."""
        return tuple(self._end(line, _Use(None, call_counts=call_began), held_since, now) for line in lines)

    def free_slots(self, lines: Iterable[Line], now: datetime) -> tuple[Line, ...]:
        """Ends the lines that hold slots and leaves the others as they are."""
        return tuple(self._free(line, now) for line in lines)

    def split(self, lines: Iterable[Line]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
        """Tells the lines of the attempt from those of the call, in this order."""
        attempt: list[Line] = []
        call: list[Line] = []
        for line in lines:
            meter = self._meters.get(line.meter)
            (call if meter is not None and meter.of_call else attempt).append(line)
        return tuple(attempt), tuple(call)

    def tightest(self, lines: Iterable[Line], now: datetime) -> Balance | None:
        """Of the meters that the lines are on, the one with the least share left that a tenant may see."""
        tightest: tuple[int, Meter] | None = None
        for line in lines:
            meter = self._meters.get(line.meter)
            if meter is None or meter.scope in PLATFORM_SCOPES:
                continue
            left = max(0, meter.limit - sum(self._in_use(meter, now)))
            limit = max(1, meter.limit)  # of a limit of nothing, nothing is left
            if tightest is None or left * max(1, tightest[1].limit) < tightest[0] * limit:
                tightest = (left, meter)
        return None if tightest is None else self.balance(tightest[1], now)

    def balance(self, meter: Meter, now: datetime) -> Balance:
        """What is left on a meter now."""
        posted, reserved = self._in_use(meter, now)
        return Balance(meter, posted, reserved, max(0, meter.limit - posted - reserved))

    def time_of(self, meter: Meter, now: datetime) -> datetime:
        """The meter's own time: now, or the latest at which it changed."""
        latest = self._latest.get(meter.key)
        return now if latest is None or latest <= now else latest

    def _in_use(self, meter: Meter, now: datetime) -> tuple[int, int]:
        """What counts as used and as held now."""
        now = self.time_of(meter, now)
        if meter.kind is MeterKind.RATE:
            return 0, meter.limit - self._room(meter, now)
        posted = reserved = 0
        first = self._first_bucket(meter, now)
        for bucket in self._buckets.get(meter.key, ()):
            if bucket >= first:
                counter = self._counters[CounterKey(*meter.key, bucket)]
                posted += counter.posted
                reserved += counter.reserved
        return posted, reserved

    def _room(self, meter: Meter, now: datetime) -> int:
        """How many units a rate lets through now."""
        if not meter.limit:
            return 0
        arrival = self._at(CounterKey(*meter.key, TIMELESS)).arrival_nanos
        return max(0, rates.room(arrival, _nanos(now), meter.limit, meter.period_s))

    def _first_bucket(self, meter: Meter, now: datetime) -> int:
        """``windows.oldest``, remembered for the moment of one operation."""
        if now is not self._moment:
            self._moment = now
            self._first_buckets.clear()
        span = (meter.kind, meter.period_s)
        if span not in self._first_buckets:
            self._first_buckets[span] = oldest(*span, now)
        return self._first_buckets[span]

    def _applying(self, request: ReserveRequest) -> list[Meter]:
        if not self._by_scope:
            return []
        return [
            meter for scope in scopes_of(request) for meter in self._by_scope.get(scope, ()) if counts(meter, request)
        ]

    def _fit(self, meters: Sequence[Meter], request: ReserveRequest, now: datetime) -> ReserveRequest | Hindrance:
        """The request with the largest output cap that fits, or what stands in the way of the smallest one."""
        hindrance = self._hindrance(meters, request, now)
        if hindrance is None:
            return request
        if request.clamp is None or hindrance.cause is not Cause.FULL:
            return hindrance
        fits, too_much = request.clamp.min_output_tokens, request.max_output_tokens
        best = clamped(request, fits)
        if (hindrance := self._hindrance(meters, best, now)) is not None:
            return hindrance
        while too_much - fits > 1:
            middle = clamped(request, (fits + too_much) // 2)
            if self._hindrance(meters, middle, now) is None:
                fits, best = middle.max_output_tokens, middle
            else:
                too_much = middle.max_output_tokens
        return best

    def _hindrance(self, meters: Sequence[Meter], request: ReserveRequest, now: datetime) -> Hindrance | None:
        for meter in meters:
            amount = held(meter, request)
            cause = None
            if meter.frozen:
                cause = Cause.FROZEN
            elif amount is None:
                cause = Cause.NO_PRICE
            elif amount > max(0, meter.limit - sum(self._in_use(meter, now))):
                cause = Cause.FULL
            if cause is not None:
                wait = self._wait(meter, amount, now) if cause is Cause.FULL else None
                return Hindrance(request.model_id, self.balance(meter, now), cause, amount or 0, wait)
        return None

    def _wait(self, meter: Meter, amount: int | None, now: datetime) -> timedelta | None:
        if amount is None or amount > meter.limit:
            return None
        if meter.kind is MeterKind.SLOTS:
            return _SLOT_WAIT
        if meter.kind is MeterKind.TOTAL:
            return None
        time = self.time_of(meter, now)
        if (window := meter.window(time)) is not None:
            return window[1] - now
        span = rates.span_nanos(amount, meter.limit, meter.period_s)
        arrival = self._at(CounterKey(*meter.key, TIMELESS)).arrival_nanos
        wait = rates.wait_nanos(arrival, _nanos(time), span, meter.period_s)
        return time - now + timedelta(microseconds=-(-wait // _MICRO_NANOS))

    def _hold(self, meter: Meter, request: ReserveRequest, now: datetime) -> Line:
        amount = held(meter, request)
        assert amount is not None, "what has no price does not fit"
        now = self.time_of(meter, now)
        key = CounterKey(*meter.key, bucket_of(meter.kind, meter.period_s, now))
        counter = self._change(key, meter, now)
        if meter.kind is not MeterKind.RATE:
            counter.reserved += amount
            return Line(*key, amount)
        # A limit of nothing lets through nothing, so that only an amount of nothing gets here with it.
        span = rates.span_nanos(amount, meter.limit, meter.period_s) if meter.limit else 0
        counter.arrival_nanos = rates.arrival_after(counter.arrival_nanos, _nanos(now), span)
        return Line(*key, amount, span)

    def _end(self, line: Line, use: _Use, held_since: datetime, now: datetime) -> Line:
        if line.posted is not None:
            return line
        meter = self._meters.get(line.meter)
        if meter is None:  # deleted: nothing counts it any more
            return line._replace(posted=0)
        used_amount = use.of(meter, line)
        now = self.time_of(meter, now)
        counter = self._change(line.counter, meter, now)
        if meter.kind is MeterKind.RATE:
            more = used_amount - line.amount
            counter.arrival_nanos = _arrival_after_change(counter.arrival_nanos, line, more, held_since, now)
            return line._replace(posted=used_amount)
        counter.reserved -= line.amount
        posted = 0 if meter.kind is MeterKind.SLOTS else used_amount
        counter.posted = min(MAX_AMOUNT, counter.posted + posted)
        return line._replace(posted=posted)

    def _correct(self, line: Line, use: _Use, held_since: datetime, now: datetime) -> Line:
        meter = self._meters.get(line.meter)
        if meter is None or line.posted is None or meter.kind is MeterKind.SLOTS:
            return line
        more = use.of(meter, line) - line.posted
        now = self.time_of(meter, now)
        counter = self._change(line.counter, meter, now)
        if meter.kind is MeterKind.RATE:
            counter.arrival_nanos = _arrival_after_change(counter.arrival_nanos, line, more, held_since, now)
        else:
            counter.posted = min(MAX_AMOUNT, counter.posted + more)
        return line._replace(posted=line.posted + more)

    def _free(self, line: Line, now: datetime) -> Line:
        meter = self._meters.get(line.meter)
        if meter is None or meter.kind is not MeterKind.SLOTS or line.posted is not None:
            return line
        self._change(line.counter, meter, self.time_of(meter, now)).reserved -= line.amount
        return line._replace(posted=0)

    def _at(self, key: CounterKey) -> Counter:
        return self._counters.get(key) or Counter()

    def _change(self, key: CounterKey, meter: Meter, time: datetime) -> Counter:
        if key not in self._counters:
            self._add(key, Counter())
        counter = self.changed[key] = self._counters[key]
        counter.decided_at = self._latest[meter.key] = time
        return counter

    def _add(self, key: CounterKey, counter: Counter) -> None:
        meter = MeterKey(key.tenant_id, key.meter_id)
        self._counters[key] = counter
        self._buckets.setdefault(meter, set()).add(key.bucket)
        self._latest[meter] = max(counter.decided_at, self._latest.get(meter, EPOCH))


class _Use(NamedTuple):
    """What an attempt used; without a settlement nothing, but for the call that may count all the same."""

    settlement: Settlement | None
    call_counts: bool = False

    def of(self, meter: Meter, line: Line) -> int:
        if self.settlement is None:
            return line.amount if self.call_counts and meter.of_call else 0
        amount = used(meter.unit, self.settlement)
        return line.amount if amount is None else amount


def _arrival_after_change(arrival_nanos: int, line: Line, more: int, held_since: datetime, now: datetime) -> int:
    """A rate's arrival time once so many units more than were counted are known to be used, or fewer: less than 0."""
    if not line.amount:  # what held nothing of a rate does not say what more would have held
        return arrival_nanos
    if more > 0:
        span = -(-line.span_nanos * more // line.amount)
        return min(MAX_AMOUNT, rates.arrival_after(arrival_nanos, _nanos(now), span))
    held_nanos = max(0, _nanos(now) - _nanos(held_since))
    return arrival_nanos - rates.refund_nanos(line.span_nanos, -more, line.amount, held_nanos)


def _nanos(moment: datetime) -> int:
    return micros(moment) * _MICRO_NANOS
