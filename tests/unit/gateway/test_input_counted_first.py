"""A wire that counts the input before its answer: exact when the answer is whole, never too little when it breaks."""

from __future__ import annotations

import pytest
from pointsman_server.errors import StreamBroken
from pointsman_server.sandbox import Fault

from tests.unit.gateway.conftest import MakeWorld, World, asking


@pytest.fixture
async def anthropic_world(make_world: MakeWorld) -> World:
    fields = {
        "dialect": "anthropic",
        "headers": {"anthropic-version": "2026-10-21"},
        "paths": {"chat": "/messages"},
    }
    return make_world(first_fields=fields)


async def test_a_whole_answer_costs_what_the_provider_s_own_meter_says(anthropic_world: World) -> None:
    answer = await anthropic_world.complete(asking("hello"))
    finished = answer.events[-1].finished
    [entry] = anthropic_world.first.meter.entries
    assert (finished.usage.input_tokens, finished.usage.output_tokens) == (entry.input_tokens, entry.output_tokens)
    assert finished.cost_nanos == entry.cost_nanos
    assert not finished.usage.estimated


@pytest.mark.parametrize("deltas", [1, 2, 7])
async def test_a_broken_answer_keeps_the_count_of_the_input(anthropic_world: World, deltas: int) -> None:
    anthropic_world.first.script.push(Fault(cut_after=deltas))
    with pytest.raises(StreamBroken):
        await anthropic_world.complete(asking("hello", allow_fallback=False))
    [entry] = anthropic_world.first.meter.entries
    usage = await anthropic_world.usage()
    assert usage.tokens.estimated
    assert usage.tokens.input_tokens == entry.input_tokens
    assert usage.tokens.output_tokens >= entry.output_tokens == deltas
    assert usage.cost_nanos >= entry.cost_nanos
