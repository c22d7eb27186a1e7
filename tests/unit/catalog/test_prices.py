from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from genai_prices import data_snapshot, types
from pointsman_server.catalog.model import ALWAYS, Prices, PriceTier
from pointsman_server.catalog.price_history import PriceHistory, in_force
from pointsman_server.catalog.prices import PriceLibrary


def library_with(monkeypatch: pytest.MonkeyPatch, prices: object) -> PriceLibrary:
    """The library, holding one model of one provider, as its own data would say it."""
    model = types.ModelInfo(id="m", match=types.ClauseEquals(equals="m"), prices=prices)
    provider = types.Provider(id="p", name="P", api_pattern="x", models=[model])
    monkeypatch.setattr(
        "pointsman_server.catalog.prices.get_snapshot",
        lambda: data_snapshot.DataSnapshot(providers=[provider], from_auto_update=False),
    )
    return PriceLibrary()


def only(history: PriceHistory) -> Prices:
    """The prices of a model that has never had others."""
    (dated,) = history
    assert dated.from_time == ALWAYS
    assert dated.prices is not None
    return dated.prices


def on(day: int) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC)


def test_a_known_model_has_exact_prices() -> None:
    prices = only(PriceLibrary().find("openai", "gpt-4o"))
    assert prices.input_nanos_per_million == 2_500_000_000
    assert prices.output_nanos_per_million == 10_000_000_000
    assert prices.cache_read_nanos_per_million == 1_250_000_000
    assert prices.cache_write_nanos_per_million is None
    assert prices.source == "price-library"


def test_an_unknown_provider_or_model_has_no_price() -> None:
    library = PriceLibrary()
    assert library.find("openai", "no-such-model") == ()
    assert library.find("no-such-provider", "gpt-4o") == ()


def test_tiers_of_several_thresholds_become_whole_price_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    def tiered(base: str, *tiers: tuple[int, str]) -> types.TieredPrices:
        return types.TieredPrices(Decimal(base), [types.Tier(start, Decimal(price)) for start, price in tiers])

    library = library_with(
        monkeypatch,
        types.ModelPrice(
            input_mtok=tiered("1", (200_000, "2"), (500_000, "4")),
            output_mtok=tiered("5", (200_000, "7")),
            cache_read_mtok=Decimal("0.5"),
            cache_write_5m_mtok=Decimal("1.25"),
            cache_write_1h_mtok=tiered("2", (500_000, "8")),
            requests_kcount=Decimal("0.0000015"),
        ),
    )
    prices = only(library.find("p", "m"))
    assert (prices.input_nanos_per_million, prices.output_nanos_per_million) == (10**9, 5 * 10**9)
    assert prices.request_nanos == 2  # 1.5 rounded up
    assert prices.cache_write_long_nanos_per_million == 2 * 10**9
    assert prices.tiers == (
        PriceTier(200_000, 2 * 10**9, 7 * 10**9, 500_000_000, 1_250_000_000, 2 * 10**9),
        PriceTier(500_000, 4 * 10**9, 7 * 10**9, 500_000_000, 1_250_000_000, 8 * 10**9),
    )


def test_what_is_finer_than_a_nano_is_rounded_up(monkeypatch: pytest.MonkeyPatch) -> None:
    prices = only(library_with(monkeypatch, types.ModelPrice(input_mtok=Decimal("0.0833333333333"))).find("p", "m"))
    assert prices.input_nanos_per_million == 83_333_334
    assert prices.output_nanos_per_million == 0


def test_a_price_without_input_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert library_with(monkeypatch, types.ModelPrice(output_mtok=Decimal(1))).find("p", "m") == ()


def test_a_price_holds_from_its_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def since(day: date | None, price: str) -> types.ConditionalPrice:
        constraint = types.StartDateConstraint(day) if day else None
        return types.ConditionalPrice(constraint, prices=types.ModelPrice(input_mtok=Decimal(price)))

    library = library_with(
        monkeypatch, [since(None, "1"), since(date(2026, 11, 20), "2"), since(date(2026, 11, 21), "3")]
    )
    history = library.find("p", "m")
    told = [prices.input_nanos_per_million for day in (1, 20, 21) if (prices := in_force(history, on(day)))]
    assert told == [10**9, 2 * 10**9, 3 * 10**9]
    assert [dated.from_time for dated in history] == [ALWAYS, on(20), on(21)]


def test_a_price_that_changes_by_the_hour_is_not_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    night = types.TimeOfDateConstraint(datetime.min.time(), datetime.max.time())
    prices = [types.ConditionalPrice(night, prices=types.ModelPrice(input_mtok=Decimal(1)))]
    assert library_with(monkeypatch, prices).find("p", "m") == ()


def test_a_model_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    library = library_with(monkeypatch, types.ModelPrice(input_mtok=Decimal(1)))
    first = library.find("p", "m")
    monkeypatch.setattr("pointsman_server.catalog.prices.get_snapshot", lambda: pytest.fail("looked up again"))
    assert library.find("p", "m") is first
