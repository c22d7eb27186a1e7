"""What is kept of earlier calls changes no plan."""

from itertools import cycle, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pointsman_server.catalog.model import Model
from pointsman_server.router import screening
from pointsman_server.router.model import Facts
from pointsman_server.router.router import Router

from tests.unit.router.catalogs import OVERHEAD_TOKENS, VERDICT, any_facts, any_models, facts, model, plan, snapshot


@pytest.mark.parametrize("kept_bytes", [screening.MOST_KEPT_BYTES, 0])
@settings(max_examples=60, deadline=None)
@given(any_models, st.lists(any_facts, min_size=1, max_size=4))
def test_a_router_that_has_answered_plans_as_a_fresh_one_does(
    kept_bytes: int, models: list[Model], asked: list[Facts]
) -> None:
    router, catalog = Router(overhead_tokens={"openai": OVERHEAD_TOKENS}), snapshot(*models)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(screening, "MOST_KEPT_BYTES", kept_bytes)
        for each in islice(cycle(asked), 2 * len(asked)):
            assert router.plan(each, VERDICT, catalog, 1) == plan(models, each)


def test_lengths_and_ceilings_are_asked_of_every_call() -> None:
    models = [model("alpha/small", context_window_tokens=2_000), model("beta/large", context_window_tokens=200_000)]
    router, catalog = Router(overhead_tokens={"openai": OVERHEAD_TOKENS}), snapshot(*models)
    short, long = facts(), facts(input_tokens_bound=50_000, input_tokens_expected=50_000)
    counts = [router.plan(each, VERDICT, catalog, 1).eligible_count for each in (short, long, short)]
    assert counts == [2, 1, 2]
