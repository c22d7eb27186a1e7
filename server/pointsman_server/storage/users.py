"""Keeps users."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final

from pointsman.v1 import tenant_service_pb2 as pb
from sqlalchemy import bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.errors import LockedOut, NameTaken
from pointsman_server.identity.missing import no_user
from pointsman_server.identity.model import Role
from pointsman_server.identity.origin import Origin
from pointsman_server.identity.roles import check_grant
from pointsman_server.identity.tenant_messages import read_user, user_message
from pointsman_server.identity.tenant_stores import UserQuery
from pointsman_server.identity.tenants import User, UserKind, UserState
from pointsman_server.identity.times import Times
from pointsman_server.ledger.generations import Generation
from pointsman_server.storage.changes import Changes, Changing, Kind
from pointsman_server.storage.database import reading
from pointsman_server.storage.pages import page_of
from pointsman_server.storage.tables import API_KEYS, PROJECT_MEMBERS, USERS
from pointsman_server.storage.tenants import locked_tenant
from pointsman_server.storage.times import from_micros

USER: Final[Kind[User]] = Kind(
    "user", lambda user: user.user_id, user_message, lambda data: read_user(pb.User.FromString(data))
)

_OF_PRINCIPALS = ("roles", "state")
"""What of a user is in each of its principals."""

_ALL_ROLES: Final = "[]"
"""What a key has that names no roles: all of its user's."""

_CHANGING = ("display_name", "email", "roles", "state", "updated_at")
_THIS = (USERS.c.tenant_id == bindparam("owner"), USERS.c.user_id == bindparam("id"))
_ONE: Final = select(USERS).where(*_THIS)
_INSERT: Final = insert(USERS)
_UPDATE: Final = update(USERS).where(*_THIS).values({name: bindparam(f"new_{name}") for name in _CHANGING})
_DELETE: Final = delete(USERS).where(*_THIS)
_DELETE_MEMBERSHIPS: Final = delete(PROJECT_MEMBERS).where(
    PROJECT_MEMBERS.c.tenant_id == bindparam("owner"), PROJECT_MEMBERS.c.user_id == bindparam("id")
)
_REVOKE_KEYS: Final = (
    update(API_KEYS)
    .where(
        API_KEYS.c.tenant_id == bindparam("owner"),
        API_KEYS.c.user_id == bindparam("id"),
        API_KEYS.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("now"), updated_at=bindparam("now"))
)
_KEEP_KEYS_AS_THEY_ARE: Final = (
    update(API_KEYS)
    .where(
        API_KEYS.c.tenant_id == bindparam("owner"),
        API_KEYS.c.user_id == bindparam("id"),
        API_KEYS.c.roles == _ALL_ROLES,
    )
    .values(roles=bindparam("had"), updated_at=bindparam("now"))
)
_ANOTHER_ADMINISTRATOR: Final = (
    select(USERS.c.user_id)
    .where(
        USERS.c.tenant_id == bindparam("owner"),
        USERS.c.user_id != bindparam("id"),
        USERS.c.state == UserState.ACTIVE.value,
        or_(*(USERS.c.roles.contains(f'"{role.value}"') for role in (Role.TENANT_ADMIN, Role.PLATFORM_ADMIN))),
    )
    .limit(1)
)


def insert_user(changing: Changing, user: User) -> User:
    """Writes a new user and records it; returns it as it is kept."""
    kept = replace(user, times=Times(changing.at, changing.at))
    changing.execute(_INSERT, _row(kept, changing))
    changing.record(kept.tenant_id, USER, None, kept)
    return kept


