"""Prices that rows lack, from the ``genai-prices`` library: the data that it brings along, never the network."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from decimal import ROUND_CEILING, Decimal

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, StartDateConstraint, TieredPrices, TimeOfDateConstraint

from pointsman_server.catalog.model import ALWAYS, DatedPrices, Prices, PriceTier
from pointsman_server.catalog.price_history import PriceHistory, unchanging

_Price = Decimal | TieredPrices


class PriceLibrary:
    """Looks prices up, with the days from which they hold, and remembers what it found."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], PriceHistory] = {}

    def find(self, price_list: str, model_id: str) -> PriceHistory:
        """The prices of a provider's model; empty: the library has none, or none that one number can state.

        ``price_list`` is the library's name for the provider, ``model_id`` the provider's own id of the model.
        """
        key = (price_list, model_id)
        if key not in self._found:
            self._found[key] = _look_up(price_list, model_id)
        return self._found[key]


def _look_up(price_list: str, model_id: str) -> PriceHistory:
    try:
        _, model = get_snapshot().find_provider_model(model_id, None, price_list, None)
    except LookupError:
        return ()
    if isinstance(model.prices, ModelPrice):
        return unchanging(_prices_of(model.prices))
    if any(isinstance(each.constraint, TimeOfDateConstraint) for each in model.prices):
        return ()
    return tuple(_history(model, (each.constraint for each in model.prices)))


def _history(model: ModelInfo, constraints: Iterable[object]) -> Iterator[DatedPrices]:
    """What the library says of each moment at which that may change."""
    dates = {constraint.start_date for constraint in constraints if isinstance(constraint, StartDateConstraint)}
    for moment in (ALWAYS, *(datetime.combine(date, time(), UTC) for date in sorted(dates))):
        yield DatedPrices(moment, _prices_of(model.get_prices(moment)))


def _prices_of(price: ModelPrice) -> Prices | None:
    return _prices({key: value for key, value in price.__dict__.items() if isinstance(value, _Price)})


def _prices(stated: Mapping[str, _Price]) -> Prices | None:
    if "input_mtok" not in stated:
        return None
    thresholds = {tier.start for price in stated.values() if isinstance(price, TieredPrices) for tier in price.tiers}
    base = _at_length(stated, 0)
    return Prices(
        input_nanos_per_million=base["input_mtok"],
        output_nanos_per_million=base.get("output_mtok", 0),  # absent: it puts nothing out, as embeddings
        cache_read_nanos_per_million=base.get("cache_read_mtok"),
        cache_write_nanos_per_million=_cache_write(base),
        cache_write_long_nanos_per_million=base.get("cache_write_1h_mtok"),
        input_audio_nanos_per_million=base.get("input_audio_mtok"),
        output_audio_nanos_per_million=base.get("output_audio_mtok"),
        request_nanos=-(-base.get("requests_kcount", 0) // 1000),
        tiers=tuple(_tier(stated, threshold) for threshold in sorted(thresholds)),
        source="price-library",
    )


def _tier(stated: Mapping[str, _Price], threshold: int) -> PriceTier:
    prices = _at_length(stated, threshold)
    return PriceTier(
        above_input_tokens=threshold,
        input_nanos_per_million=prices["input_mtok"],
        output_nanos_per_million=prices.get("output_mtok", 0),
        cache_read_nanos_per_million=prices.get("cache_read_mtok"),
        cache_write_nanos_per_million=_cache_write(prices),
        cache_write_long_nanos_per_million=prices.get("cache_write_1h_mtok"),
    )


def _cache_write(prices: Mapping[str, int]) -> int | None:
    return prices.get("cache_write_mtok", prices.get("cache_write_5m_mtok"))


def _at_length(stated: Mapping[str, _Price], threshold: int) -> dict[str, int]:
    """The prices that hold above ``threshold`` tokens of input, in nano-dollars."""
    return {key: _nanos(_above(price, threshold)) for key, price in stated.items()}


def _above(price: _Price, threshold: int) -> Decimal:
    if isinstance(price, Decimal):
        return price
    reached = [tier.price for tier in price.tiers if tier.start <= threshold]
    return reached[-1] if reached and threshold else price.base


def _nanos(amount: Decimal) -> int:
    """Rounds up: some prices of the library have more digits than a nano-dollar holds, and none may be undercut."""
    return int(amount.scaleb(9).to_integral_value(ROUND_CEILING))
