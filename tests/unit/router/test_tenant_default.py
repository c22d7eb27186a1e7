"""The tenant's default model: first among equals, alone where scoring fails, and never past a filter."""

from __future__ import annotations

from typing import NoReturn

import pytest
from pointsman.v1.model_pb2 import Capability
from pointsman_server.policy.model import ModelLimits
from pointsman_server.router import router
from pointsman_server.router.model import Profile
from structlog.testing import capture_logs

from tests.unit.router.catalogs import VERDICT, facts, model, plan, priced

VISION = frozenset({Capability.CAPABILITY_VISION})
MODELS = [
    model(f"{provider}/small", priority=50, prices=priced(1), context_window_tokens=100_000)
    for provider in ("alpha", "beta", "gamma")
]


class Defect(Exception):
    """What no one foresaw."""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scoring by every profile raises."""

    def raising(_contest: object) -> NoReturn:
        raise Defect("an array of the wrong shape")

    monkeypatch.setattr(router, "STRATEGIES", dict.fromkeys(Profile, raising))


def test_among_equals_the_default_goes_first_whatever_the_seed() -> None:
    leaders = {plan(MODELS, facts(), seed=seed).attempts[0].model.id for seed in range(20)}
    assert leaders == {"alpha/small", "beta/small", "gamma/small"}
    for seed in range(20):
        found = plan(MODELS, facts(default_model="beta/small"), seed=seed)
        assert found.attempts[0].model.id == "beta/small"
        assert found.attempts[0].probability == 1


def test_a_better_model_goes_before_the_default() -> None:
    better = model("beta/large", priority=90, prices=priced(1), context_window_tokens=100_000)
    assert plan([*MODELS, better], facts(default_model="alpha/small")).attempts[0].model.id == "beta/large"


def test_a_default_that_the_catalog_does_not_have_changes_nothing() -> None:
    assert plan(MODELS, facts(default_model="gone")).attempts == plan(MODELS, facts()).attempts


@pytest.mark.usefixtures("broken")
def test_where_scoring_fails_the_default_serves_alone() -> None:
    with capture_logs() as logs:
        found = plan(MODELS, facts(default_model="beta/small"))
    assert [candidate.model.id for candidate in found.attempts] == ["beta/small"]
    assert found.candidates == found.attempts
    assert (found.attempts[0].probability, found.attempts[0].worst_case_cost_nanos is not None) == (1, True)
    assert found.eligible_count == 3
    assert "Scoring failed, so beta/small serves" in found.explanation
    assert [entry["event"] for entry in logs] == ["scoring_failed"]
    assert "wrong shape" not in str(logs)


@pytest.mark.usefixtures("broken")
def test_without_a_default_a_defect_of_scoring_stays_one() -> None:
    with pytest.raises(Defect):
        plan(MODELS, facts())


@pytest.mark.usefixtures("broken")
def test_the_default_passes_every_filter_or_does_not_serve() -> None:
    seeing = model("alpha/seeing", capabilities=VISION, prices=priced(1), context_window_tokens=100_000)
    asked = facts(default_model="beta/small", required_capabilities=VISION)
    with pytest.raises(Defect):
        plan([*MODELS, seeing], asked)
    denied = ModelLimits(denied_models=frozenset({"beta/small"}))
    verdict = type(VERDICT)(None, 1_000, 4, allow_fallback=True, models=denied)
    with pytest.raises(Defect):
        plan(MODELS, facts(default_model="beta/small"), verdict)
