"""What is one user's: another user of the same tenant finds nothing there, and cannot tell it from nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf.message import Message
from pointsman.v1 import policy_service_pb2 as policy
from pointsman.v1 import principal_pb2 as principals
from pointsman.v1 import router_service_pb2 as router
from pointsman.v1 import tenant_service_pb2 as tenants
from pointsman_server.identity.model import LOCAL_ADMIN, Principal, Role
from pointsman_server.services.access import ACCESS

from tests.access.tour import specification
from tests.access.world import Outcome, World, world

ACME = "acme"
ADA, BOB = (Principal(ACME, name, frozenset({Role.USER}), credential_id=f"key_{name}") for name in ("ada", "bob"))
ADMIN = Principal(ACME, "eve", frozenset({Role.TENANT_ADMIN}), credential_id="key_eve")
AUDITOR = Principal(ACME, "tom", frozenset({Role.AUDITOR}), credential_id="key_tom")


class Things(NamedTuple):
    """What is Ada's; or what nobody has."""

    user_id: str
    project_id: str
    api_key_id: str
    decision_id: str


NOBODYS = Things("nouser", "noproject", "pmk_nokey", "dec_nodecision")


class Personal(NamedTuple):
    """How a personal method is asked for somebody's thing.

    Attributes:
        refusal: what another user is told; empty: an answer without the thing.
        shown: what of an answer shows it, for methods that answer others with nothing.
        own: the refusal that the owner gets too, where a method is not served yet.
    """

    request: Callable[[Things], Message]
    refusal: str = "NOT_FOUND"
    shown: str = ""
    own: str = ""


def key_for(things: Things) -> tenants.CreateApiKeyRequest:
    return tenants.CreateApiKeyRequest(api_key=tenants.ApiKey(display_name="Laptop", user_id=things.user_id))


PERSONAL: Mapping[str, Personal] = {
    "RouterService/Resume": Personal(
        lambda _: router.ResumeRequest(), refusal="FEATURE_NOT_AVAILABLE", own="FEATURE_NOT_AVAILABLE"
    ),
    "RouterService/RecordFeedback": Personal(
        lambda things: router.RecordFeedbackRequest(
            decision_id=things.decision_id, type=router.FEEDBACK_TYPE_EXPLICIT, rating=1
        )
    ),
    "TenantService/GetUser": Personal(lambda things: tenants.GetUserRequest(user_id=things.user_id)),
    "TenantService/GetProject": Personal(lambda things: tenants.GetProjectRequest(project_id=things.project_id)),
    "TenantService/ListProjects": Personal(lambda _: tenants.ListProjectsRequest(), refusal="", shown="projects"),
    "TenantService/CreateApiKey": Personal(key_for, refusal="ROLE_REQUIRED"),
    "TenantService/ListApiKeys": Personal(
        lambda things: tenants.ListApiKeysRequest(user_id=things.user_id), refusal="", shown="api_keys"
    ),
    "TenantService/RotateApiKey": Personal(lambda things: tenants.RotateApiKeyRequest(api_key_id=things.api_key_id)),
    "TenantService/RevokeApiKey": Personal(lambda things: tenants.RevokeApiKeyRequest(api_key_id=things.api_key_id)),
    "PolicyService/Evaluate": Personal(
        lambda things: policy.EvaluateRequest(user_id=things.user_id), refusal="ROLE_REQUIRED"
    ),
}


async def made(served: World) -> Things:
    """Acme with three users, and a thing of each kind that is Ada's."""
    tenant = tenants.Tenant(tenant_id=ACME, display_name="Acme")
    await done(served, LOCAL_ADMIN, "TenantService/CreateTenant", tenants.CreateTenantRequest(tenant=tenant))
    for principal, role in (
        (ADA, principals.PRINCIPAL_ROLE_USER),
        (BOB, principals.PRINCIPAL_ROLE_USER),
        (ADMIN, principals.PRINCIPAL_ROLE_TENANT_ADMIN),
        (AUDITOR, principals.PRINCIPAL_ROLE_AUDITOR),
    ):
        user = tenants.User(
            user_id=principal.user_id, display_name="Somebody", kind=tenants.USER_KIND_PERSON, roles=[role]
        )
        request = tenants.CreateUserRequest(tenant_id=ACME, user=user)
        await done(served, LOCAL_ADMIN, "TenantService/CreateUser", request)
    project = tenants.CreateProjectRequest(project=tenants.Project(project_id="apollo", display_name="Apollo"))
    await done(served, ADMIN, "TenantService/CreateProject", project)
    member = tenants.AddProjectMemberRequest(project_id="apollo", user_id=ADA.user_id)
    await done(served, ADMIN, "TenantService/AddProjectMember", member)
    routed = await done(served, ADA, "RouterService/Route", router.RouteRequest(specification=specification("hello")))
    things = Things(ADA.user_id, "apollo", "", routed.decision.decision_id)
    key = await done(served, ADA, "TenantService/CreateApiKey", key_for(things))
    return things._replace(api_key_id=key.api_key.api_key_id)


async def done(served: World, principal: Principal, name: str, request: Message) -> Any:
    outcome = await served.call(principal, name, request)
    assert outcome.error is None, (name, outcome.told)
    return outcome.answers[-1]


def words(outcome: Outcome, things: Things) -> str:
    """All that is told, without the names that the caller gave itself."""
    told = repr(outcome.told)
    for name in things:
        told = told.replace(name, "…")
    return told


def test_every_personal_method_is_held_to_it() -> None:
    assert set(PERSONAL) == {name for name, access in ACCESS.items() if access.personal}


async def test_another_user_finds_nothing_and_who_may_see_it_does(tmp_path: Path) -> None:
    async with world(tmp_path) as served:
        adas = await made(served)
        for name, personal in PERSONAL.items():
            others = await served.call(BOB, name, personal.request(adas))
            nobodys = await served.call(BOB, name, personal.request(NOBODYS))
            assert others.reason == personal.refusal, (name, others.told)
            assert words(others, adas) == words(nobodys, NOBODYS), name
            if personal.shown:
                assert list(getattr(others.answers[-1], personal.shown)) == [], name
        for name, personal in PERSONAL.items():
            readers = () if ACCESS[name].writes or personal.own else (ADMIN, AUDITOR)
            for principal in (*readers, ADA):
                seen = await served.call(principal, name, personal.request(adas))
                assert seen.reason == personal.own, (name, principal.user_id, seen.told)
                assert not personal.shown or list(getattr(seen.answers[-1], personal.shown)) != [], name
