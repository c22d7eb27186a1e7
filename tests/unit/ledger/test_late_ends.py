"""What an attempt's own server says after somebody else has, in one batch and in the next: kept in full, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.ledger.adjustments import Adjustment, Resolved, Resolver
from pointsman_server.ledger.batch import (
    Changes,
    Held,
    Known,
    Operation,
    Orphan,
    ReservationKey,
    Reserve,
    Settle,
    Void,
    key_of,
    late_keys,
)
from pointsman_server.ledger.batch import ReservationState as State
from pointsman_server.ledger.book import Book
from pointsman_server.ledger.fold import NEVER_MADE, fold
from pointsman_server.ledger.generations import Generations
from pointsman_server.ledger.meters import Counter, CounterKey, Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.windows import TIMELESS, MeterKind, micros

from tests.conformance.builders import START, TENANT, outcome, request, settlement

ONE = Reservation("one", request(), START)
KEY = key_of(ONE)
GUESS = settlement(cost_nanos=2_000, usage=TokenUsage(input_tokens=5, estimated=True))
BOOKED = Resolved(Resolver.POLICY, GUESS.usage, 2_000, has_entry=True, adjustment_count=0)
EARLIER = START - timedelta(seconds=90)


def batch(*operations: Operation, known: Known | None = None) -> Changes:
    return fold(operations, START, Book(), known or Known())


def late(*operations: Operation, booked: Resolved = BOOKED) -> Changes:
    """A batch against a store that has what somebody else said."""
    return batch(*operations, known=Known({KEY: State.SETTLED}, resolved={KEY: booked}))


def test_what_somebody_else_settled_in_the_same_batch_is_what_stood_before() -> None:
    changes = batch(Settle(ONE, GUESS, resolver=Resolver.POLICY), Settle(ONE, settlement(), outcome()))
    assert changes.adjusted == [Adjustment(ONE, BOOKED, settlement(), START)]
    assert (changes.entries, changes.outcomes) == ([(ONE, GUESS, START)], [outcome()])


def test_what_somebody_else_voided_in_the_same_batch_was_nothing() -> None:
    changes = batch(Void(ONE, resolver=Resolver.OPERATOR), Settle(ONE, settlement()))
    nothing = Resolved(Resolver.OPERATOR, TokenUsage(), 0, has_entry=False, adjustment_count=0)
    assert changes.adjusted == [Adjustment(ONE, nothing, settlement(), START)]
    assert changes.adjusted[0].before.has_entry is False
    assert changes.entries == [(ONE, settlement(), START)]


@pytest.mark.parametrize("first", [Void(ONE, outcome()), Settle(ONE, settlement(), outcome())])
def test_only_the_first_word_of_its_own_server_counts(first: Void | Settle) -> None:
    changes = late(first, Settle(ONE, settlement(cost_nanos=1)), Void(ONE, outcome(status="CANCELLED")))
    (adjusted,) = changes.adjusted
    assert adjusted.settlement == (first.settlement if isinstance(first, Settle) else NEVER_MADE)
    assert (adjusted.before, changes.outcomes, changes.entries) == (BOOKED, [outcome()], [])


def test_an_attempt_that_was_never_sent_leaves_nothing_where_there_was_nothing() -> None:
    changes = late(Void(ONE, outcome()), booked=replace(BOOKED, has_entry=False))
    assert (changes.adjusted, changes.outcomes, changes.lines) == ([], [outcome()], {})


def test_the_reason_names_who_said_what() -> None:
    (settled,), (voided,) = late(Settle(ONE, settlement())).adjusted, late(Void(ONE)).adjusted
    assert settled.reason == "settled by its own server after the policy had resolved it"
    assert voided.reason == settled.reason
    assert (settled.number, replace(settled, before=replace(BOOKED, adjustment_count=3)).number) == (1, 4)


def test_what_ended_is_looked_up_for_settlements_and_voids_alone() -> None:
    ended = {KEY: State.SETTLED}
    assert late_keys([Settle(ONE, settlement())], ended) == late_keys([Void(ONE)], ended) == {KEY}
    assert late_keys([Orphan(ONE)], ended) == late_keys([Void(ONE)], {}) == late_keys([Void(ONE)], {KEY: None}) == set()


def rated(*, late_end: Settle | Void | None) -> int:
    """Where a rate of a token per second stands after 4 of 10 were guessed, a second later, and 1 was used."""
    rate = Meter(MeterKey(TENANT, "r"), "r", Scope.TENANT, "", Unit.INPUT_TOKENS, MeterKind.RATE, 10, 10)
    counters: dict[CounterKey, Counter] = {}
    asked = replace(ONE, request=replace(request(), input_tokens_bound=10))
    book = Book([rate], counters)
    (made,) = fold([Reserve(asked)], START, book, Known()).reserved
    guess = settlement(usage=TokenUsage(input_tokens=4))
    ends: Sequence[Operation] = [Settle(made, guess, resolver=Resolver.OPERATOR)]
    ends = [*ends, late_end] if late_end else ends
    fold(ends, START + timedelta(seconds=1), book, Known(held={KEY: Held(START, made.lines)}))
    return book.changed[CounterKey(TENANT, "r", TIMELESS)].arrival_nanos - micros(START) * 1_000


def test_a_rate_gets_back_what_was_not_used_less_what_has_refilled() -> None:
    """Ten tokens held, six given back, less the second that has passed; then three, or four, less it once more."""
    used = settlement(usage=TokenUsage(input_tokens=1))
    seconds = [rated(late_end=end) / 10**9 for end in (None, Settle(ONE, used), Void(ONE))]
    assert seconds == [5, 3, 2]


def test_what_the_store_remembers_of_a_beginning_counts() -> None:
    known = Known(held={KEY: Held(EARLIER, ())})
    assert batch(Settle(ONE, settlement()), known=known).entries[0].reservation.created_at == EARLIER
    (made,) = batch(Reserve(replace(ONE, created_at=EARLIER))).reserved
    assert made.created_at == START, "the store's time, not the caller's"


@pytest.mark.parametrize(("state", "lost"), [(State.UNKNOWN, []), (State.OPEN, [KEY])])
def test_what_is_unknown_already_does_not_become_so_again(state: State, lost: list[ReservationKey]) -> None:
    changes = batch(Orphan(ONE), known=Known(held={KEY: Held(EARLIER, (), state)}))
    assert list(changes.orphaned) == lost


@pytest.mark.parametrize(
    ("now", "goes_on", "is_let_in"),
    [
        (Generations(catalog=1), False, False),
        (Generations(catalog=1), True, True),
        (Generations(catalog=1, kill=1), True, False),
        (Generations(policy=1), True, False),
    ],
)
def test_only_a_changed_catalog_lets_a_call_go_on(now: Generations, *, goes_on: bool, is_let_in: bool) -> None:
    asked = Reserve(
        replace(ONE, request=replace(request(), generations=Generations())),
        following=replace(ONE, reservation_id="zero") if goes_on else None,
    )
    assert bool(batch(asked, known=Known(generations=now)).reserved) is is_let_in
