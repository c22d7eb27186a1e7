"""AuditService: shows who changed what and who looked at what of others, and proves that nothing was altered."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import ClassVar

from google.protobuf.descriptor import ServiceDescriptor
from pointsman.v1 import audit_service_pb2 as pb

from pointsman_server.identity.audit import Head
from pointsman_server.identity.audit_store import AuditStore
from pointsman_server.services import paging, validate
from pointsman_server.services.audit_messages import entry_message, finding_message, read_query
from pointsman_server.services.call import Call


class AuditService:
    """Checks each request and hands it on."""

    descriptor: ClassVar[ServiceDescriptor] = pb.DESCRIPTOR.services_by_name["AuditService"]

    def __init__(self, audit: AuditStore) -> None:
        self._audit = audit

    async def list_audit_entries(self, request: pb.ListAuditEntriesRequest, call: Call) -> pb.ListAuditEntriesResponse:
        """Entries, the newest first."""
        validate.list_audit_entries(request)
        size = paging.page_size(request)
        query = read_query(call.tenant_id, request.filter)
        # One more than is shown says whether there is a next page.
        found, total = await self._audit.page(query, before=paging.last_number(request), size=size + 1)
        more = str(found[size - 1].entry.sequence) if len(found) > size else ""
        return pb.ListAuditEntriesResponse(
            audit_entries=map(entry_message, found[:size]),
            next_page_token=paging.token(request, more) if more else "",
            total_size=total,
        )

    async def export_audit_entries(
        self, request: pb.ExportAuditEntriesRequest, call: Call
    ) -> AsyncGenerator[pb.ExportAuditEntriesResponse, None]:
        """All entries, the oldest first."""
        validate.export_audit_entries(request)
        async with aclosing(self._audit.export(read_query(call.tenant_id, request.filter))) as pieces:
            async for piece in pieces:
                yield pb.ExportAuditEntriesResponse(audit_entries=map(entry_message, piece))

    async def verify_audit(
        self, request: pb.VerifyAuditRequest, call: Call
    ) -> AsyncGenerator[pb.VerifyAuditResponse, None]:
        """Computes every hash again."""
        validate.verify_audit(request)
        expected = Head(request.expected_sequence, request.expected_hash)
        async with aclosing(self._audit.verify(call.tenant_id, expected)) as findings:
            async for finding in findings:
                yield finding_message(finding)

    async def erase_audit_payload(
        self, request: pb.EraseAuditPayloadRequest, call: Call
    ) -> pb.EraseAuditPayloadResponse:
        """Takes away what an entry holds."""
        validate.erase_audit_payload(request)
        erased = await self._audit.erase(call.tenant_id, request.sequence, call.actor, request.justification)
        return pb.EraseAuditPayloadResponse(audit_entry=entry_message(erased))
