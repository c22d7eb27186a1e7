"""What a plan allows and counts."""

from __future__ import annotations

from dataclasses import replace

from pointsman_server.policy.merge import Effect
from pointsman_server.policy.plans import ModelAccess, Plan, PlanFeature, PlanTask, Quota, QuotaHolder

from tests.unit.policy.rules import ANN, CALL, MONDAY_NOON, engine, rule

DRAFT = PlanTask("DRAFT", ModelAccess(("PRO_M", "PRO_L")), (Quota(QuotaHolder.USER, "requests", "day", 10),))
SEARCH = PlanTask("SEARCH", ModelAccess(any_class=True))
PRO = Plan(
    "PRO",
    features=(PlanFeature("PATENTS", (Quota(QuotaHolder.TENANT, "tokens", "month", 1_000),)), PlanFeature("OTHER")),
    tasks=(DRAFT, SEARCH),
    quotas=(Quota(QuotaHolder.TENANT, "nanos", "month", 5), Quota(QuotaHolder.TENANT, "nanos", "month", 4)),
)
CHAT = replace(PRO, plan_id="CHAT", general_access=ModelAccess(("BASE_S",)))
FEATURES = {"DRAFT": "PATENTS", "SEARCH": "OTHER"}
BUYER = replace(ANN, plan_id="PRO")
BOUGHT = engine(plans=[PRO, CHAT], features=FEATURES)


def test_a_task_of_the_plan_is_served_by_its_classes_and_counted_at_every_level() -> None:
    verdict = BOUGHT.evaluate(BUYER, replace(CALL, task_code="DRAFT"), MONDAY_NOON)
    assert verdict.refusals == ()
    assert verdict.models.allowed_classes == frozenset({"PRO_M", "PRO_L"})
    told = [(meter.meter_id, meter.holder, meter.limit, meter.source, meter.source_id) for meter in verdict.meters]
    assert told == [
        ("quota/all/nanos/month/0/tenant", "tenant", 4, "plan", "PRO"),
        ("quota/feature/PATENTS/tokens/month/0/tenant", "tenant, feature PATENTS", 1_000, "plan", "PRO"),
        ("quota/task/DRAFT/requests/day/0/user/ann", "user ann, task DRAFT", 10, "plan", "PRO"),
    ]


def test_a_task_of_any_class_is_not_limited() -> None:
    verdict = BOUGHT.evaluate(BUYER, replace(CALL, task_code="SEARCH"), MONDAY_NOON)
    assert verdict.models.allowed_classes is None
    assert [meter.holder for meter in verdict.meters] == ["tenant"]


def test_what_the_plan_does_not_have_is_refused() -> None:
    (unknown,) = BOUGHT.evaluate(BUYER, replace(CALL, task_code="PAINT"), MONDAY_NOON).refusals
    assert unknown.key == "plan"
    assert unknown.message == "the plan PRO does not have the task PAINT; its tasks are: DRAFT, SEARCH."
    (none,) = BOUGHT.evaluate(BUYER, CALL, MONDAY_NOON).refusals
    assert none.message == "the plan PRO needs every call to name a task; its tasks are: DRAFT, SEARCH."
    (gone,) = BOUGHT.evaluate(replace(ANN, plan_id="GOLD"), CALL, MONDAY_NOON).refusals
    assert gone.message.startswith("there is no plan GOLD")


def test_a_call_without_a_task_has_the_general_access() -> None:
    verdict = BOUGHT.evaluate(replace(ANN, plan_id="CHAT"), CALL, MONDAY_NOON)
    assert verdict.refusals == ()
    assert verdict.models.allowed_classes == frozenset({"BASE_S"})


def test_a_tenant_without_a_plan_is_not_limited_by_one() -> None:
    assert BOUGHT.evaluate(ANN, replace(CALL, task_code="DRAFT"), MONDAY_NOON).refusals == ()


def test_a_task_that_does_not_exist_is_refused_without_a_plan_too() -> None:
    (refusal,) = BOUGHT.evaluate(ANN, replace(CALL, task_code="PAINT"), MONDAY_NOON).refusals
    assert refusal.key == "task"
    assert refusal.message == "there is no task PAINT; ListTasks tells which there are."


def test_a_tenant_whose_plan_was_taken_may_do_nothing() -> None:
    (refusal,) = BOUGHT.evaluate(replace(ANN, plan_required=True), CALL, MONDAY_NOON).refusals
    assert refusal.message.startswith("the access token that the tenant signed up with gives no plan any more")
    assert BOUGHT.evaluate(ANN, CALL, MONDAY_NOON).refusals == ()


def test_no_rule_loosens_a_plan() -> None:
    wide = rule("allowed_classes", frozenset({"PRO_L", "ADVANCED"}), overrides=True, of_platform=True)
    made = engine(wide, plans=[PRO], features=FEATURES)
    draft = replace(CALL, task_code="DRAFT")
    assert made.evaluate(BUYER, draft, MONDAY_NOON).models.allowed_classes == frozenset({"PRO_L"})
    (limit,) = made.explain(BUYER, draft, MONDAY_NOON).limits
    assert {(each.demand.source, each.effect) for each in limit.contributions} == {
        ("plan", Effect.SET),
        ("rule", Effect.SET),
    }
