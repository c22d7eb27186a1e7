"""Keeps projects and their members."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from pointsman.v1 import tenant_service_pb2 as pb
from sqlalchemy import Select, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from pointsman_server.errors import NameTaken
from pointsman_server.identity.credentials import AGENT_USER_PREFIX
from pointsman_server.identity.missing import no_project
from pointsman_server.identity.origin import Origin
from pointsman_server.identity.tenant_messages import project_message, read_project
from pointsman_server.identity.tenant_stores import ProjectQuery
from pointsman_server.identity.tenants import Project
from pointsman_server.identity.times import Times
from pointsman_server.ledger.generations import Generation
from pointsman_server.storage.changes import Changes, Changing, Kind
from pointsman_server.storage.database import reading
from pointsman_server.storage.pages import page_of
from pointsman_server.storage.tables import PROJECT_MEMBERS, PROJECTS
from pointsman_server.storage.tenants import locked_tenant
from pointsman_server.storage.times import from_micros
from pointsman_server.storage.users import user_in

PROJECT: Final[Kind[Project]] = Kind(
    "project",
    lambda project: project.project_id,
    project_message,
    lambda data: read_project(pb.Project.FromString(data)),
)

_MEMBER = PROJECT_MEMBERS.c
_THIS = (PROJECTS.c.tenant_id == bindparam("owner"), PROJECTS.c.project_id == bindparam("id"))
_OF_THIS = (_MEMBER.tenant_id == bindparam("owner"), _MEMBER.project_id == bindparam("id"))
_ONE: Final = select(PROJECTS).where(*_THIS)
_MEMBERS: Final = select(_MEMBER.user_id).where(*_OF_THIS).order_by(_MEMBER.user_id)
_INSERT: Final = insert(PROJECTS)
_UPDATE: Final = (
    update(PROJECTS).where(*_THIS).values(display_name=bindparam("new_display_name"), updated_at=bindparam("now"))
)
_DELETE: Final = delete(PROJECTS).where(*_THIS)
_DELETE_MEMBERS: Final = delete(PROJECT_MEMBERS).where(*_OF_THIS)
_ADD: Final = insert(PROJECT_MEMBERS)
_REMOVE: Final = delete(PROJECT_MEMBERS).where(*_OF_THIS, _MEMBER.user_id == bindparam("member"))


class SqlProjectStore:
    """Implements ``identity.tenant_stores.ProjectStore``."""

    def __init__(self, readers: AsyncEngine, changes: Changes) -> None:
        self._readers = readers
        self._changes = changes

    async def create(self, project: Project, origin: Origin) -> Project:
        def work(changing: Changing) -> Project:
            locked_tenant(changing, project.tenant_id)
            if changing.execute(_ONE, _named(project.tenant_id, project.project_id)):
                raise NameTaken(f"There is a project {project.project_id} already.", metadata={"resource": "project"})
            kept = replace(project, times=Times(changing.at, changing.at))
            changing.execute(_INSERT, _row(kept, changing))
            changing.record(kept.tenant_id, PROJECT, None, kept)
            return kept

        return await self._changes.once(origin, PROJECT, work)

    async def get(self, tenant_id: str, project_id: str) -> Project:
        named = _named(tenant_id, project_id)
        async with reading(self._readers) as connection:
            row = (await connection.execute(_ONE, named)).one_or_none()
            if row is None:
                raise no_project(project_id)
            members = (await connection.execute(_MEMBERS, named)).scalars().all()
        return _project(row, members)

    async def page(self, query: ProjectQuery) -> tuple[list[Project], int]:
        columns = PROJECTS.c
        matching = select(PROJECTS).where(columns.tenant_id == query.tenant_id)
        if query.member:
            matching = matching.where(columns.project_id.in_(_projects_of(query)))
        async with reading(self._readers) as connection:
            rows, total = await page_of(connection, matching, columns.project_id, query.after, query.page_size)
            members = await _members_of(connection, query.tenant_id, [row.project_id for row in rows])
        return [_project(row, members.get(row.project_id, ())) for row in rows], total

    async def update(self, project: Project, fields: Collection[str], origin: Origin) -> Project:
        def work(changing: Changing) -> Project:
            before = _locked_project(changing, project.tenant_id, project.project_id)
            changed = replace(before, **{name: getattr(project, name) for name in fields})
            after = _touched(changing, changed)
            changing.record(after.tenant_id, PROJECT, before, after)
            return after

        return await self._changes.once(origin, PROJECT, work)

    async def delete(self, tenant_id: str, project_id: str, origin: Origin) -> None:
        named = _named(tenant_id, project_id)

        def work(changing: Changing) -> None:
            before = _locked_project(changing, tenant_id, project_id)
            changing.execute(_DELETE_MEMBERS, named)
            changing.execute(_DELETE, named)
            changing.count_on(Generation.REVOCATION)
            changing.record(tenant_id, PROJECT, before, None)

        await self._changes.make(origin, work)

    async def add_member(self, tenant_id: str, project_id: str, user_id: str, origin: Origin) -> Project:
        def work(changing: Changing) -> Project:
            before = _locked_project(changing, tenant_id, project_id)
            if not user_id.startswith(AGENT_USER_PREFIX):
                user_in(changing, tenant_id, user_id)
            if user_id in before.member_user_ids:
                return before
            row = {"tenant_id": tenant_id, "project_id": project_id, "user_id": user_id}
            changing.execute(_ADD, row)
            return _with_members(changing, before, {*before.member_user_ids, user_id})

        return await self._changes.make(origin, work)

    async def remove_member(self, tenant_id: str, project_id: str, user_id: str, origin: Origin) -> Project:
        def work(changing: Changing) -> Project:
            before = _locked_project(changing, tenant_id, project_id)
            if user_id not in before.member_user_ids:
                return before
            changing.execute(_REMOVE, {**_named(tenant_id, project_id), "member": user_id})
            return _with_members(changing, before, {*before.member_user_ids} - {user_id})

        return await self._changes.make(origin, work)


def _locked_project(changing: Changing, tenant_id: str, project_id: str) -> Project:
    locked_tenant(changing, tenant_id)
    named = _named(tenant_id, project_id)
    rows = changing.execute(_ONE, named)
    if not rows:
        raise no_project(project_id)
    return _project(rows[0], [user_id for (user_id,) in changing.execute(_MEMBERS, named)])


def _with_members(changing: Changing, before: Project, members: Iterable[str]) -> Project:
    after = _touched(changing, replace(before, member_user_ids=tuple(sorted(members))))
    changing.count_on(Generation.REVOCATION)
    changing.record(after.tenant_id, PROJECT, before, after)
    return after


def _touched(changing: Changing, project: Project) -> Project:
    """Writes what the project's row has of it."""
    assert project.times is not None, "a kept project has its times"
    kept = replace(project, times=Times(project.times.created_at, changing.at))
    named = _named(kept.tenant_id, kept.project_id)
    changing.execute(_UPDATE, {**named, "new_display_name": kept.display_name, "now": changing.now})
    return kept


