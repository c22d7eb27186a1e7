"""Finds what the store has of a credential: one read for each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.identity.credentials import AGENT_USER_PREFIX, Standing, StoredAccessToken, StoredKey
from pointsman_server.identity.model import PLATFORM_TENANT, Role
from pointsman_server.storage.database import READERS, reading
from pointsman_server.storage.migrations.types import TEXT
from pointsman_server.storage.tables import ACCESS_TOKENS, API_KEYS, PROJECT_MEMBERS, TENANTS, USERS
from pointsman_server.storage.times import from_micros

_ACTIVE: Final = "active"
_AT_ONCE: Final = READERS // 2
"""How many connections lookups may take: a flood of keys that nobody knows leaves the rest to those who are known."""

_STANDING: Final = (
    TENANTS.c.state.label("tenant_state"),
    TENANTS.c.default_model,
    TENANTS.c.access_token_id,
    USERS.c.state.label("user_state"),
    USERS.c.roles.label("user_roles"),
    ACCESS_TOKENS.c.plan_id,
    ACCESS_TOKENS.c.revoked_at.label("access_token_revoked_at"),
    PROJECT_MEMBERS.c.project_id,
)


def _joined(tenants: FromClause, tenant_id: ColumnElement[str], member_id: ColumnElement[str]) -> FromClause:
    """Joins what a tenant signed up with, and one row for each project that the member is in."""
    tokens, members = ACCESS_TOKENS.c, PROJECT_MEMBERS.c
    its_token = and_(tokens.tenant_id == PLATFORM_TENANT, tokens.access_token_id == TENANTS.c.access_token_id)
    return tenants.outerjoin(ACCESS_TOKENS, its_token).outerjoin(
        PROJECT_MEMBERS, and_(members.tenant_id == tenant_id, members.user_id == member_id)
    )


_KEYS: Final = API_KEYS.c
_AGENTS_USER: Final = literal(AGENT_USER_PREFIX).concat(_KEYS.agent_id)
_MEMBER: Final = func.coalesce(func.nullif(_KEYS.user_id, ""), _AGENTS_USER)
_KEYS_USER: Final = and_(USERS.c.tenant_id == _KEYS.tenant_id, USERS.c.user_id == _KEYS.user_id)
_OF_KEYS: Final = API_KEYS.outerjoin(TENANTS, TENANTS.c.tenant_id == _KEYS.tenant_id).outerjoin(USERS, _KEYS_USER)
_BY_KEY: Final = (
    select(API_KEYS, *_STANDING)
    .select_from(_joined(_OF_KEYS, _KEYS.tenant_id, _MEMBER))
    .where(_KEYS.digest == bindparam("digest"))
)
_BY_ACCESS_TOKEN: Final = select(ACCESS_TOKENS).where(ACCESS_TOKENS.c.digest == bindparam("digest"))
_USER_ID: Final = bindparam("user_id", type_=TEXT)
_THE_USER: Final = and_(USERS.c.tenant_id == TENANTS.c.tenant_id, USERS.c.user_id == _USER_ID)
_BY_USER: Final = (
    select(TENANTS.c.tenant_id, *_STANDING)
    .select_from(_joined(TENANTS.outerjoin(USERS, _THE_USER), TENANTS.c.tenant_id, _USER_ID))
    .where(TENANTS.c.tenant_id == bindparam("tenant_id"))
)


class SqlCredentialReader:
    """Implements ``identity.credentials.CredentialReader``."""

    def __init__(self, readers: AsyncEngine) -> None:
        self._readers = readers
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def key(self, digest: bytes) -> StoredKey | None:
        rows = await self._rows(_BY_KEY, digest=digest)
        if not rows:
            return None
        row = rows[0]
        agent_id = row.agent_id
        return StoredKey(
            api_key_id=row.api_key_id,
            digest=bytes(row.digest),
            standing=_standing(rows, f"{AGENT_USER_PREFIX}{agent_id}" if agent_id else row.user_id),
            agent_id=agent_id,
            roles=frozenset(json.loads(row.roles)),
            expires_at=None if row.expires_at is None else from_micros(row.expires_at),
            revoked=row.revoked_at is not None,
        )

    async def access_token(self, digest: bytes) -> StoredAccessToken | None:
        for row in await self._rows(_BY_ACCESS_TOKEN, digest=digest):
            return StoredAccessToken(
                access_token_id=row.access_token_id,
                digest=bytes(row.digest),
                expires_at=None if row.expires_at is None else from_micros(row.expires_at),
                revoked=row.revoked_at is not None,
            )
        return None

    async def standing(self, tenant_id: str, user_id: str) -> Standing | None:
        rows = await self._rows(_BY_USER, tenant_id=tenant_id, user_id=user_id)
        return _standing(rows, user_id) if rows else None

    async def _rows(self, statement: Select[Any], **parameters: object) -> Sequence[Any]:
        async with self._turns, reading(self._readers) as connection:
            rows: Sequence[Any] = (await connection.execute(statement, parameters)).all()
            return rows


def _standing(rows: Sequence[Any], user_id: str) -> Standing:
    row = rows[0]
    is_agent = user_id.startswith(AGENT_USER_PREFIX)
    return Standing(
        tenant_id=row.tenant_id,
        user_id=user_id,
        active=row.tenant_state == _ACTIVE and row.user_state in {_ACTIVE, None},
        roles=frozenset({Role.AGENT.value}) if is_agent else frozenset(json.loads(row.user_roles or "[]")),
        known=is_agent or row.user_state is not None,
        project_ids=frozenset(each.project_id for each in rows if each.project_id is not None),
        plan_required=bool(row.access_token_id),
        plan_id=row.plan_id if row.plan_id and row.access_token_revoked_at is None else "",
        access_token_id=row.access_token_id or "",
        default_model=row.default_model or "",
    )
