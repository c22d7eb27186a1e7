"""Exact cost arithmetic: prices and token counts in, nano-dollars out. Integers only, rounded up once.

Callers handle models without known prices: there is no cost to compute, which is not a cost of zero.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.catalog.model import Prices, PriceTier

_PRICE_LISTS_KEPT = 4_096
"""How many price lists are kept with their bands: more than calls choose among in a while."""

TOKENS_PER_PRICE = 1_000_000
"""Prices are for so many tokens."""

BELOW_ANY = -1
"""The lower end of the base band: every length of input is above it."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What each class costs within one band, in nano-dollars per million tokens. Reasoning costs what output costs.

    Attributes:
        dearest_input_nanos, dearest_output_nanos: the highest price that a token can have.
    """

    input_nanos: int
    cache_read_nanos: int
    cache_write_nanos: int
    cache_write_long_nanos: int
    input_audio_nanos: int
    output_nanos: int
    output_audio_nanos: int
    dearest_input_nanos: int = field(init=False)
    dearest_output_nanos: int = field(init=False)

    def __post_init__(self) -> None:
        inputs = (
            self.input_nanos,
            self.cache_read_nanos,
            self.cache_write_nanos,
            self.cache_write_long_nanos,
            self.input_audio_nanos,
        )
        # Found once: every plan and reservation asks for them.
        object.__setattr__(self, "dearest_input_nanos", max(inputs))
        object.__setattr__(self, "dearest_output_nanos", max(self.output_nanos, self.output_audio_nanos))


@dataclass(frozen=True, slots=True)
class Band:
    """A range of input lengths, all input classes together, and the rates that hold in it.

    Attributes:
        above_input_tokens: exclusive lower end.
        up_to_input_tokens: inclusive upper end; ``None``: open.
    """

    above_input_tokens: int
    up_to_input_tokens: int | None
    rates: Rates


@lru_cache(_PRICE_LISTS_KEPT)
def bands(prices: Prices) -> tuple[Band, ...]:
    """The bands of a price list by rising length; a band that holds no length is left out."""
    tiers: list[PriceTier | None] = [None, *sorted(prices.tiers, key=lambda tier: tier.above_input_tokens)]
    ends = [*(tier.above_input_tokens for tier in tiers if tier is not None), None]
    found: list[Band] = []
    above = BELOW_ANY
    for tier, end in zip(tiers, ends, strict=True):
        if end is None or end > above:
            found.append(Band(above, end, _rates(prices, tier)))
            above = BELOW_ANY if end is None else end
    return tuple(found)


def cost_nanos(prices: Prices, usage: TokenUsage) -> int:
    """What the usage costs: the sum over its disjoint classes, rounded up once, plus the fee for the request.

    All input classes together choose the tier. A negative count, which only a broken provider reports, buys nothing
    and is never a credit.
    """
    fresh, cached = max(usage.input_tokens, 0), max(usage.cache_read_tokens, 0)
    written, written_long = max(usage.cache_write_tokens, 0), max(usage.cache_write_long_tokens, 0)
    audio = max(usage.input_audio_tokens, 0)
    rates = _rates_at(prices, fresh + cached + written + written_long + audio)
    products = (
        fresh * rates.input_nanos
        + cached * rates.cache_read_nanos
        + written * rates.cache_write_nanos
        + written_long * rates.cache_write_long_nanos
        + audio * rates.input_audio_nanos
        + (max(usage.output_tokens, 0) + max(usage.reasoning_tokens, 0)) * rates.output_nanos
        + max(usage.output_audio_tokens, 0) * rates.output_audio_nanos
    )
    return _round_up(products) + prices.request_nanos


def worst_case_nanos(prices: Prices, input_tokens_bound: int, max_output_tokens: int) -> int:
    """The most that a call can cost whose input and output, all classes together, stay within the two bounds.

    Every band that the input can reach is tried at its own longest input, since a higher tier may be the cheaper one.
    """
    return prices.request_nanos + max(
        _round_up(
            _longest(band, input_tokens_bound) * band.rates.dearest_input_nanos
            + max_output_tokens * band.rates.dearest_output_nanos
        )
        for band in bands(prices)
        if input_tokens_bound > band.above_input_tokens
    )


def expected_nanos(prices: Prices, input_tokens: int, output_tokens: int) -> int:
    """What a call without caches and audio costs at the given lengths."""
    rates = _rates_at(prices, input_tokens)
    return _round_up(input_tokens * rates.input_nanos + output_tokens * rates.output_nanos) + prices.request_nanos


def _longest(band: Band, input_tokens_bound: int) -> int:
    end = band.up_to_input_tokens
    return input_tokens_bound if end is None else min(end, input_tokens_bound)


def _rates_at(prices: Prices, input_tokens: int) -> Rates:
    reached, *further = bands(prices)
    for band in further:
        if input_tokens > band.above_input_tokens:
            reached = band
    return reached.rates


def _rates(prices: Prices, tier: PriceTier | None) -> Rates:
    # A tier states no audio prices: those of the whole list hold, and without one audio costs what its base costs.
    base = prices if tier is None else tier
    cache_write_nanos = _either(base.cache_write_nanos_per_million, base.input_nanos_per_million)
    return Rates(
        input_nanos=base.input_nanos_per_million,
        cache_read_nanos=_either(base.cache_read_nanos_per_million, base.input_nanos_per_million),
        cache_write_nanos=cache_write_nanos,
        cache_write_long_nanos=_either(base.cache_write_long_nanos_per_million, cache_write_nanos),
        input_audio_nanos=_either(prices.input_audio_nanos_per_million, base.input_nanos_per_million),
        output_nanos=base.output_nanos_per_million,
        output_audio_nanos=_either(prices.output_audio_nanos_per_million, base.output_nanos_per_million),
    )


def _either(price: int | None, base: int) -> int:
    return base if price is None else price


def _round_up(products: int) -> int:
    return -(-products // TOKENS_PER_PRICE)
