"""What is checked after a crash can fail: each kind of loss, put into rows by hand, is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.crash.load import Told
from tests.crash.truth import Rows, faults

SWIFT = "sandbox/swift"
ENTRY = ("cmp_1", 1, 30, SWIFT, '{"call": "7"}')
HELD = ("cmp_2", 1, "unknown", SWIFT, '{"call": "8"}', 100)
FOUND = Rows([ENTRY], 1, [("cmp_1", 1, "settled", SWIFT, '{"call": "7"}', 100), HELD])
TOLD = Told(costs={"cmp_1": 30})
METERED = {("7", SWIFT): 30, ("8", SWIFT): 100}


def test_what_is_as_it_must_be_has_no_faults() -> None:
    assert list(faults(FOUND, TOLD, METERED)) == []


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (replace(FOUND, entries=[(*ENTRY[:2], 29, *ENTRY[3:])]), "as its caller was told"),
        (replace(FOUND, entries=[ENTRY, ENTRY], entry_count=2), "has 2 entries"),
        (replace(FOUND, entries=[], entry_count=0), "entries without a settled reservation"),
        (replace(FOUND, entry_count=2), "entries without a settled reservation"),
        (replace(FOUND, reservations=FOUND.reservations[1:]), "entries without a settled reservation"),
        (replace(FOUND, reservations=[*FOUND.reservations, HELD]), "has 2 reservations"),
        (replace(FOUND, reservations=[*FOUND.reservations, (*HELD[:4], ENTRY[4], 1)]), "call 7 is charged as"),
        (replace(FOUND, reservations=[FOUND.reservations[0]]), "100 metered, 0 booked or held"),
        (replace(FOUND, reservations=[FOUND.reservations[0], (*HELD[:5], 99)]), "100 metered, 99 booked or held"),
    ],
)
def test_each_kind_of_loss_is_found(found: Rows, fault: str) -> None:
    assert any(fault in each for each in faults(found, TOLD, METERED))


def test_an_open_reservation_is_unresolved() -> None:
    assert replace(FOUND, reservations=[(*HELD[:2], "open", *HELD[3:])]).unresolved == ["cmp_2"]
