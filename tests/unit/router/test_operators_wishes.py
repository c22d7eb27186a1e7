"""What the operator's configuration changes: accounts' tiers, default models, the order of providers, the profile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pointsman_server.catalog.model import Model, Prices
from pointsman_server.catalog.snapshot import Snapshot, build
from pointsman_server.router.model import Candidate, Defaults, Facts, Plan, Profile
from pointsman_server.router.router import Router
from pointsman_server.router.strategies.provider_priority import unknown
from pointsman_server.router.strategies.table import profile_of
from pointsman_server.router.version import router_version

from tests.unit.router.catalogs import (
    FACTS,
    OVERHEAD_TOKENS,
    PROVIDERS,
    STATUSES,
    VERDICT,
    facts,
    model,
    priced,
    ranked,
    reasons,
    tried,
)

FREE = Prices(0, 0)


def catalog(*models: Model, local: tuple[str, ...] = (), **fields: dict[str, str]) -> Snapshot:
    """A catalog whose providers have other fields, such as ``alpha={"account_tier": "team"}``."""
    providers = [replace(p, local=p.id in local, **fields.get(p.id, {})) for p in PROVIDERS]
    return build(providers, STATUSES, models)


def plan(snapshot: Snapshot, asked: Facts = FACTS, **wishes: object) -> Plan:
    router = Router(overhead_tokens={"openai": OVERHEAD_TOKENS}, defaults=Defaults(**wishes))
    return router.plan(asked, VERDICT, snapshot, seed=1)


def term(candidate: Candidate, name: str) -> float:
    return sum(term.value * term.weight for term in candidate.terms if term.name == name)


@pytest.mark.parametrize(
    ("account", "serves"),
    [
        ("free", {"any", "free"}),
        ("pro", {"any", "free", "pro"}),
        ("team", {"any", "free", "pro", "team"}),
        ("enterprise", {"any", "free", "pro", "team", "enterprise"}),
    ],
)
def test_models_enable_themselves_by_the_accounts_tier(account: str, serves: set[str]) -> None:
    rows = [model(f"alpha/{tier or 'any'}", tier=tier) for tier in ("", "free", "pro", "team", "enterprise")]
    made = plan(catalog(*rows, alpha={"account_tier": account}))
    assert set(ranked(made)) == {f"alpha/{name}" for name in serves}
    assert reasons(made) == ({"account_tier": 5 - len(serves)} if len(serves) < 5 else {})


def test_the_tier_is_that_of_the_models_own_provider() -> None:
    made = plan(
        catalog(model("alpha/a", tier="team"), model("beta/b", tier="team"), alpha={"account_tier": "enterprise"})
    )
    assert ranked(made) == ["alpha/a"]
    assert made.exclusions[0].examples[0].detail == "it needs an account of the tier team; the one with beta is pro"


def test_an_account_of_unstated_tier_counts_as_pro() -> None:
    assert ranked(plan(catalog(model("alpha/a", tier="pro"), model("alpha/b", tier="team")))) == ["alpha/a"]


WEAK = model("alpha/weak", priority=20, prices=priced(9), aliases=("weakling",))
GOOD = model("alpha/good", priority=80, prices=priced(1))
RIVAL = model("beta/rival", priority=81, prices=priced(1))
BEST = model("beta/best", priority=95, prices=priced(1))


@pytest.mark.parametrize("name", ["weak", "weakling", "alpha/weak"])
@pytest.mark.parametrize("profile", [Profile.BALANCED, Profile.BEST])
def test_a_default_model_goes_first_among_its_providers_own(name: str, profile: Profile) -> None:
    made = plan(catalog(WEAK, GOOD, BEST, alpha={"default_model": name}), facts(profile=profile))
    assert ranked(made) == ["beta/best", "alpha/weak", "alpha/good"]
    lifted = made.candidates[1]
    assert lifted.score == made.candidates[2].score
    assert lifted.score == pytest.approx(sum(term.value * term.weight for term in lifted.terms))
    assert term(lifted, "default_model") > 0.5


def test_a_default_model_gains_its_provider_nothing() -> None:
    plain = plan(catalog(GOOD, BEST))
    lifted = plan(catalog(WEAK, GOOD, BEST, alpha={"default_model": "weak"}))
    assert lifted.candidates[1].score == pytest.approx(plain.candidates[1].score)
    assert ranked(plan(catalog(WEAK, GOOD, BEST, beta={"default_model": "weak"}))) == [
        "beta/best", "alpha/good", "alpha/weak",
    ]  # fmt: skip


def test_a_name_that_others_share_means_the_providers_own_row() -> None:
    rows = [model("alpha/x", priority=20), model("alpha/y", priority=60), model("beta/x", priority=30), BEST]
    made = plan(catalog(*rows, alpha={"default_model": "x"}))
    assert ranked(made) == ["beta/best", "alpha/x", "alpha/y", "beta/x"]


def test_a_purpose_says_more_than_a_default_model() -> None:
    named = model("alpha/good", priority=80, prices=priced(1), aliases=("chatgpt-5-pro",))
    snapshot = catalog(WEAK, named, alpha={"default_model": "weak"})
    assert ranked(plan(snapshot, facts(purpose="strategic-planning"))) == ["alpha/good", "alpha/weak"]
    assert ranked(plan(snapshot, facts(purpose="validation"))) == ["alpha/weak", "alpha/good"]


@pytest.mark.parametrize("profile", [Profile.CHEAPEST, Profile.FASTEST, Profile.FREE_FIRST])
def test_a_default_model_changes_nothing_where_cost_or_time_is_asked_for(profile: Profile) -> None:
    fast = replace(GOOD, latency_ms=100)
    snapshot = catalog(replace(WEAK, latency_ms=900), fast, alpha={"default_model": "weak"})
    assert ranked(plan(snapshot, facts(profile=profile)))[0] == "alpha/good"


def test_providers_go_first_in_the_operators_order() -> None:
    rows = [WEAK, GOOD, BEST, model("gamma/one", priority=10), model("home/two", priority=99, prices=FREE)]
    made = plan(catalog(*rows), provider_priority=("gamma", "alpha"))
    assert ranked(made) == ["gamma/one", "alpha/good", "alpha/weak", "home/two", "beta/best"]
    assert term(made.candidates[0], "provider_priority") == pytest.approx(0.75)
    assert tried(made)[:2] == ["gamma/one", "alpha/good"]


def test_local_stands_for_every_local_provider_that_is_not_named() -> None:
    rows = [model("alpha/a", priority=90), model("home/h", priority=10), model("gamma/g", priority=20)]
    made = plan(catalog(*rows, local=("home", "gamma")), provider_priority=("gamma", "local", "alpha"))
    assert ranked(made) == ["gamma/g", "home/h", "alpha/a"]
    assert ranked(plan(catalog(*rows, local=("home", "gamma")), provider_priority=("local",)))[2] == "alpha/a"


def test_an_order_that_concerns_nobody_changes_nothing() -> None:
    made = plan(catalog(GOOD, BEST), provider_priority=("gamma",))
    assert ranked(made) == ["beta/best", "alpha/good"]
    assert not term(made.candidates[0], "provider_priority")


def test_the_callers_preference_replaces_the_order() -> None:
    asked = facts(preferred_providers=("beta",))
    assert ranked(plan(catalog(GOOD, RIVAL), asked, provider_priority=("alpha",))) == ["beta/rival", "alpha/good"]


def test_what_the_purpose_prefers_competes_with_the_first_provider() -> None:
    sonnet = model("beta/sonnet", priority=80, aliases=("claude-sonnet-4-5-200k",), prices=priced(1))
    snapshot = catalog(replace(GOOD, priority=85), sonnet, RIVAL)
    purpose = facts(purpose="code-generation")
    assert ranked(plan(snapshot, purpose, provider_priority=("alpha", "beta"))) == [
        "beta/sonnet", "alpha/good", "beta/rival",
    ]  # fmt: skip
    assert ranked(plan(snapshot, provider_priority=("alpha", "beta")))[0] == "alpha/good"


@pytest.mark.parametrize("profile", [Profile.CHEAPEST, Profile.FREE_FIRST])
def test_the_order_changes_nothing_where_cost_is_asked_for(profile: Profile) -> None:
    snapshot = catalog(GOOD, replace(BEST, prices=FREE))
    assert ranked(plan(snapshot, facts(profile=profile), provider_priority=("alpha",)))[0] == "beta/best"


def test_names_in_the_order_that_mean_no_provider_are_told() -> None:
    assert unknown(("alpha", "local", "grok"), ["alpha", "beta"]) == ["grok"]


def test_the_operators_profile_holds_where_nothing_suggests_one() -> None:
    dear, cheap = model("alpha/a", priority=90, prices=priced(3)), model("alpha/b", priority=88, prices=FREE)
    assert ranked(plan(catalog(dear, cheap)))[0] == "alpha/b"
    made = plan(catalog(dear, cheap), profile=Profile.BEST)
    assert (ranked(made)[0], made.profile) == ("alpha/a", Profile.BEST)
    assert plan(catalog(dear), facts(profile=Profile.BALANCED), profile=Profile.BEST).profile is Profile.BALANCED
    assert profile_of(facts(purpose="experimentation"), Profile.BEST) is Profile.FREE_FIRST


def test_decisions_made_under_other_wishes_can_be_told_apart() -> None:
    versions = {router_version(Defaults()), router_version(Defaults(profile=Profile.BEST))}
    assert len(versions | {router_version(Defaults(provider_priority=("alpha",)))}) == 3
    assert plan(catalog(GOOD), provider_priority=("alpha",)).router_version not in versions
