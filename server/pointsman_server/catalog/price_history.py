"""Which of a model's price lists holds when. A history is dated price lists by rising time, no two of one time."""

from dataclasses import replace
from datetime import datetime

from pointsman_server.catalog.model import ALWAYS, DatedPrices, Prices

PriceHistory = tuple[DatedPrices, ...]


def unchanging(prices: Prices | None) -> PriceHistory:
    """The history of prices that always held and will; without prices, an empty one."""
    return () if prices is None else (DatedPrices(ALWAYS, prices),)


def in_force(history: PriceHistory, now: datetime) -> Prices | None:
    """The prices that hold now; ``None``: none is known."""
    return next((dated.prices for dated in reversed(history) if dated.from_time <= now), None)


def coming(history: PriceHistory, now: datetime) -> PriceHistory:
    """What holds later than now."""
    return tuple(dated for dated in history if dated.from_time > now)


def laid_over(below: PriceHistory, above: PriceHistory) -> PriceHistory:
    """The upper history, and before its first date the lower one."""
    if not above:
        return below
    return (*(dated for dated in below if dated.from_time < above[0].from_time), *above)


def bounded(history: PriceHistory, ceiling: Prices | None) -> PriceHistory:
    """The history with the ceiling wherever it knows no price."""
    filled = (dated if dated.prices is not None else replace(dated, prices=ceiling) for dated in history)
    return laid_over(unchanging(ceiling), tuple(filled))


def is_whole(history: PriceHistory) -> bool:
    """Whether the history leaves no time open that another may fill."""
    return bool(history) and history[0].from_time == ALWAYS
