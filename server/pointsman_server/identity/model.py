"""Principals: the authenticated sum of tenant, user, project and agent."""

from dataclasses import dataclass

LOCAL_TENANT = "local"
"""The tenant of a server that has no identities configured."""

PLATFORM_TENANT = "platform"
"""The reserved tenant that owns what holds for all tenants; no principal belongs to it."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking.

    Attributes:
        tenant_id: leads every stored key.
        user_id: the person or service behind the credential.
        roles: what the principal may do, such as ``admin``.
    """

    tenant_id: str
    user_id: str
    roles: frozenset[str]


LOCAL_ADMIN = Principal(tenant_id=LOCAL_TENANT, user_id="local-admin", roles=frozenset({"platform_admin"}))
"""Whoever reaches the loopback address, until credentials exist."""

PLATFORM_ADMIN = "platform_admin"
"""The role that may change what holds for all tenants."""

ADMIN_ROLES = frozenset({PLATFORM_ADMIN, "tenant_admin"})
"""The roles that may see and rate what other users of their tenant did."""
