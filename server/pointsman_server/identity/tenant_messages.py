"""Writes tenants, users and projects as the contract's messages, and reads them."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import principal_pb2 as principal_pb
from pointsman.v1 import tenant_service_pb2 as pb
from pointsman.v1.principal_pb2 import PrincipalRole

from pointsman_server.identity.model import Principal, Role
from pointsman_server.identity.tenants import Project, Tenant, TenantState, User, UserKind, UserState
from pointsman_server.identity.times import Times, times_of

TENANT_STATES = {
    pb.TENANT_STATE_ACTIVE: TenantState.ACTIVE,
    pb.TENANT_STATE_SUSPENDED: TenantState.SUSPENDED,
    pb.TENANT_STATE_CLOSED: TenantState.CLOSED,
}
USER_KINDS = {pb.USER_KIND_PERSON: UserKind.PERSON, pb.USER_KIND_SERVICE: UserKind.SERVICE}
USER_STATES = {pb.USER_STATE_ACTIVE: UserState.ACTIVE, pb.USER_STATE_SUSPENDED: UserState.SUSPENDED}
ROLES = {value: Role(name.removeprefix("PRINCIPAL_ROLE_").lower()) for name, value in PrincipalRole.items() if value}

_TENANT_STATE_VALUES = {state: value for value, state in TENANT_STATES.items()}
_USER_KIND_VALUES = {kind: value for value, kind in USER_KINDS.items()}
_USER_STATE_VALUES = {state: value for value, state in USER_STATES.items()}
_ROLE_VALUES = {role: value for value, role in ROLES.items()}


def principal_message(principal: Principal) -> principal_pb.Principal:
    """Writes a principal."""
    return principal_pb.Principal(
        tenant_id=principal.tenant_id,
        user_id=principal.user_id,
        agent_id=principal.agent_id,
        roles=role_values(principal.roles),
        credential_id=principal.credential_id,
        plan_id=principal.plan_id,
        project_ids=sorted(principal.project_ids),
    )


def tenant_message(tenant: Tenant) -> pb.Tenant:
    """Writes a tenant."""
    return pb.Tenant(
        tenant_id=tenant.tenant_id,
        display_name=tenant.display_name,
        state=_TENANT_STATE_VALUES[tenant.state],
        access_token_id=tenant.access_token_id,
        plan_id=tenant.plan_id,
        default_model=tenant.default_model,
        **_stamps(tenant.times),
    )


def read_tenant(message: pb.Tenant) -> Tenant:
    """The tenant that a sound message describes; without a state it is active."""
    return Tenant(
        tenant_id=message.tenant_id,
        display_name=message.display_name,
        state=TENANT_STATES.get(message.state, TenantState.ACTIVE),
        access_token_id=message.access_token_id,
        plan_id=message.plan_id,
        default_model=message.default_model,
        times=times_of(message),
    )


def user_message(user: User) -> pb.User:
    """Writes a user."""
    return pb.User(
        tenant_id=user.tenant_id,
        user_id=user.user_id,
        display_name=user.display_name,
        email=user.email,
        kind=_USER_KIND_VALUES[user.kind],
        roles=role_values(user.roles),
        state=_USER_STATE_VALUES[user.state],
        **_stamps(user.times),
    )


def read_user(message: pb.User) -> User:
    """The user that a sound message describes; without a kind it is a person, without a state it is active."""
    return User(
        tenant_id=message.tenant_id,
        user_id=message.user_id,
        display_name=message.display_name,
        roles=frozenset(ROLES[role] for role in message.roles),
        email=message.email,
        kind=USER_KINDS.get(message.kind, UserKind.PERSON),
        state=USER_STATES.get(message.state, UserState.ACTIVE),
        times=times_of(message),
    )


def role_values(roles: Iterable[str]) -> list[PrincipalRole.ValueType]:
    """The roles as the contract numbers them, in that order."""
    return sorted(_ROLE_VALUES[Role(role)] for role in roles)


def project_message(project: Project) -> pb.Project:
    """Writes a project."""
    return pb.Project(
        tenant_id=project.tenant_id,
        project_id=project.project_id,
        display_name=project.display_name,
        member_user_ids=project.member_user_ids,
        **_stamps(project.times),
    )


def read_project(message: pb.Project) -> Project:
    """The project that a sound message describes."""
    return Project(
        tenant_id=message.tenant_id,
        project_id=message.project_id,
        display_name=message.display_name,
        member_user_ids=tuple(message.member_user_ids),
        times=times_of(message),
    )


def _stamps(times: Times | None) -> dict[str, Timestamp]:
    return times.stamps() if times else {}
