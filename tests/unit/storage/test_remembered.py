"""What the store on SQLite remembers between batches is what it would read."""

from collections.abc import Collection
from dataclasses import dataclass, field

import pytest
from pointsman_server.ledger.generations import Generations
from pointsman_server.ledger.meters import Counter, CounterKey, Meter, MeterKey, Scope, ScopeKey, Unit
from pointsman_server.ledger.replicas import ReplicaState
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage import remembered
from pointsman_server.storage.remembered import Remembered

TENANT = "acme"


def meter(name: str, scope: Scope = Scope.TENANT, scope_id: str = "") -> Meter:
    return Meter(MeterKey(TENANT, name), name, scope, scope_id, Unit.NANOS, MeterKind.DAY, 0, 10)


WHOLE, ADAS, BOBS = meter("bud_2"), meter("bud_1", Scope.USER, "ada"), meter("bud_3", Scope.USER, "bob")


@dataclass
class Rows:
    """The tables, and what was asked of them."""

    limits: tuple[Meter, ...] = (WHOLE, ADAS, BOBS)
    kept: dict[CounterKey, Counter] = field(default_factory=dict)
    asked: list[tuple[set[ScopeKey], set[MeterKey]]] = field(default_factory=list)
    asked_counters: list[set[CounterKey]] = field(default_factory=list)

    def meters(self, scopes: Collection[ScopeKey], keys: Collection[MeterKey]) -> list[Meter]:
        self.asked.append((set(scopes), set(keys)))
        return [each for each in self.limits if each.scope_key in scopes or each.key in keys]

    def counters(self, first: Collection[CounterKey]) -> dict[CounterKey, Counter]:
        self.asked_counters.append(set(first))
        found = {}
        for since in first:
            found.update({k: v for k, v in self.kept.items() if k[:2] == since[:2] and k.bucket >= since.bucket})
        return found


def counter(bucket: int) -> CounterKey:
    return CounterKey(*WHOLE.key, bucket)


def test_meters_are_read_once() -> None:
    rows, known = Rows(), Remembered()
    for _ in range(2):
        assert known.meters([WHOLE.scope_key, ADAS.scope_key], [WHOLE.key], rows.meters) == [ADAS, WHOLE]
    assert rows.asked == [({WHOLE.scope_key, ADAS.scope_key}, {WHOLE.key})]


def test_only_what_is_not_known_is_read() -> None:
    rows, known = Rows(), Remembered()
    known.meters([WHOLE.scope_key], [], rows.meters)
    assert known.meters([WHOLE.scope_key, BOBS.scope_key], [ADAS.key], rows.meters) == [ADAS, WHOLE, BOBS]
    assert rows.asked[1:] == [({BOBS.scope_key}, {ADAS.key})]


def test_that_there_is_no_meter_is_known_too() -> None:
    rows, known = Rows(()), Remembered()
    for _ in range(2):
        assert known.meters([WHOLE.scope_key], [WHOLE.key], rows.meters) == []
    assert len(rows.asked) == 1


def test_a_meter_that_was_named_does_not_stand_for_its_whole_scope() -> None:
    rows, known = Rows((WHOLE, meter("bud_9"))), Remembered()
    known.meters([], [WHOLE.key], rows.meters)
    assert known.meters([WHOLE.scope_key], [], rows.meters) == list(rows.limits)


def test_changed_meters_are_read_again() -> None:
    rows, known = Rows(), Remembered()
    known.meters([WHOLE.scope_key], [], rows.meters)
    rows.limits = ()
    known.forget()
    assert known.meters([WHOLE.scope_key], [], rows.meters) == []


def test_no_more_is_kept_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST", 1)
    rows, known = Rows(), Remembered()
    known.meters([WHOLE.scope_key, ADAS.scope_key], [], rows.meters)
    assert known.meters([WHOLE.scope_key], [ADAS.key], rows.meters) == [ADAS, WHOLE]
    assert rows.asked[1:] == [({WHOLE.scope_key}, {ADAS.key})]


def test_counters_are_read_once_and_go_on_from_what_was_written() -> None:
    rows, known = Rows(kept={counter(5): Counter(posted=1)}), Remembered()
    assert known.counters([counter(5)], rows.counters) == {counter(5): Counter(posted=1)}
    known.write({counter(5): Counter(posted=2), counter(6): Counter(posted=3)})
    assert known.counters([counter(5)], rows.counters) == {counter(5): Counter(posted=2), counter(6): Counter(posted=3)}
    assert rows.asked_counters == [{counter(5)}]


def test_buckets_that_have_passed_are_dropped_and_an_earlier_one_is_read_again() -> None:
    rows, known = Rows(kept={counter(5): Counter(posted=1), counter(6): Counter(posted=2)}), Remembered()
    known.counters([counter(5)], rows.counters)
    assert known.counters([counter(6)], rows.counters) == {counter(6): Counter(posted=2)}
    assert known.counters([counter(5)], rows.counters) == rows.kept
    assert rows.asked_counters == [{counter(5)}, {counter(5)}]


def test_counters_of_meters_that_nobody_asked_for_are_not_kept() -> None:
    rows, known = Rows(kept={counter(5): Counter(posted=1)}), Remembered()
    known.write({counter(6): Counter(posted=9)})
    assert known.counters([counter(5)], rows.counters) == rows.kept


def test_all_is_forgotten() -> None:
    rows, known = Rows(kept={counter(5): Counter(posted=1)}), Remembered()
    known.counters([counter(5)], rows.counters)
    known.replicas["rep_1"], known.generations = ReplicaState.ALIVE, Generations()
    rows.kept[counter(5)] = Counter(posted=7)
    known.forget()
    assert known.counters([counter(5)], rows.counters) == {counter(5): Counter(posted=7)}
    assert (known.replicas, known.generations) == ({}, None)
