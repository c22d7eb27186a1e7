"""Keeps the first administrator: made once, and made anew where its key was lost."""

from __future__ import annotations

import json
from typing import Any, Final

from pointsman.v1.tenant_service_pb2 import CREDENTIAL_STATE_ACTIVE, ApiKey
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.clock import Clock
from pointsman_server.identity.audit import Change
from pointsman_server.identity.model import LOCAL_ADMIN, LOCAL_TENANT, SERVER, Role
from pointsman_server.ledger.generations import Generation
from pointsman_server.storage.audit_log import append
from pointsman_server.storage.control import ControlWriter, Execute
from pointsman_server.storage.database import reading
from pointsman_server.storage.generations import count_on
from pointsman_server.storage.tables import API_KEYS, TENANTS, USERS
from pointsman_server.storage.times import to_micros

_ALONE: Final = "first_run"
_KEY_NAME: Final = "first administrator"
_WHO: Final = {"owner": LOCAL_TENANT, "whose": LOCAL_ADMIN.user_id}
_ROLES: Final = json.dumps([Role.PLATFORM_ADMIN.value])

_ANY_KEY: Final = select(API_KEYS.c.api_key_id).limit(1)
_VALID: Final = select(API_KEYS.c.api_key_id).where(
    API_KEYS.c.digest == bindparam("digest"), API_KEYS.c.revoked_at.is_(None)
)
_TENANT: Final = select(TENANTS.c.state).where(TENANTS.c.tenant_id == bindparam("owner"))
_USER: Final = select(USERS.c.roles, USERS.c.state).where(
    USERS.c.tenant_id == bindparam("owner"), USERS.c.user_id == bindparam("whose")
)
_INSERT_TENANT: Final = insert(TENANTS)
_INSERT_USER: Final = insert(USERS)
_INSERT_KEY: Final = insert(API_KEYS)
_OPEN_TENANT: Final = (
    update(TENANTS).where(TENANTS.c.tenant_id == bindparam("owner")).values(state="active", updated_at=bindparam("now"))
)
_OPEN_USER: Final = (
    update(USERS)
    .where(USERS.c.tenant_id == bindparam("owner"), USERS.c.user_id == bindparam("whose"))
    .values(state="active", roles=_ROLES, updated_at=bindparam("now"))
)
_REVOKE_EARLIER: Final = (
    update(API_KEYS)
    .where(
        API_KEYS.c.tenant_id == bindparam("owner"),
        API_KEYS.c.user_id == bindparam("whose"),
        API_KEYS.c.display_name == _KEY_NAME,
        API_KEYS.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("now"), updated_at=bindparam("now"))
)


class SqlAdministratorStore:
    """Implements ``identity.first_run.AdministratorStore``."""

    def __init__(self, readers: AsyncEngine, writer: ControlWriter, clock: Clock) -> None:
        self._readers = readers
        self._writer = writer
        self._clock = clock

    async def has_keys(self) -> bool:
        async with reading(self._readers) as connection:
            return (await connection.execute(_ANY_KEY)).first() is not None

    async def knows(self, digest: bytes) -> bool:
        async with reading(self._readers) as connection:
            return (await connection.execute(_VALID, {"digest": digest})).first() is not None

    async def make_first(self, api_key_id: str, digest: bytes) -> bool:
        now = self._clock.now()

        def write(execute: Execute) -> bool:
            if execute(_ANY_KEY, {}):
                return False
            _open(execute, to_micros(now))
            _insert_key(execute, api_key_id, digest, to_micros(now))
            append(execute, LOCAL_TENANT, SERVER, _change("server/first_run", api_key_id), now)
            return True

        return await self._writer.control(write, alone=_ALONE)

    async def replace(self, api_key_id: str, digest: bytes) -> None:
        now = self._clock.now()

        def write(execute: Execute) -> None:
            execute(_REVOKE_EARLIER, {**_WHO, "now": to_micros(now)})
            _open(execute, to_micros(now))
            _insert_key(execute, api_key_id, digest, to_micros(now))
            count_on(execute, Generation.REVOCATION)
            append(execute, LOCAL_TENANT, SERVER, _change("server/admin_token", api_key_id), now)

        await self._writer.control(write, alone=_ALONE)


def _open(execute: Execute, now: int) -> None:
    """Makes the first tenant and its administrator, and lets in again those that are there."""
    stamps: dict[str, Any] = {"created_at": now, "updated_at": now}
    if execute(_TENANT, _WHO):
        execute(_OPEN_TENANT, {**_WHO, "now": now})
    else:
        tenant = {"display_name": "Local", "state": "active", "access_token_id": "", "default_model": ""}
        execute(_INSERT_TENANT, {"tenant_id": LOCAL_TENANT, **tenant, **stamps})
    if execute(_USER, _WHO):
        execute(_OPEN_USER, {**_WHO, "now": now})
    else:
        user = {"display_name": "First administrator", "email": "", "kind": "person", "state": "active"}
        key = {"tenant_id": LOCAL_TENANT, "user_id": LOCAL_ADMIN.user_id, "roles": _ROLES}
        execute(_INSERT_USER, {**key, **user, **stamps})


def _insert_key(execute: Execute, api_key_id: str, digest: bytes, now: int) -> None:
    row = {
        "tenant_id": LOCAL_TENANT,
        "api_key_id": api_key_id,
        "display_name": _KEY_NAME,
        "user_id": LOCAL_ADMIN.user_id,
        "agent_id": "",
        "roles": "[]",
        "digest": digest,
        "expires_at": None,
        "revoked_at": None,
        "replaced_by": "",
        "created_at": now,
        "updated_at": now,
    }
    execute(_INSERT_KEY, row)


def _change(action: str, api_key_id: str) -> Change:
    made = ApiKey(
        tenant_id=LOCAL_TENANT,
        api_key_id=api_key_id,
        display_name=_KEY_NAME,
        user_id=LOCAL_ADMIN.user_id,
        state=CREDENTIAL_STATE_ACTIVE,
    )
    return Change(action=action, resource="api_key", resource_id=api_key_id, after=made)
