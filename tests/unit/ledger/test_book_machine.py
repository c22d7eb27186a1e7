"""Whatever is asked of the meters, and in whatever order, their invariants hold after every step."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, precondition, rule
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.catalog.model import Prices
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.book import Book, Hold
from pointsman_server.ledger.meters import (
    Counter,
    CounterKey,
    Line,
    Meter,
    MeterKey,
    Refusal,
    Scope,
    Unit,
)
from pointsman_server.ledger.model import Clamp, Reservation
from pointsman_server.ledger.money import worst_case_nanos
from pointsman_server.ledger.windows import MeterKind, bucket_of, oldest

from tests.conformance.builders import REQUEST, TENANT, USER, settlement

EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES", "500"))

# A loaded machine that measures coverage takes minutes for what takes seconds elsewhere.
pytestmark = pytest.mark.timeout(300 + EXAMPLES)
PRICES = Prices(input_nanos_per_million=1_000_000, output_nanos_per_million=3_000_000)
MONTH_END = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
WINDOWS = (MeterKind.MONTH, MeterKind.DAY, MeterKind.HOUR, MeterKind.ROLLING)


def meter(name: str, scope: Scope, unit: Unit, kind: MeterKind, limit: int, *, scope_id: str = "") -> Meter:
    owner = PLATFORM_TENANT if scope in {Scope.GLOBAL, Scope.PROVIDER} else TENANT
    period_s = 90 if kind in {MeterKind.ROLLING, MeterKind.RATE} else 0
    return Meter(MeterKey(owner, name), name, scope, scope_id, unit, kind, period_s, limit)


METERS = (
    meter("money", Scope.TENANT, Unit.NANOS, MeterKind.MONTH, 300),
    meter("tokens", Scope.USER, Unit.TOKENS, MeterKind.ROLLING, 400, scope_id=USER),
    meter("hourly", Scope.GLOBAL, Unit.OUTPUT_TOKENS, MeterKind.HOUR, 300),
    meter("daily", Scope.PROJECT, Unit.REQUESTS, MeterKind.DAY, 9, scope_id="apollo"),
    meter("slots", Scope.AGENT, Unit.REQUESTS, MeterKind.SLOTS, 3, scope_id="reviewer"),
    meter("at provider", Scope.PROVIDER, Unit.REQUESTS, MeterKind.ROLLING, 8, scope_id="openai"),
    meter("rate", Scope.TENANT, Unit.INPUT_TOKENS, MeterKind.RATE, 150),
    meter("total", Scope.USER, Unit.OUTPUT_TOKENS, MeterKind.TOTAL, 400, scope_id=USER),
)

caps = st.integers(1, 120)


class BookMachine(RuleBasedStateMachine):
    """Keeps its own account of every line, and compares the book with that."""

    open_reservations: Bundle[Reservation] = Bundle("open_reservations")

    def __init__(self) -> None:
        super().__init__()
        self.now = MONTH_END
        self.meters = {each.key: each for each in METERS}
        self.counters: dict[CounterKey, Counter] = {}
        self.lines: dict[str, tuple[Line, ...]] = {}
        self.count = 0
        self.latest: dict[MeterKey, datetime] = {}

    def book(self) -> Book:
        """A book as a batch would load it: the counters are copies until it is written."""
        counters = {key: replace(counter) for key, counter in self.counters.items()}
        return Book(self.meters.values(), counters)

    def write(self, book: Book) -> None:
        self.counters.update(book.changed)
        for key in book.changed:
            name = MeterKey(key.tenant_id, key.meter_id)
            self.latest[name] = max(self.now, self.latest.get(name, self.now))

    def time_of(self, held: Meter) -> datetime:
        """The meter's time never goes back, whatever the clock does."""
        return max(self.now, self.latest.get(held.key, self.now))

    @rule(seconds=st.one_of(st.integers(0, 90), st.integers(0, 40 * 86_400)))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(seconds=st.integers(1, 7_200))
    def the_clock_goes_back(self, seconds: int) -> None:
        self.now -= timedelta(seconds=seconds)

    @rule(name=st.sampled_from([each.key for each in METERS]), limit=st.integers(0, 400))
    def a_limit_is_set(self, name: MeterKey, limit: int) -> None:
        self.meters[name] = replace(self.meters[name], limit=limit)

    @rule(name=st.sampled_from([each.key for each in METERS]), frozen=st.booleans())
    def a_meter_is_frozen(self, *, name: MeterKey, frozen: bool) -> None:
        self.meters[name] = replace(self.meters[name], frozen=frozen)

    @rule(
        target=open_reservations,
        inputs=st.integers(0, 120),
        cap=caps,
        clamping=st.booleans(),
        priced=st.sampled_from([True, True, True, False]),
        elsewhere=st.booleans(),
    )
    def reserve(self, *, inputs: int, cap: int, clamping: bool, priced: bool, elsewhere: bool) -> Any:
        cost = worst_case_nanos(PRICES, inputs, cap) if priced else None
        clamp = Clamp(max(1, cap // 4), PRICES if priced else None) if clamping else None
        first = replace(
            REQUEST,
            worst_case_cost_nanos=cost,
            input_tokens_bound=inputs,
            max_output_tokens=cap,
            clamp=clamp,
        )
        others = (replace(first, provider_id="groq", model_id="groq/gpt-y"),) if elsewhere else ()
        book, before = self.book(), self.usage()
        found = book.reserve((first, *others), self.now)
        if isinstance(found, Refusal):
            assert len(found.hindrances) == 1 + len(others)
            assert not book.changed, "a refusal changes nothing"
            self.check_refusal(found)
            return multiple()
        return self.admit(book, found, before)

    def admit(self, book: Book, found: Hold, before: dict[MeterKey, int]) -> Reservation:
        self.write(book)
        assert found.request.worst_case_cost_nanos is not None, "money cannot hold what has no price"
        assert found.request.max_output_tokens >= (found.request.clamp.min_output_tokens if found.request.clamp else 1)
        self.count += 1
        made = Reservation(f"rsv_{self.count}", found.request, self.now, found.lines)
        self.lines[made.reservation_id] = made.lines
        after = self.usage()
        for line in found.lines:
            held = self.meters[line.meter]
            assert not held.frozen
            if held.kind is not MeterKind.RATE:
                assert after[held.key] == before[held.key] + line.amount
                assert after[held.key] <= held.limit, "no admission passes the limit in force"
                assert line.bucket == bucket_of(held.kind, held.period_s, self.time_of(held))
        applying = {each.key for each in self.meters.values() if each.scope_id in {"", USER, "apollo", "reviewer"}}
        if found.request.provider_id == "openai":
            applying.add(MeterKey(PLATFORM_TENANT, "at provider"))
        assert {line.meter for line in found.lines} == applying, "it is held on every meter that applies"
        return made

    def check_refusal(self, refusal: Refusal) -> None:
        """What is refused really does not fit."""
        for hindrance in refusal.hindrances:
            held = hindrance.balance.meter
            if hindrance.cause == "full" and held.kind is not MeterKind.RATE:
                assert self.usage()[held.key] + hindrance.needed > held.limit
            elif hindrance.cause == "frozen":
                assert held.frozen

    @rule(made=consumes(open_reservations), inputs=st.integers(-5, 200), outputs=st.integers(-5, 300))
    def settle(self, made: Reservation, inputs: int, outputs: int) -> None:
        book = self.book()
        booked = settlement(
            usage=TokenUsage(input_tokens=inputs, output_tokens=outputs),
            cost_nanos=max(0, inputs) + 3 * max(0, outputs),
        )
        ended = book.settle(made.lines, booked, made.created_at, self.now)
        assert all(line.posted is not None and line.posted >= 0 for line in ended)
        assert book.settle(ended, booked, made.created_at, self.now) == ended, "a line ends once"
        self.lines[made.reservation_id] = ended
        self.write(book)

    @rule(made=consumes(open_reservations), began=st.booleans())
    def void(self, *, made: Reservation, began: bool) -> None:
        book = self.book()
        ended = book.void(made.lines, made.created_at, self.now, call_began=began)
        for line in ended:
            counts = began and self.meters[line.meter].of_call and self.meters[line.meter].kind is not MeterKind.SLOTS
            assert line.posted == (line.amount if counts else 0)
        self.lines[made.reservation_id] = ended
        self.write(book)

    @rule(target=open_reservations, made=consumes(open_reservations))
    def settle_and_reserve(self, made: Reservation) -> Any:
        book = self.book()
        attempt, call = book.split(made.lines)
        assert all(self.meters[line.meter].of_call for line in call)
        ended = book.settle(attempt, settlement(usage=TokenUsage(), cost_nanos=0), made.created_at, self.now)
        self.lines[made.reservation_id] = ended
        self.write(book)
        book, before = self.book(), self.usage()
        found = book.reserve((made.request,), self.now, carried=call)
        if isinstance(found, Refusal):
            self.lines[made.reservation_id] = (*ended, *book.void(call, made.created_at, self.now, call_began=True))
            self.write(book)
            return multiple()
        self.write(book)
        self.count += 1
        following = Reservation(f"rsv_{self.count}", found.request, self.now, found.lines)
        self.lines[following.reservation_id] = following.lines
        after = self.usage()
        for line in found.lines:
            held = self.meters[line.meter]
            if line not in call and held.kind is not MeterKind.RATE:
                assert after[held.key] == before[held.key] + line.amount <= held.limit
        return following

    @rule(target=open_reservations, made=consumes(open_reservations))
    def orphan(self, made: Reservation) -> Reservation:
        book = self.book()
        lines = book.free_slots(made.lines, self.now)
        self.lines[made.reservation_id] = lines
        self.write(book)
        assert all(
            line.posted is None or self.meters[line.meter].kind is MeterKind.SLOTS or line in made.lines
            for line in lines
        )
        return replace(made, lines=lines)

    def usage(self) -> dict[MeterKey, int]:
        """What each meter's window holds now, by the lines alone."""
        sums = dict.fromkeys(self.meters, 0)
        for lines in self.lines.values():
            for line in lines:
                held = self.meters[line.meter]
                if line.bucket >= oldest(held.kind, held.period_s, self.time_of(held)):
                    sums[held.key] += line.amount if line.posted is None else line.posted
        return sums

    @invariant()
    def counters_equal_the_sums_over_lines(self) -> None:
        expected: dict[CounterKey, Counter] = {}
        for lines in self.lines.values():
            for line in lines:
                if self.meters[line.meter].kind is MeterKind.RATE:
                    continue
                counter = expected.setdefault(line.counter, Counter())
                if line.posted is None:
                    counter.reserved += line.amount
                else:
                    counter.posted += line.posted
        kept = {key: counter for key, counter in self.counters.items() if not counter.arrival_nanos}
        assert {key: each for key, each in kept.items() if each != Counter()} == {
            key: each for key, each in expected.items() if each != Counter()
        }

    @invariant()
    def posted_passes_a_limit_only_by_recorded_overruns(self) -> None:
        highest = {each.key: 400 for each in METERS}  # no limit was ever above
        overrun = dict.fromkeys(self.meters, 0)
        posted: dict[CounterKey, int] = {}
        for lines in self.lines.values():
            for line in lines:
                overrun[line.meter] += max(0, (line.posted or 0) - line.amount)
                posted[line.counter] = posted.get(line.counter, 0) + (line.posted or 0)
        for key, counter in self.counters.items():
            name = MeterKey(key.tenant_id, key.meter_id)
            if not counter.arrival_nanos:
                assert counter.posted + counter.reserved <= highest[name] + overrun[name]

    @invariant()
    @precondition(lambda self: self.lines)
    def a_balance_is_what_is_left_and_never_negative(self) -> None:
        book, sums = self.book(), self.usage()
        for held in self.meters.values():
            left = book.balance(held, self.now).remaining
            assert 0 <= left <= held.limit
            if held.kind is not MeterKind.RATE:
                assert left == max(0, held.limit - sums[held.key])


BookMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestBook = BookMachine.TestCase
