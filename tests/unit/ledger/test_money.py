"""The arithmetic of money: exact, rounded up once, and never above its own worst case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.catalog.model import Prices, PriceTier
from pointsman_server.ledger.money import bands, cost_nanos, expected_nanos, worst_case_nanos

DOLLAR = 1_000_000_000

INPUT_CLASSES = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_long_tokens",
    "input_audio_tokens",
)
OUTPUT_CLASSES = ("output_tokens", "reasoning_tokens", "output_audio_tokens")

nanos = st.integers(0, 200 * DOLLAR)
maybe = st.none() | nanos
counts = st.integers(0, 2_000_000)
tiers = st.builds(
    PriceTier,
    above_input_tokens=st.integers(0, 1_000_000),
    input_nanos_per_million=nanos,
    output_nanos_per_million=nanos,
    cache_read_nanos_per_million=maybe,
    cache_write_nanos_per_million=maybe,
    cache_write_long_nanos_per_million=maybe,
)
price_lists = st.builds(
    Prices,
    input_nanos_per_million=nanos,
    output_nanos_per_million=nanos,
    cache_read_nanos_per_million=maybe,
    cache_write_nanos_per_million=maybe,
    cache_write_long_nanos_per_million=maybe,
    input_audio_nanos_per_million=maybe,
    output_audio_nanos_per_million=maybe,
    request_nanos=st.integers(0, DOLLAR),
    tiers=st.lists(tiers, max_size=3).map(tuple),
)
flat_price_lists = price_lists.filter(lambda prices: not prices.tiers)


def usage_of(counts_by_class: dict[str, int]) -> TokenUsage:
    usage = TokenUsage()
    for name, count in counts_by_class.items():
        setattr(usage, name, count)
    return usage


usages = st.fixed_dictionaries(dict.fromkeys((*INPUT_CLASSES, *OUTPUT_CLASSES), counts)).map(usage_of)


def total(usage: TokenUsage, classes: tuple[str, ...]) -> int:
    return sum(getattr(usage, name) for name in classes)


def test_every_class_has_its_own_price() -> None:
    prices = Prices(
        input_nanos_per_million=3 * DOLLAR,
        output_nanos_per_million=15 * DOLLAR,
        cache_read_nanos_per_million=300_000_000,
        cache_write_nanos_per_million=3_750_000_000,
        cache_write_long_nanos_per_million=6 * DOLLAR,
        input_audio_nanos_per_million=40 * DOLLAR,
        output_audio_nanos_per_million=80 * DOLLAR,
        request_nanos=7,
    )
    usage = TokenUsage(
        input_tokens=100,
        cache_read_tokens=1_000,
        cache_write_tokens=10,
        cache_write_long_tokens=4,
        input_audio_tokens=3,
        output_tokens=20,
        reasoning_tokens=30,
        output_audio_tokens=2,
    )
    assert cost_nanos(prices, usage) == 300_000 + 300_000 + 37_500 + 24_000 + 120_000 + 300_000 + 450_000 + 160_000 + 7


def test_a_class_without_a_price_costs_what_its_base_costs() -> None:
    prices = Prices(input_nanos_per_million=2 * DOLLAR, output_nanos_per_million=8 * DOLLAR)
    assert cost_nanos(prices, TokenUsage(cache_read_tokens=5, cache_write_tokens=5, input_audio_tokens=5)) == 30_000
    assert cost_nanos(prices, TokenUsage(output_audio_tokens=5, reasoning_tokens=5)) == 80_000


def test_a_long_cache_write_costs_what_a_usual_one_costs_unless_it_has_a_price() -> None:
    written_long = TokenUsage(cache_write_long_tokens=5)
    assert cost_nanos(Prices(2 * DOLLAR, DOLLAR), written_long) == 10_000
    assert cost_nanos(Prices(2 * DOLLAR, DOLLAR, cache_write_nanos_per_million=3 * DOLLAR), written_long) == 15_000
    prices = Prices(2 * DOLLAR, DOLLAR, cache_write_long_nanos_per_million=4 * DOLLAR)
    assert cost_nanos(prices, written_long) == 20_000
    assert worst_case_nanos(prices, 5, 0) == 20_000


def test_fractions_are_rounded_up_once_for_the_whole_call() -> None:
    prices = Prices(input_nanos_per_million=1, output_nanos_per_million=1)
    assert cost_nanos(prices, TokenUsage(input_tokens=1, cache_read_tokens=1, output_tokens=1)) == 1
    assert cost_nanos(prices, TokenUsage(input_tokens=1_000_000)) == 1
    assert cost_nanos(prices, TokenUsage(input_tokens=1_000_001)) == 2
    assert cost_nanos(prices, TokenUsage()) == 0


def test_all_input_classes_together_choose_the_tier() -> None:
    prices = Prices(
        input_nanos_per_million=1 * DOLLAR,
        output_nanos_per_million=10 * DOLLAR,
        tiers=(PriceTier(200_000, 2 * DOLLAR, 20 * DOLLAR, cache_read_nanos_per_million=DOLLAR // 2),),
    )
    at_threshold = TokenUsage(input_tokens=100_000, cache_read_tokens=100_000, output_tokens=1)
    above = TokenUsage(input_tokens=100_000, cache_read_tokens=100_001, output_tokens=1)
    assert cost_nanos(prices, at_threshold) == 200_000_000 + 10_000
    assert cost_nanos(prices, above) == 200_000_000 + 50_000_500 + 20_000


def test_audio_keeps_its_price_in_a_tier_that_states_none() -> None:
    prices = Prices(
        DOLLAR, DOLLAR, input_audio_nanos_per_million=9 * DOLLAR, tiers=(PriceTier(10, 5 * DOLLAR, DOLLAR),)
    )
    assert cost_nanos(prices, TokenUsage(input_audio_tokens=100)) == 900_000


def test_of_two_tiers_the_highest_that_is_passed_holds_in_whatever_order_they_stand() -> None:
    low, high = PriceTier(10, 2 * DOLLAR, DOLLAR), PriceTier(20, 3 * DOLLAR, DOLLAR)
    for order in ((low, high), (high, low)):
        prices = Prices(DOLLAR, DOLLAR, tiers=order)
        assert [cost_nanos(prices, TokenUsage(input_tokens=n)) for n in (10, 11, 20, 21)] == [
            10_000,
            22_000,
            40_000,
            63_000,
        ]


def test_a_cheaper_tier_does_not_lower_the_worst_case_of_what_lies_below_it() -> None:
    prices = Prices(10 * DOLLAR, 10 * DOLLAR, tiers=(PriceTier(1_000, DOLLAR, DOLLAR),))
    assert worst_case_nanos(prices, 1_001, 0) == cost_nanos(prices, TokenUsage(input_tokens=1_000))


def test_products_beyond_64_bits_are_exact() -> None:
    prices = Prices(600 * DOLLAR, 0)
    assert cost_nanos(prices, TokenUsage(input_tokens=10**15)) == 600 * DOLLAR * 10**9


@given(price_lists, st.sampled_from((*INPUT_CLASSES, *OUTPUT_CLASSES)))
def test_a_negative_count_is_no_credit(prices: Prices, name: str) -> None:
    assert cost_nanos(prices, usage_of({name: -1_000_000})) == prices.request_nanos


@given(price_lists, usages, st.integers(0, 1_000_000), st.integers(0, 1_000_000))
def test_the_worst_case_is_never_below_any_usage_within_its_bounds(
    prices: Prices, usage: TokenUsage, more_input: int, more_output: int
) -> None:
    bound, cap = total(usage, INPUT_CLASSES) + more_input, total(usage, OUTPUT_CLASSES) + more_output
    assert cost_nanos(prices, usage) <= worst_case_nanos(prices, bound, cap)


@given(price_lists, counts, counts)
def test_the_worst_case_is_the_cost_of_some_usage_within_its_bounds(prices: Prices, bound: int, cap: int) -> None:
    lengths = {bound} | {tier.above_input_tokens for tier in prices.tiers if tier.above_input_tokens <= bound}
    reachable = (
        cost_nanos(prices, usage_of({one: length, other: cap}))
        for length in lengths
        for one in INPUT_CLASSES
        for other in OUTPUT_CLASSES
    )
    assert worst_case_nanos(prices, bound, cap) == max(reachable)


@given(flat_price_lists, usages, st.sampled_from((*INPUT_CLASSES, *OUTPUT_CLASSES)), counts)
def test_more_tokens_never_cost_less(prices: Prices, usage: TokenUsage, name: str, more: int) -> None:
    larger = TokenUsage()
    larger.CopyFrom(usage)
    setattr(larger, name, getattr(usage, name) + more)
    assert cost_nanos(prices, larger) >= cost_nanos(prices, usage)


@given(flat_price_lists, usages, usages)
def test_two_calls_cost_what_their_sum_costs_but_for_fee_and_rounding(
    prices: Prices, one: TokenUsage, other: TokenUsage
) -> None:
    names = (*INPUT_CLASSES, *OUTPUT_CLASSES)
    both = usage_of({name: getattr(one, name) + getattr(other, name) for name in names})
    apart = cost_nanos(prices, one) + cost_nanos(prices, other) - prices.request_nanos
    assert 0 <= apart - cost_nanos(prices, both) <= 1


@given(price_lists, counts, counts)
def test_the_expected_cost_is_that_of_plain_tokens(prices: Prices, inputs: int, outputs: int) -> None:
    usage = TokenUsage(input_tokens=inputs, output_tokens=outputs)
    assert expected_nanos(prices, inputs, outputs) == cost_nanos(prices, usage)


@given(price_lists, st.integers(0, 2_000_000))
def test_bands_cover_every_length_once(prices: Prices, length: int) -> None:
    holding = [
        band
        for band in bands(prices)
        if band.above_input_tokens < length and (band.up_to_input_tokens is None or length <= band.up_to_input_tokens)
    ]
    assert len(holding) == 1


@pytest.mark.parametrize("threshold", [-5, -1, 0])
def test_a_tier_that_always_holds_replaces_the_base(threshold: int) -> None:
    prices = Prices(DOLLAR, DOLLAR, tiers=(PriceTier(threshold, 2 * DOLLAR, 2 * DOLLAR),))
    assert cost_nanos(prices, TokenUsage(input_tokens=10)) == 20_000
    assert worst_case_nanos(prices, 10, 0) == 20_000


def test_a_band_that_holds_no_length_is_left_out() -> None:
    tiers = (PriceTier(100, 2 * DOLLAR, DOLLAR), PriceTier(100, 3 * DOLLAR, DOLLAR), PriceTier(100, DOLLAR, DOLLAR))
    found = [(band.above_input_tokens, band.up_to_input_tokens) for band in bands(Prices(DOLLAR, DOLLAR, tiers=tiers))]
    assert found == [(-1, 100), (100, None)]
