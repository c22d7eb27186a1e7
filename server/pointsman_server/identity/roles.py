"""Who may hand on which role."""

from __future__ import annotations

from collections.abc import Iterable

from pointsman_server.errors import GrantExceeded
from pointsman_server.identity.model import Role


def grantable(roles: Iterable[str]) -> frozenset[str]:
    """The roles that somebody with these may hand on: what it has, and an administrator what lies below."""
    has = frozenset(roles)
    if Role.PLATFORM_ADMIN in has:
        return frozenset(Role)
    return frozenset(Role) - {Role.PLATFORM_ADMIN} if Role.TENANT_ADMIN in has else has


def check_grant(grantor: Iterable[str], roles: Iterable[str]) -> None:
    """Checks that the grantor may hand on the roles, and so may also take them away.

    Raises:
        GrantExceeded: it may not.
    """
    beyond = sorted(frozenset(roles) - grantable(grantor))
    if beyond:
        raise GrantExceeded(
            f"The role {beyond[0]} is not yours to give or take; ask somebody who has it.", metadata={"role": beyond[0]}
        )
