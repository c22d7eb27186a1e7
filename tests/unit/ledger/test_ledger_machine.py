"""Every operation of the ledger, in any order and in any company of one batch, against an account of its own.

The account knows calls and attempts, what each may hold and what was said of it; it knows nothing of books, lines and
folds. After every step the counters, the slots, the entries and the states are what it says, and the audit agrees.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.catalog.model import Prices
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.adjustments import Resolver
from pointsman_server.ledger.audit import Audit, Summary, Unknown, Used
from pointsman_server.ledger.batch import (
    Mark,
    Operation,
    Orphan,
    ReservationKey,
    ReservationState,
    Reserve,
    Settle,
    Void,
    Withdraw,
    key_of,
)
from pointsman_server.ledger.meters import Meter, MeterKey, NamedUnit, Refusal, Scope, Unit
from pointsman_server.ledger.model import Clamp, Progress, Reservation, ReserveRequest, Settlement
from pointsman_server.ledger.money import worst_case_nanos
from pointsman_server.ledger.windows import MeterKind

from tests.conformance.builders import REQUEST, TENANT, failed, settlement
from tests.unit.ledger.memory import MemoryLedger

EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES", "500"))

# A loaded machine that measures coverage takes minutes for what takes seconds elsewhere.
pytestmark = pytest.mark.timeout(300 + EXAMPLES)
PRICES = Prices(input_nanos_per_million=1_000_000, output_nanos_per_million=3_000_000)
MONTH_END = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
OPEN, UNKNOWN = ReservationState.OPEN, ReservationState.UNKNOWN
SETTLED, VOIDED = ReservationState.SETTLED, ReservationState.VOIDED


def meter(name: str, unit: Unit | NamedUnit, kind: MeterKind, limit: int, *, provider: str = "") -> Meter:
    owner, scope = (PLATFORM_TENANT, Scope.PROVIDER) if provider else (TENANT, Scope.TENANT)
    return Meter(MeterKey(owner, name), name, scope, provider, unit, kind, 0, limit)


METERS = (
    meter("money", Unit.NANOS, MeterKind.MONTH, 900),
    meter("tokens", Unit.TOKENS, MeterKind.DAY, 900),
    meter("calls", Unit.REQUESTS, MeterKind.MONTH, 60),
    meter("slots", Unit.REQUESTS, MeterKind.SLOTS, 3),
    meter("at openai", Unit.REQUESTS, MeterKind.HOUR, 30, provider="openai"),
    meter("images", NamedUnit.IMAGES, MeterKind.MONTH, 40),
    meter("images at openai", NamedUnit.IMAGES, MeterKind.MONTH, 60, provider="openai"),
)


LIMITS = (
    Meter(MeterKey(TENANT, ""), "steps", Scope.POLICY, "steps", Unit.REQUESTS, MeterKind.TOTAL, 0, 0),
    Meter(MeterKey(TENANT, ""), "quota", Scope.POLICY, "quota", Unit.TOKENS, MeterKind.DAY, 0, 0),
    Meter(MeterKey(TENANT, ""), "in use", Scope.POLICY, "in use", Unit.REQUESTS, MeterKind.SLOTS, 0, 0),
)
"""What plans and rules say: each call brings some, with the amounts that hold for it."""

words = st.tuples(
    *(st.one_of(st.none(), st.integers(0, most)) for most in (6, 900, 3)),
).map(
    lambda amounts: tuple(
        replace(each, limit=amount) for each, amount in zip(LIMITS, amounts, strict=True) if amount is not None
    )
)


@dataclass
class Attempt:
    """What the account knows of one attempt.

    Attributes:
        cost, tokens: what it holds, then what was said that it used.
        calls: what its call counts, while it is this attempt that speaks for the call.
        images: what its call brings; ``images_sent`` is what a provider got of them with this attempt, or may get.
        slot: whether its call holds a slot.
        on: the meters of plans and rules that its lines are on.
    """

    made: Reservation
    number: int
    cost: int
    tokens: int
    calls: int = 1
    images: int = 0
    images_sent: int = 0
    slot: bool = True
    on: frozenset[str] = frozenset()
    state: ReservationState = OPEN
    resolver: Resolver = Resolver.OWNER


class LedgerMachine(RuleBasedStateMachine):
    """Draws operations, and keeps the account."""

    @initialize()
    def begin(self) -> None:
        self.ledger = MemoryLedger({each.key: each for each in METERS}, time=MONTH_END)
        self.attempts: dict[ReservationKey, Attempt] = {}
        self.asked_count = 0

    def some(self, data: st.DataObject, *states: ReservationState) -> Attempt:
        return data.draw(st.sampled_from([each for each in self.attempts.values() if each.state in states]))

    def any(self, *states: ReservationState) -> bool:
        return any(each.state in states for each in self.attempts.values())

    # Time and limits.

    @rule(seconds=st.one_of(st.integers(-7_200, 90), st.integers(0, 40 * 86_400)))
    def time_passes(self, seconds: int) -> None:
        self.ledger.time += timedelta(seconds=seconds)

    @rule(key=st.sampled_from([each.key for each in METERS]), limit=st.integers(0, 900), frozen=st.booleans())
    def a_meter_is_changed(self, *, key: MeterKey, limit: int, frozen: bool) -> None:
        self.ledger.limits[key] = replace(self.ledger.limits[key], limit=limit, frozen=frozen and limit % 3 == 0)

    # Admissions.

    def asked(
        self, inputs: int, cap: int, number: int, said: tuple[Meter, ...], *, clamping: bool, images: int = 0
    ) -> Reservation:
        clamp = Clamp(max(1, cap // 4), PRICES) if clamping else None
        request = replace(
            REQUEST,
            attempt=number,
            worst_case_cost_nanos=worst_case_nanos(PRICES, inputs, cap),
            input_tokens_bound=inputs,
            max_output_tokens=cap,
            clamp=clamp,
            named_units={NamedUnit.IMAGES: images},
            policy_meters=said,
        )
        self.asked_count += 1
        return Reservation(f"rsv_{self.asked_count}", request, self.ledger.time)

    def admits(self, request: ReserveRequest, *, going_on: bool) -> bool:
        """Whether every meter has room, by the account: what it holds alone, of windows that count now."""
        for each in (*METERS, *request.policy_meters):
            each = self.in_force(each)  # noqa: PLW2901  # the same meter, as it is now
            if each.unit in {Unit.REQUESTS, NamedUnit.IMAGES} and each.scope is not Scope.PROVIDER and going_on:
                continue
            images = request.named_units[NamedUnit.IMAGES]
            if each.unit is NamedUnit.IMAGES and not images:
                continue
            if each.scope is Scope.PROVIDER and each.scope_id != request.provider_id:
                continue
            counted = sum(
                counter.posted + counter.reserved
                for key, counter in self.ledger.kept.items()
                if MeterKey(*key[:2]) == each.key and key.bucket >= self.first_bucket(each)
            )
            needed = {
                Unit.NANOS: request.worst_case_cost_nanos or 0,
                Unit.TOKENS: request.input_tokens_bound + request.max_output_tokens,
                NamedUnit.IMAGES: images,
            }.get(each.unit, 1)
            if each.frozen or counted + needed > each.limit:
                return False
        return True

    def in_force(self, said: Meter) -> Meter:
        """A meter with the limit that holds: of a plan or a rule what the call says of it, if it has a meter yet."""
        if said.scope is not Scope.POLICY:
            return self.ledger.limits[said.key]
        kept = [key for key, each in self.ledger.limits.items() if each.scope_key == said.scope_key]
        assert len(kept) <= 1, "one limit has one meter"
        return replace(said, key=kept[0]) if kept else said

    def first_bucket(self, each: Meter) -> int:
        """The start of the window that counts: of now, or of the last change where the clock went back."""
        moments = [counter.decided_at for key, counter in self.ledger.kept.items() if MeterKey(*key[:2]) == each.key]
        now = max([self.ledger.time, *moments])
        hour = now.replace(minute=0, second=0, microsecond=0)
        start = {
            MeterKind.MONTH: hour.replace(day=1, hour=0),
            MeterKind.DAY: hour.replace(hour=0),
            MeterKind.HOUR: hour,
        }.get(each.kind)
        return int(start.timestamp()) * 1_000_000 if start else 0

    @rule(
        inputs=st.integers(0, 150),
        cap=st.integers(1, 150),
        images=st.sampled_from((0, 0, 1, 7)),
        said=words,
        clamping=st.booleans(),
        elsewhere=st.booleans(),
    )
    def reserve(
        self, *, inputs: int, cap: int, images: int, said: tuple[Meter, ...], clamping: bool, elsewhere: bool
    ) -> None:
        asked = self.asked(inputs, cap, 1, said, clamping=clamping, images=images)
        others = (replace(asked.request, provider_id="groq", model_id="groq/y"),) if elsewhere else ()
        self.check_admission(Reserve(asked, others=others), (asked.request, *others), going_on=None)

    def check_admission(
        self,
        reserve: Reserve,
        alternatives: tuple[ReserveRequest, ...],
        *,
        going_on: Attempt | None,
        before: tuple[Operation, ...] = (),
    ) -> None:
        if before:
            # What comes before in the batch changes what is free: the account asks a copy of the ledger that has it.
            copy = self.copied()
            copy.apply(*before)
            self.ledger, original = copy, self.ledger
            fitting = [self.fits(each, going_on=True) for each in alternatives]
            self.ledger = original
        else:
            fitting = [self.fits(each, going_on=False) for each in alternatives]
        result = self.ledger.apply(*before, reserve).results[-1]
        expected = next((each for each in fitting if each is not None), None)
        if expected is None:
            assert isinstance(result, Refusal)
            assert len(result.hindrances) == len(alternatives)
            if going_on is not None:
                going_on.slot = False
            return
        assert isinstance(result, Reservation)
        assert result.request == expected, "the first that fits, with the largest cap that does"
        tokens = expected.input_tokens_bound + expected.max_output_tokens
        images = expected.named_units[NamedUnit.IMAGES]
        made = Attempt(result, expected.attempt, expected.worst_case_cost_nanos or 0, tokens, images=images)
        made.images_sent = images if expected.provider_id == "openai" else 0
        limits = [each for line in result.lines if (each := self.ledger.limits[line.meter]).of_policy]
        assert sorted(each.name for each in limits) == sorted(each.name for each in expected.policy_meters)
        made.on = frozenset(each.key.meter_id for each in limits)
        self.attempts[key_of(result)] = made
        if going_on is not None:
            going_on.calls, going_on.slot = 0, False

    def fits(self, request: ReserveRequest, *, going_on: bool) -> ReserveRequest | None:
        """The request with the largest cap that fits, found by trying all."""
        lowest = request.clamp.min_output_tokens if request.clamp else request.max_output_tokens
        for cap in range(request.max_output_tokens, lowest - 1, -1):
            cost = worst_case_nanos(PRICES, request.input_tokens_bound, cap)
            tried = replace(request, max_output_tokens=cap, worst_case_cost_nanos=cost)
            if self.admits(tried, going_on=going_on):
                return tried
        return None

    def copied(self) -> MemoryLedger:
        copy = MemoryLedger(dict(self.ledger.limits), time=self.ledger.time)
        copy.made, copy.states, copy.held = dict(self.ledger.made), dict(self.ledger.states), dict(self.ledger.held)
        copy.resolvers = dict(self.ledger.resolvers)
        copy.kept = {key: replace(counter) for key, counter in self.ledger.kept.items()}
        return copy

    @precondition(lambda self: self.any(OPEN))
    @rule(data=st.data(), cap=st.integers(1, 150), lost=st.booleans())
    def settle_and_reserve(self, data: st.DataObject, cap: int, *, lost: bool) -> None:
        """Moves on to a next attempt; where the answer was lost, asks once more."""
        last = self.some(data, OPEN)
        settle = Settle(last.made, failed(), call_goes_on=True)
        said = tuple(replace(each, limit=data.draw(st.integers(0, 900))) for each in last.made.request.policy_meters)
        asked = self.asked(20, cap, last.number + 1, said, clamping=False, images=last.images)
        if lost:
            first = replace(asked, reservation_id=f"{asked.reservation_id}_lost")
            result = self.ledger.apply(settle, Reserve(first, following=last.made)).results[-1]
            last.state, last.cost, last.tokens = SETTLED, 0, 0
            if isinstance(result, Refusal):
                last.slot = False
                return
            lost_one = Attempt(result, last.number + 1, 0, 0, calls=0, slot=False, state=VOIDED)  # type: ignore[arg-type]
            self.attempts[key_of(lost_one.made)] = lost_one
            before: tuple[Operation, ...] = (Withdraw(lost_one.made, following=last.made), settle)
        else:
            last.state, last.cost, last.tokens = SETTLED, 0, 0
            before = (settle,)
        reserve = Reserve(asked, following=last.made)
        self.check_admission(reserve, (asked.request,), going_on=last, before=before)

    # Ends.

    def book(self, data: st.DataObject) -> Settlement:
        inputs, outputs = data.draw(st.integers(0, 200)), data.draw(st.integers(0, 200))
        usage = TokenUsage(input_tokens=inputs, output_tokens=outputs)
        return settlement(usage=usage, cost_nanos=inputs + 3 * outputs)

    def say(self, attempt: Attempt, booked: Settlement | None, resolver: Resolver) -> None:
        """What an end that counts makes of the account."""
        attempt.slot, attempt.resolver = False, resolver
        attempt.state = VOIDED if booked is None else SETTLED
        attempt.cost = 0 if booked is None else booked.cost_nanos or 0
        attempt.tokens = 0 if booked is None else booked.usage.input_tokens + booked.usage.output_tokens
        attempt.calls = 1 if booked is not None or attempt.number > 1 else 0
        sent = attempt.made.request.provider_id == "openai" and booked is not None
        attempt.images_sent = attempt.images if sent else 0

    @precondition(lambda self: self.any(OPEN, UNKNOWN))
    @rule(data=st.data(), resolver=st.sampled_from(Resolver), voids=st.booleans(), again=st.booleans())
    def end(self, data: st.DataObject, resolver: Resolver, *, voids: bool, again: bool) -> None:
        attempt = self.some(data, OPEN, UNKNOWN)
        booked = None if voids else self.book(data)
        end = Settle(attempt.made, booked, resolver=resolver) if booked else Void(attempt.made, resolver=resolver)
        self.ledger.apply(end, *((end,) if again and resolver is not Resolver.OWNER else ()))
        self.say(attempt, booked, resolver)

    @precondition(lambda self: self.any(SETTLED, VOIDED))
    @rule(data=st.data(), resolver=st.sampled_from(Resolver), voids=st.booleans())
    def end_once_more(self, data: st.DataObject, resolver: Resolver, *, voids: bool) -> None:
        """Only what its own server says late counts, and only where somebody else had the word before: a void leaves an
        entry of nothing where there was one.
        """
        attempt = self.some(data, SETTLED, VOIDED)
        booked = self.book(data)
        end = Void(attempt.made, resolver=resolver) if voids else Settle(attempt.made, booked, resolver=resolver)
        self.ledger.apply(end)
        if resolver is not Resolver.OWNER or attempt.resolver is Resolver.OWNER:
            return
        if not voids:
            self.say(attempt, booked, Resolver.OWNER)
        elif attempt.state is SETTLED:
            self.say(attempt, settlement(usage=TokenUsage(), cost_nanos=0), Resolver.OWNER)

    @precondition(lambda self: self.any(OPEN))
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        attempt = self.some(data, OPEN)
        self.ledger.apply(Withdraw(attempt.made))
        self.say(attempt, None, Resolver.OWNER)

    @precondition(lambda self: self.any(OPEN, UNKNOWN))
    @rule(data=st.data())
    def orphan(self, data: st.DataObject) -> None:
        attempt = self.some(data, OPEN, UNKNOWN)
        self.ledger.apply(Orphan(attempt.made))
        attempt.state, attempt.slot = UNKNOWN, False

    @precondition(lambda self: self.any(OPEN))
    @rule(data=st.data())
    def checkpoint(self, data: st.DataObject) -> None:
        key = key_of(self.some(data, OPEN).made)
        changes = self.ledger.apply(Mark((Progress(*key, 1, 2, 3),)))
        assert (len(changes.marks), changes.ended, changes.counters) == (1, {}, {})

    @precondition(lambda self: sum(each.state is OPEN for each in self.attempts.values()) > 1)
    @rule(data=st.data(), inputs=st.integers(0, 150))
    def a_batch_of_several(self, data: st.DataObject, inputs: int) -> None:
        """One settles, another is lost and settled after all, and a third comes in, in one transaction."""
        one, two = [each for each in self.attempts.values() if each.state is OPEN][:2]
        first, second = self.book(data), self.book(data)
        before = (Settle(one.made, first), Orphan(two.made), Settle(two.made, second, resolver=Resolver.POLICY))
        self.say(one, first, Resolver.OWNER)
        self.say(two, second, Resolver.POLICY)
        self.ledger.apply(*before, Settle(two.made, first))
        self.say(two, first, Resolver.OWNER)
        said = data.draw(words)
        self.reserve(inputs=inputs, cap=30, images=1, said=said, clamping=False, elsewhere=False)

    @rule(name=st.sampled_from([each.name for each in LIMITS]))
    def a_limit_that_holds_nothing_is_forgotten(self, name: str) -> None:
        for each in [each for each in self.ledger.limits.values() if each.name == name]:
            counters = {key: kept for key, kept in self.ledger.kept.items() if MeterKey(*key[:2]) == each.key}
            counts = any(key.bucket >= self.first_bucket(each) and kept.posted for key, kept in counters.items())
            if any(kept.reserved for kept in counters.values()) or (counts and each.kind is not MeterKind.TOTAL):
                return
            del self.ledger.limits[each.key]
            for key in counters:
                del self.ledger.kept[key]

    # What must hold after each.

    def total(self, name: str) -> int:
        return sum(each.posted + each.reserved for key, each in self.ledger.kept.items() if key.meter_id == name)

    @invariant()
    def the_account_agrees(self) -> None:
        attempts = self.attempts.values()
        assert self.total("money") == sum(each.cost for each in attempts)
        assert self.total("tokens") == sum(each.tokens for each in attempts)
        assert self.total("calls") == sum(each.calls for each in attempts)
        assert self.total("images") == sum(each.calls * each.images for each in attempts)
        assert self.total("images at openai") == sum(each.images_sent for each in attempts)
        assert self.total("slots") == sum(each.slot for each in attempts)
        for key, limit in self.ledger.limits.items():
            if limit.of_policy:
                on = [each for each in attempts if key.meter_id in each.on]
                used = {"steps": "calls", "quota": "tokens", "in use": "slot"}[limit.name]
                assert self.total(key.meter_id) == sum(getattr(each, used) for each in on)
        assert {key: each.state for key, each in self.attempts.items()} == self.ledger.states

    @invariant()
    def each_settled_attempt_has_its_one_entry_and_no_other_has(self) -> None:
        assert set(self.ledger.entries) == {key for key, each in self.attempts.items() if each.state is SETTLED}
        for key, entry in self.ledger.entries.items():
            assert entry.settlement.cost_nanos == self.attempts[key].cost

    @invariant()
    def the_audit_proves_every_counter(self) -> None:
        audit = Audit(self.ledger.limits.values())
        unknown = 0
        for key, made in self.ledger.made.items():
            entry = self.ledger.entries.get(key)
            booked = Used(entry.settlement.usage, entry.settlement.cost_nanos) if entry else None
            found = list(audit.add(replace(made, lines=self.ledger.held[key]), self.ledger.states[key], booked))
            unknown += len([each for each in found if isinstance(each, Unknown)])
        (summary,) = audit.compare(self.ledger.kept)
        assert isinstance(summary, Summary)
        assert unknown == sum(each.state is UNKNOWN for each in self.attempts.values())


LedgerMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestLedger = LedgerMachine.TestCase
