"""TenantService over a real store: who sees and changes what, and what is wrong with what is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from pointsman.v1 import plan_pb2 as plan_pb
from pointsman.v1 import tenant_service_pb2 as pb
from pointsman.v1.budget_service_pb2 import (
    BUDGET_KIND_DAY,
    BUDGET_KIND_RATE,
    BUDGET_KIND_SLOTS,
    BUDGET_UNIT_NAMED,
    BUDGET_UNIT_NANOS,
    BUDGET_UNIT_REQUESTS,
)
from pointsman.v1.principal_pb2 import (
    PRINCIPAL_ROLE_AGENT,
    PRINCIPAL_ROLE_PLATFORM_ADMIN,
    PRINCIPAL_ROLE_TENANT_ADMIN,
    PRINCIPAL_ROLE_USER,
)
from pointsman_server.clock import SystemClock
from pointsman_server.errors import (
    ForeignTenant,
    GrantExceeded,
    InvalidRequest,
    LockedOut,
    NotFound,
    RoleRequired,
    SignUpRefused,
)
from pointsman_server.identity.credentials import AGENT_USER_PREFIX
from pointsman_server.identity.model import PLATFORM_TENANT, Principal
from pointsman_server.identity.tokens import parse
from pointsman_server.ids import new_id
from pointsman_server.services.access import ACCESS, authorized
from pointsman_server.services.tenant_service import TenantService
from pointsman_server.storage.credentials import SqlCredentialReader
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import ACCESS_TOKENS
from sqlalchemy import insert, update

from tests.unit.services.tenants import ADMIN, AUDITOR, DIGESTS, OPERATOR, USER, call, populate, service

_INSERT_TOKEN = insert(ACCESS_TOKENS)
_REVOKE_TOKENS = update(ACCESS_TOKENS).values(revoked_at=1)

BEARER = Principal("", "", frozenset(), credential_id="pma_1")
SIGN_UP = pb.SignUpRequest(tenant_display_name="Beta", admin_display_name="Dora", admin_email="dora@beta.example")


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with await Storage.open(tmp_path / "p.db", clock=SystemClock(), new_id=new_id) as opened:
        await populate(opened)
        yield opened


@pytest.fixture
def served(storage: Storage) -> TenantService:
    return service(storage)


async def issue(storage: Storage, **fields: Any) -> None:
    stamps: dict[str, Any] = {"expires_at": None, "revoked_at": None, "created_at": 1, "updated_at": 1}
    named = {"tenant_id": PLATFORM_TENANT, "access_token_id": "pma_1", "display_name": "B", "bound_tenant_id": ""}
    row = {**stamps, **named, "plan_id": "PRO", "digest": b"d", **fields}
    await storage._control.control(lambda execute: execute(_INSERT_TOKEN, row))


async def get_tenant(served: TenantService) -> pb.Tenant:
    return (await served.get_tenant(pb.GetTenantRequest(), call(ADMIN))).tenant


async def change(served: TenantService, by: Principal, tenant_id: str = "", **fields: Any) -> pb.Tenant:
    request = pb.UpdateTenantRequest(tenant=pb.Tenant(**fields), update_mask=FieldMask(paths=list(fields)))
    return (await served.update_tenant(request, call(by, "UpdateTenant", tenant_id=tenant_id))).tenant


async def make_user(served: TenantService, by: Principal = ADMIN, **fields: Any) -> pb.User:
    user = pb.User(**{"display_name": "U", "roles": [PRINCIPAL_ROLE_USER], **fields})
    return (await served.create_user(pb.CreateUserRequest(user=user), call(by, "CreateUser"))).user


async def make_project(served: TenantService, project_id: str = "apollo", *members: str) -> None:
    project = pb.Project(project_id=project_id, display_name="P")
    await served.create_project(pb.CreateProjectRequest(project=project), call(ADMIN, "CreateProject"))
    for user_id in members:
        request = pb.AddProjectMemberRequest(project_id=project_id, user_id=user_id)
        await served.add_project_member(request, call(ADMIN, "AddProjectMember"))


def problems(error: pytest.ExceptionInfo[InvalidRequest]) -> set[str]:
    return {problem.field for problem in error.value.fields}


async def test_who_am_i_tells_the_principal(served: TenantService) -> None:
    who = replace(USER, plan_id="PRO", project_ids=frozenset({"b", "a"}))
    found = await served.who_am_i(pb.WhoAmIRequest(), call(who, "WhoAmI"))
    assert (found.tenant_display_name, found.principal.user_id, found.principal.tenant_id) == ("Acme", "bob", "acme")
    assert (list(found.principal.project_ids), list(found.principal.roles)) == (["a", "b"], [PRINCIPAL_ROLE_USER])
    assert (found.principal.plan_id, found.principal.credential_id) == ("PRO", "pmk_3")


async def test_a_sign_up_makes_a_tenant_an_administrator_and_a_key_that_works(
    served: TenantService, storage: Storage
) -> None:
    await issue(storage)
    before = await storage.generations.read()
    made = await served.sign_up(SIGN_UP, call(BEARER, "SignUp"))
    assert (made.tenant.display_name, made.tenant.plan_id, made.tenant.access_token_id) == ("Beta", "PRO", "pma_1")
    assert (made.user.display_name, made.user.email) == ("Dora", "dora@beta.example")
    assert list(made.user.roles) == [PRINCIPAL_ROLE_TENANT_ADMIN]
    assert made.key.startswith(made.api_key.api_key_id)
    token = parse(made.key)
    assert token is not None
    stored = await SqlCredentialReader(storage._readers).key(DIGESTS.of(token))
    assert stored is not None
    assert stored.api_key_id == made.api_key.api_key_id
    assert (stored.standing.tenant_id, stored.standing.user_id) == (made.tenant.tenant_id, made.user.user_id)
    assert (stored.standing.plan_id, stored.standing.plan_required, stored.standing.active) == ("PRO", True, True)
    assert (await storage.generations.read()).revocation == before.revocation + 1


async def test_an_access_token_signs_up_once(served: TenantService, storage: Storage) -> None:
    await issue(storage)
    await served.sign_up(SIGN_UP, call(BEARER, "SignUp"))
    with pytest.raises(SignUpRefused):
        await served.sign_up(SIGN_UP, call(BEARER, "SignUp"))
    tenants = (await served.list_tenants(pb.ListTenantsRequest(plan_id="PRO"), call(OPERATOR))).tenants
    assert len(tenants) == 1


@pytest.mark.parametrize("fields", [{"revoked_at": 1}, {"expires_at": 1}, {"plan_id": "GONE"}])
async def test_an_access_token_that_is_over_signs_nobody_up(
    served: TenantService, storage: Storage, fields: dict[str, Any]
) -> None:
    await issue(storage, **fields)
    with pytest.raises(SignUpRefused):
        await served.sign_up(SIGN_UP, call(BEARER, "SignUp"))
    assert (await served.list_tenants(pb.ListTenantsRequest(), call(OPERATOR))).total_size == 2


async def test_a_tenant_is_made_with_or_without_a_chosen_id(served: TenantService) -> None:
    for tenant_id in ("", "chosen"):
        tenant = pb.Tenant(tenant_id=tenant_id, display_name="T", plan_id="FREE", default_model="alpha/small")
        made = await served.create_tenant(pb.CreateTenantRequest(tenant=tenant), call(OPERATOR, "CreateTenant"))
        assert made.tenant.tenant_id == tenant_id or made.tenant.tenant_id.startswith("ten_")
        assert (made.tenant.plan_id, made.tenant.default_model) == ("FREE", "alpha/small")


async def test_a_default_model_is_one_of_the_catalog(served: TenantService) -> None:
    with pytest.raises(InvalidRequest, match=r"tenant\.default_model: names no model"):
        await change(served, ADMIN, default_model="alpha/none")
    tenant = pb.Tenant(display_name="T", default_model="alpha/none")
    with pytest.raises(InvalidRequest, match=r"tenant\.default_model: names no model"):
        await served.create_tenant(pb.CreateTenantRequest(tenant=tenant), call(OPERATOR, "CreateTenant"))
    assert (await change(served, ADMIN, default_model="alpha/small")).default_model == "alpha/small"
    assert (await change(served, ADMIN, default_model="")).default_model == ""


async def test_state_and_plan_are_a_platform_administrators_to_change(served: TenantService) -> None:
    for fields in ({"state": pb.TENANT_STATE_SUSPENDED}, {"plan_id": "PRO"}):
        with pytest.raises(RoleRequired) as refused:
            await change(served, ADMIN, **fields)
        assert refused.value.metadata == {"role": "platform_admin"}
    assert (await change(served, ADMIN, display_name="New")).display_name == "New"
    found = await change(served, OPERATOR, "acme", state=pb.TENANT_STATE_SUSPENDED, plan_id="PRO")
    assert (found.state, found.plan_id, found.display_name) == (pb.TENANT_STATE_SUSPENDED, "PRO", "New")
    with pytest.raises(LockedOut):
        await change(served, OPERATOR, state=pb.TENANT_STATE_SUSPENDED)


async def test_a_plan_is_taken_away_with_the_access_token_alone(served: TenantService, storage: Storage) -> None:
    await change(served, OPERATOR, "acme", plan_id="PRO")
    with pytest.raises(InvalidRequest, match="RevokeAccessToken"):
        await change(served, OPERATOR, "acme", plan_id="")
    await storage._control.control(lambda execute: execute(_REVOKE_TOKENS, {}))
    assert (await get_tenant(served)).plan_id == ""


async def test_an_update_names_its_tenant_and_so_is_another_tenants_to_no_one_else() -> None:
    access = ACCESS["TenantService/UpdateTenant"]
    for tenant_id in ("", "acme"):
        request = pb.UpdateTenantRequest(tenant=pb.Tenant(tenant_id=tenant_id))
        assert authorized(access, request, call(ADMIN)).tenant_id == "acme"
    request = pb.UpdateTenantRequest(tenant=pb.Tenant(tenant_id="beta"))
    assert authorized(access, request, call(OPERATOR)).tenant_id == "beta"
    with pytest.raises(ForeignTenant):
        authorized(access, request, call(ADMIN))
    for odd in ("\x00", "a b", "x" * 100_000):
        request = pb.UpdateTenantRequest(tenant=pb.Tenant(tenant_id=odd))
        with pytest.raises(InvalidRequest, match="tenant_id"):
            authorized(access, request, call(OPERATOR))
        with pytest.raises(ForeignTenant):
            authorized(access, request, call(ADMIN))


async def test_tenants_are_listed_for_whom_they_are(served: TenantService) -> None:
    async def ids(who: Principal, **fields: Any) -> list[str]:
        found = await served.list_tenants(pb.ListTenantsRequest(**fields), call(who, "ListTenants"))
        return [tenant.tenant_id for tenant in found.tenants]

    assert await ids(OPERATOR) == ["acme", "local"]
    for who in (ADMIN, USER, AUDITOR):
        assert await ids(who) == ["acme"]
    assert await ids(OPERATOR, state=pb.TENANT_STATE_CLOSED) == []
    assert await ids(OPERATOR, plan_id="PRO") == []


async def test_pages_go_on_where_the_last_ended(served: TenantService) -> None:
    for number in range(3):
        await make_user(served, user_id=f"u-{number}")
        await make_project(served, f"p-{number}")
    listings: list[tuple[Any, Any, str]] = [
        (served.list_users, pb.ListUsersRequest, "users"),
        (served.list_projects, pb.ListProjectsRequest, "projects"),
        (served.list_plans, pb.ListPlansRequest, "plans"),
        (served.list_features, pb.ListFeaturesRequest, "features"),
        (served.list_tasks, pb.ListTasksRequest, "tasks"),
        (served.list_tenants, pb.ListTenantsRequest, "tenants"),
    ]
    for method, request_type, name in listings:
        who = call(OPERATOR if name == "tenants" else ADMIN)
        whole = await method(request_type(), who)
        assert (len(getattr(whole, name)), whole.next_page_token) == (whole.total_size, "")
        seen, token = [], ""
        for _ in range(whole.total_size):
            page = await method(request_type(page_size=1, page_token=token), who)
            assert page.total_size == whole.total_size
            seen += list(getattr(page, name))
            token = page.next_page_token
        assert (seen, token) == (list(getattr(whole, name)), "")


async def test_everyone_reads_itself_and_administrators_and_auditors_read_all(served: TenantService) -> None:
    async def get(who: Principal, user_id: str) -> str:
        return (await served.get_user(pb.GetUserRequest(user_id=user_id), call(who, "GetUser"))).user.user_id

    for who in (ADMIN, AUDITOR):
        assert await get(who, "bob") == "bob"
    assert await get(USER, "bob") == "bob"
    with pytest.raises(NotFound) as hidden:
        await get(USER, "ada")
    with pytest.raises(NotFound) as missing:
        await get(USER, "nobody")
    assert hidden.value.message.replace("ada", "nobody") == missing.value.message


async def test_a_user_is_made_changed_and_removed(served: TenantService) -> None:
    made = await make_user(served, email="u@x.org", kind=pb.USER_KIND_SERVICE)
    assert made.user_id.startswith("usr_")
    assert (made.tenant_id, made.kind, made.state) == ("acme", pb.USER_KIND_SERVICE, pb.USER_STATE_ACTIVE)
    asked = pb.User(user_id=made.user_id, display_name="New", roles=[0, 99])
    request = pb.UpdateUserRequest(user=asked, update_mask=FieldMask(paths=["display_name"]))
    changed = (await served.update_user(request, call(ADMIN, "UpdateUser"))).user
    assert (changed.display_name, changed.email, list(changed.roles)) == ("New", "u@x.org", [PRINCIPAL_ROLE_USER])
    await served.delete_user(pb.DeleteUserRequest(user_id=made.user_id), call(ADMIN, "DeleteUser"))
    with pytest.raises(NotFound):
        await served.get_user(pb.GetUserRequest(user_id=made.user_id), call(ADMIN))


async def test_the_rules_of_roles_reach_the_caller(served: TenantService) -> None:
    with pytest.raises(GrantExceeded):
        await make_user(served, roles=[PRINCIPAL_ROLE_PLATFORM_ADMIN])
    with pytest.raises(LockedOut):
        await served.delete_user(pb.DeleteUserRequest(user_id="ada"), call(ADMIN, "DeleteUser"))
    with pytest.raises(InvalidRequest) as refused:
        await make_user(served, roles=[PRINCIPAL_ROLE_AGENT, 0, PRINCIPAL_ROLE_AGENT])
    assert problems(refused) == {"user.roles", "user.roles[1]", "user.roles[2]"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"roles": []}, "user.roles"),
        ({"display_name": ""}, "user.display_name"),
        ({"display_name": "x" * 201}, "user.display_name"),
        ({"email": "nobody"}, "user.email"),
        ({"user_id": f"{AGENT_USER_PREFIX}x"}, "user.user_id"),
        ({"user_id": "-x"}, "user.user_id"),
        ({"tenant_id": "acme"}, "user.tenant_id"),
        ({"kind": 9}, "user.kind"),
        ({"state": 9}, "user.state"),
        ({"create_time": {"seconds": 1}}, "user.create_time"),
    ],
)
async def test_what_is_wrong_with_a_user_is_named(served: TenantService, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await make_user(served, **fields)
    assert problems(refused) == {field}


async def test_projects_are_their_members_to_see(served: TenantService) -> None:
    await make_project(served, "apollo", "bob")
    await make_project(served, "zeus", "ada")

    async def ids(who: Principal) -> list[str]:
        found = await served.list_projects(pb.ListProjectsRequest(), call(who, "ListProjects"))
        return [project.project_id for project in found.projects]

    assert (await ids(ADMIN), await ids(AUDITOR), await ids(USER)) == (
        ["apollo", "zeus"],
        ["apollo", "zeus"],
        ["apollo"],
    )
    for who, project_id in ((USER, "apollo"), (AUDITOR, "zeus")):
        found = await served.get_project(pb.GetProjectRequest(project_id=project_id), call(who))
        assert found.project.project_id == project_id
    with pytest.raises(NotFound) as hidden:
        await served.get_project(pb.GetProjectRequest(project_id="zeus"), call(USER))
    with pytest.raises(NotFound) as missing:
        await served.get_project(pb.GetProjectRequest(project_id="none"), call(USER))
    assert hidden.value.message.replace("zeus", "none") == missing.value.message


async def test_a_project_is_changed_left_and_removed(served: TenantService) -> None:
    await make_project(served, "apollo", "bob", "ada")
    leave = pb.RemoveProjectMemberRequest(project_id="apollo", user_id="bob")
    left = (await served.remove_project_member(leave, call(ADMIN))).project
    assert list(left.member_user_ids) == ["ada"]
    rename = pb.UpdateProjectRequest(
        project=pb.Project(project_id="apollo", display_name="New"), update_mask=FieldMask(paths=["display_name"])
    )
    assert (await served.update_project(rename, call(ADMIN))).project.display_name == "New"
    await served.delete_project(pb.DeleteProjectRequest(project_id="apollo"), call(ADMIN))
    with pytest.raises(NotFound):
        await served.get_project(pb.GetProjectRequest(project_id="apollo"), call(ADMIN))


QUOTA = {
    "holder": plan_pb.QUOTA_HOLDER_TENANT,
    "unit": BUDGET_UNIT_REQUESTS,
    "kind": BUDGET_KIND_DAY,
    "limit": 5,
}


def plan(**fields: Any) -> pb.CreatePlanRequest:
    task = plan_pb.PlanTask(task_code="LLM2_DRAFT", access=plan_pb.ModelAccess(model_classes=["PRO_M"]))
    sound = {
        "plan_id": "GOLD",
        "display_name": "Gold",
        "features": [{"feature_id": "PATENT_DRAFTING"}],
        "tasks": [task],
    }
    return pb.CreatePlanRequest(plan=plan_pb.Plan(**{**sound, **fields}))


async def test_a_plan_is_made_changed_and_removed(served: TenantService) -> None:
    images = {**QUOTA, "unit": BUDGET_UNIT_NAMED, "unit_name": "images", "kind": BUDGET_KIND_RATE, "period_seconds": 9}
    made = (await served.create_plan(plan(quotas=[QUOTA, images]), call(OPERATOR, "CreatePlan"))).plan
    assert [(quota.unit, quota.unit_name, quota.period_seconds) for quota in made.quotas] == [
        (BUDGET_UNIT_REQUESTS, "", 0),
        (BUDGET_UNIT_NAMED, "images", 9),
    ]
    asked = plan_pb.Plan(plan_id="GOLD", display_name="New", quotas=[plan_pb.Quota()])
    request = pb.UpdatePlanRequest(plan=asked, update_mask=FieldMask(paths=["display_name"]))
    changed = (await served.update_plan(request, call(OPERATOR, "UpdatePlan"))).plan
    made.display_name = "New"
    made.update_time.CopyFrom(changed.update_time)
    assert changed == made == (await served.get_plan(pb.GetPlanRequest(plan_id="GOLD"), call(USER))).plan
    await served.delete_plan(pb.DeletePlanRequest(plan_id="GOLD"), call(OPERATOR, "DeletePlan"))
    with pytest.raises(NotFound):
        await served.get_plan(pb.GetPlanRequest(plan_id="GOLD"), call(USER))


async def test_features_and_tasks_are_made_changed_and_removed(served: TenantService) -> None:
    by = call(OPERATOR)
    feature = plan_pb.Feature(feature_id="CHAT", display_name="Chat")
    await served.create_feature(pb.CreateFeatureRequest(feature=feature), by)
    task = plan_pb.Task(task_code="CHAT_1", feature_id="CHAT", display_name="One")
    assert (await served.create_task(pb.CreateTaskRequest(task=task), by)).task.feature_id == "CHAT"
    renamed = plan_pb.Feature(feature_id="CHAT", display_name="Talk")
    named = FieldMask(paths=["display_name"])
    changed = await served.update_feature(pb.UpdateFeatureRequest(feature=renamed, update_mask=named), by)
    assert changed.feature.display_name == "Talk"
    moved = pb.UpdateTaskRequest(task=plan_pb.Task(task_code="CHAT_1", display_name="Two"), update_mask=named)
    assert (await served.update_task(moved, by)).task.display_name == "Two"
    assert [each.task_code for each in (await served.list_tasks(pb.ListTasksRequest(feature_id="CHAT"), by)).tasks] == [
        "CHAT_1"
    ]
    await served.delete_task(pb.DeleteTaskRequest(task_code="CHAT_1"), by)
    await served.delete_feature(pb.DeleteFeatureRequest(feature_id="CHAT"), by)
    assert (await served.list_features(pb.ListFeaturesRequest(), by)).total_size == 3


WRONG_PLANS: list[tuple[dict[str, Any], str]] = [
    ({"plan_id": ""}, "plan.plan_id"),
    ({"plan_id": "x" * 65}, "plan.plan_id"),
    ({"display_name": ""}, "plan.display_name"),
    ({"features": [{"feature_id": "PATENT_DRAFTING"}] * 2}, "plan.features[1]"),
    ({"features": [{"feature_id": "F"}] * 65}, "plan.features"),
    ({"tasks": [{"task_code": "LLM2_DRAFT"}]}, "plan.tasks[0].access.model_classes"),
    ({"general_access": {}}, "plan.general_access.model_classes"),
    ({"general_access": {"any_class": True, "model_classes": ["A"]}}, "plan.general_access.model_classes"),
    ({"general_access": {"model_classes": ["A", "A"]}}, "plan.general_access.model_classes[1]"),
    ({"general_access": {"model_classes": ["A"] * 33}}, "plan.general_access.model_classes"),
    ({"quotas": [{**QUOTA, "holder": 0}]}, "plan.quotas[0].holder"),
    ({"quotas": [{**QUOTA, "unit": BUDGET_UNIT_NAMED, "unit_name": "dreams"}]}, "plan.quotas[0].unit_name"),
    ({"quotas": [{**QUOTA, "unit_name": "images"}]}, "plan.quotas[0].unit_name"),
    ({"quotas": [{**QUOTA, "period_seconds": 5}]}, "plan.quotas[0].period_seconds"),
    ({"quotas": [{**QUOTA, "kind": BUDGET_KIND_RATE}]}, "plan.quotas[0].period_seconds"),
    ({"quotas": [{**QUOTA, "kind": BUDGET_KIND_SLOTS, "unit": BUDGET_UNIT_NANOS}]}, "plan.quotas[0].unit"),
    ({"quotas": [{**QUOTA, "limit": -1}]}, "plan.quotas[0].limit"),
    ({"quotas": [QUOTA, {**QUOTA, "limit": 9}]}, "plan.quotas[1]"),
    ({"quotas": [QUOTA] * 21}, "plan.quotas"),
    ({"update_time": {"seconds": 1}}, "plan.update_time"),
]


@pytest.mark.parametrize(("fields", "field"), WRONG_PLANS)
async def test_what_is_wrong_with_a_plan_is_named(served: TenantService, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await served.create_plan(plan(**fields), call(OPERATOR, "CreatePlan"))
    assert problems(refused) == {field}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"tenant_id": PLATFORM_TENANT}, "tenant.tenant_id"),
        ({"tenant_id": "a b"}, "tenant.tenant_id"),
        ({"display_name": ""}, "tenant.display_name"),
        ({"state": pb.TENANT_STATE_CLOSED}, "tenant.state"),
        ({"access_token_id": "x"}, "tenant.access_token_id"),
    ],
)
async def test_what_is_wrong_with_a_tenant_is_named(served: TenantService, fields: dict[str, Any], field: str) -> None:
    request = pb.CreateTenantRequest(tenant=pb.Tenant(**{"display_name": "T", **fields}))
    with pytest.raises(InvalidRequest) as refused:
        await served.create_tenant(request, call(OPERATOR, "CreateTenant"))
    assert problems(refused) == {field}


async def test_an_update_says_what_it_changes(served: TenantService) -> None:
    by = call(OPERATOR)
    asked: list[tuple[Any, Any]] = [
        (served.update_tenant, pb.UpdateTenantRequest(tenant=pb.Tenant(tenant_id="acme"))),
        (served.update_user, pb.UpdateUserRequest(user=pb.User(user_id="bob"))),
        (served.update_project, pb.UpdateProjectRequest(project=pb.Project(project_id="p"))),
        (served.update_plan, pb.UpdatePlanRequest(plan=plan_pb.Plan(plan_id="PRO"))),
        (served.update_feature, pb.UpdateFeatureRequest(feature=plan_pb.Feature(feature_id="F"))),
        (served.update_task, pb.UpdateTaskRequest(task=plan_pb.Task(task_code="T"))),
    ]
    for method, request in asked:
        with pytest.raises(InvalidRequest, match="update_mask: names nothing"):
            await method(request, by)
        request.update_mask.paths.append("create_time")
        with pytest.raises(InvalidRequest) as refused:
            await method(request, by)
        assert "update_mask.paths[0]" in problems(refused)


async def test_under_a_request_id_a_user_is_made_once(served: TenantService) -> None:
    user = pb.User(display_name="U", roles=[PRINCIPAL_ROLE_USER])
    request = pb.CreateUserRequest(user=user, request_id="r1")
    first = await served.create_user(request, call(ADMIN, "CreateUser"))
    assert await served.create_user(request, call(ADMIN, "CreateUser")) == first
    assert first.user.user_id.startswith("usr_")
