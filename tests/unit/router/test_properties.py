"""What holds for every catalog and every request."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pointsman.v1.model_pb2 import LifeCycle
from pointsman_server.catalog.model import Model, Prices
from pointsman_server.ledger.money import expected_nanos, worst_case_nanos
from pointsman_server.router.filters.table import FILTERS
from pointsman_server.router.model import Defaults, Facts
from pointsman_server.router.price_table import price_table
from pointsman_server.router.problem import Problem
from pointsman_server.router.snapshot_index import index_of
from pointsman_server.router.tokens import IMAGE_TOKENS_BOUND

from tests.unit.router.catalogs import (
    OVERHEAD_TOKENS,
    VERDICT,
    any_facts,
    any_models,
    any_prices,
    facts,
    model,
    plan,
    ranked,
    snapshot,
    tried,
)

seeds = st.integers(0, 2**64 - 1)
quick = settings(max_examples=60, deadline=None)


@quick
@given(any_models, any_facts, seeds)
def test_the_same_inputs_and_seed_give_the_same_plan(models: list[Model], asked: Facts, seed: int) -> None:
    assert plan(models, asked, seed=seed) == plan(models[::-1], asked, seed=seed)


@quick
@given(any_models, any_facts, seeds)
def test_every_model_is_either_eligible_or_dropped_once(models: list[Model], asked: Facts, seed: int) -> None:
    made = plan(models, asked, seed=seed)
    assert made.eligible_count + sum(exclusion.count for exclusion in made.exclusions) == len(models)
    assert made.considered_count == len(models)
    assert len(made.candidates) == made.eligible_count
    named = [example.model_id for exclusion in made.exclusions for example in exclusion.examples]
    assert sorted(named + ranked(made)) == sorted({row.id for row in models})


@quick
@given(any_models, any_facts)
def test_no_candidate_and_no_attempt_is_dropped_by_any_filter(models: list[Model], asked: Facts) -> None:
    catalog = snapshot(*models)
    problem = Problem(asked, VERDICT, index_of(catalog, {"openai": OVERHEAD_TOKENS}), Defaults())
    made = plan(models, asked)
    allowed = np.ones(len(models), np.bool_)
    for filter_ in FILTERS:
        keep = filter_.keep(problem, allowed)
        allowed = allowed if keep is None else allowed & keep
    assert {*ranked(made)} == {row.id for row, is_allowed in zip(catalog.models, allowed, strict=True) if is_allowed}
    assert {*tried(made)} <= {*ranked(made)}


@quick
@given(any_models, any_facts)
def test_a_score_is_the_weighted_sum_of_its_terms(models: list[Model], asked: Facts) -> None:
    for candidate in plan(models, asked).candidates:
        assert candidate.score == pytest.approx(sum(term.value * term.weight for term in candidate.terms), abs=1e-9)
        assert 0 <= candidate.score <= 1
        assert all(0 <= term.value <= 1 for term in candidate.terms)


@quick
@given(any_models, any_facts)
def test_candidates_stand_in_order_of_score_and_the_first_is_tried_first(models: list[Model], asked: Facts) -> None:
    made = plan(models, asked)
    scores = [candidate.score for candidate in made.candidates]
    assert scores == sorted(scores, reverse=True)
    assert tried(made)[:1] == ranked(made)[:1]
    assert len(set(tried(made))) == len(tried(made)) <= VERDICT.max_attempts


@quick
@given(any_models, any_facts, seeds)
def test_probabilities_are_shared_by_those_that_tie_for_the_lead(models: list[Model], asked: Facts, seed: int) -> None:
    made = plan(models, asked, seed=seed)
    if made.candidates:
        assert sum(candidate.probability for candidate in made.candidates) == pytest.approx(1)
        assert made.candidates[0].probability > 0
        tied = [candidate for candidate in made.candidates if candidate.probability]
        assert {(candidate.score, candidate.probability) for candidate in tied} == {
            (made.candidates[0].score, made.candidates[0].probability)
        }


@quick
@given(any_models, any_facts, seeds)
def test_a_model_that_is_not_eligible_changes_nothing(models: list[Model], asked: Facts, seed: int) -> None:
    retired = model("alpha/another", life_cycle=LifeCycle.LIFE_CYCLE_RETIRED, priority=100, aliases=("shared",))
    before, after = plan(models, asked, seed=seed), plan([*models, retired], asked, seed=seed)
    assert tried(before) == tried(after)
    assert before.candidates == after.candidates


@quick
@given(any_models, any_facts, seeds)
def test_dropping_every_other_model_leaves_the_decision_to_be_replayed(
    models: list[Model], asked: Facts, seed: int
) -> None:
    made = plan(models, asked, seed=seed)
    again = plan([row for row in models if row.id in ranked(made)], asked, seed=seed)
    assert (tried(again), ranked(again)) == (tried(made), ranked(made))


@quick
@given(any_models, any_facts)
def test_costs_are_those_of_exact_arithmetic(models: list[Model], asked: Facts) -> None:
    for candidate in plan(models, asked).candidates:
        prices, overhead = candidate.model.prices, candidate.model.overhead_tokens
        overhead = OVERHEAD_TOKENS if overhead is None else overhead
        images = asked.image_count * max(0, (candidate.model.image_tokens or 0) - IMAGE_TOKENS_BOUND)
        assert candidate.input_tokens_bound == asked.input_tokens_bound + overhead + images
        if prices is None:
            assert (candidate.expected_cost_nanos, candidate.worst_case_cost_nanos) == (None, None)
            continue
        assert candidate.expected_cost_nanos == expected_nanos(
            prices, asked.input_tokens_expected + overhead, min(candidate.max_output_tokens, 500)
        )
        assert candidate.worst_case_cost_nanos == worst_case_nanos(
            prices, candidate.input_tokens_bound, candidate.max_output_tokens
        )


@quick
@given(st.lists(st.none() | any_prices, max_size=6), st.integers(0, 10**9), st.integers(1, 10**9))
def test_the_columns_of_prices_reckon_as_money_does(prices: list[Prices | None], inputs: int, outputs: int) -> None:
    models = [replace(model(f"alpha/m{number}"), prices=row) for number, row in enumerate(prices)]
    table, rows = price_table(models), np.arange(len(models))
    lengths = np.full(len(models), inputs), np.full(len(models), outputs)
    known = [row.prices for row in models]
    assert table.worst_case(rows, *lengths).tolist() == [
        -1 if row is None else worst_case_nanos(row, inputs, outputs) for row in known
    ]
    assert table.expected(rows, *lengths).tolist() == [
        -1 if row is None else expected_nanos(row, inputs, outputs) for row in known
    ]


@quick
@given(any_models, st.integers(1, 2**62), st.none() | st.integers(1, 10_000))
def test_the_output_cap_keeps_every_limit(models: list[Model], asked: int, limit: int | None) -> None:
    verdict = replace(VERDICT, max_output_tokens=limit)
    for candidate in plan(models, facts(max_output_tokens=asked), verdict).candidates:
        own, window = candidate.model.max_output_tokens, candidate.model.context_window_tokens
        assert 1 <= candidate.max_output_tokens <= asked
        assert candidate.max_output_tokens <= (limit or asked)
        assert candidate.max_output_tokens <= (own or asked)
        assert window is None or candidate.max_output_tokens < window
