"""What a batch does to meters: each hold ends once, and what a call holds moves on with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.batch import (
    Orphan,
    ReservationState,
    Reserve,
    Settle,
    UnknownReservation,
    Void,
    Withdraw,
    key_of,
)
from pointsman_server.ledger.meters import Counter, CounterKey, Line, Meter, MeterKey, Refusal, Scope, Unit
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.windows import MeterKind, micros

from tests.conformance.builders import START, TENANT, failed, request, settlement
from tests.unit.ledger.memory import MemoryLedger

SECOND = 1_000_000_000
HOUR = micros(START.replace(minute=0, second=0, microsecond=0))
LATER = START + timedelta(seconds=2)


def meter(name: str, unit: Unit, kind: MeterKind, limit: int) -> Meter:
    period_s = 10 if kind is MeterKind.RATE else 0
    return Meter(MeterKey(TENANT, name), name, Scope.TENANT, "", unit, kind, period_s, limit)


METERS = (
    meter("calls", Unit.REQUESTS, MeterKind.HOUR, 9),
    meter("money", Unit.NANOS, MeterKind.HOUR, 10_000),
    meter("rate", Unit.REQUESTS, MeterKind.RATE, 5),
    meter("slots", Unit.REQUESTS, MeterKind.SLOTS, 1),
)


def ledger() -> MemoryLedger:
    return MemoryLedger({each.key: each for each in METERS})


def asked(name: str = "rsv_1", attempt: int = 1) -> Reservation:
    return Reservation(name, request(attempt=attempt), START)


def made(memory: MemoryLedger, reserve: Reserve) -> Reservation:
    found = memory.apply(reserve).results[-1]
    assert isinstance(found, Reservation)
    return found


def counts(memory: MemoryLedger) -> dict[str, tuple[int, int]]:
    return {key.meter_id: (each.posted, each.reserved) for key, each in memory.kept.items() if key.meter_id != "rate"}


def arrival(memory: MemoryLedger) -> int:
    """How far the rate's arrival time is after the start, in seconds."""
    nanos = memory.kept[CounterKey(TENANT, "rate", 0)].arrival_nanos - micros(START) * 1_000
    return nanos // SECOND


def test_a_first_attempt_that_never_left_counts_no_call_and_a_second_does() -> None:
    memory = ledger()
    first = made(memory, Reserve(asked()))
    memory.apply(Void(first))
    assert counts(memory) == {"calls": (0, 0), "money": (0, 0), "slots": (0, 0)}
    assert arrival(memory) == 0, "the rate got all of it back"
    second = made(memory, Reserve(asked("rsv_2", attempt=2)))
    memory.time = LATER
    memory.apply(Void(second))
    assert counts(memory) == {"calls": (1, 0), "money": (0, 0), "slots": (0, 0)}
    assert arrival(memory) == 2


def test_a_void_gives_a_rate_back_less_what_refilled() -> None:
    memory = ledger()
    held = made(memory, Reserve(asked()))
    memory.time = START + timedelta(seconds=1)
    memory.apply(Void(held))
    assert arrival(memory) == 1


def test_what_a_call_holds_counts_where_no_further_attempt_is_admitted() -> None:
    memory = ledger()
    held = made(memory, Reserve(asked()))
    memory.time = LATER
    reserve = Reserve(asked("rsv_2", attempt=2), following=held)
    results = memory.apply(Settle(held, settlement(cost_nanos=1_001), call_goes_on=True), reserve).results
    assert isinstance(results[-1], Refusal)
    assert counts(memory) == {"calls": (1, 0), "money": (1_001, 0), "slots": (0, 0)}
    assert arrival(memory) == 2
    assert sorted(line.meter_id for line in memory.held[key_of(held)]) == ["calls", "money", "rate", "slots"]


def test_a_fallback_whose_attempt_before_had_no_call_lines_is_a_plain_reserve() -> None:
    memory = ledger()
    memory.limits = {each.key: each for each in METERS if each.unit is Unit.NANOS}
    held = made(memory, Reserve(asked()))
    reserve = Reserve(replace(asked("rsv_2", attempt=2)), following=held)
    assert isinstance(memory.apply(Settle(held, settlement(cost_nanos=9_000)), reserve).results[-1], Refusal)
    assert memory.held[key_of(held)] == (Line(TENANT, "money", HOUR, 9_000, posted=9_000),)


