"""Visits: when somebody reads or changes what is of a tenant that is not his own."""

from __future__ import annotations

from typing import Protocol

from pointsman_server.identity.audit import Change
from pointsman_server.identity.model import Actor


class Visits(Protocol):
    """Knows which tenants there are, and who looked into them. Both methods are asked before anything is shown."""

    async def expect(self, tenant_id: str) -> None:
        """Returns where there is such a tenant.

        Raises:
            NotFound: there is none.
            StoreUnavailable: that cannot be known now.
        """
        ...

    async def record(self, tenant_id: str, actor: Actor, look: Change) -> None:
        """Records a look in the tenant's chain, ``PLATFORM_TENANT`` for one at all tenants; returns when it is durable.

        Raises:
            NotFound: there is no such tenant.
            StoreUnavailable: it could not be recorded, so that nothing may be shown.
        """
        ...


class NoVisits:
    """Where nobody keeps a record, nobody visits."""

    async def expect(self, tenant_id: str) -> None:
        raise AssertionError(f"nothing records visits, and somebody named the tenant {tenant_id}")

    async def record(self, tenant_id: str, actor: Actor, look: Change) -> None:
        raise AssertionError(f"nothing records {look.action} by {actor.user_id} at {tenant_id}")


NO_VISITS = NoVisits()
