"""Usage by disjoint classes, from honest hosts and hostile ones."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.adapters.openai_usage import read
from pointsman_server.adapters.token_count import MAX_TOKENS, count

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 1000),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from(["12", 10**400, -(10**400), MAX_TOKENS + 1, "9" * 5000, [], {}]),
)
PROMPT = ("cached_tokens", "audio_tokens", "cache_write_tokens", "cache_creation_tokens")
OUTPUT = ("reasoning_tokens", "audio_tokens")
TOP = (
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "prompt_cache_hit_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
)


def details(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    return VALUES | st.dictionaries(st.sampled_from(names), VALUES)


USAGES = st.builds(
    lambda top, prompt, output: top | {"prompt_tokens_details": prompt, "completion_tokens_details": output},
    st.dictionaries(st.sampled_from(TOP), VALUES),
    details(PROMPT),
    details(OUTPUT),
)


def classes(usage: TokenUsage) -> dict[str, int]:
    return {field.name.removesuffix("_tokens"): value for field, value in usage.ListFields()}


def inputs(usage: TokenUsage) -> int:
    return usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens + usage.input_audio_tokens


def outputs(usage: TokenUsage) -> int:
    return usage.output_tokens + usage.reasoning_tokens + usage.output_audio_tokens


def told(prompt: Any = None, completion: Any = None, total: Any = None, **more: Any) -> dict[str, Any]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total} | more


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (told(10, 4, 14), {"input": 10, "output": 4}),
        (told(10, 4), {"input": 10, "output": 4}),
        (told(10, None, 14), {"input": 10, "output": 4}),
        (told(None, 4, 14), {"input": 10, "output": 4}),
        (told(None, None, 14), {"output": 14}),
        (told(10), {"input": 10}),
        (told(0, 0, 0), {}),
        (told("10", 4.0, "14"), {"input": 10, "output": 4}),
        (
            told(
                100,
                50,
                150,
                prompt_tokens_details={"cached_tokens": 60, "audio_tokens": 10, "cache_write_tokens": 5},
                completion_tokens_details={"reasoning_tokens": 20, "audio_tokens": 8},
            ),
            {
                "input": 25,
                "cache_read": 60,
                "cache_write": 5,
                "input_audio": 10,
                "output": 22,
                "reasoning": 20,
                "output_audio": 8,
            },
        ),
        (told(100, 1, 101, prompt_cache_hit_tokens=64), {"input": 36, "cache_read": 64, "output": 1}),
        (
            told(100, 1, 101, cache_creation_input_tokens=30, cache_read_input_tokens=20),
            {"input": 50, "cache_read": 20, "cache_write": 30, "output": 1},
        ),
        # Reasoning beside the output: the total tells, named or not.
        (
            told(10, 2, 112, completion_tokens_details={"reasoning_tokens": 100}),
            {"input": 10, "output": 2, "reasoning": 100},
        ),
        (told(10, 2, 112), {"input": 10, "output": 2, "reasoning": 100}),
        # Inconsistent: a detail is cut to the count that it is part of, and the total holds.
        (told(10, 4, 14, prompt_tokens_details={"cached_tokens": 99}), {"cache_read": 10, "output": 4}),
        (told(10, 4, 14, completion_tokens_details={"reasoning_tokens": 99}), {"input": 10, "reasoning": 4}),
        (told(10, 4, 20, completion_tokens_details={"reasoning_tokens": 99}), {"input": 10, "reasoning": 10}),
        (
            told(80, 1, 81, prompt_tokens_details={"cached_tokens": 60, "audio_tokens": 50}),
            {"cache_read": 30, "input_audio": 50, "output": 1},
        ),
        (told(10, 4, 3), {"input": 10, "output": 4}),
        (told(-5, 4, 4), {"output": 4}),
        (told(10**30, 1), {"input": MAX_TOKENS, "output": 1}),
    ],
)
def test_classes(usage: dict[str, Any], expected: dict[str, int]) -> None:
    read_usage = read(usage)
    assert read_usage is not None
    assert classes(read_usage) == expected


@pytest.mark.parametrize(
    "usage", [None, 1, "x", [], {}, told(), told(True, False), told("x", float("nan"), float("inf"))]
)
def test_no_count_is_no_usage(usage: object) -> None:
    assert read(usage) is None


def test_the_quirk_decides_only_where_there_is_no_total() -> None:
    reasoning = {"reasoning_tokens": 3}
    for total, expected in ((None, (5, 3)), (6, (2, 3)), (9, (5, 3))):
        usage = read(told(1, 5, total, completion_tokens_details=reasoning), reasoning_beside_output=True)
        assert usage is not None
        assert (usage.output_tokens, usage.reasoning_tokens) == expected


@given(USAGES, st.booleans())
def test_hostile_usage_is_never_negative_nor_below_the_totals(
    usage: dict[str, Any],
    beside: bool,  # noqa: FBT001  # Hypothesis passes it
) -> None:
    safe = read(usage, reasoning_beside_output=beside)
    prompt, completion, total = (count(usage.get(name)) for name in TOP[:3])
    assert (safe is None) == (prompt is None and completion is None and total is None)
    if safe is not None:
        assert all(value >= 0 for value in classes(safe).values())
        assert inputs(safe) >= (prompt or 0)
        assert outputs(safe) >= (completion or 0)
        assert inputs(safe) + outputs(safe) >= (total or 0)
        assert inputs(safe) == (
            prompt if prompt is not None else max(0, (total or 0) - (completion or 0)) * (completion is not None)
        )
