"""Prices as people write them, dollars per million tokens, and as we keep them, integer nano-dollars."""

from decimal import Decimal, InvalidOperation

from pointsman.v1.model_pb2 import CostTier

from pointsman_server.catalog.model import Prices

NANOS_PER_DOLLAR = 1_000_000_000

_MOST_NANOS = 2**53
"""No price comes near this; what passes it is a slip, and would overflow the columns of a snapshot."""

_LOW_BELOW_NANOS = 1 * NANOS_PER_DOLLAR
_STANDARD_UP_TO_NANOS = 20 * NANOS_PER_DOLLAR


def nanos(dollars: object) -> int:
    """Reads an amount of dollars, as ``"2.50"`` or ``3``.

    Raises:
        ValueError: it is neither, is negative, is too large, or is finer than a nano-dollar.
    """
    if isinstance(dollars, float):
        raise ValueError(f'must be in quotes, as in "{dollars!r}": floats are not exact, and this is money')  # noqa: TRY004  # a wrong value, whatever is wrong with it
    if isinstance(dollars, bool) or not isinstance(dollars, str | int):
        raise ValueError('must be dollars in quotes, such as "2.50", or a whole number of dollars')  # noqa: TRY004  # as above
    try:
        amount = Decimal(dollars)
    except InvalidOperation:
        raise ValueError('must be dollars, such as "2.50"') from None
    if not amount.is_finite() or amount.is_signed() or amount.adjusted() > len(str(_MOST_NANOS)):
        raise ValueError("must be a plain amount of dollars, not negative")
    exact = amount.scaleb(9)
    if exact != int(exact):
        raise ValueError("must not be finer than a nano-dollar, nine digits after the point")
    if exact > _MOST_NANOS:
        raise ValueError("is larger than any price is")
    return int(exact)


def dollars(amount_nanos: int) -> str:
    """Writes an amount as ``nanos`` reads it, with two digits after the point or as many more as it takes."""
    whole, part = divmod(amount_nanos, NANOS_PER_DOLLAR)
    digits = f"{part:09d}".rstrip("0")
    return f"{whole}.{digits:0<2}"


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
