"""Keeps API keys."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from pointsman.v1.tenant_service_pb2 import CREDENTIAL_STATE_ACTIVE, CREDENTIAL_STATE_REVOKED, ApiKey
from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.clock import Clock
from pointsman_server.errors import NotFound
from pointsman_server.identity.key_stores import KeyQuery, Rotation, Whose
from pointsman_server.identity.model import Role
from pointsman_server.identity.origin import Origin
from pointsman_server.identity.roles import check_grant
from pointsman_server.identity.tenant_messages import ROLES, role_values
from pointsman_server.ledger.generations import Generation
from pointsman_server.storage.changes import Changes, Changing, Kind
from pointsman_server.storage.credential_rows import check_to_come, expiry_of, in_state, invalid, stamp, state_of
from pointsman_server.storage.database import reading
from pointsman_server.storage.pages import page_of
from pointsman_server.storage.tables import API_KEYS
from pointsman_server.storage.tenants import locked_tenant
from pointsman_server.storage.times import to_micros
from pointsman_server.storage.users import user_in

API_KEY: Final[Kind[ApiKey]] = Kind("api_key", lambda key: key.api_key_id, lambda key: key, ApiKey.FromString)

_MICROSECOND: Final = timedelta(microseconds=1)
_SHOWN: Final = [column for column in API_KEYS.columns if column.name != "digest"]
_THIS: Final = (API_KEYS.c.tenant_id == bindparam("owner"), API_KEYS.c.api_key_id == bindparam("id"))
_ONE: Final = select(*_SHOWN).where(*_THIS)
_LOCKED: Final = _ONE.with_for_update()
_INSERT: Final = insert(API_KEYS)
_REVOKE: Final = update(API_KEYS).where(*_THIS).values(revoked_at=bindparam("now"), updated_at=bindparam("now"))
_REPLACE: Final = (
    update(API_KEYS)
    .where(*_THIS)
    .values(
        replaced_by=bindparam("new_id"),
        expires_at=bindparam("new_expires_at"),
        revoked_at=bindparam("new_revoked_at"),
        updated_at=bindparam("now"),
    )
)


def insert_key(changing: Changing, key: ApiKey, digest: bytes) -> ApiKey:
    """Writes a new key and records it; returns it as it is kept."""
    kept = ApiKey()
    kept.CopyFrom(key)
    kept.state = CREDENTIAL_STATE_ACTIVE
    kept.create_time.FromDatetime(changing.at)
    changing.execute(_INSERT, _row(kept, digest, changing.now))
    changing.record(kept.tenant_id, API_KEY, None, kept)
    return kept


class SqlApiKeyStore:
    """Implements ``identity.key_stores.ApiKeyStore``."""

    def __init__(self, readers: AsyncEngine, changes: Changes, clock: Clock) -> None:
        self._readers = readers
        self._changes = changes
        self._clock = clock

    async def create(self, key: ApiKey, digest: bytes, origin: Origin) -> ApiKey:
        def work(changing: Changing) -> ApiKey:
            check_to_come(expiry_of(key), changing.now, "api_key.expire_time")
            locked_tenant(changing, key.tenant_id)
            has = _roles_of_subject(changing, key)
            roles = frozenset(ROLES[role] for role in key.roles)
            if roles - has:
                raise invalid("api_key.roles", f"has {min(roles - has)}, which the user has not; name the user's alone")
            check_grant(origin.actor.roles, roles or has)
            return insert_key(changing, key, digest)

        return await self._changes.once(origin, API_KEY, work)

    async def page(self, query: KeyQuery) -> tuple[list[ApiKey], int]:
        now = to_micros(self._clock.now())
        columns = API_KEYS.c
        matching: Select[Any] = select(*_SHOWN).where(
            columns.tenant_id == query.tenant_id, in_state(API_KEYS, query.state, now)
        )
        for user_id in filter(None, (query.whose.user_id, query.user_id)):
            matching = matching.where(columns.user_id == user_id)
        for agent_id in filter(None, (query.whose.agent_id, query.agent_id)):
            matching = matching.where(columns.agent_id == agent_id)
        async with reading(self._readers) as connection:
            rows, total = await page_of(connection, matching, columns.api_key_id, query.after, query.page_size)
        return [_key(row, now) for row in rows], total

    async def rotate(self, rotation: Rotation, origin: Origin) -> tuple[ApiKey, ApiKey]:
        def work(changing: Changing) -> tuple[ApiKey, ApiKey]:
            locked_tenant(changing, rotation.tenant_id)  # so that its user does not go meanwhile
            old = _locked(changing, rotation.tenant_id, rotation.api_key_id, rotation.whose)
            _check_rotation(changing, old, rotation)
            check_grant(origin.actor.roles, _effective(changing, old))
            changing.execute(_REPLACE, _replacement(changing, old, rotation))
            replaced = _read(changing, rotation.tenant_id, rotation.api_key_id)
            changing.record(rotation.tenant_id, API_KEY, old, replaced)
            changing.count_on(Generation.REVOCATION)
            return insert_key(changing, _successor(old, rotation), rotation.digest), replaced

        return await self._changes.make(origin, work)

    async def revoke(self, tenant_id: str, api_key_id: str, whose: Whose, origin: Origin) -> ApiKey:
        def work(changing: Changing) -> ApiKey:
            before = _locked(changing, tenant_id, api_key_id, whose)
            if before.state == CREDENTIAL_STATE_REVOKED:
                return before
            if (before.tenant_id, before.user_id) != (origin.actor.tenant_id, origin.actor.user_id):
                check_grant(origin.actor.roles, _effective(changing, before))
            changing.execute(_REVOKE, {"owner": tenant_id, "id": api_key_id, "now": changing.now})
            after = _read(changing, tenant_id, api_key_id)
            changing.record(tenant_id, API_KEY, before, after)
            changing.count_on(Generation.REVOCATION)
            return after

        return await self._changes.make(origin, work)


def no_key(api_key_id: str) -> NotFound:
    """There is no such key, or it is not the caller's to see."""
    return NotFound(f"There is no key {api_key_id}; ListApiKeys lists what there is.", metadata={"resource": "api_key"})


