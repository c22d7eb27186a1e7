"""Writes what the audit log holds, and what its proof finds, as the contract's messages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import audit_service_pb2 as pb
from pointsman.v1.principal_pb2 import PrincipalRole

from pointsman_server.identity.audit_proof import Break, Finding, Recorded, Summary
from pointsman_server.identity.audit_store import AuditQuery
from pointsman_server.identity.model import Actor

_ROLES: Final = {name.removeprefix("PRINCIPAL_ROLE_").lower(): value for name, value in PrincipalRole.items() if value}
_FILTERS: Final = ("actor_user_id", "action", "resource", "resource_id")


def read_query(tenant_id: str, wanted: pb.AuditFilter) -> AuditQuery:
    """The query that a sound filter means."""
    return AuditQuery(
        tenant_id=tenant_id,
        start=_time(wanted.start_time) if wanted.HasField("start_time") else None,
        end=_time(wanted.end_time) if wanted.HasField("end_time") else None,
        **{name: getattr(wanted, name) for name in _FILTERS},
    )


def entry_message(recorded: Recorded) -> pb.AuditEntry:
    """Writes an entry with what it holds."""
    entry = recorded.entry
    stamp = Timestamp()
    stamp.FromDatetime(entry.at)
    message = pb.AuditEntry(
        tenant_id=entry.tenant_id,
        sequence=entry.sequence,
        create_time=stamp,
        actor=_actor(entry.actor),
        action=entry.action,
        resource=entry.resource,
        resource_id=entry.resource_id,
        payload_erased=recorded.erased,
        payload_hash=entry.payload_hash,
        previous_hash=entry.previous_hash,
        hash=recorded.hash,
    )
    _fill(message, _payload(recorded.payload))
    return message


def finding_message(finding: Finding) -> pb.VerifyAuditResponse:
    """Writes what the proof found."""
    match finding:
        case Break():
            return pb.VerifyAuditResponse(broken=pb.AuditBreak(sequence=finding.sequence, message=finding.message))
        case Summary():
            summary = pb.AuditSummary(
                entry_count=finding.entry_count,
                erased_count=finding.erased_count,
                break_count=finding.break_count,
                last_hash=finding.last_hash,
            )
            return pb.VerifyAuditResponse(summary=summary)


def _fill(message: pb.AuditEntry, payload: dict[str, Any]) -> None:
    message.salt = payload.get("salt", "")
    for name in ("before", "after"):
        if name in payload:
            getattr(message, name).CopyFrom(ParseDict(payload[name], Struct()))


def _payload(written: str) -> dict[str, Any]:
    try:
        found = json.loads(written) if written else {}
    except ValueError:
        return {}  # somebody wrote over it, which the proof says; the rest can still be listed
    return found if isinstance(found, dict) else {}


def _actor(actor: Actor) -> pb.AuditActor:
    return pb.AuditActor(
        tenant_id=actor.tenant_id,
        user_id=actor.user_id,
        agent_id=actor.agent_id,
        credential_id=actor.credential_id,
        roles=sorted(_ROLES[role] for role in actor.roles if role in _ROLES),
        request_id=actor.request_id,
        source=actor.source,
    )


def _time(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)