def test_a_reserve_names_the_attempt_before_and_that_was_withdrawn() -> None:
    memory = ledger()
    first = made(memory, Reserve(asked()))
    lost = Reserve(asked("rsv_2", attempt=2), following=first)
    memory.apply(Settle(first, failed(), call_goes_on=True), lost)
    assert counts(memory) == {"calls": (0, 1), "money": (0, 9_000), "slots": (0, 1)}
    again = Reserve(asked("rsv_3", attempt=2), following=first)
    results = memory.apply(
        Withdraw(lost.reservation, following=first), Settle(first, failed(), call_goes_on=True), again
    ).results
    assert isinstance(results[-1], Reservation)
    assert counts(memory) == {"calls": (0, 1), "money": (0, 9_000), "slots": (0, 1)}
    assert memory.states[key_of(lost.reservation)] is ReservationState.VOIDED
    assert [line.meter_id for line in memory.held[key_of(lost.reservation)]] == ["money"]


def test_a_withdrawal_of_what_was_never_made_or_has_ended_changes_nothing() -> None:
    memory = ledger()
    assert memory.apply(Withdraw(asked())).ended == {}
    held = made(memory, Reserve(asked()))
    memory.apply(Settle(held, settlement()))
    assert memory.apply(Withdraw(held)).ended == {}
    assert memory.states == {key_of(held): ReservationState.SETTLED}


def test_a_withdrawal_in_the_batch_of_its_reserve_ends_it() -> None:
    memory = ledger()
    memory.apply(Reserve(asked()), Withdraw(asked()))
    assert memory.states == {key_of(asked()): ReservationState.VOIDED}
    assert counts(memory) == {"calls": (0, 0), "money": (0, 0), "slots": (0, 0)}


def test_an_orphan_gives_its_slot_back_and_keeps_the_rest() -> None:
    memory = ledger()
    held = made(memory, Reserve(asked()))
    memory.apply(Orphan(held))
    assert counts(memory) == {"calls": (0, 1), "money": (0, 9_000), "slots": (0, 0)}
    assert memory.states == {key_of(held): ReservationState.UNKNOWN}
    memory.apply(Settle(held, settlement()))
    assert counts(memory) == {"calls": (1, 0), "money": (4_321, 0), "slots": (0, 0)}


def test_an_orphan_without_a_slot_keeps_its_lines_and_one_that_ended_is_none() -> None:
    memory = ledger()
    memory.limits = {each.key: each for each in METERS if each.unit is Unit.NANOS}
    held, ended = made(memory, Reserve(asked())), asked("rsv_2")
    assert memory.apply(Orphan(held)).lines == {}
    memory.limits = {}
    changes = memory.apply(Reserve(ended), Settle(ended, settlement()), Orphan(ended))
    assert (len(changes.orphaned), memory.states[key_of(ended)]) == (0, ReservationState.SETTLED)


def test_one_batch_that_orphans_and_settles_counts_the_lines_as_they_became() -> None:
    memory = ledger()
    held = made(memory, Reserve(asked()))
    memory.apply(Orphan(held), Settle(held, settlement()))
    assert counts(memory) == {"calls": (1, 0), "money": (4_321, 0), "slots": (0, 0)}
    assert memory.kept[CounterKey(TENANT, "slots", 0)] == Counter()


def test_what_was_never_made_is_named() -> None:
    with pytest.raises(UnknownReservation, match="rsv_1"):
        ledger().apply(Void(asked()))


def test_a_fallback_without_room_after_an_attempt_that_no_meter_counted() -> None:
    full = Meter(MeterKey(PLATFORM_TENANT, "full"), "full", Scope.PROVIDER, "groq", Unit.REQUESTS, MeterKind.DAY, 0, 0)
    memory = MemoryLedger({full.key: full})
    elsewhere = Reservation("rsv_2", replace(request(attempt=2), provider_id="groq"), START)
    settle = Settle(asked(), failed(), call_goes_on=True)
    results = memory.apply(Reserve(asked()), settle, Reserve(elsewhere, following=asked())).results
    assert isinstance(results[-1], Refusal)
    assert memory.held == {key_of(asked()): ()}
