"""Limits on what calls bring: images, documents and audio clips."""

from __future__ import annotations

import pytest
from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.content_pb2 import ImagePart, Part
from pointsman.v1.model_pb2 import Capability
from pointsman_server.errors import BudgetExhausted
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.meters import MeterKey, NamedUnit, Scope
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.sandbox import Fault

from tests.unit.gateway.conftest import TALENTS, MakeWorld, World, asking
from tests.unit.gateway.test_budgets import limit, state

PIXELS = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    """A world whose models see."""
    row = {"capabilities": TALENTS | {Capability.CAPABILITY_VISION}}
    return make_world(first_row=row, second_row=row)


def with_images(count: int, *, allow_clamping: bool = False) -> CompletionSpecification:
    asked = asking("what is on these?", allow_clamping=allow_clamping)
    asked.messages[0].parts.extend([Part(image=ImagePart(data=PIXELS, media_type="image/png")) for _ in range(count)])
    return asked


@pytest.mark.parametrize("allow_clamping", [False, True])
async def test_of_three_images_a_day_the_fourth_is_refused_and_text_passes(
    world: World, *, allow_clamping: bool
) -> None:
    await limit(world, 3, "day", unit=NamedUnit.IMAGES, kind=MeterKind.DAY)
    finished = (await world.complete(with_images(2))).events[-1].finished
    balance = finished.tightest_meter
    assert (balance.meter, balance.unit, balance.limit, balance.remaining) == ("day", "images", 3, 1)
    with pytest.raises(BudgetExhausted) as refused:
        await world.complete(with_images(2, allow_clamping=allow_clamping))
    assert refused.value.metadata["unit"] == "images"
    assert await state(world, "day") == (2, 0)
    await world.complete(with_images(1))
    with pytest.raises(BudgetExhausted):
        await world.complete(with_images(1))
    finished = (await world.complete(asking("hello"))).events[-1].finished
    assert not finished.HasField("tightest_meter"), "what counts no text tells text nothing"
    assert await state(world, "day") == (3, 0)


async def test_a_fallback_brings_the_images_to_the_next_provider_and_counts_once(world: World) -> None:
    await limit(world, 2, "day", unit=NamedUnit.IMAGES, kind=MeterKind.DAY)
    for name in ("first", "second"):
        key = MeterKey(PLATFORM_TENANT, name)
        await limit(world, 9, name, key=key, scope=Scope.PROVIDER, scope_id=name, unit=NamedUnit.IMAGES)
    world.first.script.push(Fault(status=503))
    answer = await world.complete(with_images(2))
    assert answer.events[-1].finished.model_id == "second/steady"
    assert [await state(world, name) for name in ("day", "first", "second")] == [(2, 0)] * 3
