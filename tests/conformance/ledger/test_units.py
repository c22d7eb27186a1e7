"""Named units and classes of tokens on every store: held, told, counted once a call, and proven."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pointsman_server.errors import BudgetExhausted
from pointsman_server.identity.model import PLATFORM_TENANT, SERVER
from pointsman_server.ledger.audit import Summary
from pointsman_server.ledger.meters import UNITS, Meter, MeterKey, NamedUnit, Scope, Unit
from pointsman_server.ledger.model import ReserveRequest
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import TENANT, failed, request, settlement

OWNERS = (TENANT, PLATFORM_TENANT)


def meter(limit: int, unit: Unit | NamedUnit = NamedUnit.IMAGES, name: str = "bud_1", **fields: Any) -> Meter:
    usual = Meter(MeterKey(TENANT, name), name, Scope.TENANT, "", unit, MeterKind.DAY, 0, limit)
    return replace(usual, **fields)


def call(number: int, images: int, **fields: Any) -> ReserveRequest:
    named = {NamedUnit.IMAGES: images}
    return replace(request(completion_id=f"cmp_{number}"), named_units=named, **fields)


async def state(storage: Storage, name: str = "bud_1") -> tuple[int, int]:
    balance = (await storage.budgets.get(OWNERS, name)).balance
    return balance.posted, balance.reserved


async def proven(storage: Storage) -> None:
    (summary,) = [finding async for finding in storage.budgets.verify(None)]
    assert isinstance(summary, Summary)


async def test_a_meter_of_any_unit_is_kept(storage: Storage) -> None:
    for name, unit in UNITS.items():
        scope = {"scope": Scope.USER, "scope_id": name}
        await storage.budgets.create(meter(5, unit, f"bud_{name}", **scope), SERVER)
        assert (await storage.budgets.get(OWNERS, f"bud_{name}")).meter.unit is unit


async def test_images_are_held_posted_and_refused_by_their_name(storage: Storage) -> None:
    await storage.budgets.create(meter(3), SERVER)
    held = await storage.ledger.reserve(call(1, 2))
    assert await state(storage) == (0, 2)
    await proven(storage)
    tightest = await storage.ledger.settle(held, settlement())
    assert tightest is not None
    assert (tightest.meter.unit, tightest.remaining) == (NamedUnit.IMAGES, 1)
    with pytest.raises(BudgetExhausted) as refused:
        await storage.ledger.reserve(call(2, 2))
    assert {key: refused.value.metadata[key] for key in ("unit", "remaining", "needed")} == {
        "unit": "images",
        "remaining": "1",
        "needed": "2",
    }
    assert "1 images left" in str(refused.value)
    await storage.ledger.settle(await storage.ledger.reserve(call(3, 0)), settlement())
    assert await state(storage) == (2, 0)
    await proven(storage)


async def test_callers_at_once_never_pass_the_images(storage: Storage) -> None:
    await storage.budgets.create(meter(10), SERVER)
    asked = (storage.ledger.reserve(call(number, 3)) for number in range(9))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, BudgetExhausted) for answer in answers) == 6
    assert await state(storage) == (0, 9)
    await proven(storage)


async def test_a_second_attempt_counts_at_the_providers_alone(storage: Storage) -> None:
    await storage.budgets.create(meter(2), SERVER)
    owner = MeterKey(PLATFORM_TENANT, "at_openai")
    await storage.budgets.create(meter(9, name="at_openai", key=owner, scope=Scope.PROVIDER, scope_id="openai"), SERVER)
    first = await storage.ledger.reserve(call(1, 2))
    second = await storage.ledger.settle_and_reserve(first, failed(), call(1, 2, attempt=2))
    assert await state(storage) == (0, 2)
    assert await state(storage, "at_openai") == (2, 2)
    await proven(storage)
    await storage.ledger.settle(second, settlement())
    assert (await state(storage), await state(storage, "at_openai")) == ((2, 0), (4, 0))
    await proven(storage)


async def test_a_class_of_tokens_is_held_as_the_whole_side_and_posted_alone(storage: Storage) -> None:
    for unit in (Unit.CACHE_READ_TOKENS, Unit.REASONING_TOKENS):
        await storage.budgets.create(meter(500, unit, f"bud_{unit.value}"), SERVER)
    held = await storage.ledger.reserve(call(1, 0, input_tokens_bound=300, max_output_tokens=200))
    assert await state(storage, "bud_cache_read_tokens") == (0, 300)
    assert await state(storage, "bud_reasoning_tokens") == (0, 200)
    await storage.ledger.settle(held, settlement())
    assert await state(storage, "bud_cache_read_tokens") == (7, 0)
    assert await state(storage, "bud_reasoning_tokens") == (17, 0)
    await proven(storage)
