"""What counts of providers teach, whatever they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.router import calibration
from pointsman_server.router.calibration import LEAST_CALLS, MOST_OVERHEAD_TOKENS, UNTAUGHT, Calibration
from structlog.testing import capture_logs

bounds = st.integers(1, 2**40)
counts = st.integers(-(2**63), 2**63)
shares = st.lists(st.integers(1, 1_000), min_size=LEAST_CALLS, max_size=100)


def taught(counted: list[int], bound: int = 1_000) -> Calibration:
    made = Calibration()
    for count in counted:
        made.learn("m", bound, count, only_text=True)
    return made


@given(st.lists(st.tuples(bounds, counts), max_size=100), bounds)
def test_an_estimate_is_at_least_one_and_never_above_the_bound(calls: list[tuple[int, int]], bound: int) -> None:
    made = Calibration()
    for each, count in calls:
        made.learn("m", each, count, only_text=True)
    estimate = made.estimate("m", bound)
    assert estimate is None or 1 <= estimate <= bound
    assert 0 <= made.overheads.get("m", 0) <= MOST_OVERHEAD_TOKENS


@given(shares, shares, st.integers(512, 1_023))
def test_higher_counts_never_lower_the_estimate(one: list[int], other: list[int], bound: int) -> None:
    pairs = list(zip(one, other, strict=False))
    if len(pairs) < LEAST_CALLS:
        return
    low = taught([min(pair) for pair in pairs]).estimate("m", bound)
    high = taught([max(pair) for pair in pairs]).estimate("m", bound)
    assert low is not None
    assert high is not None
    assert low <= high


@given(shares, st.integers(512, 1_022))
def test_within_an_order_of_size_a_longer_input_is_never_estimated_lower(counted: list[int], bound: int) -> None:
    made = taught(counted)
    shorter, longer = made.estimate("m", bound), made.estimate("m", bound + 1)
    assert shorter is not None
    assert longer is not None
    assert shorter <= longer


@given(shares)
def test_few_of_the_last_calls_came_to_more_than_is_estimated(counted: list[int]) -> None:
    estimate = taught(counted).estimate("m", 1_000)
    last = counted[-calibration.CALLS_KEPT :]
    assert estimate is not None
    assert sum(count > estimate for count in last) <= len(last) // calibration.PASSED_BY


def test_the_estimate_is_the_share_with_its_margin() -> None:
    made = taught([250] * LEAST_CALLS)
    assert made.estimate("m", 1_000) == 282  # 256 of 1,024 parts, an eighth more: 288 of them, of 1,000, rounded up
    assert taught([250] * 64 + [900] * 64).estimate("m", 1_000) == 1_000  # what is long ago counts no more


def test_too_few_calls_another_size_or_another_model_suggest_nothing() -> None:
    made = taught([250] * (LEAST_CALLS - 1))
    assert made.estimate("m", 1_000) is None
    made.learn("m", 1_000, 250, only_text=True)
    assert made.estimate("m", 1_000) is not None
    assert made.estimate("m", 100) is None
    assert made.estimate("other", 1_000) is None


def test_media_and_counts_of_nothing_teach_no_share() -> None:
    made = Calibration()
    for _ in range(LEAST_CALLS):
        made.learn("m", 1_000, 250, only_text=False)
        made.learn("m", 1_000, 0, only_text=True)
    assert made.estimate("m", 1_000) is None


def test_a_bound_that_was_passed_raises_the_overhead_and_is_told_once() -> None:
    made = Calibration()
    with capture_logs() as logs:
        made.learn("m", 1_000, 1_100, only_text=False)
        first = made.overheads
        made.learn("m", 1_100, 1_101, only_text=True)
        made.learn("m", 1_200, 1_200, only_text=True)
    assert first == {"m": 100}
    assert made.overheads == {"m": 200}
    assert [entry["event"] for entry in logs] == ["input_bound_passed"]
    made.learn("m", 10, 10**9, only_text=True)
    assert made.overheads == {"m": MOST_OVERHEAD_TOKENS}
    before = made.overheads
    made.learn("m", 10, 10**9, only_text=True)
    assert made.overheads is before


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "MOST_GROUPS", 2)
    made = Calibration()
    for name in ("a", "b", "a", "c"):
        for _ in range(LEAST_CALLS):
            made.learn(name, 1_000, 1_016, only_text=True)
    assert [name for name in "abc" if made.estimate(name, 1_000) is not None] == ["a", "c"]
    assert made.overheads.keys() == {"a", "b"}
    assert UNTAUGHT.overheads == {}
