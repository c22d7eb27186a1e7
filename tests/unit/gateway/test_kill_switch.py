"""What is stopped is let in no more, and what runs is cut where asked: settled as for a caller who has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest
from pointsman_server.catalog.model import OnCancel
from pointsman_server.errors import KillSwitchPulled, NoEligibleModel, PinNotEligible, StoreUnavailable
from pointsman_server.identity.model import LOCAL_ADMIN, LOCAL_TENANT, Role
from pointsman_server.identity.tenants import Tenant
from pointsman_server.policy import following
from pointsman_server.policy.kill_store import KillView
from pointsman_server.policy.kill_switch import Act, KillScope, KillSwitch
from pointsman_server.sandbox import Fault
from pointsman_server.storage.tables import KILL_SWITCHES
from sqlalchemy import update

from tests.conformance.builders import START
from tests.conformance.identity.origins import origin
from tests.unit.gateway.conftest import Answer, MakeWorld, World, asking

USER = replace(LOCAL_ADMIN, roles=frozenset({Role.USER}))
WHY = "a leak"
LONG = Fault(burst=False, gap_ms=20, tokens=400)


async def pull(world: World, scope: KillScope, scope_id: str = "", **fields: Any) -> KillSwitch:
    """Pulls a switch of the platform, unless the fields say otherwise; this server has not heard of it yet."""
    given = {"tenant_id": "", "cut_running": False, "of_platform": True, **fields}
    switch = KillSwitch("", scope, scope_id, pull=Act("local", "root", START, WHY), **given)
    return await world.storage.kill_switches.pull(switch, origin("BudgetService/PullKillSwitch"))


async def heard(world: World) -> None:
    await world.gateway.watch.look()


async def make_local(world: World) -> None:
    await world.storage.tenants.create(Tenant(LOCAL_TENANT, LOCAL_TENANT), origin("TenantService/CreateTenant"))


async def test_a_stopped_call_reaches_nobody_and_is_recorded(make_world: MakeWorld) -> None:
    world = make_world()
    await pull(world, KillScope.GLOBAL)
    await heard(world)
    with pytest.raises(KillSwitchPulled) as told:
        await world.complete(asking("hello"))
    error = told.value
    assert error.message == "The platform has stopped all calls; it stays so until the kill switch is released."
    assert {name: error.metadata[name] for name in ("scope", "justification")} == {
        "scope": "global",
        "justification": WHY,
    }
    decision = await world.decision(error.metadata["decision_id"])
    assert decision.outcome.status == "FAILED_PRECONDITION"
    assert decision.explanation == "Refused by the kill switch: global."
    assert list(decision.plan) == []
    assert not world.first.meter.entries
    assert (await world.usage()).attempts == 0


async def test_why_the_platform_stops_a_user_does_not_hear(make_world: MakeWorld) -> None:
    world = make_world()
    await pull(world, KillScope.GLOBAL)
    await heard(world)
    with pytest.raises(KillSwitchPulled) as told:
        await world.gateway.route(asking("hello"), principal=USER)
    assert told.value.metadata.keys() == {"scope", "decision_id"}
    assert WHY not in told.value.message


async def test_a_tenants_own_switch_stops_it_and_says_why(make_world: MakeWorld) -> None:
    world = make_world()
    await make_local(world)
    await pull(world, KillScope.TENANT, tenant_id=LOCAL_TENANT, of_platform=False)
    await heard(world)
    with pytest.raises(KillSwitchPulled, match="The tenant has stopped all calls of the tenant") as told:
        await world.gateway.route(asking("hello"), principal=USER)
    assert (told.value.metadata["scope"], told.value.metadata["justification"]) == ("tenant", WHY)
    other = replace(LOCAL_ADMIN, tenant_id="another")
    assert (await world.gateway.route(asking("hello"), principal=other)).plan


async def test_a_call_that_was_planned_before_is_planned_anew_and_refused(make_world: MakeWorld) -> None:
    world = make_world()
    switch = await pull(world, KillScope.GLOBAL)  # the reserve is the first to hear of it
    with pytest.raises(KillSwitchPulled):
        await world.complete(asking("hello"))
    assert not world.first.meter.entries
    view = KillView("local", of_platform=True)
    await world.storage.kill_switches.release(view, switch.kill_switch_id, "", origin("BudgetService/Release"))
    await heard(world)
    assert (await world.complete(asking("hello"))).kinds[-1] == "finished"


@pytest.mark.parametrize("scope", [KillScope.PROVIDER, KillScope.MODEL])
async def test_others_serve_in_the_place_of_what_is_stopped(make_world: MakeWorld, scope: KillScope) -> None:
    world = make_world()
    names = {KillScope.PROVIDER: ("first", "second"), KillScope.MODEL: ("first/steady", "second/steady")}[scope]
    await pull(world, scope, names[0])
    answer = await world.complete(asking("hello"))
    assert answer.events[0].started.decision.model_id == "second/steady"
    decision = await world.gateway.route(asking("hello"), principal=USER)
    assert list(decision.plan) == ["second/steady"]
    (dropped,) = [each for each in decision.exclusions if each.reason == "kill_switch"]
    assert [each.detail for each in dropped.examples] == [f"a kill switch stops {names[0]}"]
    with pytest.raises(PinNotEligible, match="a kill switch stops first"):
        await world.complete(asking("hello", pinned_models=["first/steady"]))
    await pull(world, scope, names[1])
    with pytest.raises(NoEligibleModel) as told:
        await world.complete(asking("hello"))
    assert [each.type for each in told.value.preconditions] == ["kill_switch"]


async def test_a_tenant_stops_a_provider_for_itself_alone(make_world: MakeWorld) -> None:
    world = make_world()
    await make_local(world)
    await pull(world, KillScope.PROVIDER, "first", tenant_id=LOCAL_TENANT, of_platform=False)
    await heard(world)
    assert list((await world.gateway.route(asking("hello"), principal=USER)).plan) == ["second/steady"]
    other = replace(LOCAL_ADMIN, tenant_id="another")
    assert (await world.gateway.route(asking("hello"), principal=other)).plan[0] == "first/steady"


async def running(world: World) -> tuple[asyncio.Task[Answer], Awaitable[Answer]]:
    """A long call whose answer has begun."""
    begun = asyncio.Event()
    answer = Answer()

    async def read() -> Answer:
        async for response in world.stream(asking("hello"), seconds=30):
            answer.responses.append(response)
            if answer.text:
                begun.set()
        return answer

    task = asyncio.create_task(read())
    await asyncio.wait_for(begun.wait(), 10)
    return task, task


async def test_what_runs_is_cut_and_settled_as_for_a_caller_who_has_gone(make_world: MakeWorld) -> None:
    world = make_world()
    world.first.script.push(LONG)
    _, task = await running(world)
    await pull(world, KillScope.MODEL, "first/steady", cut_running=True)
    await heard(world)
    with pytest.raises(KillSwitchPulled, match="what is sent to first/steady") as told:
        await asyncio.wait_for(task, 1)
    failure = told.value.failure
    assert failure is not None
    assert failure.completion_id
    assert failure.last_sequence > 0
    assert told.value.metadata == {"scope": "model", "decision_id": failure.decision_id}
    await world.settled()
    usage = await world.usage()
    assert (usage.attempts, usage.cancelled_attempts) == (1, 1)
    assert usage.cost_nanos == failure.cost_nanos
    assert world.first.meter.outcomes == {"client_gone": 1}
    assert (await world.decision(failure.decision_id)).outcome.status == "FAILED_PRECONDITION"


async def test_what_is_billed_anyway_is_read_to_its_end_for_nobody(make_world: MakeWorld) -> None:
    world = make_world(first_fields={"on_cancel": OnCancel.READ_TO_END})
    world.first.script.push(Fault(burst=False, gap_ms=20, tokens=40))
    _, task = await running(world)
    await pull(world, KillScope.GLOBAL, cut_running=True)
    await heard(world)
    with pytest.raises(KillSwitchPulled) as told:
        await asyncio.wait_for(task, 0.5)
    assert told.value.failure is not None
    await world.settled()
    (entry,) = world.first.meter.entries
    usage = await world.usage()
    assert (entry.outcome, usage.tokens.output_tokens, usage.cost_nanos) == ("ended", 40, entry.cost_nanos)


async def test_what_was_not_to_be_cut_ends_by_itself(make_world: MakeWorld) -> None:
    world = make_world()
    world.first.script.push(Fault(burst=False, gap_ms=20, tokens=20))
    _, task = await running(world)
    await pull(world, KillScope.GLOBAL)
    await pull(world, KillScope.MODEL, "second/steady", cut_running=True)
    await heard(world)
    assert (await task).kinds[-1] == "finished"


async def test_only_the_first_cause_counts(make_world: MakeWorld) -> None:
    world = make_world(first_fields={"on_cancel": OnCancel.READ_TO_END})
    world.first.script.push(Fault(burst=False, gap_ms=20, tokens=20))
    gone, _ = await running(world)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await pull(world, KillScope.GLOBAL, cut_running=True)
    await heard(world)
    await world.settled()
    assert (await world.usage()).tokens.output_tokens == 20


async def test_switches_that_cannot_be_read_let_nothing_in(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "CATCH_UP_S", 0.3)
    world = make_world()
    await pull(world, KillScope.MODEL, "second/steady")
    broken = update(KILL_SWITCHES).values(switch=b"\xff")
    await world.storage.ledger._writer.control(lambda execute: execute(broken, {}))
    with pytest.raises(StoreUnavailable, match="nothing is let in until then"):
        await world.complete(asking("hello"))
    assert not world.first.meter.entries
