"""What reads the audit log, and erases what its entries hold."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pointsman_server.identity.audit import Head
from pointsman_server.identity.audit_proof import Finding, Recorded
from pointsman_server.identity.model import Actor


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries of a chain; what is empty does not filter.

    Attributes:
        start: not before.
        end: before.
    """

    tenant_id: str
    start: datetime | None = None
    end: datetime | None = None
    actor_user_id: str = ""
    action: str = ""
    resource: str = ""
    resource_id: str = ""


class AuditStore(Protocol):
    """Reads chains. All methods raise ``StoreUnavailable`` where the store cannot be read or written."""

    async def page(self, query: AuditQuery, *, before: int | None, size: int) -> tuple[list[Recorded], int]:
        """The newest entries, those before a sequence where one is given; and how many the query has in all."""
        ...

    def export(self, query: AuditQuery) -> AsyncGenerator[list[Recorded], None]:
        """Everything that was recorded when it began, the oldest first, in pieces. Between them nothing is held."""
        ...

    def verify(self, tenant_id: str, expected: Head) -> AsyncGenerator[Finding, None]:
        """Proves a chain to its end; the summary comes last."""
        ...

    async def erase(self, tenant_id: str, sequence: int, actor: Actor, justification: str) -> Recorded:
        """Takes away what an entry holds, and records that; nothing changes where it held nothing.

        Raises:
            NotFound: there is no such entry.
        """
        ...
