"""The walk through a plan: retries, fallbacks, and what each kind of failure allows."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.completion_pb2 import FailureKind
from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.catalog.model import Model, Provider
from pointsman_server.execution.walk import RetryBudget, RetrySettings, Walk
from pointsman_server.router.model import Candidate

NO_RETRIES = RetrySettings(retries=0, base_delay_ms=100, max_delay_ms=1000)
ONE_RETRY = RetrySettings(retries=1, base_delay_ms=100, max_delay_ms=1000)


def candidate(model_id: str) -> Candidate:
    provider_id = model_id.partition("/")[0]
    return Candidate(
        model=Model(model_id, provider_id, model_id, model_id, model_id),
        provider=Provider(provider_id, provider_id, "openai", "https://example.com"),
        score=1.0,
        terms=(),
        probability=1.0,
        max_output_tokens=10,
        input_tokens_bound=10,
        expected_cost_nanos=None,
        worst_case_cost_nanos=None,
    )


def walk(*models: str, settings: RetrySettings = NO_RETRIES, budget: RetryBudget | None = None) -> Walk:
    attempts = [candidate(model) for model in models]
    return Walk(attempts, settings, budget or RetryBudget(20), random.Random(1))


def failure(kind: str, retry_after_ms: int | None = None) -> ProviderFailure:
    wait = None if retry_after_ms is None else timedelta(milliseconds=retry_after_ms)
    return ProviderFailure(FailureKind.Value(f"FAILURE_KIND_{kind}"), retry_after=wait)


def test_each_failure_moves_to_the_next_model_until_none_is_left() -> None:
    steps = walk("a/1", "b/1")
    assert steps.candidate.model.id == "a/1"
    step = steps.after(failure("UNAVAILABLE"))
    assert step is not None
    assert step.candidate.model.id == "b/1"
    assert steps.after(failure("UNAVAILABLE")) is None


def test_a_passing_failure_is_tried_again_on_the_same_model_first() -> None:
    steps = walk("a/1", "b/1", settings=ONE_RETRY)
    again = steps.after(failure("UNAVAILABLE"))
    assert again is not None
    assert again.candidate.model.id == "a/1"
    assert 0 <= again.delay_s <= 0.1
    other = steps.after(failure("UNAVAILABLE"))
    assert other is not None
    assert other.candidate.model.id == "b/1"


@pytest.mark.parametrize("kind", ["INVALID_REQUEST", "GARBAGE", "TIMEOUT", "MODEL_NOT_FOUND", "KEY_REJECTED"])
def test_what_would_fail_again_is_not_tried_again(kind: str) -> None:
    step = walk("a/1", "b/1", settings=ONE_RETRY).after(failure(kind))
    assert step is not None
    assert step.candidate.model.id == "b/1"


def test_a_wait_that_the_provider_asks_for_is_kept() -> None:
    step = walk("a/1", settings=ONE_RETRY).after(failure("RATE_LIMITED", 700))
    assert step is not None
    assert step.delay_s == 0.7


def test_a_wait_that_is_too_long_goes_to_the_next_model() -> None:
    step = walk("a/1", "b/1", settings=ONE_RETRY).after(failure("RATE_LIMITED", 60_000))
    assert step is not None
    assert step.candidate.model.id == "b/1"


@pytest.mark.parametrize("kind", ["KEY_REJECTED", "KEY_MISSING", "QUOTA_EXHAUSTED", "CONNECT", "BLOCKED_ADDRESS"])
def test_what_concerns_the_whole_provider_skips_its_other_models(kind: str) -> None:
    step = walk("a/1", "a/2", "b/1").after(failure(kind))
    assert step is not None
    assert step.candidate.model.id == "b/1"


def test_refused_content_is_not_offered_to_the_next_provider() -> None:
    assert walk("a/1", "b/1").after(failure("CONTENT_FILTERED")) is None


def test_an_alternative_is_another_model_that_may_still_be_tried() -> None:
    steps = walk("a/1", "b/1")
    assert steps.has_alternative
    steps.after(failure("UNAVAILABLE"))
    assert not steps.has_alternative


@given(percent=st.integers(0, 100), calls=st.integers(0, 300))
def test_retries_stay_within_their_share_of_calls_and_the_first_allowance(percent: int, calls: int) -> None:
    budget = RetryBudget(percent, capacity=5)
    retries = 0
    for _ in range(calls):
        budget.call()
        retries += budget.take()
    assert retries <= 5 + calls * percent / 100
    assert percent == 0 or retries >= min(calls, calls * percent // 100)


def test_a_spent_budget_allows_no_retry() -> None:
    budget = RetryBudget(20, capacity=1)
    assert budget.take()
    step = walk("a/1", "b/1", settings=ONE_RETRY, budget=budget).after(failure("UNAVAILABLE"))
    assert step is not None
    assert step.candidate.model.id == "b/1"
