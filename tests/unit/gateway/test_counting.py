"""A vocabulary at hand: exact counts in the decision, in the hold and in the cost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pointsman.v1.decision_pb2 import Decision
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.catalog.snapshot import build
from pointsman_server.identity.model import LOCAL_ADMIN
from pointsman_server.router import tokenizers, vocabularies

from tests.unit.gateway.conftest import MakeWorld, World, asking
from tests.unit.router.vocabulary_files import write

TEXT = " the quick" * 300


def naming(world: World, tokenizer: str, *model_ids: str) -> World:
    """The world, in which these models have a vocabulary."""
    old = world.gateway.catalog.snapshot
    models = [replace(model, tokenizer=tokenizer if model.id in model_ids else "") for model in old.models]
    catalog = Catalog(build(old.providers.values(), old.statuses, models))
    return replace(world, gateway=replace(world.gateway, catalog=catalog))


async def routed(world: World, **hints: object) -> Decision:
    return await world.gateway.route(asking(TEXT, **hints), principal=LOCAL_ADMIN)


async def test_a_decision_says_which_counter_gave_the_bound(make_world: MakeWorld, tmp_path: Path) -> None:
    write(tmp_path)
    encodings = {name: found.encoding for name, found in vocabularies.load(tmp_path).items()}
    world = naming(make_world(encodings=encodings), "o200k_base", "first/steady")
    exact = await routed(world)
    assert exact.plan[0] == "first/steady"
    assert exact.facts.token_counter == "tiktoken:o200k_base"
    assert 600 < exact.facts.input_tokens_bound < 650
    by_bytes = await routed(world, pinned_models=["second/steady"])
    assert by_bytes.facts.token_counter == "bytes"
    assert by_bytes.facts.input_tokens_bound > 3_000
    costs = {candidate.model_id: candidate.worst_case_cost_nanos for candidate in exact.candidates}
    assert costs["second/steady"] - costs["first/steady"] == (3_000 - 600) * 1_000


async def test_the_hold_is_never_below_what_the_provider_counts(make_world: MakeWorld, tmp_path: Path) -> None:
    write(tmp_path)
    encodings = {name: found.encoding for name, found in vocabularies.load(tmp_path).items()}
    world = naming(make_world(encodings=encodings), "o200k_base", "first/steady")
    answer = await world.complete(asking("the quick thing"))
    finished = answer.events[-1].finished
    decision = await world.decision(answer.events[0].started.decision.decision_id)
    assert decision.facts.token_counter == "tiktoken:o200k_base"
    assert 0 < finished.cost_nanos <= decision.candidates[0].worst_case_cost_nanos


async def test_without_a_vocabulary_no_thread_is_asked(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("a thread was asked")

    monkeypatch.setattr(tokenizers.asyncio, "to_thread", refuse)
    decision = await routed(naming(make_world(), "o200k_base", "first/steady"))
    assert decision.facts.token_counter == "bytes"
