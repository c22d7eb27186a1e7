"""Figures are exact and short."""

import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import given
from hypothesis import strategies as st
from pointsman.cli.figures import dollars, elapsed, milliseconds, summary, tokens
from pointsman.cli.names import choose, name_of, names
from pointsman.v1.completion_pb2 import FINISH_REASON_LENGTH, FINISH_REASON_STOP, FailureKind, Finished, Profile
from pointsman.v1.usage_pb2 import TokenUsage


@pytest.mark.parametrize(
    ("nanos", "text"),
    [
        (None, "unknown"),
        (0, "$0.00"),
        (1, "$0.000000001"),
        (123_000, "$0.000123"),
        (1_500_000_000, "$1.50"),
        (-20_000_000, "-$0.02"),
        (1_234_567 * 10**9 + 1, "$1,234,567.000000001"),
    ],
)
def test_money_keeps_every_digit(nanos: int | None, text: str) -> None:
    assert dollars(nanos) == text


@given(st.integers(-(2**63), 2**63 - 1))
def test_money_reads_back_as_the_same_nanos(nanos: int) -> None:
    whole, decimals = dollars(nanos).replace("$", "").replace(",", "").split(".")
    sign = -1 if whole.startswith("-") else 1
    assert sign * (abs(int(whole)) * 10**9 + int(decimals.ljust(9, "0"))) == nanos


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 ms"), (340, "340 ms"), (999, "999 ms"), (1_000, "1.0 s"), (1_290, "1.2 s"), (125_000, "2 min 5 s")],
)
def test_durations_are_short(value: int, text: str) -> None:
    assert milliseconds(value) == text
    assert elapsed(Duration(seconds=value // 1000, nanos=value % 1000 * 1_000_000)) == text


def test_tokens_name_what_is_special() -> None:
    plain = TokenUsage(input_tokens=1_200, output_tokens=34)
    assert tokens(plain) == "1,200 in + 34 out tokens"
    special = TokenUsage(input_tokens=4, cache_read_tokens=8, output_tokens=4, reasoning_tokens=20, estimated=True)
    assert tokens(special) == "about 12 in (8 cached) + 24 out (20 reasoning) tokens"


def test_an_unknown_cost_is_not_free() -> None:
    assert "cost unknown" in summary(Finished(model_id="a/b"))
    assert "$0.00" in summary(Finished(model_id="a/b", cost_nanos=0))


def test_what_cut_an_answer_short_is_said() -> None:
    assert summary(Finished(model_id="a/b", finish_reason=FINISH_REASON_LENGTH)).endswith(" · ended by length")
    assert "ended" not in summary(Finished(model_id="a/b", finish_reason=FINISH_REASON_STOP))


def test_enums_have_typed_names() -> None:
    assert list(names(Profile)) == ["balanced", "best", "cheapest", "fastest", "free-first"]
    assert name_of(Profile, choose(Profile, "Free_First", "--profile")) == "free-first"
    assert choose(Profile, "", "--profile") == 0
    assert name_of(FailureKind, FailureKind.Value("FAILURE_KIND_KEY_REJECTED")) == "key-rejected"
    assert name_of(Profile, 99) == "99"  # type: ignore[type-var]  # of a newer server
