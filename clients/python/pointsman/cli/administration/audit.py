"""``pointsman audit``: who changed what, and the proof that nobody changed that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman.cli.administration.options import AsJson
from pointsman.cli.administration.sheet import Sheet
from pointsman.cli.figures import NONE, moment
from pointsman.cli.session import session_of
from pointsman.cli.times import timestamp
from pointsman.v1.audit_service_pb2 import (
    AuditEntry,
    AuditFilter,
    AuditSummary,
    EraseAuditPayloadRequest,
    ExportAuditEntriesRequest,
    ListAuditEntriesRequest,
    VerifyAuditRequest,
)

ChainId = Annotated[
    str, typer.Option("--tenant", metavar="ID", help="Another tenant's chain; platform for the platform's.")
]
Since = Annotated[str, typer.Option("--since", metavar="TIME", help="Not before this day, time, or 7d ago.")]
Until = Annotated[str, typer.Option("--until", metavar="TIME", help="Before this.")]
ActorId = Annotated[str, typer.Option("--actor", metavar="ID", help="Only this user's deeds.")]
Action = Annotated[str, typer.Option("--action", metavar="METHOD", help="Only this, such as TenantService/UpdateUser.")]
Resource = Annotated[str, typer.Option("--resource", metavar="KIND", help="Only this kind of thing, such as user.")]
ResourceId = Annotated[str, typer.Option("--id", metavar="ID", help="Only this thing.")]

_SHEET = Sheet[AuditEntry](
    "entries",
    ("#", "when", "who", "did", "to", "+by", "+from"),
    lambda entry: (
        str(entry.sequence),
        moment(entry.create_time),
        f"{entry.actor.user_id} of {entry.actor.tenant_id}" if entry.actor.user_id else "an access token",
        entry.action,
        f"{entry.resource} {entry.resource_id}",
        entry.actor.credential_id or NONE,
        entry.actor.source or NONE,
    ),
)


def _filter(since: str, until: str, actor: str, action: str, thing: tuple[str, str]) -> AuditFilter:
    now = datetime.now(UTC)
    return AuditFilter(
        start_time=timestamp(since, "--since", now),
        end_time=timestamp(until, "--until", now),
        actor_user_id=actor,
        action=action,
        resource=thing[0],
        resource_id=thing[1],
    )


def audit_list(
    context: typer.Context,
    *,
    since: Since = "",
    until: Until = "",
    actor: ActorId = "",
    action: Action = "",
    resource: Resource = "",
    resource_id: ResourceId = "",
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, help="How many, the newest first.")] = 100,
    tenant: ChainId = "",
    as_json: AsJson = False,
) -> None:
    """List changes, the newest first."""
    chosen = _filter(since, until, actor, action, (resource, resource_id))
    request = ListAuditEntriesRequest(tenant_id=tenant, filter=chosen, page_size=min(most, 1_000))
    session = session_of(context)
    with session.client() as client:
        found = [entry for entry, _ in zip(client.audit.list(request), range(most), strict=False)]
    _SHEET.many(session.terminal, found, as_json=as_json)


def audit_export(
    context: typer.Context,
    *,
    since: Since = "",
    until: Until = "",
    actor: ActorId = "",
    action: Action = "",
    resource: Resource = "",
    resource_id: ResourceId = "",
    tenant: ChainId = "",
) -> None:
    """Write all entries of a time, the oldest first, each as a line of JSON with what was before and after."""
    chosen = _filter(since, until, actor, action, (resource, resource_id))
    session = session_of(context)
    with session.client() as client:
        for entry in client.audit.export(ExportAuditEntriesRequest(tenant_id=tenant, filter=chosen)):
            session.terminal.record(MessageToDict(entry))


def audit_verify(
    context: typer.Context,
    *,
    expected: Annotated[
        str, typer.Option("--expect", metavar="N:HASH", help="A hash that was noted before, so that no end is cut off.")
    ] = "",
    tenant: ChainId = "",
    as_json: AsJson = False,
) -> None:
    """Compute every hash again. Exits with 1 where the chain is broken."""
    sequence, _, digest = expected.partition(":")
    if expected and not (sequence.isdecimal() and digest):
        raise typer.BadParameter(f"{expected!r} is not N:HASH", param_hint="--expect")
    request = VerifyAuditRequest(tenant_id=tenant, expected_sequence=int(sequence or 0), expected_hash=digest)
    session = session_of(context)
    with session.client() as client:
        findings = list(client.audit.verify(request))
    summary = findings[-1].summary if findings else AuditSummary()
    if as_json:
        session.terminal.data([MessageToDict(finding) for finding in findings])
    else:
        for finding in findings:
            if finding.HasField("broken"):
                session.terminal.line(f"{finding.broken.sequence}: {finding.broken.message}")
        session.terminal.line(_summary(summary))
    if summary.break_count:
        raise typer.Exit(1)


def audit_erase(
    context: typer.Context,
    sequence: Annotated[int, typer.Argument(metavar="N", min=1, help="The entry's number in its chain.")],
    *,
    justification: Annotated[str, typer.Option("--justification", metavar="TEXT", help="Why; it is recorded.")],
    tenant: ChainId = "",
    as_json: AsJson = False,
) -> None:
    """Take away for good what an entry holds of before and after. The chain stays whole."""
    request = EraseAuditPayloadRequest(tenant_id=tenant, sequence=sequence, justification=justification)
    session = session_of(context)
    with session.client() as client:
        entry = client.audit.erase_payload(request)
    _SHEET.one(session.terminal, entry, as_json=as_json)


def _summary(summary: AuditSummary) -> str:
    erased = f", {summary.erased_count:,} erased" if summary.erased_count else ""
    places = "place" if summary.break_count == 1 else "places"
    found = f"broken in {summary.break_count:,} {places}" if summary.break_count else "whole"
    note = f"; note {summary.entry_count}:{summary.last_hash}" if summary.last_hash else ""
    entries = "entry" if summary.entry_count == 1 else "entries"
    return f"{summary.entry_count:,} {entries}{erased}: the chain is {found}{note}"
