"""Rates of tokens may hold an estimate of the input; nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.ledger.amounts import held
from pointsman_server.ledger.book import Book, Hold
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import Clamp
from pointsman_server.ledger.windows import MeterKind

from tests.conformance.builders import REQUEST, START, TENANT, settlement

ESTIMATED = replace(
    REQUEST, worst_case_cost_nanos=9_000, input_tokens_bound=100, max_output_tokens=10, input_tokens_estimate=30
)


def meter(unit: Unit, kind: MeterKind) -> Meter:
    return Meter(MeterKey(TENANT, "m"), "m", Scope.TENANT, "", unit, kind, 60, 100)


@pytest.mark.parametrize(
    ("unit", "of_rate", "of_others"),
    [
        (Unit.TOKENS, 40, 110),
        (Unit.INPUT_TOKENS, 30, 100),
        (Unit.OUTPUT_TOKENS, 10, 10),
        (Unit.NANOS, 9_000, 9_000),
        (Unit.REQUESTS, 1, 1),
        (Unit.CACHE_READ_TOKENS, 30, 100),
        (Unit.CACHE_WRITE_TOKENS, 30, 100),
        (Unit.INPUT_AUDIO_TOKENS, 30, 100),
        (Unit.REASONING_TOKENS, 10, 10),
        (Unit.OUTPUT_AUDIO_TOKENS, 10, 10),
    ],
)
def test_only_the_input_of_a_rate_is_estimated(unit: Unit, of_rate: int, of_others: int) -> None:
    for kind in MeterKind:
        assert held(meter(unit, kind), ESTIMATED) == (of_rate if kind is MeterKind.RATE else of_others)
        assert held(meter(unit, kind), replace(ESTIMATED, input_tokens_estimate=None)) == of_others


def test_what_was_used_above_the_estimate_slows_the_rate_down() -> None:
    rate = meter(Unit.INPUT_TOKENS, MeterKind.RATE)
    book = Book([rate])
    found = book.reserve((ESTIMATED,), START)
    assert isinstance(found, Hold)
    assert book.balance(rate, START).remaining == 70
    book.settle(found.lines, settlement(usage=TokenUsage(input_tokens=90)), START, START)
    assert book.balance(rate, START).remaining == 10
    assert book.balance(rate, START + timedelta(minutes=1)).remaining == 100


def test_a_lowered_output_cap_keeps_the_estimate() -> None:
    book = Book([meter(Unit.TOKENS, MeterKind.RATE)])
    found = book.reserve((replace(ESTIMATED, max_output_tokens=200, clamp=Clamp(1, None)),), START)
    assert isinstance(found, Hold)
    assert (found.request.max_output_tokens, found.request.input_tokens_estimate) == (70, 30)
