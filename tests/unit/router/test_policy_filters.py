"""Which models the verdict leaves, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pointsman_server.catalog.snapshot import build
from pointsman_server.policy.model import ModelLimits
from pointsman_server.router.model import Plan
from pointsman_server.router.router import Router

from tests.unit.router.catalogs import (
    FACTS,
    OVERHEAD_TOKENS,
    PROVIDERS,
    STATUSES,
    VERDICT,
    facts,
    model,
    reasons,
)

_REGIONS = {"alpha": "eu", "beta": "us"}
CATALOG = build(
    [replace(provider, region=_REGIONS.get(provider.id, "")) for provider in PROVIDERS],
    STATUSES,
    [
        model("alpha/one", model_class="PRO_M", aliases=("fast",)),
        model("alpha/two", model_class="BASE_S"),
        model("beta/one", model_class="PRO_M"),
        model("gamma/three"),
    ],
)


def _plan(**limits: Any) -> Plan:
    router = Router(overhead_tokens={"openai": OVERHEAD_TOKENS})
    return router.plan(FACTS, replace(VERDICT, models=ModelLimits(**limits)), CATALOG, 1)


@pytest.mark.parametrize(
    ("limits", "left", "reason", "told"),
    [
        (
            {"allowed_models": (frozenset({"alpha/*"}), frozenset({"fast", "beta/one"}))},
            {"alpha/one"},
            "policy_models",
            "it is not among those that the rules allow (allowed_models)",
        ),
        (
            {"denied_models": frozenset({"alpha/*", "gone/*"})},
            {"beta/one", "gamma/three"},
            "policy_models",
            "a rule denies it (denied_models)",
        ),
        (
            {"killed_models": frozenset({"alpha/one", "fast", "gone/one"})},
            {"alpha/two", "beta/one", "gamma/three"},
            "kill_switch",
            "a kill switch stops alpha/one",
        ),
        (
            {"killed_models": frozenset({"alpha/one"}), "killed_providers": frozenset({"alpha", "gone"})},
            {"beta/one", "gamma/three"},
            "kill_switch",
            "a kill switch stops alpha",
        ),
        (
            {"allowed_classes": frozenset({"PRO_M", "PRO_L"})},
            {"alpha/one", "beta/one"},
            "policy_classes",
            "its class is BASE_S; the plan and the rules allow PRO_L, PRO_M",
        ),
        (
            {"allowed_providers": frozenset({"beta", "gamma"}), "denied_providers": frozenset({"gamma"})},
            {"beta/one"},
            "policy_providers",
            "its provider is alpha; the rules allow beta, gamma",
        ),
        (
            {"denied_providers": frozenset({"alpha"})},
            {"beta/one", "gamma/three"},
            "policy_providers",
            "a rule denies the provider alpha (denied_providers)",
        ),
        (
            {"allowed_regions": frozenset({"us"})},
            {"beta/one"},
            "policy_regions",
            "its provider alpha computes in eu; the rules allow us",
        ),
        (
            {"denied_providers": frozenset({"Alpha"})},
            {"beta/one", "gamma/three"},
            "policy_providers",
            "a rule denies the provider alpha (denied_providers)",
        ),
        (
            {"denied_regions": frozenset({"EU"})},
            {"beta/one", "gamma/three"},
            "policy_regions",
            "its provider alpha computes in eu, which a rule denies (denied_regions)",
        ),
        (
            {"denied_regions": frozenset({"eu"})},
            {"beta/one", "gamma/three"},
            "policy_regions",
            "its provider alpha computes in eu, which a rule denies (denied_regions)",
        ),
    ],
)
def test_what_the_verdict_leaves(limits: dict[str, Any], left: set[str], reason: str, told: str) -> None:
    made = _plan(**limits)
    assert {candidate.model.id for candidate in made.candidates} == left
    assert reasons(made) == {reason: 4 - len(left)}
    assert made.exclusions[0].examples[0].detail == told


def test_a_provider_that_does_not_say_where_it_computes_is_in_no_allowed_region() -> None:
    details = [example.detail for example in _plan(allowed_regions=frozenset({"eu"})).exclusions[0].examples]
    assert "its provider gamma does not say where it computes (region); the rules allow eu" in details


def test_limits_that_leave_nothing_say_so() -> None:
    made = _plan(allowed_classes=frozenset(), allowed_providers=frozenset(), allowed_regions=frozenset())
    assert made.attempts == ()
    assert made.exclusions[0].examples[0].detail == "its class is PRO_M; the plan and the rules allow none"


def test_what_is_kept_of_one_verdict_does_not_leak_into_another() -> None:
    router = Router(overhead_tokens={"openai": OVERHEAD_TOKENS})
    tight = replace(VERDICT, models=ModelLimits(allowed_providers=frozenset({"beta"})))
    counts = [router.plan(FACTS, verdict, CATALOG, 1).eligible_count for verdict in (VERDICT, tight, VERDICT, tight)]
    assert counts == [4, 1, 4, 1]


def test_a_pin_does_not_open_what_the_verdict_closes() -> None:
    router = Router(overhead_tokens={"openai": OVERHEAD_TOKENS})
    tight = replace(VERDICT, models=ModelLimits(denied_models=frozenset({"alpha/one"})))
    made = router.plan(facts(pinned_models=("alpha/one",)), tight, CATALOG, 1)
    assert made.attempts == ()
    assert [exclusion.reason for exclusion in made.pinned_exclusions] == ["policy_models"]
