"""Who asks for changes in the identity suites, and what those leave behind."""

from __future__ import annotations

import hashlib
from typing import Any

from pointsman_server.identity.model import Actor, Role
from pointsman_server.identity.origin import Origin
from pointsman_server.ledger.generations import Generations
from pointsman_server.storage.database import reading
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import AUDIT_ENTRIES
from sqlalchemy import select

OPERATOR = Actor("local", "local-admin", frozenset({Role.PLATFORM_ADMIN}), "", "pmk_1", "req_1", "unix")
ADMIN = Actor("acme", "ada", frozenset({Role.TENANT_ADMIN}), "", "pmk_2", "req_2", "unix")


def origin(action: str, actor: Actor = OPERATOR, *, request_id: str = "", body: str = "") -> Origin:
    return Origin(actor, action, request_id, hashlib.sha256(body.encode()).digest())


async def generations(storage: Storage) -> Generations:
    return await storage.generations.read()


async def recorded(storage: Storage, tenant_id: str) -> list[tuple[str, str, str]]:
    """Action, kind and id of each entry of a tenant's audit log."""
    columns = AUDIT_ENTRIES.c
    statement = (
        select(columns.action, columns.resource, columns.resource_id)
        .where(columns.tenant_id == tenant_id)
        .order_by(columns.sequence)
    )
    async with reading(storage._readers) as connection:
        rows: Any = (await connection.execute(statement)).all()
    return [tuple(row) for row in rows]
