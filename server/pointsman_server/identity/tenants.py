"""Tenants with their users and projects: who there is to ask."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pointsman_server.identity.model import Role
from pointsman_server.identity.times import Times


class TenantState(StrEnum):
    """Whether a tenant may ask. What is closed stays closed."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class UserKind(StrEnum):
    """What a user is."""

    PERSON = "person"
    SERVICE = "service"


class UserState(StrEnum):
    """Whether a user may ask."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer: what is its own, no other sees.

    Attributes:
        access_token_id: whose plan is the tenant's; empty: an administrator made it, and no plan limits it.
        plan_id: the plan that its access token gives; empty: none, because it has no token or that one is revoked.
        default_model: serves where routing cannot decide, an id or an alias; empty: none.
        times: ``None``: it is not kept yet.
    """

    tenant_id: str
    display_name: str
    state: TenantState = TenantState.ACTIVE
    access_token_id: str = ""
    plan_id: str = ""
    default_model: str = ""
    times: Times | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A person or service of a tenant.

    Attributes:
        email: where alerts go; empty: nowhere.
        roles: what it may do; at least one.
        times: ``None``: it is not kept yet.
    """

    tenant_id: str
    user_id: str
    display_name: str
    roles: frozenset[Role]
    email: str = ""
    kind: UserKind = UserKind.PERSON
    state: UserState = UserState.ACTIVE
    times: Times | None = None

    @property
    def administers(self) -> bool:
        """Whether it can run its tenant now."""
        return self.state is UserState.ACTIVE and not self.roles.isdisjoint((Role.TENANT_ADMIN, Role.PLATFORM_ADMIN))


@dataclass(frozen=True, slots=True)
class Project:
    """What users work on together; its members alone may charge it.

    Attributes:
        member_user_ids: ordered.
        times: ``None``: it is not kept yet.
    """

    tenant_id: str
    project_id: str
    display_name: str
    member_user_ids: tuple[str, ...] = ()
    times: Times | None = None
