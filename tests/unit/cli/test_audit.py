"""``audit``: what it asks, and what it shows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from invocation import Run
from pointsman.v1 import audit_service_pb2 as pb
from scripted_server import Script

SINCE = Timestamp(seconds=1_772_366_400)


def entry(sequence: int) -> pb.AuditEntry:
    actor = pb.AuditActor(tenant_id="acme", user_id="ada", credential_id="pmk_1", source="10.0.0.1:9")
    made = pb.AuditEntry(
        sequence=sequence, create_time=SINCE, actor=actor, action="TenantService/UpdateUser", resource="user",
        resource_id="bob",
    )  # fmt: skip
    made.after.update({"displayName": "Bob"})
    return made


def test_changes_are_listed(run: Run, script: Script) -> None:
    script.answers["ListAuditEntries"] = [
        pb.ListAuditEntriesResponse(audit_entries=[entry(3), entry(2), entry(1)], next_page_token="2")
    ]
    outcome = run(
        *("audit", "list", "--since", "2026-03-01T12:00", "--until", "1d", "--actor", "ada", "--action", "A/B"),
        *("--resource", "user", "--id", "bob", "--tenant", "acme", "--most", "2"),
    )
    asked = script.requests[0]
    assert (asked.tenant_id, asked.page_size) == ("acme", 2)
    assert asked.filter.end_time.ToDatetime(UTC) < datetime.now(UTC) - timedelta(hours=23)
    asked.filter.ClearField("end_time")
    assert asked.filter == pb.AuditFilter(
        start_time=SINCE, actor_user_id="ada", action="A/B", resource="user", resource_id="bob"
    )
    shown = [" ".join(line.split()) for line in outcome.out.splitlines()]
    row = "2026-03-01 12:00:00 UTC ada of acme TenantService/UpdateUser user bob pmk_1 10.0.0.1:9"
    assert shown[1:] == [f"3 {row}", f"2 {row}"]
    assert outcome.err == "entries: 2\n"


def test_an_export_is_lines_of_json_with_before_and_after(run: Run, script: Script) -> None:
    script.answers["ExportAuditEntries"] = [
        pb.ExportAuditEntriesResponse(audit_entries=[entry(1), entry(2)]),
        pb.ExportAuditEntriesResponse(audit_entries=[entry(3)]),
    ]
    lines = [json.loads(line) for line in run("audit", "export", "--tenant", "platform").out.splitlines()]
    assert [line["sequence"] for line in lines] == ["1", "2", "3"]
    assert lines[0]["after"] == {"displayName": "Bob"}
    assert script.requests == [pb.ExportAuditEntriesRequest(tenant_id="platform", filter=pb.AuditFilter())]


def test_a_whole_chain_is_proven(run: Run, script: Script) -> None:
    summary = pb.AuditSummary(entry_count=1_204, erased_count=2, last_hash="ab12")
    script.answers["VerifyAudit"] = [pb.VerifyAuditResponse(summary=summary)]
    outcome = run("audit", "verify", "--expect", "900:cd34")
    assert (outcome.code, outcome.out) == (0, "1,204 entries, 2 erased: the chain is whole; note 1204:ab12\n")
    assert script.requests == [pb.VerifyAuditRequest(expected_sequence=900, expected_hash="cd34")]


def test_a_broken_chain_fails(run: Run, script: Script) -> None:
    script.answers["VerifyAudit"] = [
        pb.VerifyAuditResponse(broken=pb.AuditBreak(sequence=7, message="its hash is another one")),
        pb.VerifyAuditResponse(summary=pb.AuditSummary(entry_count=1, break_count=1, last_hash="ab")),
    ]
    outcome = run("audit", "verify")
    assert outcome.code == 1
    assert outcome.out.splitlines() == [
        "7: its hash is another one",
        "1 entry: the chain is broken in 1 place; note 1:ab",
    ]
    shown = run("audit", "verify", "--json")
    assert (shown.code, len(json.loads(shown.out))) == (1, 2)


@pytest.mark.parametrize("expected", ["ab12", "7:", "x:ab"])
def test_a_noted_hash_has_its_number(run: Run, script: Script, expected: str) -> None:
    outcome = run("audit", "verify", "--expect", expected)
    assert (outcome.code, script.requests) == (2, [])
    assert "is not N:HASH" in outcome.err


def test_what_an_entry_holds_is_erased_with_a_reason(run: Run, script: Script) -> None:
    script.answers["EraseAuditPayload"] = [pb.EraseAuditPayloadResponse(audit_entry=entry(7))]
    outcome = run("audit", "erase", "7", "--justification", "asked for", "--tenant", "acme", "--json")
    assert (outcome.code, json.loads(outcome.out)["sequence"]) == (0, "7")
    assert script.requests == [pb.EraseAuditPayloadRequest(tenant_id="acme", sequence=7, justification="asked for")]


def test_nothing_is_erased_without_a_reason(run: Run, script: Script) -> None:
    assert (run("audit", "erase", "7").code, script.requests) == (2, [])
