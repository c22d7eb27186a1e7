"""Calls whose plan is outdated before it is let in: planned anew, a bounded number of times."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from pointsman_server import gateway
from pointsman_server.clock import SystemClock
from pointsman_server.errors import CredentialInvalid, NotAMember, PlanOutdated, StoreUnavailable
from pointsman_server.gateway import _PLANS
from pointsman_server.identity.model import LOCAL_ADMIN
from pointsman_server.ledger.claims import IdempotencyKey
from pointsman_server.ledger.generations import Generation, Generations, GenerationWatch
from pointsman_server.sandbox import Fault
from pointsman_server.storage.control import Execute
from pointsman_server.storage.generations import count_on
from pointsman_server.storage.tables import RESERVATIONS
from sqlalchemy import func, select

from tests.conformance.builders import SetClock
from tests.unit.gateway.conftest import MakeWorld, World, asking

COUNT = select(func.count()).select_from(RESERVATIONS)


async def change(world: World, name: Generation = Generation.POLICY) -> None:
    def write(execute: Execute) -> None:
        count_on(execute, name)

    await world.storage.ledger._writer.control(write)


async def reserved(world: World) -> int:
    found: int = (await world.storage.ledger._writer.control(lambda execute: execute(COUNT, {})))[0][0]
    return found


class Deaf(GenerationWatch):
    """Does not take in what it is told."""

    def saw(self, found: Generations) -> None:
        del found


async def test_a_call_that_was_planned_before_a_change_is_planned_anew(make_world: MakeWorld) -> None:
    world = make_world()
    world.gateway.watch.saw(Generations())
    await change(world)
    answer = await world.complete(asking("hello"))
    assert answer.kinds[-1] == "finished"
    assert world.gateway.watch.current == Generations(policy=1)
    await world.settled()
    assert (await world.usage()).attempts == 1


async def test_a_call_that_is_planned_anew_is_let_in_anew(make_world: MakeWorld) -> None:
    world = make_world()
    world.askers = [LOCAL_ADMIN, CredentialInvalid("revoked")]
    await change(world, Generation.REVOCATION)
    with pytest.raises(CredentialInvalid):
        await world.complete(asking("hello"))
    assert await reserved(world) == 0
    of_apollo = asking("hello")
    of_apollo.project_id = "apollo"
    world.askers = [replace(LOCAL_ADMIN, project_ids=frozenset({"apollo"})), LOCAL_ADMIN]
    await change(world, Generation.REVOCATION)
    with pytest.raises(NotAMember):
        await world.complete(of_apollo)
    await world.settled()
    assert not world.first.meter.entries


async def test_a_call_whose_plan_is_outdated_again_and_again_is_told_so(make_world: MakeWorld) -> None:
    storage = make_world().storage
    world = make_world(watch=Deaf(storage.generations.read, SystemClock()))
    await change(world)
    with pytest.raises(PlanOutdated, match="has changed; try again") as told:
        await world.complete(asking("hello"))
    assert told.value.failure is None
    await world.settled()
    assert (await world.usage()).attempts == 0
    assert not world.first.meter.entries


class Restless:
    """Changes something each time that a call is planned, after the call saw what there was."""

    def __init__(self, world: World, name: Generation) -> None:
        self._world = world
        self._name = name
        self.gateway = replace(world.gateway, policy_at_least=self._at_least)

    async def _at_least(self, generation: int) -> None:
        del generation
        await change(self._world, self._name)


@pytest.mark.parametrize("name", [Generation.POLICY, Generation.REVOCATION])
async def test_a_call_is_let_in_under_the_rules_that_it_was_told_of_though_they_change_on(
    make_world: MakeWorld, name: Generation
) -> None:
    world = make_world()
    world.gateway = Restless(world, name).gateway
    answer = await world.complete(asking("hello"))
    assert answer.kinds[-1] == "finished"
    await world.settled()
    assert (await world.usage()).attempts == 1
    assert getattr(world.gateway.watch.current, name) == _PLANS - 1


@pytest.mark.parametrize("name", [Generation.KILL, Generation.CATALOG])
async def test_what_must_hold_at_once_is_never_overtaken(make_world: MakeWorld, name: Generation) -> None:
    world = make_world()
    world.gateway = Restless(world, name).gateway
    with pytest.raises(PlanOutdated):
        await world.complete(asking("hello"))
    await world.settled()
    assert (await world.usage()).attempts == 0


async def test_a_call_that_takes_long_to_plan_is_not_let_in_under_old_rules(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "_OVERTAKEN_S", 0.0)
    world = make_world()
    world.gateway = Restless(world, Generation.POLICY).gateway
    with pytest.raises(PlanOutdated):
        await world.complete(asking("hello"))


async def test_a_fallback_of_such_a_call_is_not_made_under_old_rules(make_world: MakeWorld) -> None:
    world = make_world(first_token_ms=500)
    world.gateway = Restless(world, Generation.POLICY).gateway
    world.first.script.push(Fault(hang=True))
    with pytest.raises(PlanOutdated) as told:
        await world.complete(asking("hello"))
    assert told.value.failure is not None
    await world.settled()
    assert not world.second.meter.entries


async def test_a_fallback_that_was_planned_before_a_change_is_not_made(make_world: MakeWorld) -> None:
    world = make_world(first_token_ms=500)
    world.first.script.push(Fault(hang=True))
    calling = asyncio.create_task(world.complete(asking("hello")))
    while await reserved(world) == 0:  # noqa: ASYNC110  # the ledger tells no one
        await asyncio.sleep(0.01)
    await change(world)
    with pytest.raises(PlanOutdated) as told:
        await calling
    assert told.value.failure is not None
    assert [attempt.model_id for attempt in told.value.failure.attempts] == ["first/steady"]
    await world.settled()
    assert not world.second.meter.entries
    assert (await world.usage()).attempts == 1


async def test_a_fallback_is_made_though_the_catalog_has_changed(make_world: MakeWorld) -> None:
    world = make_world(first_token_ms=500)
    world.first.script.push(Fault(hang=True))
    calling = asyncio.create_task(world.complete(asking("hello")))
    while await reserved(world) == 0:  # noqa: ASYNC110  # the ledger tells no one
        await asyncio.sleep(0.01)
    await change(world, Generation.CATALOG)
    answer = await calling
    assert answer.kinds[-1] == "finished"
    await world.settled()
    assert len(world.second.meter.entries) == 1
    assert (await world.usage()).attempts == 2


async def test_a_server_that_has_not_heard_from_its_store_lets_nothing_in(make_world: MakeWorld) -> None:
    clock = SetClock()
    storage = make_world().storage
    world = make_world(watch=GenerationWatch(storage.generations.read, clock))
    clock.advance(seconds=2.1)
    with pytest.raises(StoreUnavailable, match="not heard"):
        await world.complete(asking("hello"))
    assert not world.first.meter.entries


async def test_a_call_with_a_request_id_is_planned_anew_as_well(make_world: MakeWorld) -> None:
    world = make_world()
    await change(world)
    answer = await world.complete(asking("hello"), idempotency_key=IdempotencyKey("req_1", "digest"))
    assert answer.kinds[-1] == "finished"
    await world.settled()
    assert (await world.usage()).attempts == 1
