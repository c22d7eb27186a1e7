"""What keeps tenants, users and projects.

Every change is checked, made, counted on where it changes what a principal is, and recorded in the tenant's audit log,
all in one transaction. A change with a request id is made once; a repetition is told what came of the first. Every
method raises ``StoreUnavailable`` where the store cannot be read or written; every change ``RequestIdReused`` where the
request id was used for something else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from pointsman_server.identity.origin import Origin
from pointsman_server.identity.tenants import Project, Tenant, TenantState, User


@dataclass(frozen=True, slots=True)
class TenantQuery:
    """Which tenants to list; what is empty does not filter.

    Attributes:
        tenant_id: the only one that the caller may see.
        after: the id after which the page begins.
    """

    tenant_id: str = ""
    state: TenantState | None = None
    plan_id: str = ""
    after: str = ""
    page_size: int = 100


@dataclass(frozen=True, slots=True)
class UserQuery:
    """Which users of a tenant to list.

    Attributes:
        text: what the id, the name or the address contains, whatever the case; empty: anything.
        after: the id after which the page begins.
    """

    tenant_id: str
    text: str = ""
    after: str = ""
    page_size: int = 100


@dataclass(frozen=True, slots=True)
class ProjectQuery:
    """Which projects of a tenant to list.

    Attributes:
        member: only those of this user; empty: all.
        after: the id after which the page begins.
    """

    tenant_id: str
    member: str = ""
    after: str = ""
    page_size: int = 100


class TenantStore(Protocol):
    """Keeps tenants."""

    async def create(self, tenant: Tenant, origin: Origin) -> Tenant:
        """Makes a tenant. One with a plan gets an access token that is bound to it.

        Raises:
            NameTaken: there is one of this id.
            InvalidRequest: there is no such plan.
        """
        ...

    async def get(self, tenant_id: str) -> Tenant:
        """Returns a tenant.

        Raises:
            NotFound: there is none.
        """
        ...

    async def page(self, query: TenantQuery) -> tuple[list[Tenant], int]:
        """Returns the tenants of one page ordered by id, and how many there are on all pages."""
        ...

    async def update(self, tenant: Tenant, fields: Collection[str], origin: Origin) -> Tenant:
        """Sets the named fields. A plan is set on the tenant's access token, which is made where there is none.

        Raises:
            NotFound: there is no such tenant.
            InvalidRequest: there is no such plan, or the tenant is closed and its state would change.
            LockedOut: the actor's own tenant would not be active.
        """
        ...


class UserStore(Protocol):
    """Keeps users."""

    async def create(self, user: User, origin: Origin) -> User:
        """Makes a user.

        Raises:
            NotFound: there is no such tenant.
            NameTaken: it has a user of this id.
            GrantExceeded: the actor may not hand on one of the roles.
        """
        ...

    async def get(self, tenant_id: str, user_id: str) -> User:
        """Returns a user.

        Raises:
            NotFound: there is none.
        """
        ...

    async def page(self, query: UserQuery) -> tuple[list[User], int]:
        """Returns the users of one page ordered by id, and how many there are on all pages."""
        ...

    async def update(self, user: User, fields: Collection[str], origin: Origin) -> User:
        """Sets the named fields.

        Raises:
            NotFound: there is no such user.
            GrantExceeded: the user has or would have a role that the actor may not hand on.
            LockedOut: the tenant or the actor would be left without an administrator.
        """
        ...

    async def delete(self, tenant_id: str, user_id: str, origin: Origin) -> None:
        """Removes a user with its memberships, and revokes its keys.

        Raises:
            NotFound: there is no such user.
            GrantExceeded: the user has a role that the actor may not hand on.
            LockedOut: the tenant or the actor would be left without an administrator.
        """
        ...


class ProjectStore(Protocol):
    """Keeps projects and their members."""

    async def create(self, project: Project, origin: Origin) -> Project:
        """Makes a project, without members.

        Raises:
            NotFound: there is no such tenant.
            NameTaken: it has a project of this id.
        """
        ...

    async def get(self, tenant_id: str, project_id: str) -> Project:
        """Returns a project.

        Raises:
            NotFound: there is none.
        """
        ...

    async def page(self, query: ProjectQuery) -> tuple[list[Project], int]:
        """Returns the projects of one page ordered by id, and how many there are on all pages."""
        ...

    async def update(self, project: Project, fields: Collection[str], origin: Origin) -> Project:
        """Sets the named fields.

        Raises:
            NotFound: there is no such project.
        """
        ...

    async def delete(self, tenant_id: str, project_id: str, origin: Origin) -> None:
        """Removes a project with its memberships.

        Raises:
            NotFound: there is no such project.
        """
        ...

    async def add_member(self, tenant_id: str, project_id: str, user_id: str, origin: Origin) -> Project:
        """Makes a user a member; one that is stays one.

        Raises:
            NotFound: there is no such project, or no such user.
        """
        ...

    async def remove_member(self, tenant_id: str, project_id: str, user_id: str, origin: Origin) -> Project:
        """Ends a membership; where there is none, nothing changes.

        Raises:
            NotFound: there is no such project.
        """
        ...
