"""The administrators' calls of both clients: each reaches its own method, with what it was given."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterator
from operator import attrgetter
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from pointsman import AsyncClient, Client
from pointsman.v1 import audit_service_pb2 as audit
from pointsman.v1 import budget_service_pb2 as budgets
from pointsman.v1 import plan_pb2 as plans
from pointsman.v1 import policy_service_pb2 as policy
from pointsman.v1 import tenant_service_pb2 as tenants
from scripted_server import Script

SERVICES = (
    tenants.DESCRIPTOR.services_by_name["TenantService"],
    policy.DESCRIPTOR.services_by_name["PolicyService"],
    audit.DESCRIPTOR.services_by_name["AuditService"],
)
BUDGETS = budgets.DESCRIPTOR.services_by_name["BudgetService"]
OF_KILL_SWITCH = {method.name for method in BUDGETS.methods if "KillSwitch" in method.name}
GROUPS = (
    "tenants", "users", "projects", "keys", "access_tokens", "plans", "features", "tasks", "policy", "audit",
    "kill_switches",
)  # fmt: skip
TENANT, USER, PROJECT = tenants.Tenant(tenant_id="t"), tenants.User(user_id="u"), tenants.Project(project_id="p")
KEY, ACCESS = tenants.ApiKey(api_key_id="k"), tenants.AccessToken(access_token_id="a")
PLAN, FEATURE, TASK = plans.Plan(plan_id="P"), plans.Feature(feature_id="F"), plans.Task(task_code="T")
RULE = policy.PolicyRule(policy_rule_id="r")
SWITCH = budgets.KillSwitch(kill_switch_id="s")
PULL = budgets.PullKillSwitchRequest(scope=budgets.KILL_SWITCH_SCOPE_GLOBAL, justification="fire")
MASK = FieldMask(paths=["x", "y"])
PATHS = ("x", "y")
# What is called, with what; the request that must arrive; and what the answer gives, where it is a part of it.
CALLS: dict[str, tuple[tuple[Any, ...], dict[str, str], Message, Message | None]] = {
    "tenants.create": (
        (TENANT,), {"request_id": "1"}, tenants.CreateTenantRequest(tenant=TENANT, request_id="1"), TENANT,
    ),
    "tenants.sign_up": ((tenants.SignUpRequest(),), {}, tenants.SignUpRequest(), None),
    "tenants.get": (("t",), {}, tenants.GetTenantRequest(tenant_id="t"), TENANT),
    "tenants.update": ((TENANT, PATHS), {}, tenants.UpdateTenantRequest(tenant=TENANT, update_mask=MASK), TENANT),
    "users.create": ((USER,), {"tenant_id": "t"}, tenants.CreateUserRequest(tenant_id="t", user=USER), USER),
    "users.get": (("u",), {"tenant_id": "t"}, tenants.GetUserRequest(tenant_id="t", user_id="u"), USER),
    "users.update": (
        (USER, PATHS), {"tenant_id": "t"},
        tenants.UpdateUserRequest(tenant_id="t", user=USER, update_mask=MASK), USER,
    ),
    "users.delete": (("u",), {"tenant_id": "t"}, tenants.DeleteUserRequest(tenant_id="t", user_id="u"), None),
    "projects.create": (
        (PROJECT,), {"tenant_id": "t"}, tenants.CreateProjectRequest(tenant_id="t", project=PROJECT), PROJECT,
    ),
    "projects.get": (("p",), {"tenant_id": "t"}, tenants.GetProjectRequest(tenant_id="t", project_id="p"), PROJECT),
    "projects.update": (
        (PROJECT, PATHS), {"tenant_id": "t"},
        tenants.UpdateProjectRequest(tenant_id="t", project=PROJECT, update_mask=MASK), PROJECT,
    ),
    "projects.delete": (("p",), {"tenant_id": "t"}, tenants.DeleteProjectRequest(tenant_id="t", project_id="p"), None),
    "projects.add_member": (
        ("p", "u"), {"tenant_id": "t"},
        tenants.AddProjectMemberRequest(tenant_id="t", project_id="p", user_id="u"), PROJECT,
    ),
    "projects.remove_member": (
        ("p", "u"), {"tenant_id": "t"},
        tenants.RemoveProjectMemberRequest(tenant_id="t", project_id="p", user_id="u"), PROJECT,
    ),
    "keys.create": ((KEY,), {"tenant_id": "t"}, tenants.CreateApiKeyRequest(tenant_id="t", api_key=KEY), None),
    "keys.rotate": (
        (tenants.RotateApiKeyRequest(api_key_id="k"),), {}, tenants.RotateApiKeyRequest(api_key_id="k"), None,
    ),
    "keys.revoke": (("k",), {"tenant_id": "t"}, tenants.RevokeApiKeyRequest(tenant_id="t", api_key_id="k"), KEY),
    "access_tokens.create": ((ACCESS,), {}, tenants.CreateAccessTokenRequest(access_token=ACCESS), None),
    "access_tokens.update": (
        (ACCESS, PATHS), {}, tenants.UpdateAccessTokenRequest(access_token=ACCESS, update_mask=MASK), ACCESS,
    ),
    "access_tokens.revoke": (("a",), {}, tenants.RevokeAccessTokenRequest(access_token_id="a"), ACCESS),
    "plans.create": ((PLAN,), {}, tenants.CreatePlanRequest(plan=PLAN), PLAN),
    "plans.get": (("P",), {}, tenants.GetPlanRequest(plan_id="P"), PLAN),
    "plans.update": ((PLAN, PATHS), {}, tenants.UpdatePlanRequest(plan=PLAN, update_mask=MASK), PLAN),
    "plans.delete": (("P",), {}, tenants.DeletePlanRequest(plan_id="P"), None),
    "features.create": ((FEATURE,), {}, tenants.CreateFeatureRequest(feature=FEATURE), FEATURE),
    "features.update": ((FEATURE, PATHS), {}, tenants.UpdateFeatureRequest(feature=FEATURE, update_mask=MASK), FEATURE),
    "features.delete": (("F",), {}, tenants.DeleteFeatureRequest(feature_id="F"), None),
    "tasks.create": ((TASK,), {}, tenants.CreateTaskRequest(task=TASK), TASK),
    "tasks.update": ((TASK, PATHS), {}, tenants.UpdateTaskRequest(task=TASK, update_mask=MASK), TASK),
    "tasks.delete": (("T",), {}, tenants.DeleteTaskRequest(task_code="T"), None),
    "policy.create": (
        (RULE,), {"tenant_id": "t"}, policy.CreatePolicyRuleRequest(tenant_id="t", policy_rule=RULE), RULE,
    ),
    "policy.get": (("r",), {"tenant_id": "t"}, policy.GetPolicyRuleRequest(tenant_id="t", policy_rule_id="r"), RULE),
    "policy.update": (
        (RULE, PATHS), {"tenant_id": "t"},
        policy.UpdatePolicyRuleRequest(tenant_id="t", policy_rule=RULE, update_mask=MASK), RULE,
    ),
    "policy.delete": (
        ("r",), {"tenant_id": "t"}, policy.DeletePolicyRuleRequest(tenant_id="t", policy_rule_id="r"), None,
    ),
    "policy.evaluate": ((policy.EvaluateRequest(user_id="u"),), {}, policy.EvaluateRequest(user_id="u"), None),
    "kill_switches.pull": ((PULL,), {}, PULL, SWITCH),
    "kill_switches.release": (
        ("s",), {"tenant_id": "t", "justification": "over"},
        budgets.ReleaseKillSwitchRequest(kill_switch_id="s", tenant_id="t", justification="over"), SWITCH,
    ),
    "audit.erase_payload": (
        (audit.EraseAuditPayloadRequest(sequence=1),), {}, audit.EraseAuditPayloadRequest(sequence=1),
        audit.AuditEntry(sequence=1),
    ),
}  # fmt: skip
LISTS = {
    "tenants": (TENANT, tenants.ListTenantsRequest()),
    "users": (USER, tenants.ListUsersRequest(query="u")),
    "projects": (PROJECT, tenants.ListProjectsRequest(tenant_id="t")),
    "keys": (KEY, tenants.ListApiKeysRequest(user_id="u")),
    "access_tokens": (ACCESS, tenants.ListAccessTokensRequest(plan_id="P")),
    "plans": (PLAN, tenants.ListPlansRequest()),
    "features": (FEATURE, tenants.ListFeaturesRequest()),
    "tasks": (TASK, tenants.ListTasksRequest(feature_id="F")),
    "policy": (RULE, policy.ListPolicyRulesRequest(key="max_tokens_out")),
    "kill_switches": (SWITCH, budgets.ListKillSwitchesRequest(with_released=True)),
    "audit": (audit.AuditEntry(sequence=1), audit.ListAuditEntriesRequest(tenant_id="t")),
}


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    with Client(address) as client:
        yield client


@pytest.fixture
async def async_client(async_address: str) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(async_address) as client:
        yield client


def method_of(request: Message) -> str:
    return type(request).__name__.removesuffix("Request")


def answering(script: Script, request: Message, part: Message | None, next_page: str = "") -> Message:
    """Scripts the answer of a method: one part, or nothing."""
    (method,) = (
        found for service in (*SERVICES, BUDGETS) for found in service.methods if found.input_type == request.DESCRIPTOR
    )
    answer: Any = GetMessageClass(method.output_type)()
    if part is not None:
        field = next(field for field in answer.DESCRIPTOR.fields if field.message_type == part.DESCRIPTOR)
        if field.is_repeated:
            getattr(answer, field.name).append(part)
        else:
            getattr(answer, field.name).CopyFrom(part)
    if next_page:
        answer.next_page_token = next_page
    script.answers.setdefault(method.name, []).append(answer)
    return answer


def test_every_method_of_the_contract_is_among_them() -> None:
    called = {method_of(request) for _, _, request, _ in CALLS.values()}
    listed = {method_of(request) for _, request in LISTS.values()}
    contract = {method.name for service in SERVICES for method in service.methods} | OF_KILL_SWITCH
    assert called | listed | {"WhoAmI", "ExportAuditEntries", "VerifyAudit"} == contract


def surface(client: Client | AsyncClient) -> dict[str, list[str]]:
    return {
        f"{group}.{name}": list(inspect.signature(member).parameters)
        for group in GROUPS
        for name, member in inspect.getmembers(getattr(client, group), inspect.ismethod)
        if not name.startswith("_")
    }


async def test_both_clients_have_the_same_groups_and_methods(client: Client, async_client: AsyncClient) -> None:
    assert surface(client) == surface(async_client)
    lists = {f"{group}.list" for group in LISTS}
    assert set(surface(client)) == set(CALLS) | lists | {"audit.export", "audit.verify"}


def expected(script: Script, name: str) -> Message | None:
    """Scripts the answer to a call; what the client must make of it."""
    _, _, request, part = CALLS[name]
    answer = answering(script, request, part)
    return None if name.endswith(".delete") else answer if part is None else part


@pytest.mark.parametrize("name", CALLS)
def test_a_call_reaches_its_method(script: Script, client: Client, name: str) -> None:
    arguments, named, request, _ = CALLS[name]
    wanted = expected(script, name)
    assert attrgetter(name)(client)(*arguments, **named) == wanted
    assert script.requests == [request]


@pytest.mark.parametrize("name", CALLS)
async def test_so_does_an_awaited_one(script: Script, async_client: AsyncClient, name: str) -> None:
    arguments, named, request, _ = CALLS[name]
    wanted = expected(script, name)
    assert await attrgetter(name)(async_client)(*arguments, **named) == wanted
    assert script.requests == [request]


def paged(script: Script, group: str) -> list[Message]:
    """Scripts a list of two pages; the requests that must come."""
    row, request = LISTS[group]
    answering(script, request, row, next_page="2")
    answering(script, request, row)
    second = type(request)()
    second.CopyFrom(request)
    second.page_token = "2"
    return [request, second]


@pytest.mark.parametrize("group", LISTS)
def test_a_list_asks_for_every_page(script: Script, client: Client, group: str) -> None:
    row, request = LISTS[group]
    wanted = paged(script, group)
    assert list(getattr(client, group).list(request)) == [row, row]
    assert script.requests == wanted


@pytest.mark.parametrize("group", LISTS)
async def test_so_does_an_awaited_one_of_it(script: Script, async_client: AsyncClient, group: str) -> None:
    row, request = LISTS[group]
    wanted = paged(script, group)
    assert [found async for found in getattr(async_client, group).list(request)] == [row, row]
    assert script.requests == wanted


ENTRIES = [audit.AuditEntry(sequence=number) for number in (1, 2, 3)]
FOUND = audit.VerifyAuditResponse(broken=audit.AuditBreak(sequence=2))
EXPORT, VERIFY = audit.ExportAuditEntriesRequest(tenant_id="t"), audit.VerifyAuditRequest(tenant_id="t")


@pytest.fixture
def streams(script: Script) -> None:
    script.answers["ExportAuditEntries"] = [
        audit.ExportAuditEntriesResponse(audit_entries=ENTRIES[:2]),
        audit.ExportAuditEntriesResponse(audit_entries=ENTRIES[2:]),
    ]
    script.answers["VerifyAudit"] = [FOUND]


@pytest.mark.usefixtures("streams")
def test_the_audit_log_streams(script: Script, client: Client) -> None:
    assert list(client.audit.export(EXPORT)) == ENTRIES
    assert list(client.audit.verify(VERIFY)) == [FOUND]
    assert script.requests == [EXPORT, VERIFY]


@pytest.mark.usefixtures("streams")
async def test_the_audit_log_streams_to_asyncio(script: Script, async_client: AsyncClient) -> None:
    assert [row async for row in async_client.audit.export(EXPORT)] == ENTRIES
    assert [one async for one in async_client.audit.verify(VERIFY)] == [FOUND]
    assert script.requests == [EXPORT, VERIFY]
