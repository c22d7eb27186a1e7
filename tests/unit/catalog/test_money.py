from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.model_pb2 import CostTier
from pointsman_server.catalog.model import Prices
from pointsman_server.catalog.money import cost_tier, dollars, nanos

AMOUNTS = st.integers(min_value=0, max_value=2**53)


@given(AMOUNTS)
def test_an_amount_survives_being_written_and_read(amount_nanos: int) -> None:
    assert nanos(dollars(amount_nanos)) == amount_nanos


@given(st.decimals(min_value=0, max_value=9_000_000, places=9))
def test_a_decimal_becomes_exactly_as_many_nanos(amount: Decimal) -> None:
    assert Decimal(nanos(str(amount))) == amount * 10**9


@pytest.mark.parametrize(
    ("text", "amount"),
    [("2.50", 2_500_000_000), ("0.000000001", 1), (3, 3_000_000_000), ("0", 0), (0, 0), ("1e-3", 1_000_000)],
)
def test_dollars_are_read(text: object, amount: int) -> None:
    assert nanos(text) == amount


def test_dollars_are_written_as_people_write_them() -> None:
    assert [dollars(amount) for amount in (0, 2_500_000_000, 75_000_000, 1)] == ["0.00", "2.50", "0.075", "0.000000001"]


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (2.5, 'in quotes, as in "2.5"'),
        (True, "dollars in quotes"),
        (None, "dollars in quotes"),
        (["1"], "dollars in quotes"),
        ("two", "must be dollars"),
        ("", "must be dollars"),
        ("-1", "not negative"),
        (-1, "not negative"),
        ("NaN", "plain amount"),
        ("Infinity", "plain amount"),
        ("1e999999999", "plain amount"),
        ("9007200", "larger than any price"),
        ("0.0000000001", "finer than a nano-dollar"),
    ],
)
def test_what_is_no_price_is_refused(value: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        nanos(value)


@pytest.mark.parametrize(
    ("prices", "tier"),
    [
        (None, CostTier.COST_TIER_UNSPECIFIED),
        (Prices(0, 0), CostTier.COST_TIER_FREE),
        (Prices(0, 999_999_999), CostTier.COST_TIER_LOW),
        (Prices(0, 1_000_000_000), CostTier.COST_TIER_STANDARD),
        (Prices(0, 20_000_000_000), CostTier.COST_TIER_STANDARD),
        (Prices(0, 20_000_000_001), CostTier.COST_TIER_PREMIUM),
        (Prices(20_000_000, 0), CostTier.COST_TIER_LOW),
    ],
)
def test_the_price_of_output_says_how_dear_a_model_is(prices: Prices | None, tier: CostTier.ValueType) -> None:
    assert cost_tier(prices) == tier
