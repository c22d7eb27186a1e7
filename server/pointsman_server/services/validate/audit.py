"""Checks what is asked of the audit log."""

from __future__ import annotations

import re
from typing import Final

from pointsman.v1 import audit_service_pb2 as pb

from pointsman_server.services.validate import limits
from pointsman_server.services.validate.violations import Violations

_HASH: Final = re.compile(r"[0-9a-f]{64}")


def filtered(request: pb.ListAuditEntriesRequest | pb.ExportAuditEntriesRequest, violations: Violations) -> None:
    """Checks whose entries are asked for, and which."""
    violations.identifier(request.tenant_id, "tenant_id")
    wanted = request.filter
    violations.period(wanted, prefix="filter.")
    for name in ("actor_user_id", "action", "resource", "resource_id"):
        violations.text(getattr(wanted, name), f"filter.{name}", limits.MAX_MODEL_NAME_CHARACTERS)


def verification(request: pb.VerifyAuditRequest, violations: Violations) -> None:
    """Checks what chain is to be proven, and what it is held against."""
    violations.identifier(request.tenant_id, "tenant_id")
    if request.expected_hash and not _HASH.fullmatch(request.expected_hash):
        violations.add("expected_hash", "is no SHA-256 in 64 lower-case hexadecimal digits; give one as it was noted")
    violations.number(request.expected_sequence, "expected_sequence", 0, None)
    if bool(request.expected_hash) != bool(request.expected_sequence):
        violations.add("expected_sequence", "goes with expected_hash; set both, or neither")


def erasure(request: pb.EraseAuditPayloadRequest, violations: Violations) -> None:
    """Checks which payload is to be erased, and that it is said why."""
    violations.identifier(request.tenant_id, "tenant_id")
    violations.number(request.sequence, "sequence", 1, None)
    violations.text(request.justification, "justification", limits.MAX_JUSTIFICATION_CHARACTERS, required=True)
