"""Hostile text in every string of every request of TenantService: refused by name, or kept to the letter."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from pointsman.v1 import plan_pb2 as plan_pb
from pointsman.v1 import tenant_service_pb2 as pb
from pointsman.v1.budget_service_pb2 import BUDGET_KIND_DAY, BUDGET_UNIT_REQUESTS
from pointsman.v1.principal_pb2 import PRINCIPAL_ROLE_USER
from pointsman_server.errors import InvalidRequest, NotFound, PointsmanError
from pointsman_server.ids import new_id
from pointsman_server.services.methods import _WORD_START
from pointsman_server.services.tenant_service import TenantService
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import SetClock
from tests.unit.services import tenants

HOSTILE = (
    "'; DROP TABLE tenants; --",
    '"; DELETE FROM users; --',
    "' OR '1'='1",
    "x' UNION SELECT digest FROM api_keys --",
    "%",
    "_",
    "\\",
    "\x00",
    "a\x00b",
    "\n",
    "$1",
    ":id",
    "%(id)s",
    "{0}",
    "Ω\u202e🚂",
)

QUOTA = plan_pb.Quota(holder=plan_pb.QUOTA_HOLDER_TENANT, unit=BUDGET_UNIT_REQUESTS, kind=BUDGET_KIND_DAY, limit=5)
ACCESS = plan_pb.ModelAccess(model_classes=["PRO_M"])
COUNT = itertools.count()


def plan(plan_id: str) -> plan_pb.Plan:
    return plan_pb.Plan(
        plan_id=plan_id,
        display_name="Plan",
        features=[plan_pb.PlanFeature(feature_id="PATENT_DRAFTING", quotas=[QUOTA])],
        tasks=[plan_pb.PlanTask(task_code="LLM2_DRAFT", access=ACCESS, quotas=[QUOTA])],
        general_access=ACCESS,
        quotas=[QUOTA],
    )


def user(**fields: Any) -> pb.User:
    return pb.User(**{"display_name": "U", "email": "u@x.org", "roles": [PRINCIPAL_ROLE_USER], **fields})


def mask(*paths: str) -> FieldMask:
    return FieldMask(paths=paths)


SOUND: dict[str, Callable[[], Message]] = {
    "WhoAmI": pb.WhoAmIRequest,
    "SignUp": lambda: pb.SignUpRequest(tenant_display_name="T", admin_display_name="A", admin_email="a@x.org"),
    "CreateTenant": lambda: pb.CreateTenantRequest(tenant=pb.Tenant(display_name="T")),
    "GetTenant": pb.GetTenantRequest,
    "ListTenants": pb.ListTenantsRequest,
    "UpdateTenant": lambda: pb.UpdateTenantRequest(
        tenant=pb.Tenant(tenant_id="acme", display_name="T", plan_id="PRO"),
        update_mask=mask("display_name", "plan_id", "default_model"),
    ),
    "CreateUser": lambda: pb.CreateUserRequest(user=user()),
    "GetUser": lambda: pb.GetUserRequest(user_id="bob"),
    "ListUsers": pb.ListUsersRequest,
    "UpdateUser": lambda: pb.UpdateUserRequest(
        user=user(user_id="bob"), update_mask=mask("display_name", "email", "roles")
    ),
    "DeleteUser": lambda: pb.DeleteUserRequest(user_id="nobody"),
    "CreateProject": lambda: pb.CreateProjectRequest(project=pb.Project(display_name="P")),
    "GetProject": lambda: pb.GetProjectRequest(project_id="apollo"),
    "ListProjects": pb.ListProjectsRequest,
    "UpdateProject": lambda: pb.UpdateProjectRequest(
        project=pb.Project(project_id="apollo", display_name="P"), update_mask=mask("display_name")
    ),
    "DeleteProject": lambda: pb.DeleteProjectRequest(project_id="none"),
    "AddProjectMember": lambda: pb.AddProjectMemberRequest(project_id="apollo", user_id="bob"),
    "RemoveProjectMember": lambda: pb.RemoveProjectMemberRequest(project_id="apollo", user_id="bob"),
    "CreateApiKey": lambda: pb.CreateApiKeyRequest(api_key=pb.ApiKey(display_name="K")),
    "ListApiKeys": pb.ListApiKeysRequest,
    "RotateApiKey": lambda: pb.RotateApiKeyRequest(api_key_id="pmk_none"),
    "RevokeApiKey": lambda: pb.RevokeApiKeyRequest(api_key_id="pmk_none"),
    "CreateAccessToken": lambda: pb.CreateAccessTokenRequest(
        access_token=pb.AccessToken(display_name="A", plan_id="PRO")
    ),
    "ListAccessTokens": pb.ListAccessTokensRequest,
    "UpdateAccessToken": lambda: pb.UpdateAccessTokenRequest(
        access_token=pb.AccessToken(access_token_id="pma_none", display_name="A", plan_id="PRO"),
        update_mask=mask("display_name", "plan_id"),
    ),
    "RevokeAccessToken": lambda: pb.RevokeAccessTokenRequest(access_token_id="pma_none"),
    "CreatePlan": lambda: pb.CreatePlanRequest(plan=plan(f"P-{next(COUNT)}")),
    "GetPlan": lambda: pb.GetPlanRequest(plan_id="PRO"),
    "ListPlans": pb.ListPlansRequest,
    "UpdatePlan": lambda: pb.UpdatePlanRequest(
        plan=plan("BASIC"), update_mask=mask("display_name", "features", "tasks", "general_access", "quotas")
    ),
    "DeletePlan": lambda: pb.DeletePlanRequest(plan_id="NONE"),
    "CreateFeature": lambda: pb.CreateFeatureRequest(
        feature=plan_pb.Feature(feature_id=f"F-{next(COUNT)}", display_name="F")
    ),
    "ListFeatures": pb.ListFeaturesRequest,
    "UpdateFeature": lambda: pb.UpdateFeatureRequest(
        feature=plan_pb.Feature(feature_id="PATENT_DRAFTING", display_name="F"), update_mask=mask("display_name")
    ),
    "DeleteFeature": lambda: pb.DeleteFeatureRequest(feature_id="NONE"),
    "CreateTask": lambda: pb.CreateTaskRequest(
        task=plan_pb.Task(task_code=f"T-{next(COUNT)}", feature_id="PATENT_DRAFTING", display_name="T")
    ),
    "ListTasks": pb.ListTasksRequest,
    "UpdateTask": lambda: pb.UpdateTaskRequest(
        task=plan_pb.Task(task_code="LLM2_DRAFT", feature_id="PATENT_DRAFTING", display_name="T"),
        update_mask=mask("display_name", "feature_id"),
    ),
    "DeleteTask": lambda: pb.DeleteTaskRequest(task_code="NONE"),
}
"""A sound request for each method."""

NOT_READ = {
    "UpdateTenant": {"tenant.access_token_id"},
    "UpdateUser": {"user.tenant_id"},
    "UpdateAccessToken": {"access_token.tenant_id"},
    "UpdateProject": {"project.tenant_id", "project.member_user_ids[0]"},
}
"""What an update does not look at, since its mask cannot name it; and no answer shows it."""

Place = Callable[[Message, str], None]


def strings(message: Message, path: str = "") -> Iterator[tuple[str, Place]]:
    """Every string of a kind of message: its path, and how to put text there."""
    for field in message.DESCRIPTOR.fields:
        name = f"{path}{field.name}"
        repeated = field.is_repeated
        if field.type == FieldDescriptor.TYPE_STRING:
            yield (f"{name}[0]", _first_of(field.name)) if repeated else (name, _single(field.name))
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            inner = GetMessageClass(field.message_type)()
            for inner_path, place in strings(inner, f"{name}[0]." if repeated else f"{name}."):
                yield inner_path, _within(field.name, place, repeated=repeated)


def _single(name: str) -> Place:
    return lambda message, text: setattr(message, name, text)


def _first_of(name: str) -> Place:
    def place(message: Message, text: str) -> None:
        values = getattr(message, name)
        values[:] = [text, *values[1:]]

    return place


def _within(name: str, place: Place, *, repeated: bool) -> Place:
    def inner(message: Message, text: str) -> None:
        found = getattr(message, name)
        place((found[0] if found else found.add()) if repeated else found, text)

    return inner


def every_text(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        for each in values:
            if isinstance(each, str):
                yield each
            elif isinstance(each, Message):
                yield from every_text(each)


METHODS = {method.name: method for method in pb.DESCRIPTOR.services_by_name["TenantService"].methods}
CASES = [
    pytest.param(name, path, place, id=f"{name}-{path}")
    for name, make in SOUND.items()
    for path, place in strings(make())
]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as opened:
        yield opened


@pytest.fixture(scope="module")
def served(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TenantService]:
    path: Path = tmp_path_factory.mktemp("strings") / "p.db"

    async def opened() -> AsyncIterator[TenantService]:
        async with await Storage.open(path, clock=SetClock(), new_id=new_id) as storage:
            await tenants.populate(storage)
            service = tenants.service(storage)
            project = pb.CreateProjectRequest(project=pb.Project(project_id="apollo", display_name="P"))
            await service.create_project(project, tenants.call(tenants.ADMIN, "CreateProject"))
            yield service

    lives = opened()
    yield runner.run(anext(lives))
    runner.run(lives.aclose())


async def answer(service: TenantService, name: str, request: Message) -> Message:
    of_platform = any(kind in name for kind in ("Plan", "Feature", "Task", "AccessToken"))
    whose = tenants.OPERATOR if of_platform else tenants.ADMIN
    if name in {"CreateTenant", "UpdateTenant"}:
        call = tenants.call(tenants.OPERATOR, name, tenant_id="acme")
    else:
        call = tenants.call(whose, name)
    found: Message = await getattr(service, _WORD_START.sub("_", name).lower())(request, call)
    return found


def test_every_method_is_here() -> None:
    assert set(SOUND) == set(METHODS)


def outcome(runner: asyncio.Runner, service: TenantService, name: str, request: Message) -> Message | PointsmanError:
    try:
        return runner.run(answer(service, name, request))
    except PointsmanError as error:
        return error


@pytest.mark.parametrize(("name", "path", "place"), CASES)
def test_hostile_text_is_refused_by_name_or_kept_to_the_letter(
    runner: asyncio.Runner, served: TenantService, name: str, path: str, place: Place
) -> None:
    for text in HOSTILE:
        request = SOUND[name]()
        place(request, text)
        found = outcome(runner, served, name, request)
        if isinstance(found, InvalidRequest):
            assert {path, path.removesuffix("[0]")} & {problem.field for problem in found.fields}, (text, found)
        elif isinstance(found, PointsmanError):
            # The bearer of no access token cannot sign up, whatever it calls itself; all else is a name of nothing.
            assert name == "SignUp" or isinstance(found, NotFound), (text, found)
        elif isinstance(found, pb.ListUsersResponse):
            assert all(text in "\n".join(every_text(each)) for each in found.users), (text, found)
        elif path not in NOT_READ.get(name, set()):
            assert text in set(every_text(found)), (text, found)
    still_there = runner.run(served.get_tenant(pb.GetTenantRequest(), tenants.call(tenants.ADMIN, "GetTenant")))
    assert still_there.tenant.tenant_id == "acme"
