"""What every ``LedgerStore`` gives to the writer."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pointsman_server.ledger.batch import (
    Changes,
    Ending,
    Entry,
    Orphaned,
    ReservationKey,
    ReservationState,
    key_of,
    not_open,
)
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.store import LedgerStore
from pointsman_server.storage.control import Execute
from pointsman_server.storage.tables import RESERVATIONS
from pointsman_server.storage.times import to_micros
from sqlalchemy import func, select

from tests.conformance.builders import START, TENANT, request, settlement

Store = LedgerStore[Execute]

RESERVATION = Reservation("rsv_1", request(), START)
KEY = key_of(RESERVATION)
COUNT = select(func.count()).select_from(RESERVATIONS)


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Iterator[Store]:
    opened = open_store()
    yield opened
    opened.close()


def commit(store: Store, changes: Changes) -> None:
    store.begin()
    store.write(changes)
    store.commit()


def standing(store: Store, keys: list[ReservationKey]) -> dict[ReservationKey, ReservationState | None]:
    return not_open(keys, store.held(keys))


def test_an_open_reservation_is_not_among_those_that_are_not(store: Store) -> None:
    commit(store, Changes(reserved=[RESERVATION]))
    assert standing(store, [KEY]) == {}
    assert store.open_count() == 1


def test_an_ended_reservation_says_how_it_ended(store: Store) -> None:
    commit(store, Changes(reserved=[RESERVATION]))
    commit(
        store,
        Changes(
            ended={KEY: Ending(ReservationState.SETTLED, START)}, entries=[Entry(RESERVATION, settlement(), START)]
        ),
    )
    assert standing(store, [KEY]) == {KEY: ReservationState.SETTLED}
    assert store.open_count() == 0


def test_another_tenants_reservation_of_the_same_name_is_unknown(store: Store) -> None:
    commit(store, Changes(reserved=[RESERVATION]))
    other = ReservationKey("other", KEY.reservation_id)
    assert standing(store, [KEY, other]) == {other: None}


def test_nothing_is_asked_of_no_reservations(store: Store) -> None:
    assert standing(store, []) == {}


def test_one_entry_a_reservation_whatever_the_writer_does(store: Store) -> None:
    commit(store, Changes(reserved=[RESERVATION], entries=[Entry(RESERVATION, settlement(), START)]))
    store.begin()
    with pytest.raises(Exception, match=r"(?i)unique"):
        store.write(Changes(entries=[Entry(RESERVATION, settlement(), START)]))
    store.rollback()


def test_a_rollback_undoes_ledger_and_control_writes_alike(store: Store) -> None:
    store.begin()
    store.write(Changes(reserved=[RESERVATION]))
    assert store.control(lambda execute: execute(COUNT, {})) == [(1,)]
    store.rollback()
    assert store.control(lambda execute: execute(COUNT, {})) == [(0,)]


def test_begin_ends_what_a_failure_left_open(store: Store) -> None:
    store.begin()
    store.write(Changes(reserved=[RESERVATION]))
    store.begin()
    store.commit()
    assert store.open_count() == 0


def test_a_rollback_without_a_transaction_does_nothing(store: Store) -> None:
    store.rollback()
    commit(store, Changes(reserved=[RESERVATION]))
    assert standing(store, [ReservationKey(TENANT, "rsv_1")]) == {}


def test_what_a_resolve_needs_to_know_is_kept(store: Store) -> None:
    asked = replace(request(), input_tokens_bound=1_200, max_output_tokens=64)
    held = replace(RESERVATION, request=asked, replica_id="rep_1", expires_at=START + timedelta(minutes=11))
    commit(store, Changes(reserved=[held, replace(held, reservation_id="rsv_2", expires_at=None)]))
    named = sorted(store.open_reservations(), key=lambda each: each.reservation_id)
    assert named == [held, replace(held, reservation_id="rsv_2", expires_at=None)]


def test_what_became_unknown_says_since_when(store: Store) -> None:
    commit(store, Changes(reserved=[RESERVATION]))
    for found_at in (START, START + timedelta(hours=1)):
        commit(store, Changes(orphaned={KEY: Orphaned(RESERVATION, found_at)}))
    columns = select(RESERVATIONS.c.state, RESERVATIONS.c.unknown_at)
    assert store.control(lambda execute: execute(columns, {})) == [("unknown", to_micros(START))]
