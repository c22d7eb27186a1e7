"""Who has died, as one server sees it: only what it saw itself counts."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.ledger.replicas import HEARTBEAT_S, LEASE_S, Living, Watch

ROUNDS = round(LEASE_S / HEARTBEAT_S)


def looks(watch: Watch, seen: Iterable[list[Living]], *, start: float = 0.0) -> list[list[Living]]:
    """What regular looks find."""
    return [list(watch.look(living, start + number * HEARTBEAT_S)) for number, living in enumerate(seen)]


def test_a_heart_that_stands_still_for_a_lease_is_dead() -> None:
    still = Living("rep_1", 7)
    found = looks(Watch(), [[still]] * (ROUNDS + 1))
    assert found[:-1] == [[]] * ROUNDS
    assert found[-1] == [still]


def test_a_lease_is_whole_however_seldom_somebody_looks() -> None:
    watch, still = Watch(), Living("rep_1", 7)
    found = [list(watch.look([still], now)) for now in (0.0, 4.0, 8.0, LEASE_S - 0.1, LEASE_S)]
    assert found == [[], [], [], [], [still]]


def test_a_heart_that_beats_lives() -> None:
    assert not any(looks(Watch(), [[Living("rep_1", count)] for count in range(5 * ROUNDS)]))


def test_a_heartbeat_begins_a_new_lease() -> None:
    watch = Watch()
    looks(watch, [[Living("rep_1", 1)]] * ROUNDS)
    found = looks(watch, [[Living("rep_1", 2)]] * (ROUNDS + 1), start=LEASE_S)
    assert [bool(each) for each in found] == [False] * ROUNDS + [True]


def test_time_in_which_nobody_looked_does_not_count() -> None:
    watch = Watch()
    still = [Living("rep_1", 1)]
    assert not watch.look(still, 0.0)
    assert not watch.look(still, 3_600.0)
    assert not watch.look(still, 3_600.0 + HEARTBEAT_S)
    assert watch.look(still, 3_600.0 + LEASE_S)


def test_one_server_is_not_judged_by_another() -> None:
    watch = Watch()
    seen = [[Living("rep_1", 1), Living("rep_2", count)] for count in range(ROUNDS + 1)]
    assert looks(watch, seen)[-1] == [Living("rep_1", 1)]


@given(st.lists(st.floats(0.0, 60.0), max_size=30), st.data())
def test_nobody_dies_whose_heart_beat_within_a_lease_of_looking(pauses: list[float], data: st.DataObject) -> None:
    watch, now, beats, since = Watch(), 0.0, 0, 0.0
    for pause in pauses:
        now += pause
        if data.draw(st.booleans()):
            beats, since = beats + 1, now
        if watch.look([Living("rep_1", beats)], now):
            assert now - since >= LEASE_S
