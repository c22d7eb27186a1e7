"""What every database does with plans, features and tasks: first rows, references that hold, and use that protects."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pointsman_server.errors import InUse, InvalidRequest, NameTaken, NotFound, RequestIdReused
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.identity.tenants import Tenant
from pointsman_server.identity.times import Times
from pointsman_server.policy.plan_store import OfferQuery
from pointsman_server.policy.plans import Feature, ModelAccess, Plan, PlanFeature, PlanTask, Quota, QuotaHolder, Task
from pointsman_server.policy.rule import PolicyScope, Rule
from pointsman_server.policy.rule_store import RuleView
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import START, SetClock
from tests.conformance.identity.origins import generations, origin, recorded

CREATE = origin("TenantService/CreatePlan")
UPDATE = origin("TenantService/UpdatePlan")
DELETE = origin("TenantService/DeletePlan")

DAILY = Quota(QuotaHolder.USER, "output_tokens", "day", 10_000)
ROLLING = Quota(QuotaHolder.TENANT, "images", "rolling", 7, 3_600)
GOLD = Plan(
    "GOLD",
    "Gold",
    features=(PlanFeature("PATENT_DRAFTING", (DAILY,)), PlanFeature("PRIOR_ART_SEARCH")),
    tasks=(PlanTask("LLM2_DRAFT", ModelAccess(("PRO_M",)), (DAILY, ROLLING)),),
    general_access=ModelAccess(any_class=True),
    quotas=(ROLLING,),
)


async def test_a_new_database_has_the_first_plans(storage: Storage) -> None:
    offer = await storage.offer.offer()
    assert sorted(offer.plans) == ["BASIC", "ENTERPRISE", "FREE", "PRO"]
    assert sorted(offer.features) == ["DIAGRAM_GENERATION", "PATENT_DRAFTING", "PRIOR_ART_SEARCH"]
    assert {task.task_code: task.feature_id for task in offer.tasks.values()} == {
        "LLM1_PRIOR_ART": "PRIOR_ART_SEARCH",
        "LLM2_DRAFT": "PATENT_DRAFTING",
        "LLM3_DIAGRAM": "DIAGRAM_GENERATION",
    }
    tasks = {task.task_code: task for task in offer.plans["ENTERPRISE"].tasks}
    assert {code: task.access.model_classes for code, task in tasks.items()} == {
        "LLM1_PRIOR_ART": ("BASE_S", "BASE_M"),
        "LLM2_DRAFT": ("PRO_M", "PRO_L", "ADVANCED"),
        "LLM3_DIAGRAM": ("BASE_M", "PRO_M"),
    }
    slots = {code: quota.limit for code, task in tasks.items() for quota in task.quotas if quota.kind == "slots"}
    assert slots == {"LLM1_PRIOR_ART": 3, "LLM2_DRAFT": 2, "LLM3_DIAGRAM": 5}
    assert all(plan.times is not None for plan in offer.plans.values())


async def test_the_first_plans_are_sound_and_can_be_edited(storage: Storage) -> None:
    for plan in (await storage.offer.offer()).plans.values():
        fields = ("display_name", "features", "tasks", "general_access", "quotas")
        assert replace(await storage.offer.plans.update(plan, fields, UPDATE), times=plan.times) == plan


async def test_a_plan_comes_back_as_it_was_made(storage: Storage) -> None:
    before = (await generations(storage)).policy
    made = await storage.offer.plans.create(GOLD, CREATE)
    assert made == replace(GOLD, times=Times(START, START))
    assert await storage.offer.plans.get("GOLD") == made
    assert (await storage.offer.offer()).plans["GOLD"] == made
    assert (await generations(storage)).policy == before + 1
    assert await recorded(storage, PLATFORM_TENANT) == [("TenantService/CreatePlan", "plan", "GOLD")]
    with pytest.raises(NameTaken):
        await storage.offer.plans.create(GOLD, CREATE)


async def test_under_a_request_id_a_plan_is_made_once(storage: Storage) -> None:
    asked = origin("TenantService/CreatePlan", request_id="r1")
    made = await storage.offer.plans.create(GOLD, asked)
    assert await storage.offer.plans.create(GOLD, asked) == made
    with pytest.raises(RequestIdReused):
        await storage.offer.plans.create(GOLD, origin("TenantService/CreatePlan", request_id="r1", body="other"))
    assert len(await recorded(storage, PLATFORM_TENANT)) == 1


async def test_only_what_is_named_is_changed(storage: Storage, clock: SetClock) -> None:
    await storage.offer.plans.create(GOLD, CREATE)
    clock.advance(seconds=3)
    before = (await generations(storage)).policy
    bare = Plan("GOLD", "New")
    found = await storage.offer.plans.update(bare, ["tasks", "general_access"], UPDATE)
    assert found == replace(GOLD, tasks=(), general_access=None, times=Times(START, clock.now()))
    assert await storage.offer.plans.get("GOLD") == found
    assert (await generations(storage)).policy == before + 1


async def test_a_plan_names_what_there_is_and_what_it_has(storage: Storage) -> None:
    tasks = (PlanTask("LLM3_DIAGRAM", ModelAccess(any_class=True)), PlanTask("NOTHING", ModelAccess(any_class=True)))
    wrong = Plan("GOLD", "Gold", features=(PlanFeature("NONE"),), tasks=tasks)
    for asked in (storage.offer.plans.create(wrong, CREATE), _update(storage, wrong)):
        with pytest.raises(InvalidRequest) as refused:
            await asked
        assert [problem.field for problem in refused.value.fields] == [
            "plan.features[0].feature_id",
            "plan.tasks[0].task_code",
            "plan.tasks[1].task_code",
        ]
    assert "DIAGRAM_GENERATION, which the plan does not have" in refused.value.fields[1].description


async def _update(storage: Storage, plan: Plan) -> None:
    await storage.offer.plans.create(GOLD, CREATE)
    await storage.offer.plans.update(plan, ["features", "tasks"], UPDATE)


async def test_a_plan_in_use_stays(storage: Storage) -> None:
    for name in ("acme", "beta"):
        await storage.tenants.create(Tenant(name, name, plan_id="PRO"), origin("TenantService/CreateTenant"))
    with pytest.raises(InUse, match="2 access tokens") as refused:
        await storage.offer.plans.delete("PRO", DELETE)
    assert refused.value.metadata == {"resource": "plan", "used_by": "2 access tokens"}
    update = origin("TenantService/UpdateTenant")
    for name in ("acme", "beta"):
        await storage.tenants.update(Tenant(name, name, plan_id="BASIC"), ["plan_id"], update)
    await storage.offer.plans.delete("PRO", DELETE)
    with pytest.raises(NotFound, match="no plan PRO; ListPlans"):
        await storage.offer.plans.get("PRO")


async def test_what_rules_name_stays(storage: Storage) -> None:
    await storage.offer.plans.create(Plan("GOLD", "Gold"), CREATE)
    await storage.offer.tasks.create(Task("NEW", "PATENT_DRAFTING"), CREATE)
    made = origin("PolicyService/CreatePolicyRule")
    rule = Rule("", "", True, PolicyScope.PLAN, "GOLD", "max_tokens_in", 5, task_code="NEW")
    kept = [await storage.rules.create(replace(rule, key=key), made) for key in ("max_tokens_in", "max_tokens_out")]
    with pytest.raises(InUse, match="plan GOLD is used by 2 policy rules; end that first"):
        await storage.offer.plans.delete("GOLD", DELETE)
    with pytest.raises(InUse, match="task NEW is used by 2 policy rules; end that first"):
        await storage.offer.tasks.delete("NEW", DELETE)
    view = RuleView("local", of_platform=True)
    for each in kept:
        await storage.rules.delete(view, each.rule_id, made)
    await storage.offer.plans.delete("GOLD", DELETE)
    await storage.offer.tasks.delete("NEW", DELETE)


async def test_a_plan_is_not_deleted_while_somebody_takes_it(storage: Storage) -> None:
    """Either the tenant has the plan and it stays, or it is gone and the tenant does not."""
    create = origin("TenantService/CreateTenant")
    for number in range(8):
        plan = replace(GOLD, plan_id=f"GOLD-{number}")
        await storage.offer.plans.create(plan, CREATE)
        results: list[Any] = await asyncio.gather(
            storage.tenants.create(Tenant(f"t-{number}", "T", plan_id=plan.plan_id), create),
            storage.offer.plans.delete(plan.plan_id, DELETE),
            return_exceptions=True,
        )
        taken, deleted = (not isinstance(result, Exception) for result in results)
        assert taken != deleted, results


async def test_features_and_tasks_in_use_stay(storage: Storage) -> None:
    offer = storage.offer
    with pytest.raises(InUse, match="task LLM2_DRAFT, plan ENTERPRISE, plan PRO"):
        await offer.features.delete("PATENT_DRAFTING", DELETE)
    with pytest.raises(InUse, match="plan BASIC, plan ENTERPRISE, plan PRO"):
        await offer.tasks.delete("LLM3_DIAGRAM", DELETE)


async def test_features_and_tasks_come_change_and_go(storage: Storage) -> None:
    offer = storage.offer
    feature = await offer.features.create(Feature("CHAT", "Chat"), CREATE)
    assert feature == Feature("CHAT", "Chat", Times(START, START)) == await offer.features.get("CHAT")
    task = await offer.tasks.create(Task("CHAT_1", "CHAT", "One"), CREATE)
    assert task == Task("CHAT_1", "CHAT", "One", Times(START, START)) == await offer.tasks.get("CHAT_1")
    assert (await offer.features.update(Feature("CHAT", "Talk"), ["display_name"], UPDATE)).display_name == "Talk"
    moved = await offer.tasks.update(Task("CHAT_1", "PATENT_DRAFTING"), ["feature_id"], UPDATE)
    assert (moved.feature_id, moved.display_name) == ("PATENT_DRAFTING", "One")
    await offer.features.delete("CHAT", DELETE)
    await offer.tasks.delete("CHAT_1", DELETE)
    assert sorted((await offer.offer()).tasks) == ["LLM1_PRIOR_ART", "LLM2_DRAFT", "LLM3_DIAGRAM"]
    assert [entry[1:] for entry in await recorded(storage, PLATFORM_TENANT)][-2:] == [
        ("feature", "CHAT"),
        ("task", "CHAT_1"),
    ]


async def test_a_task_is_of_a_feature_that_there_is_and_that_its_plans_have(storage: Storage) -> None:
    with pytest.raises(InvalidRequest, match=r"task\.feature_id: names no feature"):
        await storage.offer.tasks.create(Task("NEW", "NONE"), CREATE)
    await storage.offer.features.create(Feature("CHAT"), CREATE)
    with pytest.raises(InUse, match="plan ENTERPRISE, which has not its feature, plan PRO"):
        await storage.offer.tasks.update(Task("LLM2_DRAFT", "CHAT"), ["feature_id"], UPDATE)


async def test_what_is_not_there_is_not_found(storage: Storage) -> None:
    offer = storage.offer
    stores: list[tuple[Any, Any]] = [
        (offer.plans, Plan("NONE")),
        (offer.features, Feature("NONE")),
        (offer.tasks, Task("NONE", "PATENT_DRAFTING")),
    ]
    for store, thing in stores:
        for asked in (store.get("NONE"), store.update(thing, ["display_name"], UPDATE), store.delete("NONE", DELETE)):
            with pytest.raises(NotFound, match=r"NONE; List\w+ lists what there is"):
                await asked


async def test_pages_are_in_order(storage: Storage) -> None:
    found, total = await storage.offer.plans.page(OfferQuery(after="BASIC", page_size=2))
    assert ([plan.plan_id for plan in found], total) == (["ENTERPRISE", "FREE"], 4)
    tasks, total = await storage.offer.tasks.page(OfferQuery(feature_id="PATENT_DRAFTING"))
    assert ([task.task_code for task in tasks], total) == (["LLM2_DRAFT"], 1)
