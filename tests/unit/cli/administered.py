"""What the server of docs/cli.md answers to administrators."""

from __future__ import annotations

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import audit_service_pb2 as audit
from pointsman.v1 import budget_service_pb2 as budgets
from pointsman.v1 import plan_pb2 as plans
from pointsman.v1 import policy_service_pb2 as policy
from pointsman.v1 import tenant_service_pb2 as tenants
from pointsman.v1.principal_pb2 import PRINCIPAL_ROLE_AUDITOR, PRINCIPAL_ROLE_USER, Principal
from scripted_server import Script, refusal

SINCE = Timestamp(seconds=1_772_366_400)
ID = "06bjr3w0a4e8g2j6n1r5v9x3zk"


def administered(script: Script) -> None:
    """Scripts all of them."""
    _identity(script)
    _plans(script)
    script.answers["CreatePolicyRule"] = [policy.CreatePolicyRuleResponse(policy_rule=_rule())]
    script.answers["Evaluate"] = [_verdict()]
    pull = budgets.KillSwitchAct(tenant_id="acme", user_id="ada", time=SINCE, justification="agent in a loop")
    stopped = budgets.KillSwitch(
        kill_switch_id=f"kil_{ID}",
        scope=budgets.KILL_SWITCH_SCOPE_TENANT,
        tenant_id="acme",
        cut_running=True,
        pull=pull,
    )
    script.answers["PullKillSwitch"] = [budgets.PullKillSwitchResponse(kill_switch=stopped)]
    actor = audit.AuditActor(tenant_id="acme", user_id="ada", credential_id=f"pmk_{ID}", source="10.0.0.1:49152")
    entry = audit.AuditEntry(
        sequence=7, create_time=SINCE, actor=actor, action="TenantService/UpdateUser", resource="user",
        resource_id="bob",
    )  # fmt: skip
    script.answers["ListAuditEntries"] = [audit.ListAuditEntriesResponse(audit_entries=[entry])]
    script.answers["EraseAuditPayload"] = [audit.EraseAuditPayloadResponse(audit_entry=entry)]
    summary = audit.AuditSummary(entry_count=1_204, last_hash="9f2c41d07be3")
    script.answers["VerifyAudit"] = [audit.VerifyAuditResponse(summary=summary)]


def _identity(script: Script) -> None:
    acme = tenants.Tenant(
        tenant_id="acme", display_name="Acme Ltd", state=tenants.TENANT_STATE_ACTIVE, plan_id="PRO",
        access_token_id="pma_1", create_time=SINCE,
    )  # fmt: skip
    bob = tenants.User(
        tenant_id="acme", user_id="bob", display_name="Bob", kind=tenants.USER_KIND_PERSON,
        roles=[PRINCIPAL_ROLE_USER, PRINCIPAL_ROLE_AUDITOR], state=tenants.USER_STATE_ACTIVE, create_time=SINCE,
    )  # fmt: skip
    apollo = tenants.Project(
        tenant_id="acme", project_id="apollo", display_name="Apollo", member_user_ids=["ada", "bob"], create_time=SINCE
    )
    key = tenants.ApiKey(api_key_id=f"pmk_{ID}", user_id="bob")
    token = tenants.AccessToken(access_token_id=f"pma_{ID}", plan_id="PRO")
    script.answers["ListTenants"] = [tenants.ListTenantsResponse(tenants=[acme])]
    script.answers["CreateUser"] = [tenants.CreateUserResponse(user=bob)]
    script.answers["AddProjectMember"] = [tenants.AddProjectMemberResponse(project=apollo)]
    script.answers["CreateApiKey"] = [tenants.CreateApiKeyResponse(api_key=key, key=f"pmk_{ID}_…")]
    script.answers["CreateAccessToken"] = [tenants.CreateAccessTokenResponse(access_token=token, token=f"pma_{ID}_…")]


def _plans(script: Script) -> None:
    day = plans.Quota(
        holder=plans.QUOTA_HOLDER_USER, unit=budgets.BUDGET_UNIT_TOKENS, kind=budgets.BUDGET_KIND_DAY, limit=200_000
    )
    access = plans.ModelAccess(model_classes=["PRO_M", "PRO_L"])
    pro = plans.Plan(
        plan_id="PRO", display_name="Professional", features=[plans.PlanFeature(feature_id="PATENTS")],
        tasks=[plans.PlanTask(task_code="LLM2_DRAFT", access=access, quotas=[day])],
        general_access=plans.ModelAccess(any_class=True),
    )  # fmt: skip
    script.answers["GetPlan"] = [tenants.GetPlanResponse(plan=pro)]
    task = plans.Task(task_code="LLM2_DRAFT", feature_id="PATENTS", display_name="Drafts claims", update_time=SINCE)
    script.answers["CreateTask"] = [tenants.CreateTaskResponse(task=task)]


def _rule() -> policy.PolicyRule:
    return policy.PolicyRule(
        policy_rule_id=f"pol_{ID}", tenant_id="acme", scope=policy.POLICY_SCOPE_USER, scope_id="bob",
        task_code="LLM2_DRAFT", key="max_tokens_out", amount=8000, overrides=True,
    )  # fmt: skip


def _verdict() -> policy.EvaluateResponse:
    why = "max_tokens_in is 4000, and the call has 9000 input tokens; shorten the input."
    by_rule = policy.PolicyContribution(
        source="rule", source_id=f"pol_{ID}", scope=policy.POLICY_SCOPE_USER, scope_id="bob",
        text="at most 4000 input tokens", effect=policy.CONTRIBUTION_EFFECT_SET,
    )  # fmt: skip
    by_platform = policy.PolicyContribution(
        source="rule", source_id="pol_06a", scope=policy.POLICY_SCOPE_PLATFORM, text="at most 200000 input tokens",
        effect=policy.CONTRIBUTION_EFFECT_LOOSER,
    )  # fmt: skip
    limit = policy.PolicyLimit(
        key="max_tokens_in", amount=4000, text="at most 4000 input tokens", contributions=[by_rule, by_platform]
    )
    meter = policy.ChargedMeter(
        meter_id="m", name="LLM2_DRAFT", source="plan", source_id="PRO", unit=budgets.BUDGET_UNIT_TOKENS,
        kind=budgets.BUDGET_KIND_DAY, limit=200_000, holder="user bob",
    )  # fmt: skip
    return policy.EvaluateResponse(
        refusals=[policy.PolicyRefusal(key="max_tokens_in", message=why, policy_rule_ids=[f"pol_{ID}"])],
        limits=[limit], meters=[meter], allowed_model_count=3, model_count=24, policy_generation=12,
        principal=Principal(tenant_id="acme", user_id="bob", roles=[PRINCIPAL_ROLE_USER], plan_id="PRO"),
    )  # fmt: skip


def plan_is_missing(script: Script) -> None:
    """There is no plan yet."""
    script.refusals["GetPlan"] = [refusal(grpc.StatusCode.NOT_FOUND, "NOT_FOUND")]
