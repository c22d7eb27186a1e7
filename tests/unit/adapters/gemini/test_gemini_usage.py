"""Usage by disjoint classes, from Google and from hostile hosts, and what it costs."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.adapters.base import UsageReported
from pointsman_server.adapters.gemini import GeminiDialect
from pointsman_server.adapters.gemini_usage import read
from pointsman_server.adapters.token_count import MAX_TOKENS, count
from pointsman_server.catalog.model import Prices, PriceTier
from pointsman_server.ledger.money import cost_nanos

RECORDINGS = Path(__file__).parents[3] / "conformance/adapters/gemini/recordings"
DOLLAR = 1_000_000_000
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 1000),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from(["12", 10**400, -(10**400), MAX_TOKENS + 1, "9" * 5000, [], {}]),
)
COUNTS = (
    "promptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "toolUsePromptTokenCount",
    "cachedContentTokenCount",
    "totalTokenCount",
)
DETAILS = VALUES | st.lists(
    VALUES | st.fixed_dictionaries({"modality": st.sampled_from(["AUDIO", "TEXT", 1]), "tokenCount": VALUES}),
    max_size=3,
)
USAGES = st.builds(
    lambda counts, prompt, output: counts | {"promptTokensDetails": prompt, "candidatesTokensDetails": output},
    st.dictionaries(st.sampled_from(COUNTS), VALUES),
    DETAILS,
    DETAILS,
)


def told(*counts: float | str | None, **more: Any) -> dict[str, Any]:
    return dict(zip(COUNTS, counts, strict=False)) | more


def audio(tokens: Any) -> list[Any]:
    return [{"modality": "TEXT", "tokenCount": 1}, {"modality": "AUDIO", "tokenCount": tokens}]


def classes(usage: TokenUsage) -> dict[str, int]:
    return {field.name.removesuffix("_tokens"): value for field, value in usage.ListFields()}


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (told(10, 4, totalTokenCount=14), {"input": 10, "output": 4}),
        (told(10), {"input": 10}),
        (told(10, None, 30, totalTokenCount=40), {"input": 10, "reasoning": 30}),
        (
            told(100, 20, 30, 7, 60, 157),
            {"input": 47, "cache_read": 60, "output": 20, "reasoning": 30},
        ),
        (told(100, 20, promptTokensDetails=audio(40)), {"input": 60, "input_audio": 40, "output": 20}),
        (told(5, 20, candidatesTokensDetails=audio(15)), {"input": 5, "output": 5, "output_audio": 15}),
        # Inconsistent: a detail is cut to the count that it is part of, and the total holds.
        (told(10, 4, cachedContentTokenCount=99), {"cache_read": 10, "output": 4}),
        (
            told(80, 1, cachedContentTokenCount=60, promptTokensDetails=audio(50)),
            {"cache_read": 30, "input_audio": 50, "output": 1},
        ),
        (told(10, 4, candidatesTokensDetails=audio(99)), {"input": 10, "output_audio": 4}),
        (told(10, 4, totalTokenCount=20), {"input": 10, "output": 4, "reasoning": 6}),
        (told(10, 4, 8, totalTokenCount=14), {"input": 10, "output": 4, "reasoning": 8}),
        (told(totalTokenCount=14), {"reasoning": 14}),
        (told("10", 4.0), {"input": 10, "output": 4}),
        (told(-5, 4), {"output": 4}),
        (told(10**30, 1), {"input": MAX_TOKENS, "output": 1}),
        (told(0, 0, 0, 0, 0, 0), {}),
    ],
)
def test_classes(usage: dict[str, Any], expected: dict[str, int]) -> None:
    safe = read(usage)
    assert safe is not None
    assert classes(safe) == expected


@pytest.mark.parametrize("usage", [None, 1, "x", [], {}, told(None, None), {"promptTokenCount": True}, {"other": 1}])
def test_no_count_is_no_usage(usage: object) -> None:
    assert read(usage) is None


@given(USAGES)
def test_hostile_usage_is_never_negative_nor_below_the_total(usage: dict[str, Any]) -> None:
    safe = read(usage)
    if safe is None:
        return
    prompt, candidates, thoughts, tool_use, _, total = (count(usage.get(name)) or 0 for name in COUNTS)
    found = classes(safe)
    assert all(value >= 0 for value in found.values())
    assert safe.input_tokens + safe.cache_read_tokens + safe.input_audio_tokens == prompt + tool_use
    assert safe.output_tokens + safe.output_audio_tokens == candidates
    assert safe.reasoning_tokens >= thoughts
    assert sum(found.values()) == max(total, prompt + candidates + thoughts + tool_use)


def last_usage(name: str) -> TokenUsage:
    decoder = GeminiDialect().decoder("")
    events = [*decoder.feed((RECORDINGS / name).read_bytes()), *decoder.close()]
    return [event.usage for event in events if isinstance(event, UsageReported)][-1]


def test_a_long_cached_answer_with_thoughts_costs_what_a_hand_calculates() -> None:
    # Gemini 3.1 Pro: 2, 0.2 and 12 dollars per million tokens of input, cached input and output up to 200,000 tokens of
    # input; 4, 0.4 and 18 dollars above.
    prices = Prices(
        2 * DOLLAR,
        12 * DOLLAR,
        cache_read_nanos_per_million=DOLLAR // 5,
        tiers=(PriceTier(200_000, 4 * DOLLAR, 18 * DOLLAR, cache_read_nanos_per_million=2 * DOLLAR // 5),),
    )
    usage = last_usage("cached-usage.sse")
    # 250,000 of prompt hold 200,000 cached; tools brought 50 more: above the tier's threshold.
    # 50,050 x 4,000 + 200,000 x 400 + (321 + 4,567) x 18,000 nano-dollars
    assert cost_nanos(prices, usage) == 200_200_000 + 80_000_000 + 87_984_000 == 368_184_000


def test_audio_costs_what_a_hand_calculates() -> None:
    # Gemini 3.1 Flash Lite: 0.25 dollars per million tokens of text, 0.5 of audio, 1.5 of output.
    prices = Prices(DOLLAR // 4, 3 * DOLLAR // 2, input_audio_nanos_per_million=DOLLAR // 2)
    # 40 x 250 + 260 x 500 + 5 x 1,500 nano-dollars
    assert cost_nanos(prices, last_usage("audio-usage.json")) == 10_000 + 130_000 + 7_500
