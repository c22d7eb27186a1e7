"""Principals: the authenticated sum of tenant, user, project and agent."""

from dataclasses import dataclass
from enum import StrEnum

LOCAL_TENANT = "local"
"""The tenant that a new server begins with; the first administrator is its user."""

PLATFORM_TENANT = "platform"
"""The reserved tenant that owns what holds for all tenants; no principal belongs to it."""


class Role(StrEnum):
    """What a principal may do; ``services.access`` says which method each opens."""

    PLATFORM_ADMIN = "platform_admin"
    TENANT_ADMIN = "tenant_admin"
    USER = "user"
    AGENT = "agent"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking.

    Attributes:
        tenant_id: leads every stored key.
        user_id: the person or service behind the credential; ``agent:ID`` for an agent's own key.
        roles: what the principal may do.
        agent_id: the agent whose key it is; empty: a user's.
        credential_id: the key or access token that spoke for it, or ``jwt`` or ``mtls``.
        plan_id: the plan of its tenant; empty: none.
        project_ids: the projects that it is a member of.
        default_model: its tenant's, an id or an alias; empty: none.
        plan_required: whether it may do only what a plan allows; a tenant that an administrator made may do all.
    """

    tenant_id: str
    user_id: str
    roles: frozenset[str]
    agent_id: str = ""
    credential_id: str = ""
    plan_id: str = ""
    project_ids: frozenset[str] = frozenset()
    default_model: str = ""
    plan_required: bool = False

    def has(self, *roles: Role) -> bool:
        """Whether it has one of the roles."""
        return not self.roles.isdisjoint(roles)


LOCAL_ADMIN = Principal(tenant_id=LOCAL_TENANT, user_id="local-admin", roles=frozenset({Role.PLATFORM_ADMIN}))
"""The first administrator, whom a new server makes."""

PLATFORM_ADMIN = Role.PLATFORM_ADMIN
"""The role that may change what holds for all tenants."""

ADMIN_ROLES = frozenset({Role.PLATFORM_ADMIN, Role.TENANT_ADMIN})
"""The roles that may see and rate what other users of their tenant did."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, for the record.

    Attributes:
        source: where its connection came from: address and port, or ``unix``; empty: the server itself.
    """

    tenant_id: str
    user_id: str
    roles: frozenset[str] = frozenset()
    agent_id: str = ""
    credential_id: str = ""
    request_id: str = ""
    source: str = ""


SERVER = Actor(tenant_id=PLATFORM_TENANT, user_id="server")
"""The server itself."""
