"""AuditService over a real store: what it shows, and what it says of bad requests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import audit_service_pb2 as pb
from pointsman.v1.budget_service_pb2 import Budget
from pointsman.v1.principal_pb2 import PRINCIPAL_ROLE_TENANT_ADMIN
from pointsman_server.errors import InvalidRequest
from pointsman_server.identity.audit import Change
from pointsman_server.identity.model import LOCAL_ADMIN, Actor, Principal
from pointsman_server.ids import new_id
from pointsman_server.services import paging, validate
from pointsman_server.services.audit_service import AuditService
from pointsman_server.services.call import Call
from pointsman_server.storage.audit_log import append
from pointsman_server.storage.control import Execute
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import AUDIT_PAYLOADS
from sqlalchemy import update

from tests.conformance.builders import START, SetClock

ADA = Call(Principal("acme", "ada", frozenset({"tenant_admin"}), credential_id="key_1"), "req", received_at=0)
OPERATOR = Call(LOCAL_ADMIN, "req", received_at=0, named_tenant_id="acme")
ODD = Actor("acme", "ada", frozenset({"a role of another version", "tenant_admin"}), source="unix")


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as opened:
        for number in (1, 2, 3):
            await opened._control.control(changing(number))
        yield opened


@pytest.fixture
def service(storage: Storage) -> AuditService:
    return AuditService(storage.audit)


def changing(number: int) -> Callable[[Execute], None]:
    change = Change("BudgetService/UpdateBudget", "budget", f"bud_{number}", Budget(limit=1), Budget(limit=2**60))
    return lambda execute: append(execute, "acme", ODD, change, START)


async def test_an_entry_is_written_whole(service: AuditService) -> None:
    answer = await service.list_audit_entries(pb.ListAuditEntriesRequest(page_size=1), ADA)
    (entry,) = answer.audit_entries
    created = Timestamp()
    created.FromDatetime(START)
    assert (entry.tenant_id, entry.sequence, entry.create_time) == ("acme", 3, created)
    actor = pb.AuditActor(tenant_id="acme", user_id="ada", roles=[PRINCIPAL_ROLE_TENANT_ADMIN], source="unix")
    assert entry.actor == actor
    assert (entry.action, entry.resource, entry.resource_id) == ("BudgetService/UpdateBudget", "budget", "bud_3")
    assert (dict(entry.before), dict(entry.after)) == ({"limit": "1"}, {"limit": str(2**60)})
    assert (len(entry.salt), len(entry.hash), len(entry.payload_hash), entry.payload_erased) == (32, 64, 64, False)


async def test_pages_follow_each_other(service: AuditService) -> None:
    request, seen = pb.ListAuditEntriesRequest(page_size=2), []
    while True:
        answer = await service.list_audit_entries(request, ADA)
        assert answer.total_size == 3
        seen += [entry.sequence for entry in answer.audit_entries]
        request.page_token = answer.next_page_token
        if not request.page_token:
            break
    assert seen == [3, 2, 1]


@pytest.mark.parametrize("made_up", ["abc", "0", "-5", "9" * 30, "\u0661", "1_0", "a\x00b"])
async def test_a_page_token_that_somebody_made_up_is_refused(service: AuditService, made_up: str) -> None:
    request = pb.ListAuditEntriesRequest()
    request.page_token = paging.token(request, made_up)
    with pytest.raises(InvalidRequest, match="page_token"):
        await service.list_audit_entries(request, ADA)


async def test_an_export_has_every_entry_and_a_proof_its_summary(service: AuditService) -> None:
    exported = [answer async for answer in service.export_audit_entries(pb.ExportAuditEntriesRequest(), ADA)]
    entries = [entry for answer in exported for entry in answer.audit_entries]
    assert [entry.sequence for entry in entries] == [1, 2, 3]
    request = pb.VerifyAuditRequest(expected_sequence=3, expected_hash=entries[-1].hash)
    (proof,) = [answer async for answer in service.verify_audit(request, ADA)]
    assert proof.summary == pb.AuditSummary(entry_count=3, last_hash=entries[-1].hash)


async def test_a_broken_chain_is_still_listed(service: AuditService, storage: Storage) -> None:
    spoilt = update(AUDIT_PAYLOADS).where(AUDIT_PAYLOADS.c.sequence == 2).values(payload="spoilt")
    await storage._control.control(lambda execute: execute(spoilt, {}))
    answer = await service.list_audit_entries(pb.ListAuditEntriesRequest(), ADA)
    assert [entry.HasField("after") for entry in answer.audit_entries] == [True, False, True]
    broken, proof = [answer async for answer in service.verify_audit(pb.VerifyAuditRequest(), ADA)]
    assert (broken.broken.sequence, proof.summary.break_count) == (2, 1)


async def test_an_erasure_shows_what_is_left(service: AuditService) -> None:
    request = pb.EraseAuditPayloadRequest(tenant_id="acme", sequence=2, justification="asked for")
    entry = (await service.erase_audit_payload(request, OPERATOR)).audit_entry
    assert entry.payload_erased
    assert (entry.HasField("before"), entry.HasField("after"), entry.salt) == (False, False, "")
    newest = (await service.list_audit_entries(pb.ListAuditEntriesRequest(page_size=1), ADA)).audit_entries[0]
    assert (newest.actor.user_id, dict(newest.after)["justification"]) == (LOCAL_ADMIN.user_id, "asked for")


BAD: list[tuple[Message, Callable[[Any], None], str]] = [
    (pb.ListAuditEntriesRequest(page_size=1001), validate.list_audit_entries, "page_size"),
    (pb.ListAuditEntriesRequest(tenant_id="'; --"), validate.list_audit_entries, "tenant_id"),
    (
        pb.ExportAuditEntriesRequest(filter=pb.AuditFilter(action="a\0b")),
        validate.export_audit_entries,
        "filter.action",
    ),
    (
        pb.ExportAuditEntriesRequest(
            filter=pb.AuditFilter(start_time=Timestamp(seconds=2), end_time=Timestamp(seconds=2))
        ),
        validate.export_audit_entries,
        "filter.end_time",
    ),
    (pb.VerifyAuditRequest(expected_hash="ab", expected_sequence=1), validate.verify_audit, "expected_hash"),
    (pb.VerifyAuditRequest(expected_hash="a" * 64), validate.verify_audit, "expected_sequence"),
    (pb.VerifyAuditRequest(expected_sequence=-1, expected_hash="a" * 64), validate.verify_audit, "expected_sequence"),
    (pb.EraseAuditPayloadRequest(justification="x"), validate.erase_audit_payload, "sequence"),
    (pb.EraseAuditPayloadRequest(sequence=1), validate.erase_audit_payload, "justification"),
]


@pytest.mark.parametrize(("request_", "check", "field"), BAD)
def test_bad_requests_are_told_the_field(request_: Message, check: Callable[[Any], None], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check(request_)
    assert [violation.field for violation in caught.value.fields] == [field]
