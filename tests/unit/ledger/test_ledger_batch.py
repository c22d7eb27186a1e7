"""The fold of a batch: whatever is asked for, and in whatever order, a reservation ends once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.ledger.batch import (
    Changes,
    Known,
    Operation,
    Record,
    ReservationKey,
    ReservationState,
    Reserve,
    Settle,
    UnknownReservation,
    Void,
    ending_keys,
    key_of,
)
from pointsman_server.ledger.book import Book
from pointsman_server.ledger.fold import fold as fold_into
from pointsman_server.ledger.model import Reservation

from tests.conformance.builders import START, TENANT, decision, outcome, request, settlement


def fold(operations: Iterable[Operation], not_open: Mapping[ReservationKey, ReservationState | None]) -> Changes:
    """A fold without meters."""
    return fold_into(operations, START, Book(), Known(not_open))


def reservation(name: str) -> Reservation:
    return Reservation(name, request(), START)


ONE, TWO = reservation("one"), reservation("two")


def test_a_reserve_brings_its_decision_under_the_calls_completion() -> None:
    changes = fold([Reserve(ONE, decision())], {})
    assert changes.reserved == [ONE]
    assert changes.decisions == [(decision(), "cmp_1")]


def test_a_record_without_outcome_belongs_to_no_completion() -> None:
    assert fold([Record(decision())], {}).decisions == [(decision(), "")]


def test_a_record_with_an_outcome_belongs_to_its_completion() -> None:
    changes = fold([Record(decision(), outcome())], {})
    assert changes.decisions == [(decision(), "cmp_1")]
    assert changes.outcomes == [outcome()]


def test_a_settlement_ends_with_its_entry_and_outcome() -> None:
    changes = fold([Settle(ONE, settlement(), outcome())], {})
    assert changes.ended[key_of(ONE)][:2] == (ReservationState.SETTLED, START)
    assert (changes.entries, changes.outcomes) == ([(ONE, settlement(), START)], [outcome()])


def test_a_void_ends_without_an_entry() -> None:
    changes = fold([Void(ONE, outcome())], {})
    assert changes.ended[key_of(ONE)][:2] == (ReservationState.VOIDED, START)
    assert (changes.entries, changes.outcomes) == ([], [outcome()])


@pytest.mark.parametrize("state", [ReservationState.SETTLED, ReservationState.VOIDED])
def test_what_has_ended_in_the_store_is_left_as_it_is(state: ReservationState) -> None:
    changes = fold([Settle(ONE, settlement(), outcome())], {key_of(ONE): state})
    assert (changes.ended, changes.entries, changes.outcomes) == ({}, [], [])


def test_what_the_batch_itself_made_is_open() -> None:
    changes = fold([Reserve(ONE), Settle(ONE, settlement())], {key_of(ONE): None})
    assert changes.ended[key_of(ONE)].state is ReservationState.SETTLED


def test_what_no_one_made_cannot_end() -> None:
    with pytest.raises(UnknownReservation, match="one"):
        fold([Settle(ONE, settlement())], {key_of(ONE): None})


def test_only_ends_are_looked_up() -> None:
    operations = [Record(decision()), Reserve(ONE), Settle(TWO, settlement()), Void(ONE)]
    assert list(ending_keys(operations)) == [ReservationKey(TENANT, "two"), ReservationKey(TENANT, "one")]


targets = st.sampled_from([reservation(name) for name in "abc"])
ends = st.one_of(
    st.builds(lambda target, cost: Settle(target, settlement(cost_nanos=cost)), targets, st.integers(0, 9)),
    st.builds(Void, targets),
)


@given(st.lists(ends), st.sets(targets.map(key_of)))
def test_the_first_end_counts_and_makes_an_entry_exactly_where_it_settles(
    operations: list[Settle | Void], ended_before: set[ReservationKey]
) -> None:
    changes = fold(operations, dict.fromkeys(ended_before, ReservationState.VOIDED))

    first: dict[ReservationKey, Operation] = {}
    for operation in operations:
        if key_of(operation.reservation) not in ended_before:
            first.setdefault(key_of(operation.reservation), operation)
    assert list(changes.ended) == list(first)
    settled = [operation for operation in first.values() if isinstance(operation, Settle)]
    assert changes.entries == [(operation.reservation, operation.settlement, START) for operation in settled]
    assert [key for key, end in changes.ended.items() if end.state is ReservationState.SETTLED] == [
        key_of(operation.reservation) for operation in settled
    ]


@given(st.lists(ends), st.data())
def test_a_batch_cut_anywhere_comes_to_the_same(operations: list[Settle | Void], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(operations)))
    whole = fold(operations, {})
    left = fold(operations[:cut], {})
    right = fold(operations[cut:], {key: ending.state for key, ending in left.ended.items()})
    assert left.ended | right.ended == whole.ended
    assert left.entries + right.entries == whole.entries


def test_tenants_may_have_reservations_of_one_name() -> None:
    theirs = replace(ONE, request=request(tenant_id="other"))
    changes = fold([Settle(ONE, settlement()), Settle(theirs, settlement())], {})
    assert len(changes.entries) == 2
