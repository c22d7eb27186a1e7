"""Which price list holds when, whatever lists and clocks there are."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.catalog.model import ALWAYS, DatedPrices, Model, Prices
from pointsman_server.catalog.price_history import (
    PriceHistory,
    bounded,
    coming,
    in_force,
    is_whole,
    laid_over,
    unchanging,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
CEILING = Prices(9, 9, is_ceiling=True)

moments = st.integers(0, 50).map(lambda hours: START + timedelta(hours=hours))
price_lists = st.builds(Prices, st.integers(0, 5), st.integers(0, 5))


@st.composite
def histories(draw: st.DrawFn) -> PriceHistory:
    dates = draw(st.lists(moments | st.just(ALWAYS), unique=True, max_size=4))
    return tuple(DatedPrices(date, draw(st.none() | price_lists)) for date in sorted(dates))


def model(history: PriceHistory, made_at: datetime) -> Model:
    """The model as a snapshot of that time holds it."""
    prices, changes = in_force(history, made_at), coming(history, made_at)
    return Model("p/m", "p", "m", "m", "M", prices=prices, price_changes=changes)


@given(histories(), moments)
def test_the_list_in_force_is_the_last_that_has_begun(history: PriceHistory, now: datetime) -> None:
    begun = {dated.from_time: dated.prices for dated in history if dated.from_time <= now}
    assert in_force(history, now) == (begun[max(begun)] if begun else None)
    assert all(dated.from_time > now for dated in coming(history, now))
    assert len(begun) + len(coming(history, now)) == len(history)


@given(histories(), moments, moments)
def test_a_model_of_an_older_snapshot_has_the_same_prices_at_a_time(
    history: PriceHistory, one: datetime, other: datetime
) -> None:
    made_at, now = min(one, other), max(one, other)
    assert model(history, made_at).at(now) == model(history, now)


@given(histories(), histories(), moments)
def test_the_upper_history_holds_from_its_first_date_on(
    below: PriceHistory, above: PriceHistory, now: datetime
) -> None:
    merged = laid_over(below, above)
    begun = bool(above) and above[0].from_time <= now
    assert in_force(merged, now) == in_force(above if begun else below, now)
    dates = [dated.from_time for dated in merged]
    assert dates == sorted(set(dates))


@given(histories(), moments)
def test_a_ceiling_holds_exactly_where_no_price_is_known(history: PriceHistory, now: datetime) -> None:
    known = in_force(history, now)
    assert in_force(bounded(history, CEILING), now) == (CEILING if known is None else known)
    assert in_force(bounded(history, None), now) == known


def test_only_a_history_from_ever_on_is_whole() -> None:
    assert is_whole(unchanging(CEILING))
    assert not is_whole((DatedPrices(START, CEILING),))
    assert not is_whole(unchanging(None))


def test_a_model_without_changes_is_itself_at_any_time() -> None:
    row = model(unchanging(CEILING), START)
    assert row.at(START + timedelta(days=9_999)) is row
