"""Who takes over when the leader fails."""

from dataclasses import replace

from pointsman_server.router.model import Profile
from pointsman_server.router.tables import FALLBACK_CHAIN

from tests.unit.router.catalogs import VERDICT, facts, model, plan, ranked, tried

SONNET, GEMINI, GLM = FALLBACK_CHAIN
CHAIN = (
    model("alpha/sonnet", priority=40, aliases=(SONNET,)),
    model("beta/gemini", priority=30, aliases=(GEMINI,)),
    model("gamma/glm", priority=20, aliases=(GLM,)),
)


def test_the_leader_comes_first_then_the_fallback_chain_in_its_order() -> None:
    models = [model("alpha/a", priority=99), model("beta/b", priority=98), *CHAIN]
    assert tried(plan(models)) == ["alpha/a", "alpha/sonnet", "beta/gemini", "gamma/glm"]


def test_a_chain_model_that_leads_is_not_tried_twice() -> None:
    assert tried(plan(CHAIN)) == ["alpha/sonnet", "beta/gemini", "gamma/glm"]


def test_the_best_of_the_rows_that_a_chain_name_means_takes_over() -> None:
    models = [model("alpha/a", priority=99), *CHAIN, model("beta/sonnet", priority=45, aliases=(SONNET,))]
    assert tried(plan(models))[:2] == ["alpha/a", "beta/sonnet"]


def test_a_missing_or_dropped_chain_model_is_passed_over_and_told() -> None:
    models = [model("alpha/a"), model("beta/gemini", aliases=(GEMINI,), context_window_tokens=10)]
    skipped = plan(models).skipped_preferences
    assert [(name.name, name.source, name.reason) for name in skipped] == [
        (SONNET, "fallback_chain", "not in the catalog"),
        (GEMINI, "fallback_chain", "context_window"),
        (GLM, "fallback_chain", "not in the catalog"),
    ]


def test_the_chain_does_not_apply_where_cost_or_time_weighs_most_or_models_are_pinned() -> None:
    models = [model("alpha/a", latency_ms=1), *CHAIN, model("beta/b", priority=39)]
    for asked in (facts(profile=Profile.FASTEST), facts(pinned_models=("alpha/a", SONNET, "beta/b"))):
        made = plan(models, asked)
        assert made.skipped_preferences == ()
    assert tried(plan(models, facts(pinned_models=("alpha/a", GLM, "beta/b")))) == ["alpha/a", "beta/b", "gamma/glm"]


def test_after_the_leader_another_provider_goes_first() -> None:
    models = [
        model("alpha/a", priority=90),
        model("alpha/b", priority=80),
        model("alpha/c", priority=70),
        model("beta/d", priority=65),
        model("gamma/e", priority=64),
    ]
    assert tried(plan(models)) == ["alpha/a", "beta/d", "gamma/e", "alpha/b"]


def test_a_much_worse_model_does_not_go_first_for_its_provider() -> None:
    models = [model("alpha/a", priority=90), model("alpha/b", priority=80), model("beta/c", priority=50)]
    assert tried(plan(models)) == ["alpha/a", "alpha/b", "beta/c"]


def test_a_chain_on_the_leaders_provider_leaves_the_last_attempt_to_another() -> None:
    chain = [model(f"alpha/{name}", priority=60, aliases=(name,)) for name in FALLBACK_CHAIN]
    models = [model("alpha/a", priority=70), *chain]
    together = ["alpha/a", *(row.id for row in chain)]
    assert tried(plan(models)) == together
    assert tried(plan([*models, model("beta/b", priority=41)])) == [*together[:3], "beta/b"]
    assert tried(plan([*models, model("beta/b", priority=10)])) == together
    wishes = facts(preferred_models=("alpha/a", *FALLBACK_CHAIN))
    assert tried(plan([*models, model("beta/b", priority=41)], wishes)) == together


def test_another_provider_is_found_behind_all_that_a_record_keeps() -> None:
    models = [*(model(f"alpha/{number}", priority=60) for number in range(100)), model("beta/x", priority=50)]
    made = plan(models)
    assert "beta/x" not in ranked(made)
    assert tried(made)[1] == "beta/x"
    assert made.attempts[1].score < made.candidates[-1].score


def test_a_provider_of_many_models_takes_over_itself_when_there_is_no_other() -> None:
    made = plan([model(f"alpha/{number}", priority=60) for number in range(100)])
    assert tried(made) == ranked(made)[:4]


def test_each_preferred_provider_gets_one_attempt_before_the_rest() -> None:
    models = [
        model("beta/a", priority=20),
        model("beta/b", priority=10),
        model("gamma/c", priority=15),
        model("alpha/d", priority=25),
    ]
    asked = facts(preferred_providers=("beta", "gamma"))
    assert tried(plan(models, asked)) == ["beta/a", "gamma/c", "alpha/d", "beta/b"]


def test_preferred_models_go_before_the_chain() -> None:
    models = [*CHAIN, model("alpha/x", priority=1), model("alpha/y", priority=2)]
    asked = facts(preferred_models=("alpha/x", "alpha/y"))
    assert tried(plan(models, asked)) == ["alpha/x", "alpha/y", "alpha/sonnet", "beta/gemini"]


def test_the_verdict_bounds_the_attempts() -> None:
    assert len(plan(CHAIN, verdict=replace(VERDICT, max_attempts=2)).attempts) == 2
    assert len(plan(CHAIN, verdict=replace(VERDICT, max_attempts=1)).attempts) == 1


def test_without_fallback_there_is_one_attempt_and_the_hint_overrides_the_verdict() -> None:
    strict = replace(VERDICT, allow_fallback=False)
    assert len(plan(CHAIN, verdict=strict).attempts) == 1
    assert len(plan(CHAIN, facts(allow_fallback=True), strict).attempts) == 3
    assert len(plan(CHAIN, facts(allow_fallback=False)).attempts) == 1


def test_a_preferred_provider_that_cannot_serve_is_told() -> None:
    asked = facts(preferred_providers=("asleep", "gamma", "nobody"), allow_fallback=False)
    skipped = plan([model("alpha/a"), model("asleep/b")], asked).skipped_preferences
    assert [(name.name, name.source, name.reason) for name in skipped] == [
        ("asleep", "preferred_providers", "provider_inactive"),
        ("gamma", "preferred_providers", "it has no models"),
        ("nobody", "preferred_providers", "not in the catalog"),
    ]


def test_a_purpose_whose_model_is_missing_says_so() -> None:
    skipped = plan([model("alpha/a")], facts(purpose="strategic-planning", allow_fallback=False)).skipped_preferences
    assert [(name.name, name.source, name.reason) for name in skipped] == [
        ("chatgpt-5-pro", "purpose", "not in the catalog")
    ]
