"""What a caller is told when its pins are unknown or nothing may serve."""

import pytest
from pointsman_server.errors import NoEligibleModel, PinNotEligible, UnknownPin
from pointsman_server.router import names
from pointsman_server.router.names import UnknownName, unknown_pins
from pointsman_server.router.refusals import check_pins, not_eligible

from tests.unit.router.catalogs import facts, model, plan, snapshot

CATALOG = snapshot(model("alpha/gpt-5", aliases=("gpt5",)), model("beta/sonnet"))


def test_unknown_pins_are_named_with_their_fields_and_what_looks_like_them() -> None:
    hints = facts(pinned_models=("gpt5", "gtp-5"), pinned_providers=("alpha", "alfa")).preferences
    assert unknown_pins(CATALOG, hints) == (
        UnknownName("model", "specification.hints.pinned_models[1]", "gtp-5", ("gpt-5", "gpt5")),
        UnknownName("provider", "specification.hints.pinned_providers[1]", "alfa", ("alpha",)),
    )


def test_known_pins_pass() -> None:
    hints = facts(pinned_models=("gpt5", "beta/sonnet"), pinned_providers=("alpha",)).preferences
    assert unknown_pins(CATALOG, hints) == ()
    check_pins(CATALOG, hints)


def test_a_very_large_catalog_offers_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "MOST_COMPARED", 1)
    [unknown] = unknown_pins(CATALOG, facts(pinned_models=("gpt-55",)).preferences)
    assert unknown.nearest == ()


def test_the_refusal_tells_every_unknown_pin() -> None:
    hints = facts(pinned_models=("gtp-5",), pinned_providers=("zzz",)).preferences
    with pytest.raises(UnknownPin) as refused:
        check_pins(CATALOG, hints)
    told = "there is no model 'gtp-5' in the catalog; the nearest are gpt-5, gpt5."
    assert refused.value.message == f"specification.hints.pinned_models[0]: {told}"
    assert refused.value.metadata == {"field": "specification.hints.pinned_models[0]", "name": "gtp-5"}
    assert [(field.field, field.description) for field in refused.value.fields] == [
        ("specification.hints.pinned_models[0]", told),
        (
            "specification.hints.pinned_providers[0]",
            "there is no provider 'zzz' in the catalog; ListProviders (pointsman providers) tells which there are.",
        ),
    ]


def test_one_name_and_one_model_are_told_in_the_singular() -> None:
    with pytest.raises(UnknownPin, match="the nearest is alpha"):
        check_pins(CATALOG, facts(pinned_providers=("alpah",)).preferences)
    [violation] = not_eligible(plan([model("asleep/x")]), "dec_1").preconditions
    assert violation.subject == "1 model"


def test_a_plan_without_a_model_becomes_an_error_that_counts_the_drops() -> None:
    error = not_eligible(plan([model("asleep/x"), model("asleep/y")]), "dec_1")
    assert isinstance(error, NoEligibleModel)
    assert error.metadata == {"decision_id": "dec_1"}
    [violation] = error.preconditions
    assert (violation.type, violation.subject) == ("provider_inactive", "2 models")
    assert violation.description.startswith("asleep/x: asleep is not active (no_key): set ASLEEP_API_KEY")


def test_an_empty_catalog_becomes_an_error_too() -> None:
    error = not_eligible(plan([]), "dec_1")
    assert isinstance(error, NoEligibleModel)
    assert "an empty catalog" in error.message


def test_a_pinned_model_that_was_dropped_is_told_with_the_reason() -> None:
    models = [model("alpha/x", context_window_tokens=5), model("beta/y")]
    error = not_eligible(plan(models, facts(pinned_models=("alpha/x",))), "dec_1")
    assert isinstance(error, PinNotEligible)
    assert "alpha/x: its window holds 5 tokens" in error.message
    assert [violation.type for violation in error.preconditions] == ["context_window"]
