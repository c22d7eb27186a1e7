"""PolicyService over a real store: who may write what, what is refused, and what Evaluate tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import policy_service_pb2 as pb
from pointsman.v1.budget_service_pb2 import BUDGET_KIND_MONTH, BUDGET_KIND_RATE, BUDGET_UNIT_NANOS, BUDGET_UNIT_REQUESTS
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.errors import InvalidRequest, NotFound, RoleRequired, RulesContradict
from pointsman_server.identity.tenants import Project
from pointsman_server.ids import new_id
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.policy.engine import PolicyEngine
from pointsman_server.policy.keeper import PolicyKeeper
from pointsman_server.policy.limits import ServerLimits
from pointsman_server.policy.plans import ModelAccess, Plan, Quota, QuotaHolder
from pointsman_server.router.router import Router
from pointsman_server.services.call import Call
from pointsman_server.services.policy_evaluation import PolicyEvaluation
from pointsman_server.services.policy_service import PolicyService
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import SetClock
from tests.conformance.identity.origins import ADMIN as BY_ADMIN
from tests.conformance.identity.origins import origin
from tests.unit.router.catalogs import OVERHEAD_TOKENS, model, snapshot
from tests.unit.services.tenants import ADMIN, AUDITOR, OPERATOR, USER, populate
from tests.unit.services.tenants import call as tenant_call

SERVER = ServerLimits(1_000, 9_000, max_attempts=3, allow_fallback=True)
OUT = "max_tokens_out"


def call(principal: Any, *, tenant_id: str = "") -> Call:
    return tenant_call(principal, "PolicyService/Test", tenant_id=tenant_id)


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as opened:
        await populate(opened)
        yield opened


@pytest.fixture
def service(storage: Storage) -> PolicyService:
    keeper = PolicyKeeper(storage.policy, PolicyEngine(SERVER))
    evaluation = PolicyEvaluation(
        engine=keeper.engine,
        newest=keeper.load,
        standings=storage.credentials,
        budgets=storage.budgets,
        router=Router(overhead_tokens={"openai": OVERHEAD_TOKENS}),
        catalog=Catalog(snapshot(model("alpha/one", model_class="PRO_M"), model("beta/two", model_class="BASE_S"))),
        clock=SetClock(),
    )
    return PolicyService(storage.rules, evaluation)


def rule(key: str = OUT, scope: str = "TENANT", **fields: Any) -> pb.PolicyRule:
    if not {"amount", "names", "hours", "content_check"} & fields.keys():
        fields["amount"] = 500
    return pb.PolicyRule(scope=pb.PolicyScope.Value(f"POLICY_SCOPE_{scope}"), key=key, **fields)


async def create(service: PolicyService, asked: pb.PolicyRule, by: Call | None = None, **more: Any) -> pb.PolicyRule:
    request = pb.CreatePolicyRuleRequest(policy_rule=asked, **more)
    return (await service.create_policy_rule(request, by or call(ADMIN))).policy_rule


async def evaluate(service: PolicyService, by: Call, **fields: Any) -> pb.EvaluateResponse:
    return await service.evaluate(pb.EvaluateRequest(**fields), by)


async def test_a_tenants_administrator_writes_its_own_rules(service: PolicyService) -> None:
    made = await create(service, rule(description="short answers"))
    assert made.policy_rule_id.startswith("pol_")
    assert (made.tenant_id, made.scope_id, made.of_platform, made.amount) == ("acme", "acme", False, 500)
    assert made.HasField("create_time")
    got = await service.get_policy_rule(pb.GetPolicyRuleRequest(policy_rule_id=made.policy_rule_id), call(ADMIN))
    assert got.policy_rule == made
    listed = await service.list_policy_rules(pb.ListPolicyRulesRequest(key=OUT), call(AUDITOR))
    assert (list(listed.policy_rules), listed.total_size, listed.next_page_token) == ([made], 1, "")


@pytest.mark.parametrize("scope", ["PLATFORM", "PLAN"])
async def test_the_platforms_rules_are_a_platform_administrators(service: PolicyService, scope: str) -> None:
    asked = rule(scope=scope, scope_id="FREE" if scope == "PLAN" else "")
    with pytest.raises(RoleRequired, match="a platform administrator's alone"):
        await create(service, asked)


async def test_what_a_platform_administrator_writes_for_a_tenant_is_the_platforms(service: PolicyService) -> None:
    made = await create(service, rule(), call(OPERATOR, tenant_id="acme"), tenant_id="acme")
    assert (made.tenant_id, made.of_platform) == ("acme", True)
    named = pb.PolicyRule(policy_rule_id=made.policy_rule_id, disabled=True)
    request = pb.UpdatePolicyRuleRequest(policy_rule=named, update_mask=FieldMask(paths=["disabled"]))
    with pytest.raises(RoleRequired):
        await service.update_policy_rule(request, call(ADMIN))
    changed = await service.update_policy_rule(request, call(OPERATOR, tenant_id="acme"))
    assert changed.policy_rule.disabled
    await service.delete_policy_rule(
        pb.DeletePolicyRuleRequest(policy_rule_id=made.policy_rule_id), call(OPERATOR, tenant_id="acme")
    )
    with pytest.raises(NotFound):
        await service.get_policy_rule(pb.GetPolicyRuleRequest(policy_rule_id=made.policy_rule_id), call(ADMIN))


async def test_pages_follow_each_other(service: PolicyService) -> None:
    made = [(await create(service, rule(amount=amount))).policy_rule_id for amount in (1, 2, 3)]
    request, seen = pb.ListPolicyRulesRequest(page_size=2), []
    while True:
        answer = await service.list_policy_rules(request, call(ADMIN))
        seen += [each.policy_rule_id for each in answer.policy_rules]
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token
    assert seen == sorted(made)


async def test_an_update_changes_what_it_names(service: PolicyService) -> None:
    made = await create(service, rule(description="kept"))
    asked = pb.PolicyRule(policy_rule_id=made.policy_rule_id, amount=7, mandatory=True, description="not named")
    asked.condition.purposes.append("chat")
    request = pb.UpdatePolicyRuleRequest(
        policy_rule=asked, update_mask=FieldMask(paths=["amount", "mandatory", "condition"])
    )
    changed = (await service.update_policy_rule(request, call(ADMIN))).policy_rule
    assert (changed.amount, changed.mandatory, changed.description) == (7, True, "kept")
    assert list(changed.condition.purposes) == ["chat"]


HOURS = pb.PolicyHours(start_minute=540, end_minute=1_020, time_zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("asked", "field", "told"),
    [
        (rule("max_token_out"), "policy_rule.key", "which is no key. Did you mean max_tokens_out? docs/policy.md"),
        (rule(""), "policy_rule.key", "is not set, which is no key"),
        (rule(names=pb.PolicyNames(names=["a"])), "policy_rule.value", "is names; max_tokens_out takes amount"),
        (pb.PolicyRule(scope=pb.POLICY_SCOPE_TENANT, key=OUT), "policy_rule.value", "is not set; max_tokens_out"),
        (rule(amount=0), "policy_rule.amount", "is 0; use 1 to"),
        (rule("denied_models", names=pb.PolicyNames()), "policy_rule.names", "has 0 names"),
        (rule("denied_models", names=pb.PolicyNames(names=["a", "a"])), "policy_rule.names.names[1]", "repeats"),
        (rule(scope="UNSPECIFIED"), "policy_rule.scope", "is not set"),
        (rule(scope="PLATFORM", scope_id="x"), "policy_rule.scope_id", "belongs to no rule of PLATFORM"),
        (rule(scope_id="beta"), "policy_rule.scope_id", "is not the tenant"),
        (rule(scope="USER"), "policy_rule.scope_id", "is not set"),
        (rule(scope="PROJECT", scope_id="a b"), "policy_rule.scope_id", "is no id"),
        (rule(policy_rule_id="pol_1"), "policy_rule.policy_rule_id", "is the server's to set"),
        (rule(of_platform=True), "policy_rule.of_platform", "is the server's to set"),
        (rule(task_code="a b"), "policy_rule.task_code", "is no id"),
        (rule(task_code="GONE"), "policy_rule.task_code", "names no task that there is"),
        (rule(description="x" * 1_001), "policy_rule.description", "has 1001 characters"),
        (
            rule("allowed_hours", hours=pb.PolicyHours(start_minute=0, end_minute=1_440, time_zone="Europe/Belin")),
            "policy_rule.hours.time_zone",
            "is no place that the IANA time zone database knows. Did you mean Europe/Berlin?",
        ),
        (rule("allowed_hours", hours=pb.PolicyHours()), "policy_rule.hours.end_minute", "is 0; use 1 to 1440"),
        (
            rule("allowed_hours", hours=pb.PolicyHours(start_minute=1_440, end_minute=1)),
            "policy_rule.hours.start_minute",
            "is 1440; use 0 to 1439",
        ),
        (
            rule("allowed_hours", hours=pb.PolicyHours(weekdays=[8], end_minute=1)),  # type: ignore[list-item]
            "policy_rule.hours.weekdays[0]",
            "is no day of the week",
        ),
        (
            rule("check_secrets", content_check=pb.ContentCheck()),
            "policy_rule.content_check.direction",
            "is not set",
        ),
        (
            rule(
                "check_secrets",
                content_check=pb.ContentCheck(
                    direction=pb.CONTENT_DIRECTION_BOTH, action=pb.CONTENT_ACTION_MASK, kinds=["joy"]
                ),
            ),
            "policy_rule.content_check",
            "kinds has joy, which check_secrets does not look for",
        ),
        (
            rule(condition=pb.PolicyCondition(usage=pb.UsageCondition(at_least_percent=101))),
            "policy_rule.condition.usage.at_least_percent",
            "is 101; use 1 to 100",
        ),
        (
            rule(condition=pb.PolicyCondition(purposes=["chat"] * 65)),
            "policy_rule.condition.purposes",
            "has 65 names; use at most 64",
        ),
        (
            rule(condition=pb.PolicyCondition(outside_hours=pb.PolicyHours(end_minute=2_000))),
            "policy_rule.condition.outside_hours.end_minute",
            "is 2000",
        ),
    ],
)
async def test_a_rule_that_is_not_sound_is_refused(
    service: PolicyService, asked: pb.PolicyRule, field: str, told: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await create(service, asked)
    assert told in {violation.field: violation.description for violation in refused.value.fields}[field]


async def test_a_tenants_rule_at_the_platforms_scope_is_refused(service: PolicyService) -> None:
    with pytest.raises(InvalidRequest, match="tenant_id: belongs to no rule of such a scope"):
        await create(service, rule(scope="PLATFORM"), call(OPERATOR, tenant_id="acme"), tenant_id="acme")


@pytest.mark.parametrize(
    ("asked", "paths", "told"),
    [
        (rule(policy_rule_id="pol_1"), [], "update_mask: names nothing"),
        (rule(policy_rule_id="pol_1"), ["key"], r"update_mask.paths\[0\]: cannot be changed"),
        (rule(policy_rule_id="pol_1"), ["names"], "names names, and the rule's value is amount"),
        (rule(policy_rule_id="pol_1"), ["names", "amount"], "names amount, names, and the rule's value is amount"),
        (rule(), ["disabled"], "policy_rule.policy_rule_id: is not set"),
    ],
)
async def test_an_update_that_is_not_sound_is_refused(
    service: PolicyService, asked: pb.PolicyRule, paths: list[str], told: str
) -> None:
    request = pb.UpdatePolicyRuleRequest(policy_rule=asked, update_mask=FieldMask(paths=paths))
    with pytest.raises(InvalidRequest, match=told):
        await service.update_policy_rule(request, call(ADMIN))


async def test_an_update_of_another_form_or_out_of_range_is_refused(service: PolicyService) -> None:
    made = await create(service, rule())
    for field, value in (("hours", HOURS), ("amount", 0)):
        asked = pb.PolicyRule(policy_rule_id=made.policy_rule_id, **{field: value})  # type: ignore[arg-type]
        request = pb.UpdatePolicyRuleRequest(policy_rule=asked, update_mask=FieldMask(paths=[field]))
        with pytest.raises(InvalidRequest, match=r"policy_rule\.value"):
            await service.update_policy_rule(request, call(ADMIN))


async def test_a_contradiction_names_the_other_rule(service: PolicyService) -> None:
    other = await create(service, rule(scope="PLATFORM", mandatory=True), call(OPERATOR))
    with pytest.raises(RulesContradict, match=f"contradicts {other.policy_rule_id}"):
        await create(service, rule(amount=501, overrides=True))


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (pb.EvaluateRequest(user_id="a", agent_id="b"), "agent_id: cannot be set with user_id"),
        (pb.EvaluateRequest(facts=pb.CallFacts(input_tokens=-1)), "facts.input_tokens: is -1"),
        (pb.EvaluateRequest(facts=pb.CallFacts(amounts={"retrieval_top": 1})), "Did you mean retrieval_top_k?"),
        (pb.EvaluateRequest(facts=pb.CallFacts(model="gone")), "facts.model: names no model of the catalog"),
        (pb.EvaluateRequest(facts=pb.CallFacts(time=Timestamp(nanos=-1))), "facts.time: is no time"),
        (pb.EvaluateRequest(facts=pb.CallFacts(project_id="a\nb")), "facts.project_id: has characters"),
    ],
)
async def test_a_question_that_is_not_sound_is_refused(
    service: PolicyService, request_: pb.EvaluateRequest, told: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await service.evaluate(request_, call(ADMIN))
    assert told in refused.value.message


@pytest.mark.parametrize(
    "request_", [pb.ListPolicyRulesRequest(key="max"), pb.ListPolicyRulesRequest(page_size=-1)], ids=["key", "page"]
)
async def test_a_question_for_rules_that_is_not_sound_is_refused(
    service: PolicyService, request_: pb.ListPolicyRulesRequest
) -> None:
    with pytest.raises(InvalidRequest):
        await service.list_policy_rules(request_, call(ADMIN))


async def test_evaluate_tells_every_limit_and_what_set_it(service: PolicyService, storage: Storage) -> None:
    tight = await create(service, rule(amount=700, overrides=True, scope="USER", scope_id="bob"))
    wide = await create(service, rule(amount=300))
    await create(service, rule("denied_providers", names=pb.PolicyNames(names=["beta"])))
    rate = await create(service, rule("requests_per_minute", amount=5))
    budget = Meter(MeterKey("acme", "bud_1"), "all", Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, 10)
    await storage.budgets.create(budget, BY_ADMIN)
    other = Meter(MeterKey("acme", "bud_2"), "ada's", Scope.USER, "ada", Unit.NANOS, MeterKind.MONTH, 0, 10)
    await storage.budgets.create(other, BY_ADMIN)
    answer = await evaluate(service, call(USER), facts={"max_output_tokens": 800})
    assert answer.allowed
    assert (answer.allowed_model_count, answer.model_count) == (1, 2)
    assert answer.principal.user_id == "bob"
    limits = {limit.key: limit for limit in answer.limits}
    assert limits.keys() == {OUT, "denied_providers", "requests_per_minute"}
    assert (limits[OUT].amount, limits[OUT].text) == (700, "at most 700 output tokens")
    told = [(each.source, each.source_id, each.text, each.effect) for each in limits[OUT].contributions]
    assert told == [
        ("rule", tight.policy_rule_id, "at most 700 output tokens", pb.CONTRIBUTION_EFFECT_SET),
        ("request", "max_output_tokens", "at most 800 output tokens", pb.CONTRIBUTION_EFFECT_LOOSER),
        ("server", "max_output_tokens", "at most 9000 output tokens", pb.CONTRIBUTION_EFFECT_LOOSER),
        ("rule", wide.policy_rule_id, "at most 300 output tokens", pb.CONTRIBUTION_EFFECT_OVERRIDDEN),
    ]
    assert list(limits["denied_providers"].names) == ["beta"]
    charged, meter = answer.meters
    assert (charged.source, charged.meter_id, charged.holder, charged.limit) == ("budget", "bud_1", "tenant", 10)
    assert (meter.source, meter.source_id, meter.holder) == ("rule", rate.policy_rule_id, "tenant")
    assert (meter.unit, meter.kind, meter.period_seconds, meter.limit) == (
        BUDGET_UNIT_REQUESTS,
        BUDGET_KIND_RATE,
        60,
        5,
    )


async def test_evaluate_refuses_what_a_call_would_be_refused(service: PolicyService) -> None:
    made = await create(service, rule("max_tokens_in", amount=10))
    await create(service, rule("allowed_providers", names=pb.PolicyNames(names=["beta"])))
    answer = await evaluate(service, call(ADMIN), facts={"input_tokens": 11, "model": "alpha/one"})
    assert not answer.allowed
    refusals = {refusal.key: refusal for refusal in answer.refusals}
    assert list(refusals["max_tokens_in"].policy_rule_ids) == [made.policy_rule_id]
    assert refusals["model"].message == "the limits leave out alpha/one (policy_providers); pin another one."
    assert (await evaluate(service, call(ADMIN), facts={"input_tokens": 10, "model": "beta/two"})).allowed


async def test_amounts_are_held_against_the_key_that_they_name(service: PolicyService) -> None:
    await create(service, rule(key="max_messages", amount=2))
    assert (await evaluate(service, call(ADMIN), facts={"amounts": {"max_messages": 2}})).allowed
    refused = await evaluate(service, call(ADMIN), facts={"amounts": {"max_messages": 3}})
    assert [refusal.key for refusal in refused.refusals] == ["max_messages"]


async def test_evaluate_asks_at_the_time_that_is_named(service: PolicyService) -> None:
    await create(service, rule("allowed_hours", hours=HOURS))
    stamps = {hour: Timestamp() for hour in (8, 16)}
    for hour, stamp in stamps.items():
        stamp.FromDatetime(datetime(2026, 11, 20, hour, tzinfo=UTC))
    assert (await evaluate(service, call(USER), facts={"time": stamps[8]})).allowed
    refused = await evaluate(service, call(USER), facts={"time": stamps[16]})
    assert [refusal.key for refusal in refused.refusals] == ["allowed_hours"]


async def test_administrators_and_auditors_ask_for_others(service: PolicyService, storage: Storage) -> None:
    await storage.projects.create(Project("acme", "apollo", "Apollo"), origin("test"))
    await create(service, rule(scope="USER", scope_id="bob", amount=5))
    await create(service, rule(scope="AGENT", scope_id="writer", amount=6))
    for by in (call(AUDITOR), call(ADMIN), call(OPERATOR, tenant_id="acme")):
        answer = await evaluate(service, by, user_id="bob", facts={"project_id": "apollo"})
        assert [limit.amount for limit in answer.limits] == [5]
        assert [refusal.key for refusal in answer.refusals] == ["project"]
        assert answer.principal.user_id == "bob"
        agent = await evaluate(service, by, agent_id="writer")
        assert [limit.amount for limit in agent.limits] == [6]
        assert (agent.principal.user_id, agent.principal.agent_id) == ("agent:writer", "writer")
        with pytest.raises(NotFound, match="There is no user gone"):
            await evaluate(service, by, user_id="gone")
    own = await evaluate(service, call(USER), user_id="bob")
    assert [limit.amount for limit in own.limits] == [5]
    for other in ({"user_id": "ada"}, {"agent_id": "writer"}):
        with pytest.raises(RoleRequired, match="Only administrators and auditors may ask for others"):
            await evaluate(service, call(USER), **other)


async def test_evaluate_shows_nobody_the_budgets_of_the_platform(service: PolicyService, storage: Storage) -> None:
    whole = Meter(MeterKey("platform", "bud_1"), "all", Scope.GLOBAL, "", Unit.NANOS, MeterKind.MONTH, 0, 10)
    await storage.budgets.create(whole, BY_ADMIN)
    for by in (call(USER), call(AUDITOR), call(ADMIN)):
        assert not (await evaluate(service, by)).meters
    (shown,) = (await evaluate(service, call(OPERATOR, tenant_id="acme"), user_id="bob")).meters
    assert shown.meter_id == "bud_1"


async def test_evaluate_shows_nothing_of_a_project_to_whom_it_is_not(service: PolicyService, storage: Storage) -> None:
    await storage.projects.create(Project("acme", "apollo", "Apollo"), origin("test"))
    budget = Meter(MeterKey("acme", "bud_1"), "its", Scope.PROJECT, "apollo", Unit.NANOS, MeterKind.MONTH, 0, 10)
    await storage.budgets.create(budget, BY_ADMIN)
    await create(service, rule(scope="PROJECT", scope_id="apollo", amount=5))
    await create(service, rule("max_tokens_in", scope="PROJECT", scope_id="apollo", amount=5))
    answers = [
        await evaluate(service, call(USER), facts={"project_id": name, "input_tokens": 9})
        for name in ("apollo", "missin")
    ]
    for answer, name in zip(answers, ("apollo", "missin"), strict=True):
        for refusal in answer.refusals:
            refusal.message = refusal.message.replace(name, "")
    assert answers[0] == answers[1]
    assert [refusal.key for refusal in answers[0].refusals] == ["project"]
    assert {each.source for limit in answers[0].limits for each in limit.contributions} == {"server"}
    assert not answers[0].meters
    member = replace(USER, project_ids=frozenset({"apollo"}))
    answer = await evaluate(service, call(member), facts={"project_id": "apollo", "input_tokens": 9})
    assert [refusal.key for refusal in answer.refusals] == ["max_tokens_in"]
    assert [meter.meter_id for meter in answer.meters] == ["bud_1"]


async def test_the_plan_takes_part(service: PolicyService, storage: Storage) -> None:
    quota = Quota(QuotaHolder.USER, "nanos", "month", 10)
    plan = Plan("SMALL", "Small", general_access=ModelAccess(("BASE_S",)), quotas=(quota,))
    await storage.offer.plans.create(plan, origin("test"))
    answer = await evaluate(service, call(replace(USER, plan_id="SMALL")))
    (limit,) = [each for each in answer.limits if each.key == "allowed_classes"]
    assert (list(limit.names), limit.contributions[0].source) == (["BASE_S"], "plan")
    (meter,) = answer.meters
    assert (meter.source, meter.source_id, meter.holder) == ("plan", "SMALL", "user bob")
    assert (meter.unit, meter.kind, meter.limit) == (BUDGET_UNIT_NANOS, BUDGET_KIND_MONTH, 10)
    assert answer.allowed_model_count == 1
