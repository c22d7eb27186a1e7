"""Records visits: who looked into a tenant that is not his own."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.clock import Clock
from pointsman_server.errors import NotFound
from pointsman_server.identity.audit import Change
from pointsman_server.identity.model import PLATFORM_TENANT, Actor
from pointsman_server.storage.audit_log import append
from pointsman_server.storage.control import ControlWriter, Execute
from pointsman_server.storage.database import reading
from pointsman_server.storage.tables import TENANTS

_THE_TENANT: Final = select(TENANTS.c.tenant_id).where(TENANTS.c.tenant_id == bindparam("owner"))


class SqlVisits:
    """Implements ``identity.visits.Visits``."""

    def __init__(self, readers: AsyncEngine, writer: ControlWriter, *, clock: Clock) -> None:
        self._readers = readers
        self._writer = writer
        self._clock = clock

    async def expect(self, tenant_id: str) -> None:
        async with reading(self._readers) as connection:
            found = (await connection.execute(_THE_TENANT, {"owner": tenant_id})).one_or_none()
        if found is None:
            raise _no_tenant(tenant_id)

    async def record(self, tenant_id: str, actor: Actor, look: Change) -> None:
        now = self._clock.now()

        def write(execute: Execute) -> bool:
            known = tenant_id == PLATFORM_TENANT or bool(execute(_THE_TENANT, {"owner": tenant_id}))
            if known:
                append(execute, tenant_id, actor, look, now)
            return known

        if not await self._writer.control(write):
            raise _no_tenant(tenant_id)


def _no_tenant(tenant_id: str) -> NotFound:
    message = f"There is no tenant {tenant_id}; ListTenants lists what there is."
    return NotFound(message, metadata={"resource": "tenant"})