def _projects_of(query: ProjectQuery) -> Select[Any]:
    return select(_MEMBER.project_id).where(_MEMBER.tenant_id == query.tenant_id, _MEMBER.user_id == query.member)


async def _members_of(
    connection: AsyncConnection, tenant_id: str, project_ids: Collection[str]
) -> dict[str, list[str]]:
    statement = (
        select(_MEMBER.project_id, _MEMBER.user_id)
        .where(_MEMBER.tenant_id == tenant_id, _MEMBER.project_id.in_(project_ids))
        .order_by(_MEMBER.project_id, _MEMBER.user_id)
    )
    found: dict[str, list[str]] = {}
    for project_id, user_id in (await connection.execute(statement)).all():
        found.setdefault(project_id, []).append(user_id)
    return found


def _named(tenant_id: str, project_id: str) -> dict[str, str]:
    return {"owner": tenant_id, "id": project_id}


def _row(project: Project, changing: Changing) -> dict[str, object]:
    return {
        "tenant_id": project.tenant_id,
        "project_id": project.project_id,
        "display_name": project.display_name,
        "created_at": changing.now,
        "updated_at": changing.now,
    }


def _project(row: Sequence[Any], members: Iterable[str]) -> Project:
    tenant_id, project_id, display_name, created_at, updated_at = row
    times = Times(from_micros(created_at), from_micros(updated_at))
    return Project(tenant_id, project_id, display_name, tuple(members), times)
