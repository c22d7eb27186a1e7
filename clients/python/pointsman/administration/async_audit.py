"""The audit log, for the client for asyncio; ``audit.py`` has the other's."""

# ruff: noqa: ASYNC109  # a timeout here is gRPC's deadline, which the server sees; asyncio.timeout would not tell it

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc.aio

from pointsman.async_calling import AsyncCaller
from pointsman.v1.audit_service_pb2 import (
    AuditEntry,
    EraseAuditPayloadRequest,
    ExportAuditEntriesRequest,
    ListAuditEntriesRequest,
    VerifyAuditRequest,
    VerifyAuditResponse,
)
from pointsman.v1.audit_service_pb2_grpc import AuditServiceStub


class AsyncAudit:
    """Who changed what, and who looked at what of others."""

    def __init__(self, caller: AsyncCaller, channel: grpc.aio.Channel) -> None:
        self._caller = caller
        self._stub = AuditServiceStub(channel)

    async def list(
        self, request: ListAuditEntriesRequest | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[AuditEntry]:
        """Entries, the newest first; asks for further pages as they are needed."""
        async for page in self._caller.pages(
            self._stub.ListAuditEntries, request or ListAuditEntriesRequest(), timeout
        ):
            for row in page.audit_entries:
                yield row

    async def export(
        self, request: ExportAuditEntriesRequest, *, timeout: float | None = None
    ) -> AsyncIterator[AuditEntry]:
        """All entries of a time, the oldest first."""
        async for piece in self._caller.stream(self._stub.ExportAuditEntries, request, timeout):
            for row in piece.audit_entries:
                yield row

    async def verify(
        self, request: VerifyAuditRequest, *, timeout: float | None = None
    ) -> AsyncIterator[VerifyAuditResponse]:
        """Computes every hash again; where the chain is broken, and at the end a summary."""
        async for response in self._caller.stream(self._stub.VerifyAudit, request, timeout):
            yield response

    async def erase_payload(self, request: EraseAuditPayloadRequest, *, timeout: float | None = None) -> AuditEntry:
        """Takes what an entry holds of the thing away; the chain stays whole."""
        return (await self._caller.call(self._stub.EraseAuditPayload, request, timeout)).audit_entry
