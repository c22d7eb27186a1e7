"""How dear a model is, told from its prices."""

from pointsman.v1.model_pb2 import CostTier

from pointsman_server.catalog.model import Prices
from pointsman_server.dollars import NANOS_PER_DOLLAR

_LOW_BELOW_NANOS = 1 * NANOS_PER_DOLLAR
_STANDARD_UP_TO_NANOS = 20 * NANOS_PER_DOLLAR


def cost_tier(prices: Prices | None) -> CostTier.ValueType:
    """How dear a model is, by its price of output; by that of input where output costs nothing."""
    if prices is None:
        return CostTier.COST_TIER_UNSPECIFIED
    price = prices.output_nanos_per_million or prices.input_nanos_per_million
    if price == 0:
        return CostTier.COST_TIER_FREE
    if price < _LOW_BELOW_NANOS:
        return CostTier.COST_TIER_LOW
    return CostTier.COST_TIER_STANDARD if price <= _STANDARD_UP_TO_NANOS else CostTier.COST_TIER_PREMIUM