class SqlUserStore:
    """Implements ``identity.tenant_stores.UserStore``."""

    def __init__(self, readers: AsyncEngine, changes: Changes) -> None:
        self._readers = readers
        self._changes = changes

    async def create(self, user: User, origin: Origin) -> User:
        def work(changing: Changing) -> User:
            check_grant(origin.actor.roles, user.roles)
            locked_tenant(changing, user.tenant_id)
            if changing.execute(_ONE, _named(user.tenant_id, user.user_id)):
                raise NameTaken(f"There is a user {user.user_id} already.", metadata={"resource": "user"})
            changing.count_on(Generation.REVOCATION)  # an issuer may have vouched for it before, for more than it has
            return insert_user(changing, user)

        return await self._changes.once(origin, USER, work)

    async def get(self, tenant_id: str, user_id: str) -> User:
        async with reading(self._readers) as connection:
            row = (await connection.execute(_ONE, _named(tenant_id, user_id))).one_or_none()
        if row is None:
            raise no_user(user_id)
        return _user(row)

    async def page(self, query: UserQuery) -> tuple[list[User], int]:
        columns = USERS.c
        matching = select(USERS).where(columns.tenant_id == query.tenant_id)
        if query.text:
            searched = (columns.user_id, columns.display_name, columns.email)
            matching = matching.where(or_(*(each.icontains(query.text, autoescape=True) for each in searched)))
        async with reading(self._readers) as connection:
            rows, total = await page_of(connection, matching, columns.user_id, query.after, query.page_size)
        return [_user(row) for row in rows], total

    async def update(self, user: User, fields: Collection[str], origin: Origin) -> User:
        def work(changing: Changing) -> User:
            before = _locked_user(changing, user.tenant_id, user.user_id)
            after = replace(before, **{name: getattr(user, name) for name in fields})
            check_grant(origin.actor.roles, before.roles | after.roles)
            _keep_an_administrator(changing, before, after)
            if Role.PLATFORM_ADMIN in after.roles - before.roles:
                # Who made its keys could not give that, and may know them.
                had = json.dumps(sorted(before.roles))
                named = _named(before.tenant_id, before.user_id)
                changing.execute(_KEEP_KEYS_AS_THEY_ARE, {**named, "had": had, "now": changing.now})
            return _write(changing, before, after)

        return await self._changes.once(origin, USER, work)

    async def delete(self, tenant_id: str, user_id: str, origin: Origin) -> None:
        named = _named(tenant_id, user_id)

        def work(changing: Changing) -> None:
            before = _locked_user(changing, tenant_id, user_id)
            check_grant(origin.actor.roles, before.roles)
            _keep_an_administrator(changing, before, None)
            changing.execute(_REVOKE_KEYS, {**named, "now": changing.now})
            changing.execute(_DELETE_MEMBERSHIPS, named)
            changing.execute(_DELETE, named)
            changing.count_on(Generation.REVOCATION)
            changing.record(tenant_id, USER, before, None)

        await self._changes.make(origin, work)


def user_in(changing: Changing, tenant_id: str, user_id: str) -> User:
    """The user, as the change sees it.

    Raises:
        NotFound: there is none.
    """
    rows = changing.execute(_ONE, _named(tenant_id, user_id))
    if not rows:
        raise no_user(user_id)
    return _user(rows[0])


def _locked_user(changing: Changing, tenant_id: str, user_id: str) -> User:
    locked_tenant(changing, tenant_id)
    return user_in(changing, tenant_id, user_id)


def _keep_an_administrator(changing: Changing, before: User, after: User | None) -> None:
    """Refuses what would leave nobody to run the tenant, or what an administrator would do to itself unawares."""
    stays = after is not None and after.administers
    demoted = after is not None and Role.PLATFORM_ADMIN in before.roles - after.roles
    actor = changing.origin.actor
    itself = (actor.tenant_id, actor.user_id) == (before.tenant_id, before.user_id)
    if itself and (demoted or (before.administers and not stays)):
        raise LockedOut("This would lock you out; another administrator can do it.", metadata={"resource": "user"})
    if stays or not before.administers:
        return
    if not changing.execute(_ANOTHER_ADMINISTRATOR, _named(before.tenant_id, before.user_id)):
        raise LockedOut(
            f"{before.user_id} is the tenant's last administrator; make another user one first.",
            metadata={"resource": "user"},
        )


def _write(changing: Changing, before: User, after: User) -> User:
    assert before.times is not None, "a kept user has its times"
    kept = replace(after, times=Times(before.times.created_at, changing.at))
    row = _row(kept, changing)
    changing.execute(
        _UPDATE, {**_named(kept.tenant_id, kept.user_id), **{f"new_{name}": row[name] for name in _CHANGING}}
    )
    if any(getattr(before, name) != getattr(kept, name) for name in _OF_PRINCIPALS):
        changing.count_on(Generation.REVOCATION)
    changing.record(kept.tenant_id, USER, before, kept)
    return kept


def _named(tenant_id: str, user_id: str) -> dict[str, str]:
    return {"owner": tenant_id, "id": user_id}


def _row(user: User, changing: Changing) -> dict[str, object]:
    return {
        "tenant_id": user.tenant_id,
        "user_id": user.user_id,
        "display_name": user.display_name,
        "email": user.email,
        "kind": user.kind.value,
        "roles": json.dumps(sorted(user.roles)),
        "state": user.state.value,
        "created_at": changing.now,
        "updated_at": changing.now,
    }


def _user(row: Sequence[Any]) -> User:
    tenant_id, user_id, display_name, email, kind, roles, state, created_at, updated_at = row
    return User(
        tenant_id=tenant_id,
        user_id=user_id,
        display_name=display_name,
        roles=frozenset(Role(role) for role in json.loads(roles)),
        email=email,
        kind=UserKind(kind),
        state=UserState(state),
        times=Times(from_micros(created_at), from_micros(updated_at)),
    )
