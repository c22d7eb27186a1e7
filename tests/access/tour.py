"""A tour of every method: calls that succeed, each with what the ones before it made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import audit_service_pb2 as audit
from pointsman.v1 import budget_service_pb2 as budgets
from pointsman.v1 import catalog_service_pb2 as catalog
from pointsman.v1 import plan_pb2 as plans
from pointsman.v1 import policy_service_pb2 as policy
from pointsman.v1 import principal_pb2 as principals
from pointsman.v1 import router_service_pb2 as router
from pointsman.v1 import tenant_service_pb2 as tenants
from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.content_pb2 import Message as Said
from pointsman.v1.content_pb2 import Part, TextPart
from pointsman.v1.content_pb2 import Role as Speaker
from pointsman_server.identity.model import PLATFORM_TENANT

TENANT: Final = "acme"
FEATURE, TASK, PLAN = "WRITING", "WRITE_1", "TOUR"
USER, PROJECT = "ada", "apollo"

_ONE: Final[dict[str, Any]] = {"tenant_id": TENANT}

Seen = Mapping[str, Any]
"""The last answer of each method, by its name without the service."""


class Step(NamedTuple):
    """One call.

    Attributes:
        name: ``Service/Method``.
        request: makes the request, from what was answered before.
        chain: in whose audit chain a change stands; empty: the new tenant's.
        by: who calls: ``operator`` (the platform's administrator) or ``bearer`` (of the access token).
    """

    name: str
    request: Callable[[Seen], Message]
    chain: str = TENANT
    by: str = "operator"


def specification(text: str) -> CompletionSpecification:
    """One user message."""
    said = Said(role=Speaker.ROLE_USER, parts=[Part(text=TextPart(text=text))])
    return CompletionSpecification(messages=[said])


def steps(unknown_reservation_id: str, *, text: str = "hello") -> Sequence[Step]:
    """The tour. The reservation is one of the tenant's whose server went away."""
    return (*_offer(), *_people(), *_rules(), *_money(unknown_reservation_id), *_calls(text), *_looks(), *_endings())


def _offer() -> Iterator[Step]:
    name, chain = "TenantService", PLATFORM_TENANT
    feature = plans.Feature(feature_id=FEATURE, display_name="Drafting")
    yield Step(f"{name}/CreateFeature", lambda _: tenants.CreateFeatureRequest(feature=feature), chain)
    changed = plans.Feature(feature_id=FEATURE, display_name="Drafts")
    yield Step(
        f"{name}/UpdateFeature",
        lambda _: tenants.UpdateFeatureRequest(feature=changed, update_mask=FieldMask(paths=["display_name"])),
        chain,
    )
    task = plans.Task(task_code=TASK, feature_id=FEATURE, display_name="Draft")
    yield Step(f"{name}/CreateTask", lambda _: tenants.CreateTaskRequest(task=task), chain)
    renamed = plans.Task(task_code=TASK, display_name="A draft")
    yield Step(
        f"{name}/UpdateTask",
        lambda _: tenants.UpdateTaskRequest(task=renamed, update_mask=FieldMask(paths=["display_name"])),
        chain,
    )
    any_model = plans.ModelAccess(any_class=True)
    plan = plans.Plan(
        plan_id=PLAN,
        display_name="Pro",
        features=[plans.PlanFeature(feature_id=FEATURE)],
        tasks=[plans.PlanTask(task_code=TASK, access=any_model)],
        general_access=any_model,
    )
    yield Step(f"{name}/CreatePlan", lambda _: tenants.CreatePlanRequest(plan=plan), chain)
    other = plans.Plan(plan_id=PLAN, display_name="Professional")
    yield Step(
        f"{name}/UpdatePlan",
        lambda _: tenants.UpdatePlanRequest(plan=other, update_mask=FieldMask(paths=["display_name"])),
        chain,
    )
    token = tenants.AccessToken(display_name="A customer", plan_id=PLAN)
    yield Step(f"{name}/CreateAccessToken", lambda _: tenants.CreateAccessTokenRequest(access_token=token), chain)
    yield Step(
        f"{name}/UpdateAccessToken",
        lambda seen: tenants.UpdateAccessTokenRequest(
            access_token=tenants.AccessToken(
                access_token_id=seen["CreateAccessToken"].access_token.access_token_id, display_name="Another"
            ),
            update_mask=FieldMask(paths=["display_name"]),
        ),
        chain,
    )


def _people() -> Iterator[Step]:
    name = "TenantService"
    sign_up = tenants.SignUpRequest(tenant_display_name="Beta", admin_display_name="Ben", admin_email="ben@b.example")
    yield Step(f"{name}/SignUp", lambda _: sign_up, "", "bearer")
    tenant = tenants.Tenant(tenant_id=TENANT, display_name="Acme")
    yield Step(f"{name}/CreateTenant", lambda _: tenants.CreateTenantRequest(tenant=tenant))
    changed = tenants.Tenant(tenant_id=TENANT, display_name="Acme Ltd")
    yield Step(
        f"{name}/UpdateTenant",
        lambda _: tenants.UpdateTenantRequest(tenant=changed, update_mask=FieldMask(paths=["display_name"])),
    )
    user = tenants.User(
        user_id=USER,
        display_name="Ada",
        email="ada@a.example",
        kind=tenants.USER_KIND_PERSON,
        roles=[principals.PRINCIPAL_ROLE_USER],
    )
    yield Step(f"{name}/CreateUser", lambda _: tenants.CreateUserRequest(tenant_id=TENANT, user=user))
    renamed = tenants.User(user_id=USER, display_name="Ada L.")
    mask = FieldMask(paths=["display_name"])
    yield Step(
        f"{name}/UpdateUser",
        lambda _: tenants.UpdateUserRequest(tenant_id=TENANT, user=renamed, update_mask=mask),
    )
    project = tenants.Project(project_id=PROJECT, display_name="Apollo")
    yield Step(f"{name}/CreateProject", lambda _: tenants.CreateProjectRequest(tenant_id=TENANT, project=project))
    other = tenants.Project(project_id=PROJECT, display_name="Apollo 2")
    yield Step(
        f"{name}/UpdateProject",
        lambda _: tenants.UpdateProjectRequest(tenant_id=TENANT, project=other, update_mask=mask),
    )
    member = {"tenant_id": TENANT, "project_id": PROJECT, "user_id": USER}
    yield Step(f"{name}/AddProjectMember", lambda _: tenants.AddProjectMemberRequest(**member))
    key = tenants.ApiKey(display_name="Laptop", user_id=USER)
    yield Step(f"{name}/CreateApiKey", lambda _: tenants.CreateApiKeyRequest(tenant_id=TENANT, api_key=key))
    yield Step(
        f"{name}/RotateApiKey",
        lambda seen: tenants.RotateApiKeyRequest(tenant_id=TENANT, api_key_id=seen["CreateApiKey"].api_key.api_key_id),
    )


def _rules() -> Iterator[Step]:
    name = "PolicyService"
    rule = policy.PolicyRule(
        scope=policy.POLICY_SCOPE_TENANT, scope_id=TENANT, key="max_tokens_out", amount=8_000, description="Short"
    )
    yield Step(f"{name}/CreatePolicyRule", lambda _: policy.CreatePolicyRuleRequest(tenant_id=TENANT, policy_rule=rule))
    yield Step(
        f"{name}/UpdatePolicyRule",
        lambda seen: policy.UpdatePolicyRuleRequest(
            tenant_id=TENANT,
            policy_rule=policy.PolicyRule(
                policy_rule_id=seen["CreatePolicyRule"].policy_rule.policy_rule_id, amount=4_000
            ),
            update_mask=FieldMask(paths=["amount"]),
        ),
    )


def _money(unknown_reservation_id: str) -> Iterator[Step]:
    name = "BudgetService"
    budget = budgets.Budget(
        name="monthly",
        scope=budgets.BUDGET_SCOPE_TENANT,
        unit=budgets.BUDGET_UNIT_NANOS,
        kind=budgets.BUDGET_KIND_MONTH,
        limit=10**12,
    )
    yield Step(f"{name}/CreateBudget", lambda _: budgets.CreateBudgetRequest(tenant_id=TENANT, budget=budget))
    yield Step(
        f"{name}/UpdateBudget",
        lambda seen: budgets.UpdateBudgetRequest(
            tenant_id=TENANT,
            budget=budgets.Budget(budget_id=seen["CreateBudget"].budget.budget_id, limit=10**13),
            update_mask=FieldMask(paths=["limit"]),
        ),
    )
    yield Step(f"{name}/GetBudget", lambda seen: budgets.GetBudgetRequest(tenant_id=TENANT, budget_id=_budget(seen)))
    yield Step(f"{name}/ListBudgets", lambda _: budgets.ListBudgetsRequest(tenant_id=TENANT))
    yield Step(f"{name}/VerifyLedger", lambda _: budgets.VerifyLedgerRequest(tenant_id=TENANT))
    resolving = budgets.ResolveUnknownRequest(tenant_id=TENANT, reservation_id=unknown_reservation_id)
    yield Step(f"{name}/ResolveUnknown", lambda _: resolving)
    billed = budgets.CompareUsageRequest(
        provider_id="sandbox",
        start_time=Timestamp(seconds=1),
        end_time=Timestamp(seconds=2),
        rows=[budgets.BilledUsage(input_tokens=1)],
    )
    yield Step(f"{name}/CompareUsage", lambda _: billed)
    pulling = budgets.PullKillSwitchRequest(
        tenant_id=TENANT, scope=budgets.KILL_SWITCH_SCOPE_PROVIDER, scope_id="sandbox", justification="It runs wild."
    )
    yield Step(f"{name}/PullKillSwitch", lambda _: pulling)
    yield Step(f"{name}/ListKillSwitches", lambda _: budgets.ListKillSwitchesRequest(tenant_id=TENANT))
    yield Step(
        f"{name}/ReleaseKillSwitch",
        lambda seen: budgets.ReleaseKillSwitchRequest(
            tenant_id=TENANT, kill_switch_id=seen["PullKillSwitch"].kill_switch.kill_switch_id
        ),
    )


def _calls(text: str) -> Iterator[Step]:
    name = "RouterService"
    yield Step(f"{name}/Route", lambda _: router.RouteRequest(specification=specification(text)))
    yield Step(f"{name}/Complete", lambda _: router.CompleteRequest(specification=specification(text)))
    yield Step(
        f"{name}/RecordFeedback",
        lambda seen: router.RecordFeedbackRequest(
            decision_id=seen["Route"].decision.decision_id, type=router.FEEDBACK_TYPE_EXPLICIT, rating=1
        ),
    )
    yield Step(f"{name}/Usage", lambda _: router.UsageRequest())
    yield Step("CatalogService/ListProviders", lambda _: catalog.ListProvidersRequest())
    yield Step("CatalogService/GetProvider", lambda _: catalog.GetProviderRequest(provider_id="sandbox"))
    yield Step("CatalogService/ListModels", lambda _: catalog.ListModelsRequest(page_size=1))
    yield Step(
        "CatalogService/GetModel", lambda seen: catalog.GetModelRequest(model_id=seen["ListModels"].models[0].id)
    )


def _looks() -> Iterator[Step]:
    name, one = "TenantService", _ONE
    yield Step(f"{name}/WhoAmI", lambda _: tenants.WhoAmIRequest())
    yield Step(f"{name}/GetTenant", lambda _: tenants.GetTenantRequest(**one))
    yield Step(f"{name}/ListTenants", lambda _: tenants.ListTenantsRequest())
    yield Step(f"{name}/GetUser", lambda _: tenants.GetUserRequest(**one, user_id=USER))
    yield Step(f"{name}/ListUsers", lambda _: tenants.ListUsersRequest(**one))
    yield Step(f"{name}/GetProject", lambda _: tenants.GetProjectRequest(**one, project_id=PROJECT))
    yield Step(f"{name}/ListProjects", lambda _: tenants.ListProjectsRequest(**one))
    yield Step(f"{name}/ListAccessTokens", lambda _: tenants.ListAccessTokensRequest())
    yield Step(f"{name}/ListApiKeys", lambda _: tenants.ListApiKeysRequest(**one))
    yield Step(f"{name}/GetPlan", lambda _: tenants.GetPlanRequest(plan_id=PLAN))
    yield Step(f"{name}/ListPlans", lambda _: tenants.ListPlansRequest())
    yield Step(f"{name}/ListFeatures", lambda _: tenants.ListFeaturesRequest())
    yield Step(f"{name}/ListTasks", lambda _: tenants.ListTasksRequest())
    yield Step(
        "PolicyService/GetPolicyRule",
        lambda seen: policy.GetPolicyRuleRequest(**one, policy_rule_id=_rule(seen)),
    )
    yield Step("PolicyService/ListPolicyRules", lambda _: policy.ListPolicyRulesRequest(**one))
    yield Step("PolicyService/Evaluate", lambda _: policy.EvaluateRequest(**one, user_id=USER))
    yield Step("AuditService/ListAuditEntries", lambda _: audit.ListAuditEntriesRequest(**one))
    yield Step("AuditService/ExportAuditEntries", lambda _: audit.ExportAuditEntriesRequest(**one))
    yield Step(
        "AuditService/EraseAuditPayload",
        lambda _: audit.EraseAuditPayloadRequest(**one, sequence=1, justification="asked for"),
    )
    yield Step("AuditService/VerifyAudit", lambda _: audit.VerifyAuditRequest(**one))


def _endings() -> Iterator[Step]:
    name, one = "TenantService", _ONE
    yield Step("BudgetService/DeleteBudget", lambda seen: budgets.DeleteBudgetRequest(**one, budget_id=_budget(seen)))
    yield Step(
        "PolicyService/DeletePolicyRule",
        lambda seen: policy.DeletePolicyRuleRequest(**one, policy_rule_id=_rule(seen)),
    )
    yield Step(
        f"{name}/RevokeApiKey",
        lambda seen: tenants.RevokeApiKeyRequest(**one, api_key_id=seen["RotateApiKey"].api_key.api_key_id),
    )
    member = {**one, "project_id": PROJECT, "user_id": USER}
    yield Step(f"{name}/RemoveProjectMember", lambda _: tenants.RemoveProjectMemberRequest(**member))
    yield Step(f"{name}/DeleteProject", lambda _: tenants.DeleteProjectRequest(**one, project_id=PROJECT))
    yield Step(f"{name}/DeleteUser", lambda _: tenants.DeleteUserRequest(**one, user_id=USER))
    yield Step(
        f"{name}/RevokeAccessToken",
        lambda seen: tenants.RevokeAccessTokenRequest(
            access_token_id=seen["CreateAccessToken"].access_token.access_token_id
        ),
        PLATFORM_TENANT,
    )
    unused = plans.Plan(plan_id="OLD", display_name="Old", general_access=plans.ModelAccess(any_class=True))
    yield Step(f"{name}/CreatePlan", lambda _: tenants.CreatePlanRequest(plan=unused), PLATFORM_TENANT)
    yield Step(f"{name}/DeletePlan", lambda _: tenants.DeletePlanRequest(plan_id="OLD"), PLATFORM_TENANT)
    feature = plans.Feature(feature_id="OLD", display_name="Old")
    yield Step(f"{name}/CreateFeature", lambda _: tenants.CreateFeatureRequest(feature=feature), PLATFORM_TENANT)
    task = plans.Task(task_code="OLD", feature_id="OLD", display_name="Old")
    yield Step(f"{name}/CreateTask", lambda _: tenants.CreateTaskRequest(task=task), PLATFORM_TENANT)
    yield Step(f"{name}/DeleteTask", lambda _: tenants.DeleteTaskRequest(task_code="OLD"), PLATFORM_TENANT)
    yield Step(f"{name}/DeleteFeature", lambda _: tenants.DeleteFeatureRequest(feature_id="OLD"), PLATFORM_TENANT)


def _budget(seen: Seen) -> str:
    return str(seen["CreateBudget"].budget.budget_id)


def _rule(seen: Seen) -> str:
    return str(seen["CreatePolicyRule"].policy_rule.policy_rule_id)
