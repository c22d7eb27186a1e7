"""What rules and plans count: a completion is held on it like on a budget, and a refusal says which rule it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman_server.errors import BudgetExhausted
from pointsman_server.execution.policy_meters import policy_meters
from pointsman_server.identity.model import LOCAL_TENANT
from pointsman_server.ledger.budgets import BudgetQuery
from pointsman_server.ledger.meters import Scope
from pointsman_server.policy.model import PolicyMeter
from pointsman_server.policy.rule import PolicyScope, Rule
from pointsman_server.policy.snapshot import PolicyData, PolicySnapshot

from tests.unit.gateway.conftest import MakeWorld, World, asking

LIMIT = PolicyMeter(
    LOCAL_TENANT, "pol_1/run_1", "agent_max_steps", "rule", "pol_1", "run run_1", "requests", "total", 0, 2
)


def under(world: World, **limits: int) -> World:
    rules = [
        Rule(f"pol_{key}", LOCAL_TENANT, False, PolicyScope.TENANT, "", key, amount) for key, amount in limits.items()
    ]
    world.gateway.policy.use(PolicySnapshot(PolicyData(5, rules)))
    return world


def step(run_id: str) -> CompletionSpecification:
    specification = asking("hello")
    specification.run_id = run_id
    return specification


async def counted(world: World) -> dict[str, tuple[int, int, int]]:
    found, _ = await world.storage.budgets.page(BudgetQuery((LOCAL_TENANT,), scope=Scope.POLICY))
    return {each.meter.name: (each.meter.limit, each.balance.posted, each.balance.reserved) for each in found}


async def test_the_steps_of_each_run_are_counted_by_themselves(make_world: MakeWorld) -> None:
    world = under(make_world(), agent_max_steps=2)
    for run_id in ("run_1", "run_1", "run_2"):
        await world.complete(step(run_id))
    with pytest.raises(BudgetExhausted) as refused:
        await world.complete(step("run_1"))
    assert refused.value.message == (
        "No model of the plan fits the limits: agent_max_steps of run run_1: 0 requests left of the 2 that rule "
        "pol_agent_max_steps allows; have the limit of rule pol_agent_max_steps raised."
    )
    assert refused.value.metadata["source"] == "rule:pol_agent_max_steps"
    assert await counted(world) == {
        "agent_max_steps of run run_1": (2, 2, 0),
        "agent_max_steps of run run_2": (2, 1, 0),
    }


async def test_a_changed_rule_holds_for_the_next_call(make_world: MakeWorld) -> None:
    world = under(make_world(), requests_per_minute=60, agent_max_steps=1)
    await world.complete(step("run_1"))
    with pytest.raises(BudgetExhausted, match="agent_max_steps of run run_1: 0 requests left of the 1"):
        await world.complete(step("run_1"))
    under(world, requests_per_minute=60, agent_max_steps=2)
    await world.complete(step("run_1"))
    assert (await counted(world))["agent_max_steps of run run_1"] == (2, 2, 0)
    under(world, max_concurrent=0)
    with pytest.raises(BudgetExhausted, match="concurrent calls of tenant: 0 requests left of the 0"):
        await world.complete(asking("hello"))


def test_what_is_counted_otherwise_is_another_meter() -> None:
    others = [replace(LIMIT, unit="tokens"), replace(LIMIT, kind="day"), replace(LIMIT, period_s=60)]
    names = {meter.scope_id for meter in policy_meters([LIMIT, *others])}
    assert len(names) == 4
    again = policy_meters([replace(LIMIT, limit=9, source="plan", source_id="PRO", name="calls")])
    assert again[0].scope_id in names
    assert (again[0].limit, again[0].source, again[0].name) == (9, "plan:PRO", "calls of run run_1")


def test_slots_are_told_as_concurrent_calls_of_their_task() -> None:
    slots = replace(LIMIT, kind="slots", name="max_concurrent", holder="tenant, task LLM2_DRAFT")
    (meter,) = policy_meters([slots])
    assert meter.name == "concurrent calls of task LLM2_DRAFT"


def test_what_is_named_twice_is_one() -> None:
    assert len(policy_meters([LIMIT, replace(LIMIT, meter_id="pol_2"), LIMIT])) == 2
