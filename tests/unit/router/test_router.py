"""The router as its callers hold it."""

from dataclasses import replace

import pytest
from pointsman_server.catalog.model import Provider
from pointsman_server.catalog.snapshot import build
from pointsman_server.router.router import Router

from tests.unit.router.catalogs import ACTIVE, FACTS, VERDICT, model, snapshot


def test_a_router_follows_the_catalog() -> None:
    router = Router(overhead_tokens={"openai": 0})
    first, second = snapshot(model("alpha/a")), snapshot(model("alpha/b"))
    router.prepare(first)
    for catalog, expected in ((first, "alpha/a"), (second, "alpha/b"), (first, "alpha/a")):
        assert router.plan(FACTS, VERDICT, catalog, 1).attempts[0].model.id == expected


def test_the_overhead_is_that_of_the_providers_dialect() -> None:
    provider = Provider(id="p", display_name="P", dialect="other", base_url="https://p.example")
    catalog = build([provider], {"p": ACTIVE}, [model("p/x"), model("p/y", overhead_tokens=3)])
    made = Router(overhead_tokens={"openai": 1, "other": 50}).plan(FACTS, VERDICT, catalog, 1)
    bounds = {candidate.model.id: candidate.input_tokens_bound for candidate in made.candidates}
    assert bounds == {"p/x": 1_050, "p/y": 1_003}


def test_an_image_counts_what_its_model_may_make_of_it() -> None:
    models = [model("alpha/dear", image_tokens=48_000), model("alpha/usual", image_tokens=900), model("alpha/unknown")]
    asked = replace(FACTS, image_count=2)
    made = Router(overhead_tokens={"openai": 0}).plan(asked, VERDICT, snapshot(*models), 1)
    bounds = {candidate.model.id: candidate.input_tokens_bound for candidate in made.candidates}
    assert bounds == {"alpha/dear": 1_000 + 2 * 43_000, "alpha/usual": 1_000, "alpha/unknown": 1_000}


def test_a_dialect_without_a_figure_is_an_error_and_no_guess() -> None:
    with pytest.raises(KeyError, match="openai"):
        Router(overhead_tokens={}).prepare(snapshot(model("alpha/a")))
