"""Which models each filter drops, and what it says of them."""

import pytest
from pointsman.v1.model_pb2 import Capability, CostTier, LifeCycle, ModelType
from pointsman_server.catalog.model import Model, Prices
from pointsman_server.router.model import Facts

from tests.unit.router.catalogs import DOLLAR, OVERHEAD_TOKENS, facts, model, plan, priced, ranked, reasons


def detail(models: list[Model], asked: Facts) -> str:
    """What the record says of the one model that was dropped."""
    [exclusion] = plan(models, asked).exclusions
    [example] = exclusion.examples
    return f"{example.model_id}: {example.detail}"


def test_only_pinned_models_may_serve() -> None:
    made = plan([model("alpha/one"), model("beta/one"), model("alpha/two")], facts(pinned_models=("one",)))
    assert ranked(made) == ["alpha/one", "beta/one"] or ranked(made) == ["beta/one", "alpha/one"]
    assert reasons(made) == {"pinned_models": 1}
    assert made.exclusions[0].examples[0].detail == "only one may serve"
    assert made.pinned_exclusions == ()


def test_an_unknown_pin_means_no_model() -> None:
    assert plan([model("alpha/one")], facts(pinned_models=("gone",))).attempts == ()


def test_only_pinned_providers_may_serve() -> None:
    made = plan([model("alpha/one"), model("beta/one")], facts(pinned_providers=("beta",)))
    assert ranked(made) == ["beta/one"]
    assert detail([model("alpha/one")], facts(pinned_providers=("beta", "home"))) == (
        "alpha/one: its provider is alpha; only beta, home may serve"
    )


def test_drops_of_pinned_models_are_told_apart() -> None:
    models = [model("alpha/small", context_window_tokens=100), model("alpha/other")]
    made = plan(models, facts(pinned_models=("alpha/small",)))
    assert reasons(made) == {"pinned_models": 1, "context_window": 1}
    assert [exclusion.reason for exclusion in made.pinned_exclusions] == ["context_window"]


def test_a_pinned_model_that_the_pinned_providers_lack_is_one_of_them() -> None:
    made = plan([model("alpha/one")], facts(pinned_models=("alpha/one",), pinned_providers=("beta",)))
    assert [exclusion.reason for exclusion in made.pinned_exclusions] == ["pinned_providers"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (model("alpha/x", type=ModelType.MODEL_TYPE_EMBEDDING), "its type is embedding, not chat"),
        (model("alpha/x", life_cycle=LifeCycle.LIFE_CYCLE_RETIRED), "its life cycle is retired"),
        (model("alpha/x", life_cycle=LifeCycle.LIFE_CYCLE_UNCONFIRMED), "its life cycle is unconfirmed"),
    ],
)
def test_what_is_not_served_is_dropped(row: Model, told: str) -> None:
    assert reasons(plan([row])) == {"not_routable": 1}
    assert detail([row], facts()) == f"alpha/x: {told}"


def test_an_inactive_provider_says_why() -> None:
    row = model("asleep/x")
    assert reasons(plan([row])) == {"provider_inactive": 1}
    assert detail([row], facts()) == "asleep/x: asleep is not active (no_key): set ASLEEP_API_KEY"


def test_simulated_models_serve_while_nothing_real_can() -> None:
    assert ranked(plan([model("play/x"), model("asleep/y")])) == ["play/x"]
    made = plan([model("play/x"), model("alpha/y", priority=0)])
    assert ranked(made) == ["alpha/y"]
    assert reasons(made) == {"simulated": 1}


def test_a_real_model_that_lacks_a_capability_still_keeps_simulated_ones_out() -> None:
    seeing = model("play/x", capabilities=frozenset({Capability.CAPABILITY_VISION}))
    asked = facts(required_capabilities=frozenset({Capability.CAPABILITY_VISION}))
    assert reasons(plan([seeing, model("alpha/y")], asked)) == {"simulated": 1, "capabilities": 1}


def test_simulated_models_serve_when_asked_for_by_name() -> None:
    models = [model("play/x", aliases=("toy",)), model("alpha/y")]
    for wish in (
        facts(pinned_models=("play/x",)),
        facts(pinned_models=("toy",)),
        facts(pinned_providers=("play",)),
    ):
        assert ranked(plan(models, wish)) == ["play/x"]


def test_a_name_that_a_real_model_shares_does_not_ask_for_the_simulated_one() -> None:
    models = [model("play/x", aliases=("fast",)), model("alpha/y", aliases=("fast",))]
    assert ranked(plan(models, facts(pinned_models=("fast",)))) == ["alpha/y"]


def test_addresses_never_reach_a_private_provider() -> None:
    models = [model("home/x"), model("alpha/y")]
    made = plan(models, facts(remote_uri_count=2))
    assert ranked(made) == ["alpha/y"]
    assert made.exclusions[0].examples[0].detail == (
        "the content gives 2 images or documents by address, and home is on a private network"
    )
    assert len(ranked(plan(models))) == 2


def test_every_required_capability_must_be_there() -> None:
    both = frozenset({Capability.CAPABILITY_VISION, Capability.CAPABILITY_FUNCTION_CALLING})
    asked = facts(required_capabilities=both)
    seeing = model("alpha/seeing", capabilities=frozenset({Capability.CAPABILITY_VISION}))
    assert detail([seeing], asked) == "alpha/seeing: lacks function_calling"
    assert detail([model("alpha/plain")], asked) == "alpha/plain: lacks vision, function_calling"
    assert ranked(plan([model("alpha/all", capabilities=both | {Capability.CAPABILITY_TEXT})], asked)) == ["alpha/all"]


