"""Usage: disjoint classes from whatever is reported, and what it costs to the nano."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.adapters.anthropic import AnthropicDialect
from pointsman_server.adapters.anthropic_usage import Usage
from pointsman_server.adapters.base import DecodedEvent, UsageReported
from pointsman_server.adapters.token_count import MAX_TOKENS
from pointsman_server.catalog.model import Prices, PriceTier
from pointsman_server.ledger.money import cost_nanos

RECORDINGS = Path(__file__).parents[3] / "conformance/adapters/anthropic/recordings"
FIGURES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())
REPORTS = st.fixed_dictionaries(
    {},
    optional={
        "input_tokens": FIGURES,
        "output_tokens": FIGURES,
        "cache_read_input_tokens": FIGURES,
        "cache_creation_input_tokens": FIGURES,
        "cache_creation": FIGURES
        | st.dictionaries(st.sampled_from(["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"]), FIGURES),
        "output_tokens_details": FIGURES | st.dictionaries(st.just("thinking_tokens"), FIGURES),
    },
)


def told(*reports: Any) -> list[UsageReported]:
    usage, out = Usage(), list[DecodedEvent]()
    usage.take(reports[0], out, before=True)
    for report in reports[1:]:
        usage.take(report, out)
    return [event for event in out if isinstance(event, UsageReported)]


def final(*reports: Any) -> TokenUsage:
    last = told(*reports)[-1]
    assert last.whole
    return last.usage


@given(st.lists(REPORTS | FIGURES, min_size=1, max_size=3))
def test_nothing_raises_and_no_class_is_absurd(reports: list[Any]) -> None:
    for event in told(*reports):
        counts = [value for field, value in event.usage.ListFields() if field.name != "estimated"]
        assert all(0 < value <= MAX_TOKENS for value in counts)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_classes_add_up_to_the_totals(fresh: int, read: int, written: int, part: int) -> None:
    creation = {"ephemeral_1h_input_tokens": part, "ephemeral_5m_input_tokens": max(0, written - part)}
    report = {
        "input_tokens": fresh,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "cache_creation": creation,
        "output_tokens": written,
        "output_tokens_details": {"thinking_tokens": part},
    }
    usage = final({}, report)
    if written:
        assert usage.cache_write_tokens + usage.cache_write_long_tokens == written
        assert usage.output_tokens + usage.reasoning_tokens == written
        assert usage.cache_write_long_tokens == usage.reasoning_tokens == min(part, written)
    assert (usage.input_tokens, usage.cache_read_tokens) == (fresh, read)


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([{"input_tokens": 5, "output_tokens": 1}, {"output_tokens": 9}], TokenUsage(input_tokens=5, output_tokens=9)),
        ([{"input_tokens": 5}, {"input_tokens": 7, "output_tokens": 9}], TokenUsage(input_tokens=7, output_tokens=9)),
        ([{}, {"output_tokens": 0}], TokenUsage()),
        ([{}, {"input_tokens": -5, "output_tokens": 10**30}], TokenUsage(output_tokens=MAX_TOKENS)),
        (
            [{}, {"input_tokens": "5", "output_tokens": True}, {"output_tokens": 2}],
            TokenUsage(input_tokens=5, output_tokens=2),
        ),
        (
            [
                {"cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}},
                {"output_tokens": 1},
            ],
            TokenUsage(cache_write_tokens=3, cache_write_long_tokens=4, output_tokens=1),
        ),
        (
            [
                {"cache_creation_input_tokens": 7, "cache_creation": {"ephemeral_1h_input_tokens": 4}},
                {"cache_creation_input_tokens": 9, "output_tokens": 1},
            ],
            TokenUsage(cache_write_tokens=5, cache_write_long_tokens=4, output_tokens=1),
        ),
        (
            [{}, {"cache_creation_input_tokens": 2, "output_tokens": 1}],
            TokenUsage(cache_write_tokens=2, output_tokens=1),
        ),
        (
            [{}, {"output_tokens": 3, "output_tokens_details": {"thinking_tokens": 9}}],
            TokenUsage(reasoning_tokens=3),
        ),
    ],
)
def test_how_it_counts(reports: list[Any], expected: TokenUsage) -> None:
    assert final(*reports) == expected


def test_the_count_before_the_answer_is_of_the_input_alone() -> None:
    [first] = told({"input_tokens": 5, "output_tokens": 3, "output_tokens_details": {"thinking_tokens": 1}})
    assert (first.usage, first.whole) == (TokenUsage(input_tokens=5), False)
    assert told({"input_tokens": 0, "output_tokens": 0}) == []
    assert [event.whole for event in told({"input_tokens": 5}, {"service_tier": "x"}, {"output_tokens": 1})] == [
        False,
        True,
    ]


def test_a_recorded_answer_costs_what_a_hand_calculates() -> None:
    """21 fresh, 188,086 read, 2,500 and 10,000 written: 200,607 of input, above the tier's 200,000.

    Of 393 tokens of output 93 are thinking. Per million at the long tier: input 6, read 0.60, written 7.50,
    written for an hour 12, output 22.50 dollars; each token at 6,000, 600, 7,500, 12,000 and 22,500 nanos.

        21 x 6,000            =     126,000
        188,086 x 600         = 112,851,600
        2,500 x 7,500         =  18,750,000
        10,000 x 12,000       = 120,000,000
        (300 + 93) x 22,500   =   8,842,500
                                260,570,100
    """
    prices = Prices(
        input_nanos_per_million=3_000_000_000,
        output_nanos_per_million=15_000_000_000,
        cache_read_nanos_per_million=300_000_000,
        cache_write_nanos_per_million=3_750_000_000,
        cache_write_long_nanos_per_million=6_000_000_000,
        tiers=(
            PriceTier(
                above_input_tokens=200_000,
                input_nanos_per_million=6_000_000_000,
                output_nanos_per_million=22_500_000_000,
                cache_read_nanos_per_million=600_000_000,
                cache_write_nanos_per_million=7_500_000_000,
                cache_write_long_nanos_per_million=12_000_000_000,
            ),
        ),
    )
    decoder = AnthropicDialect().decoder("")
    events = [*decoder.feed((RECORDINGS / "cached.sse").read_bytes()), *decoder.close()]
    usage = [event.usage for event in events if isinstance(event, UsageReported)][-1]
    assert cost_nanos(prices, usage) == 260_570_100
