from __future__ import annotations

import pytest
from pointsman.v1.model_pb2 import CostTier
from pointsman_server.catalog.model import Prices
from pointsman_server.catalog.money import cost_tier


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
