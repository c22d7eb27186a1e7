"""What leads by each profile, and by the caller's own wishes."""

import pytest
from pointsman.v1.model_pb2 import CostTier
from pointsman_server.catalog.model import Prices
from pointsman_server.router.model import Candidate, Facts, Profile
from pointsman_server.router.strategies.table import profile_of

from tests.unit.router.catalogs import facts, model, plan, priced, ranked, tried

FREE = Prices(0, 0)


def terms(candidate: Candidate) -> dict[str, tuple[float, float]]:
    return {term.name: (term.value, term.weight) for term in candidate.terms}


def test_balanced_goes_by_priority() -> None:
    assert ranked(plan([model("alpha/a", priority=50), model("alpha/b", priority=80)])) == ["alpha/b", "alpha/a"]


def test_balanced_takes_the_cheaper_of_nearly_equal_models() -> None:
    dear, cheap = model("alpha/a", priority=90, prices=priced(3)), model("alpha/b", priority=85, prices=priced(2.99))
    assert ranked(plan([dear, cheap])) == ["alpha/b", "alpha/a"]


def test_balanced_takes_the_better_of_models_that_differ_by_more_than_the_margin() -> None:
    dear, cheap = model("alpha/a", priority=90, prices=priced(100)), model("alpha/b", priority=84, prices=FREE)
    assert ranked(plan([dear, cheap])) == ["alpha/a", "alpha/b"]


def test_balanced_counts_an_unknown_price_as_the_dearest() -> None:
    unknown, dear = model("alpha/a", priority=90), model("alpha/b", priority=89, prices=priced(100))
    assert ranked(plan([unknown, dear])) == ["alpha/b", "alpha/a"]


def test_balanced_shows_how_a_near_best_model_was_levelled() -> None:
    leader = plan([model("alpha/a", priority=90, prices=priced(3)), model("alpha/b", priority=88, prices=FREE)])
    assert terms(leader.candidates[0]) == {
        "priority": (0.88, 0.96),
        "near_best": (pytest.approx(0.4), pytest.approx(0.048)),
        "cost": (1.0, 0.04),
    }


def test_a_large_window_is_used_only_when_the_input_needs_it() -> None:
    large = model("alpha/a-1m", priority=80, context_window_tokens=1_000_000, prices=priced(3))
    small = model("alpha/b-200k", priority=80, context_window_tokens=200_000, prices=priced(3))
    assert ranked(plan([large, small]))[0] == "alpha/b-200k"
    assert ranked(plan([large, small], facts(input_tokens_bound=300_000, input_tokens_expected=300_000))) == [
        "alpha/a-1m"
    ]


def test_of_equal_models_the_quicker_goes_first() -> None:
    models = [model("alpha/a"), model("alpha/b", latency_ms=900), model("alpha/c", latency_ms=300)]
    assert ranked(plan(models)) == ["alpha/c", "alpha/b", "alpha/a"]


def test_best_ignores_cost_unless_quality_is_equal() -> None:
    models = [
        model("alpha/a", priority=90, prices=priced(100)),
        model("alpha/b", priority=89, prices=FREE),
        model("alpha/c", priority=90, prices=priced(99)),
    ]
    assert ranked(plan(models, facts(profile=Profile.BEST))) == ["alpha/c", "alpha/a", "alpha/b"]


def test_cheapest_goes_by_expected_cost_and_puts_unknown_prices_last() -> None:
    models = [
        model("alpha/a", priority=99),
        model("alpha/b", priority=50, prices=priced(1)),
        model("alpha/c", priority=10, prices=priced(0.99)),
        model("alpha/d", priority=60, prices=priced(1)),
    ]
    assert ranked(plan(models, facts(profile=Profile.CHEAPEST))) == ["alpha/c", "alpha/d", "alpha/b", "alpha/a"]


def test_fastest_goes_by_the_time_to_the_end_of_a_typical_answer() -> None:
    models = [
        model("alpha/a", latency_ms=200, tokens_per_second=10),
        model("alpha/b", latency_ms=900, tokens_per_second=200),
        model("alpha/c", latency_ms=300),
        model("alpha/d", priority=100, tokens_per_second=1_000),
    ]
    assert ranked(plan(models, facts(profile=Profile.FASTEST))) == ["alpha/b", "alpha/c", "alpha/a", "alpha/d"]


def test_free_first_then_the_cheapest() -> None:
    models = [
        model("alpha/a", priority=100, prices=priced(2)),
        model("alpha/b", priority=10, prices=priced(1)),
        model("alpha/c", priority=5, prices=FREE),
        model("alpha/d", priority=3, cost_tier=CostTier.COST_TIER_FREE),
        model("alpha/e", priority=90),
        model("alpha/f", priority=60, prices=FREE),
    ]
    assert ranked(plan(models, facts(profile=Profile.FREE_FIRST))) == [
        "alpha/f", "alpha/c", "alpha/d", "alpha/b", "alpha/a", "alpha/e"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "profile"),
    [
        (facts(), Profile.BALANCED),
        (facts(max_latency_ms=499), Profile.FASTEST),
        (facts(max_latency_ms=500), Profile.BALANCED),
        (facts(max_cost_nanos=999_999), Profile.CHEAPEST),
        (facts(max_cost_nanos=1_000_000), Profile.BALANCED),
        (facts(max_latency_ms=1, max_cost_nanos=1, complex_reasoning=True), Profile.FASTEST),
        (facts(complex_reasoning=True), Profile.BEST),
        (facts(purpose="experimentation", complex_reasoning=True), Profile.FREE_FIRST),
        (facts(purpose="code-generation"), Profile.BALANCED),
        (facts(purpose="experimentation", max_latency_ms=1, profile=Profile.BALANCED), Profile.BALANCED),
    ],
)
def test_a_call_without_a_profile_gets_the_one_that_its_limits_suggest(asked: Facts, profile: Profile) -> None:
    assert profile_of(asked) is profile
    assert plan([model("alpha/a", latency_ms=1, prices=FREE)], asked).profile is profile


