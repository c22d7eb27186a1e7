"""``pointsman project``: what users charge together."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.administration.options import PAGE_SIZE, AsJson, TenantId
from pointsman.cli.administration.sheet import Sheet
from pointsman.cli.figures import NONE, moment
from pointsman.cli.session import session_of
from pointsman.v1.tenant_service_pb2 import ListProjectsRequest, Project

ProjectId = Annotated[str, typer.Argument(metavar="PROJECT", help="The project's id.")]
Member = Annotated[str, typer.Argument(metavar="USER", help="The user's id.")]

_SHEET = Sheet[Project](
    "projects",
    ("project", "name", "members", "+tenant", "+since"),
    lambda project: (
        project.project_id,
        project.display_name,
        ", ".join(project.member_user_ids) or NONE,
        project.tenant_id,
        moment(project.create_time),
    ),
)


def project_list(context: typer.Context, *, tenant: TenantId = "", as_json: AsJson = False) -> None:
    """List projects: all for administrators and auditors, else one's own."""
    session = session_of(context)
    with session.client() as client:
        found = list(client.projects.list(ListProjectsRequest(tenant_id=tenant, page_size=PAGE_SIZE)))
    _SHEET.many(session.terminal, found, as_json=as_json)


def project_create(
    context: typer.Context,
    *,
    project_id: Annotated[str, typer.Argument(metavar="PROJECT", help="A chosen id.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What people call it.")] = "",
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Make a project."""
    session = session_of(context)
    with session.client() as client:
        project = Project(project_id=project_id, display_name=name or project_id)
        made = client.projects.create(project, tenant_id=tenant)
    _SHEET.one(session.terminal, made, as_json=as_json)


def project_show(
    context: typer.Context, *, project_id: ProjectId, tenant: TenantId = "", as_json: AsJson = False
) -> None:
    """Show a project and its members."""
    session = session_of(context)
    with session.client() as client:
        found = client.projects.get(project_id, tenant_id=tenant)
    _SHEET.one(session.terminal, found, as_json=as_json)


def project_set(
    context: typer.Context,
    *,
    project_id: ProjectId,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What people call it.")],
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Change a project's name."""
    session = session_of(context)
    with session.client() as client:
        project = Project(project_id=project_id, display_name=name)
        updated = client.projects.update(project, ["display_name"], tenant_id=tenant)
    _SHEET.one(session.terminal, updated, as_json=as_json)


def project_delete(context: typer.Context, *, project_id: ProjectId, tenant: TenantId = "") -> None:
    """Remove a project; what it used stays in the reports."""
    session = session_of(context)
    with session.client() as client:
        client.projects.delete(project_id, tenant_id=tenant)
    session.terminal.line(f"{project_id}: deleted")


def project_add_member(
    context: typer.Context, *, project_id: ProjectId, user_id: Member, tenant: TenantId = "", as_json: AsJson = False
) -> None:
    """Let a user charge a project."""
    session = session_of(context)
    with session.client() as client:
        updated = client.projects.add_member(project_id, user_id, tenant_id=tenant)
    _SHEET.one(session.terminal, updated, as_json=as_json)


def project_remove_member(
    context: typer.Context, *, project_id: ProjectId, user_id: Member, tenant: TenantId = "", as_json: AsJson = False
) -> None:
    """End that a user may charge a project."""
    session = session_of(context)
    with session.client() as client:
        updated = client.projects.remove_member(project_id, user_id, tenant_id=tenant)
    _SHEET.one(session.terminal, updated, as_json=as_json)