def _roles_of_subject(changing: Changing, key: ApiKey) -> frozenset[Role]:
    if key.agent_id:
        return frozenset({Role.AGENT})
    return user_in(changing, key.tenant_id, key.user_id).roles


def _effective(changing: Changing, key: ApiKey) -> frozenset[Role]:
    """The roles that a key has now: those that it names, else all of its user's, which may be gone."""
    named = frozenset(ROLES[role] for role in key.roles)
    if named:
        return named
    try:
        return _roles_of_subject(changing, key)
    except NotFound:
        return frozenset()


def _locked(changing: Changing, tenant_id: str, api_key_id: str, whose: Whose) -> ApiKey:
    key = _read(changing, tenant_id, api_key_id, _LOCKED)
    if (whose.user_id and key.user_id != whose.user_id) or (whose.agent_id and key.agent_id != whose.agent_id):
        raise no_key(api_key_id)
    return key


def _read(changing: Changing, tenant_id: str, api_key_id: str, statement: Select[Any] = _ONE) -> ApiKey:
    rows = changing.execute(statement, {"owner": tenant_id, "id": api_key_id})
    if not rows:
        raise no_key(api_key_id)
    return _key(rows[0], changing.now)


def _check_rotation(changing: Changing, old: ApiKey, rotation: Rotation) -> None:
    if old.replaced_by_api_key_id:
        raise invalid("api_key_id", f"was rotated before; rotate {old.replaced_by_api_key_id}, which took its place")
    if old.state != CREDENTIAL_STATE_ACTIVE:
        raise invalid("api_key_id", "is not valid any more; make a new key with CreateApiKey")
    if rotation.expires_at is not None:
        check_to_come(to_micros(rotation.expires_at), changing.now, "expire_time")


def _replacement(changing: Changing, old: ApiKey, rotation: Rotation) -> Mapping[str, object]:
    """The old key's new end: no later than it would have been."""
    ends = [changing.now + rotation.overlap // _MICROSECOND, expiry_of(old)]
    return {
        "owner": old.tenant_id,
        "id": old.api_key_id,
        "new_id": rotation.new_id,
        "new_expires_at": min(end for end in ends if end is not None),
        "new_revoked_at": None if rotation.overlap else changing.now,
        "now": changing.now,
    }


def _successor(old: ApiKey, rotation: Rotation) -> ApiKey:
    made = ApiKey()
    made.CopyFrom(old)
    made.api_key_id = rotation.new_id
    if rotation.expires_at is not None:
        made.expire_time.FromDatetime(rotation.expires_at)
    return made


def _row(key: ApiKey, digest: bytes, now: int) -> dict[str, object]:
    return {
        "tenant_id": key.tenant_id,
        "api_key_id": key.api_key_id,
        "display_name": key.display_name,
        "user_id": key.user_id,
        "agent_id": key.agent_id,
        "roles": json.dumps(sorted(ROLES[role] for role in key.roles)),
        "digest": digest,
        "expires_at": expiry_of(key),
        "revoked_at": None,
        "replaced_by": "",
        "created_at": now,
        "updated_at": now,
    }


def _key(row: Sequence[Any], now: int) -> ApiKey:
    (tenant_id, api_key_id, display_name, user_id, agent_id, roles, expires_at, revoked_at, replaced_by, made, _) = row
    key = ApiKey(
        tenant_id=tenant_id,
        api_key_id=api_key_id,
        display_name=display_name,
        state=state_of(expires_at, revoked_at, now),
        expire_time=stamp(expires_at),
        create_time=stamp(made),
        roles=role_values(json.loads(roles)),
        replaced_by_api_key_id=replaced_by,
    )
    if agent_id:
        key.agent_id = agent_id
    else:
        key.user_id = user_id
    return key
