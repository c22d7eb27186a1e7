"""What policy says of a call holds: refused ones reach nobody, limited ones go where they may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

import pytest
from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman_server.errors import NoEligibleModel, NotAMember, PolicyRefused
from pointsman_server.identity.model import LOCAL_ADMIN, LOCAL_TENANT
from pointsman_server.policy.rule import PolicyScope, Rule
from pointsman_server.policy.snapshot import PolicyData, PolicySnapshot
from pointsman_server.router import router
from pointsman_server.router.model import Profile

from tests.unit.gateway.conftest import MakeWorld, World, asking


def rule(key: str, value: object, rule_id: str = "pol_1") -> Rule:
    return Rule(rule_id, LOCAL_TENANT, False, PolicyScope.TENANT, "", key, value)  # type: ignore[arg-type]


def under(world: World, rules: Sequence[Rule]) -> World:
    world.gateway.policy.use(PolicySnapshot(PolicyData(5, rules)))
    return world


async def test_a_call_that_policy_refuses_reaches_nobody_and_is_recorded(make_world: MakeWorld) -> None:
    world = under(make_world(), [rule("max_tokens_in", 1), rule("max_messages", 0, "pol_2")])
    with pytest.raises(PolicyRefused) as told:
        await world.complete(asking("hello"))
    error = told.value
    assert error.message.startswith("Policy refuses this call: max_tokens_in is 1, and the call has ")
    assert error.message.endswith("(1 more in the details)")
    assert (error.metadata["key"], error.metadata["policy_rule_id"]) == ("max_tokens_in", "pol_1")
    assert [violation.type for violation in error.preconditions] == ["max_tokens_in", "max_messages"]
    decision = await world.decision(error.metadata["decision_id"])
    assert decision.outcome.status == "PERMISSION_DENIED"
    assert decision.explanation == "Refused by policy: max_tokens_in, max_messages."
    assert decision.policy_generation == 5
    assert list(decision.plan) == []
    assert not world.first.meter.entries
    assert (await world.usage()).attempts == 0


async def test_route_obeys_too(make_world: MakeWorld) -> None:
    world = under(make_world(), [rule("max_messages", 0)])
    with pytest.raises(PolicyRefused):
        await world.gateway.route(asking("hello"), principal=LOCAL_ADMIN)
    under(world, [rule("allowed_providers", frozenset({"second"}))])
    decision = await world.gateway.route(asking("hello"), principal=LOCAL_ADMIN)
    assert list(decision.plan) == ["second/steady"]
    assert decision.policy_generation == 5


async def test_a_project_of_others_is_refused(make_world: MakeWorld) -> None:
    specification = asking("hello")
    specification.project_id = "apollo"
    with pytest.raises(NotAMember, match="project_id: apollo is no project"):
        await make_world().complete(specification)


async def test_models_that_policy_drops_do_not_serve(make_world: MakeWorld) -> None:
    world = under(make_world(), [rule("denied_models", frozenset({"first/*"}))])
    await world.complete(asking("hello"))
    await world.settled()
    assert not world.first.meter.entries
    assert len(world.second.meter.entries) == 1
    under(world, [rule("denied_models", frozenset({"first/*", "second/steady"}))])
    with pytest.raises(NoEligibleModel, match="policy_models"):
        await world.complete(asking("hello"))


async def test_the_output_cap_is_policys(make_world: MakeWorld) -> None:
    world = under(make_world(), [rule("max_tokens_out", 7)])
    decision = await world.gateway.route(_asking_for(1_000), principal=LOCAL_ADMIN)
    assert {candidate.max_output_tokens for candidate in decision.candidates} == {7}


async def test_an_agents_key_charges_its_agent(make_world: MakeWorld) -> None:
    world = make_world()
    agent = replace(LOCAL_ADMIN, user_id="agent:writer", agent_id="writer")
    decision = await world.gateway.route(asking("hello"), principal=agent)
    assert decision.facts.agent_id == "writer"
    specification = asking("hello")
    specification.agent_id = "painter"
    with pytest.raises(PolicyRefused, match="the key is that of the agent writer"):
        await world.gateway.route(specification, principal=agent)


def _asking_for(tokens: int) -> CompletionSpecification:
    specification = asking("hello")
    specification.max_output_tokens = tokens
    return specification


async def test_the_tenants_default_model_serves_where_scoring_fails(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world()

    def raising(_contest: object) -> NoReturn:
        raise ValueError("an array of the wrong shape")

    monkeypatch.setattr(router, "STRATEGIES", dict.fromkeys(Profile, raising))
    principal = replace(LOCAL_ADMIN, default_model="second/steady")
    assert list((await world.gateway.route(asking("hello"), principal=principal)).plan) == ["second/steady"]
    under(world, [rule("denied_models", frozenset({"second/*"}))])
    with pytest.raises(ValueError, match="wrong shape"):
        await world.gateway.route(asking("hello"), principal=principal)