@pytest.mark.parametrize(
    ("window", "expected", "fits"),
    [(1_010, 1_000, False), (1_011, 1_000, True), (None, 1_000, True), (610, 400, False), (611, 400, True)],
)
def test_the_window_must_hold_the_likely_input_overhead_and_one_token(
    window: int | None,
    expected: int,
    fits: bool,  # noqa: FBT001  # a case
) -> None:
    asked = facts(input_tokens_bound=1_000, input_tokens_expected=expected)
    made = plan([model("alpha/x", context_window_tokens=window)], asked)
    assert bool(made.attempts) is fits
    assert reasons(made) == ({} if fits else {"context_window": 1})


def test_a_models_own_overhead_counts_instead_of_the_dialects() -> None:
    row = model("alpha/x", context_window_tokens=1_011, overhead_tokens=11)
    assert detail([row], facts(input_tokens_bound=1_000, input_tokens_expected=900)) == (
        "alpha/x: its window holds 1011 tokens; the input may well have 1000, its overhead 11, and the output needs at "
        "least 1"
    )


def test_the_cost_ceiling_holds_against_the_worst_case() -> None:
    row = model("alpha/x", prices=priced(1))
    worst = (1_000 + OVERHEAD_TOKENS) * 1_000 + 100 * 4_000
    assert ranked(plan([row], facts(max_output_tokens=100, max_cost_nanos=worst))) == ["alpha/x"]
    assert detail([row], facts(max_output_tokens=100, max_cost_nanos=worst - 1)) == (
        f"alpha/x: may cost {worst} nano-dollars; the ceiling is {worst - 1}"
    )


def test_the_cost_ceiling_counts_what_a_cache_write_may_cost() -> None:
    row = model("alpha/x", prices=priced(1, cache_write_nanos_per_million=2 * DOLLAR))
    assert reasons(plan([row], facts(max_output_tokens=1, max_cost_nanos=2_000_000))) == {"cost_ceiling": 1}


def test_no_price_is_no_promise_to_stay_below_a_ceiling() -> None:
    row = model("alpha/x", cost_tier=CostTier.COST_TIER_FREE)
    assert detail([row], facts(max_cost_nanos=DOLLAR)) == (
        f"alpha/x: no price is known; the ceiling is {DOLLAR} nano-dollars"
    )
    assert ranked(plan([row])) == ["alpha/x"]


def test_what_is_free_meets_a_ceiling_of_nothing() -> None:
    assert ranked(plan([model("alpha/x", prices=Prices(0, 0))], facts(max_cost_nanos=0))) == ["alpha/x"]


def test_the_latency_ceiling_drops_slower_models() -> None:
    models = [model("alpha/slow", latency_ms=501), model("alpha/quick", latency_ms=500)]
    made = plan(models, facts(max_latency_ms=500))
    assert ranked(made) == ["alpha/quick"]
    assert made.exclusions[0].examples[0].detail == "its usual time to first token is 501 ms; the ceiling is 500 ms"


def test_an_unknown_latency_serves_only_where_no_known_one_meets_the_ceiling() -> None:
    unknown, quick = model("alpha/unknown", priority=90), model("alpha/quick", latency_ms=300)
    asked = facts(max_latency_ms=400)
    assert ranked(plan([unknown, quick], asked)) == ["alpha/quick"]
    assert ranked(plan([unknown, model("alpha/slow", latency_ms=900)], asked)) == ["alpha/unknown"]
    assert plan([unknown, quick], asked).exclusions[0].examples[0].detail == (
        "its latency is not known, and others are known to meet 400 ms"
    )


def test_a_quick_model_that_another_filter_drops_does_not_shut_out_unknown_latency() -> None:
    quick = model("alpha/quick", latency_ms=300, context_window_tokens=10)
    assert ranked(plan([model("alpha/unknown"), quick], facts(max_latency_ms=400))) == ["alpha/unknown"]


def test_a_model_counts_for_the_first_filter_that_drops_it() -> None:
    hopeless = model("asleep/x", life_cycle=LifeCycle.LIFE_CYCLE_RETIRED, context_window_tokens=1)
    assert reasons(plan([hopeless, model("asleep/y", context_window_tokens=1)])) == {
        "not_routable": 1,
        "provider_inactive": 1,
    }


def test_at_most_ten_dropped_models_are_named() -> None:
    made = plan([model(f"asleep/{number}") for number in range(30)])
    assert reasons(made) == {"provider_inactive": 30}
    assert len(made.exclusions[0].examples) == 10


def test_examples_are_found_far_into_a_large_catalog() -> None:
    models = [*(model(f"alpha/{number}") for number in range(5_000)), model("play/x")]
    assert plan(models).exclusions[0].examples[0].model_id == "play/x"


def test_an_empty_catalog_says_so() -> None:
    made = plan([])
    assert made.attempts == ()
    assert made.explanation == "The catalog has no models."


def test_a_plan_without_attempts_says_who_dropped_what() -> None:
    assert plan([model("asleep/x"), model("alpha/y", context_window_tokens=1)]).explanation == (
        "None of 2 models is eligible: provider_inactive dropped 1, context_window dropped 1."
    )
