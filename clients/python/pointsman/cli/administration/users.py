"""``pointsman user``: the people and services of a tenant."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.administration.options import (
    PAGE_SIZE,
    AsJson,
    DisplayName,
    Roles,
    TenantId,
    changed,
    role_names,
    roles_of,
)
from pointsman.cli.administration.sheet import Sheet
from pointsman.cli.figures import NONE, moment
from pointsman.cli.names import choose, name_of, names
from pointsman.cli.session import session_of
from pointsman.v1.tenant_service_pb2 import ListUsersRequest, User, UserKind, UserState

UserId = Annotated[str, typer.Argument(metavar="ID", help="The user's id.")]
Email = Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help="Where alerts go.")]

_SHEET = Sheet[User](
    "users",
    ("user", "name", "kind", "roles", "state", "email", "+tenant", "+since"),
    lambda user: (
        user.user_id,
        user.display_name,
        name_of(UserKind, user.kind),
        role_names(user.roles),
        name_of(UserState, user.state),
        user.email or NONE,
        user.tenant_id,
        moment(user.create_time),
    ),
)


def user_list(
    context: typer.Context,
    *,
    query: Annotated[str, typer.Argument(metavar="[TEXT]", help="Only those whose id, name or address has this.")] = "",
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """List users."""
    request = ListUsersRequest(tenant_id=tenant, query=query, page_size=PAGE_SIZE)
    session = session_of(context)
    with session.client() as client:
        found = list(client.users.list(request))
    _SHEET.many(session.terminal, found, as_json=as_json)


def user_create(
    context: typer.Context,
    *,
    user_id: Annotated[str, typer.Argument(metavar="ID", help="A chosen id; what an identity provider calls it.")],
    name: DisplayName = None,
    email: Email = None,
    kind: Annotated[str, typer.Option("--kind", metavar="|".join(names(UserKind)), help="What it is.")] = "person",
    roles: Roles = None,
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Make a user; with the role user where none is said."""
    user = User(
        user_id=user_id,
        display_name=name or user_id,
        email=email or "",
        kind=choose(UserKind, kind, "--kind"),
        roles=roles_of(roles or ["user"]),
    )
    session = session_of(context)
    with session.client() as client:
        made = client.users.create(user, tenant_id=tenant)
    _SHEET.one(session.terminal, made, as_json=as_json)


def user_show(context: typer.Context, *, user_id: UserId, tenant: TenantId = "", as_json: AsJson = False) -> None:
    """Show a user."""
    session = session_of(context)
    with session.client() as client:
        found = client.users.get(user_id, tenant_id=tenant)
    _SHEET.one(session.terminal, found, as_json=as_json)


def user_set(
    context: typer.Context,
    *,
    user_id: UserId,
    name: DisplayName = None,
    email: Email = None,
    roles: Roles = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="|".join(names(UserState)), help="Whether it may ask.")
    ] = None,
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Change a user; roles take the place of those that it had."""
    paths = changed({"display_name": name, "email": email, "roles": roles, "state": state})
    user = User(
        user_id=user_id,
        display_name=name or "",
        email=email or "",
        roles=roles_of(roles),
        state=choose(UserState, state or "", "--state"),
    )
    session = session_of(context)
    with session.client() as client:
        updated = client.users.update(user, paths, tenant_id=tenant)
    _SHEET.one(session.terminal, updated, as_json=as_json)


def user_delete(context: typer.Context, *, user_id: UserId, tenant: TenantId = "") -> None:
    """Remove a user and revoke its keys; what it used stays in the reports."""
    session = session_of(context)
    with session.client() as client:
        client.users.delete(user_id, tenant_id=tenant)
    session.terminal.line(f"{user_id}: deleted")