def test_a_purpose_lifts_the_models_that_it_prefers() -> None:
    preferred = model("alpha/a", priority=70, aliases=("claude-sonnet-4-5-200k",))
    models = [preferred, model("beta/b", priority=90)]
    assert ranked(plan(models))[0] == "beta/b"
    made = plan(models, facts(purpose="code-generation"))
    assert ranked(made)[0] == "alpha/a"
    value, weight = terms(made.candidates[0])["purpose"]
    assert value == 1
    assert weight == pytest.approx(0.192)


def test_a_purpose_is_no_pin() -> None:
    models = [model("alpha/a", priority=50, aliases=("claude-sonnet-4-5-200k",)), model("beta/b", priority=90)]
    assert ranked(plan(models, facts(purpose="code-generation")))[0] == "beta/b"


def test_a_purpose_without_an_eligible_model_changes_no_score() -> None:
    models = [model("alpha/a", priority=80)]
    assert plan(models, facts(purpose="validation")).candidates == plan(models).candidates


def test_an_unknown_purpose_changes_nothing() -> None:
    models = [model("alpha/a"), model("beta/b", priority=60)]
    made, plain = plan(models, facts(purpose="gardening")), plan(models)
    assert made.facts.purpose == "gardening"
    assert (made.candidates, made.skipped_preferences) == (plain.candidates, plain.skipped_preferences)


def test_experiments_prefer_free_models() -> None:
    models = [model("alpha/a", priority=95, prices=priced(1)), model("alpha/b", priority=20, prices=FREE)]
    assert ranked(plan(models, facts(purpose="experimentation")))[0] == "alpha/b"


def test_preferred_models_come_first_in_the_order_given_whatever_their_scores() -> None:
    models = [model(f"alpha/{name}", priority=priority) for name, priority in zip("abcd", (100, 0, 1, 50), strict=True)]
    asked = facts(preferred_models=("alpha/b", "gone", "alpha/c"))
    assert tried(plan(models, asked)) == ["alpha/b", "alpha/c", "alpha/a", "alpha/d"]
    [gone, *_] = plan(models, asked).skipped_preferences
    assert (gone.name, gone.source, gone.reason) == ("gone", "preferred_models", "not in the catalog")


def test_preferred_providers_come_after_preferred_models_and_before_the_rest() -> None:
    models = [
        model("alpha/top", priority=100),
        model("beta/one", priority=1),
        model("beta/two", priority=2),
        model("gamma/one", priority=1),
    ]
    asked = facts(preferred_models=("one",), preferred_providers=("gamma", "beta"))
    assert ranked(plan(models, asked)) == ["gamma/one", "beta/one", "beta/two", "alpha/top"]


def test_a_name_given_twice_counts_where_it_stands_first() -> None:
    models = [model("alpha/a"), model("alpha/b")]
    assert ranked(plan(models, facts(preferred_models=("alpha/b", "alpha/a", "alpha/b"))))[0] == "alpha/b"
    wish = facts(preferred_providers=("beta", "alpha", "beta"))
    assert ranked(plan([*models, model("beta/c", priority=1)], wish))[0] == "beta/c"


def test_the_seed_breaks_ties_and_every_tied_model_is_as_likely() -> None:
    models = [model("alpha/a"), model("alpha/b"), model("alpha/c"), model("alpha/d", priority=10)]
    leaders = [plan(models, seed=seed).candidates[0].model.id for seed in range(300)]
    assert all(60 <= leaders.count(f"alpha/{name}") <= 140 for name in "abc")
    made = plan(models)
    assert [candidate.probability for candidate in made.candidates] == [pytest.approx(1 / 3)] * 3 + [0]
    assert made.explanation.endswith("; 3 models tie, and the seed chose.")


def test_the_explanation_names_the_leader_and_what_its_score_is_made_of() -> None:
    assert plan([model("alpha/a", priority=80, prices=FREE)]).explanation == (
        "alpha/a leads 1 eligible of 1 models by the profile balanced: "
        "score 0.808 = priority 0.8 x 0.96 + near_best 0 x 0.048 + cost 1 x 0.04."
    )


def test_of_more_candidates_than_a_record_keeps_the_best_are_kept_in_order() -> None:
    models = [model(f"alpha/{number}", priority=number % 101, latency_ms=number) for number in range(1_000)]
    made = plan(models)
    assert (made.eligible_count, len(made.candidates)) == (1_000, 64)
    expected = sorted(models, key=lambda row: (-max(row.priority, 0), row.latency_ms or 0))
    best = [row for row in expected if row.priority >= 95]
    assert ranked(made)[: len(best)] == [row.id for row in sorted(best, key=lambda row: row.latency_ms or 0)]
