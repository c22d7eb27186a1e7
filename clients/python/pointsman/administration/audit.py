"""The audit log, for the client that blocks; ``async_audit.py`` has the other's."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from pointsman.calling import Caller
from pointsman.v1.audit_service_pb2 import (
    AuditEntry,
    EraseAuditPayloadRequest,
    ExportAuditEntriesRequest,
    ListAuditEntriesRequest,
    VerifyAuditRequest,
    VerifyAuditResponse,
)
from pointsman.v1.audit_service_pb2_grpc import AuditServiceStub


class Audit:
    """Who changed what, and who looked at what of others."""

    def __init__(self, caller: Caller, channel: grpc.Channel) -> None:
        self._caller = caller
        self._stub = AuditServiceStub(channel)

    def list(
        self, request: ListAuditEntriesRequest | None = None, *, timeout: float | None = None
    ) -> Iterator[AuditEntry]:
        """Entries, the newest first; asks for further pages as they are needed."""
        for page in self._caller.pages(self._stub.ListAuditEntries, request or ListAuditEntriesRequest(), timeout):
            yield from page.audit_entries

    def export(self, request: ExportAuditEntriesRequest, *, timeout: float | None = None) -> Iterator[AuditEntry]:
        """All entries of a time, the oldest first."""
        for piece in self._caller.stream(self._stub.ExportAuditEntries, request, timeout):
            yield from piece.audit_entries

    def verify(self, request: VerifyAuditRequest, *, timeout: float | None = None) -> Iterator[VerifyAuditResponse]:
        """Computes every hash again; where the chain is broken, and at the end a summary."""
        return self._caller.stream(self._stub.VerifyAudit, request, timeout)

    def erase_payload(self, request: EraseAuditPayloadRequest, *, timeout: float | None = None) -> AuditEntry:
        """Takes what an entry holds of the thing away; the chain stays whole."""
        return self._caller.call(self._stub.EraseAuditPayload, request, timeout).audit_entry
