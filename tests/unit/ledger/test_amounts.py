"""How much an attempt holds and used, in each unit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.catalog.model import Prices
from pointsman_server.ledger.amounts import clamped, held, used
from pointsman_server.ledger.meters import MAX_AMOUNT, Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import Clamp
from pointsman_server.ledger.windows import MeterKind

from tests.conformance.builders import REQUEST, TENANT, USAGE, settlement

ASKED = replace(REQUEST, input_tokens_bound=70, max_output_tokens=30)
PRICES = Prices(input_nanos_per_million=1_000_000, output_nanos_per_million=3_000_000)


def month(unit: Unit) -> Meter:
    return Meter(MeterKey(TENANT, "bud_1"), "limit", Scope.TENANT, "", unit, MeterKind.MONTH, 0, 1)


@pytest.mark.parametrize(
    ("unit", "most", "amount"),
    [
        (Unit.NANOS, 9_000, 4_321),
        (Unit.TOKENS, 100, 64),
        (Unit.INPUT_TOKENS, 70, 32),
        (Unit.OUTPUT_TOKENS, 30, 32),
        (Unit.REQUESTS, 1, 1),
        (Unit.CACHE_READ_TOKENS, 70, 7),
        (Unit.CACHE_WRITE_TOKENS, 70, 11),
        (Unit.INPUT_AUDIO_TOKENS, 70, 3),
        (Unit.REASONING_TOKENS, 30, 17),
        (Unit.OUTPUT_AUDIO_TOKENS, 30, 2),
    ],
)
def test_each_unit_counts_its_own(unit: Unit, most: int, amount: int) -> None:
    assert held(month(unit), ASKED) == most
    assert used(unit, settlement(usage=USAGE)) == amount


def test_money_without_a_price_is_not_known() -> None:
    assert held(month(Unit.NANOS), replace(ASKED, worst_case_cost_nanos=None)) is None
    assert used(Unit.NANOS, settlement(cost_nanos=None)) is None


def test_a_broken_count_is_none_of_a_unit_and_an_absurd_one_the_largest() -> None:
    assert used(Unit.TOKENS, settlement(usage=TokenUsage(input_tokens=-9, output_tokens=4))) == 4
    assert used(Unit.REASONING_TOKENS, settlement(usage=TokenUsage(reasoning_tokens=-4))) == 0
    absurd = TokenUsage(input_tokens=MAX_AMOUNT, output_tokens=1)
    assert used(Unit.TOKENS, settlement(usage=absurd)) == MAX_AMOUNT


def test_another_cap_costs_what_it_costs_where_the_prices_are_known() -> None:
    priced = clamped(replace(ASKED, clamp=Clamp(1, PRICES)), 10)
    assert (priced.max_output_tokens, priced.worst_case_cost_nanos) == (10, 100)
    assert clamped(replace(ASKED, clamp=Clamp(1, None)), 10).worst_case_cost_nanos is None
    assert clamped(ASKED, 10).worst_case_cost_nanos is None
