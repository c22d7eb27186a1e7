"""Named units: what a call brings, once a call, and with each attempt at a provider."""

from __future__ import annotations

import re
from dataclasses import replace

from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.amounts import held
from pointsman_server.ledger.book import Book, Hold
from pointsman_server.ledger.meters import UNITS, Cause, Meter, MeterKey, NamedUnit, Refusal, Scope, Unit
from pointsman_server.ledger.windows import MeterKind

from tests.conformance.builders import REQUEST, START, TENANT, failed, settlement

IMAGES = Meter(MeterKey(TENANT, "images"), "images", Scope.TENANT, "", NamedUnit.IMAGES, MeterKind.DAY, 0, 3)
AT_PROVIDER = replace(
    IMAGES, key=MeterKey(PLATFORM_TENANT, "at openai"), scope=Scope.PROVIDER, scope_id="openai", limit=10
)
TEXT = replace(REQUEST, named_units={NamedUnit.IMAGES: 0, NamedUnit.DOCUMENTS: 2})
TWO = replace(REQUEST, named_units={NamedUnit.IMAGES: 2})


def reserved(book: Book, images: int) -> Hold:
    found = book.reserve((replace(REQUEST, named_units={NamedUnit.IMAGES: images}),), START)
    assert isinstance(found, Hold)
    return found


def left(book: Book, meter: Meter = IMAGES) -> tuple[int, int]:
    balance = book.balance(meter, START)
    return balance.posted, balance.reserved


def test_every_unit_has_a_name_of_its_own() -> None:
    assert len(UNITS) == len(Unit) + len(NamedUnit)
    assert all(re.fullmatch("[a-z][a-z0-9_]{0,39}", name) for name in UNITS)


def test_a_fourth_image_is_refused_and_fits_a_call_without_any() -> None:
    book = Book([IMAGES])
    reserved(book, 3)
    refused = book.reserve((replace(REQUEST, named_units={NamedUnit.IMAGES: 1}),), START)
    assert isinstance(refused, Refusal)
    (hindrance,) = refused.hindrances
    assert (hindrance.cause, hindrance.needed, hindrance.balance.remaining) == (Cause.FULL, 1, 0)
    found = book.reserve((TEXT,), START)
    assert isinstance(found, Hold)
    assert found.lines == ()


def test_a_frozen_meter_lets_in_what_it_does_not_count() -> None:
    book = Book([replace(IMAGES, frozen=True)])
    assert isinstance(book.reserve((TEXT,), START), Hold)
    assert isinstance(book.reserve((REQUEST,), START), Hold)
    refused = book.reserve((TWO,), START)
    assert isinstance(refused, Refusal)
    assert refused.hindrances[0].cause is Cause.FROZEN


def test_what_was_held_stands_unless_the_settlement_says_otherwise() -> None:
    book = Book([IMAGES])
    book.settle(reserved(book, 2).lines, settlement(), START, START)
    assert left(book) == (2, 0)
    book.settle(reserved(book, 1).lines, settlement(named_units={NamedUnit.IMAGES: 0}), START, START)
    assert left(book) == (2, 0)


def test_a_call_counts_once_and_a_provider_gets_it_with_each_attempt() -> None:
    book = Book([IMAGES, AT_PROVIDER])
    first = reserved(book, 3)
    attempt, call = book.split(first.lines)
    book.settle(attempt, failed(), START, START)
    second = book.reserve((replace(first.request, attempt=2),), START, carried=call)
    assert isinstance(second, Hold)
    assert left(book) == (0, 3)
    assert left(book, AT_PROVIDER) == (3, 3)
    book.void(second.lines, START, START, call_began=True)
    assert left(book) == (3, 0), "the first attempt brought them to a provider"
    assert left(book, AT_PROVIDER) == (3, 0)


def test_a_late_settlement_counts_what_a_void_gave_back() -> None:
    book = Book([IMAGES])
    voided = book.void(reserved(book, 2).lines, START, START, call_began=False)
    assert left(book) == (0, 0)
    book.adjust(voided, settlement(), START, START)
    assert left(book) == (2, 0)


def test_of_what_a_request_does_not_name_it_holds_nothing() -> None:
    assert held(IMAGES, replace(REQUEST, named_units={NamedUnit.DOCUMENTS: 2})) == 0
