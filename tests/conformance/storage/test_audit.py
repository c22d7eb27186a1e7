"""What every database does for who reads the audit log, and what the proof finds of whatever was done to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pointsman.v1.tenant_service_pb2 import User
from pointsman_server.errors import NotFound
from pointsman_server.identity.audit import NO_ENTRIES, Change, Head
from pointsman_server.identity.audit_proof import Break, Finding, Recorded, Summary
from pointsman_server.identity.audit_store import AuditQuery
from pointsman_server.identity.model import LOCAL_ADMIN, Actor, Role
from pointsman_server.storage import audit
from pointsman_server.storage.audit_log import append
from pointsman_server.storage.control import Statement
from pointsman_server.storage.database import reading
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import AUDIT_ENTRIES, AUDIT_HEADS, AUDIT_PAYLOADS
from sqlalchemy import delete, select, update

from tests.conformance.builders import START, TENANT, USER, SetClock

ACTOR = Actor(TENANT, USER, frozenset({Role.TENANT_ADMIN, Role.USER}), "", "key_1", "req_1", "unix")
ALL = AuditQuery(TENANT)


def user(number: int) -> User:
    return User(tenant_id=TENANT, user_id=f"user-{number}", display_name="A'; DROP TABLE audit_entries; --")


async def record(storage: Storage, change: Change, *, tenant_id: str = TENANT, actor: Actor = ACTOR) -> None:
    at = storage.audit._clock.now()
    await storage._control.control(lambda execute: append(execute, tenant_id, actor, change, at))


@pytest.fixture
async def kept(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """Eight entries, read three at once; another tenant has a chain too."""
    monkeypatch.setattr(audit, "AT_ONCE", 3)
    for number in range(1, 9):
        await record(storage, Change("TenantService/CreateUser", "user", f"user-{number}", after=user(number)))
    await record(storage, Change("TenantService/GetUser", "user", "ben"), tenant_id="beta")
    return storage


async def findings(storage: Storage, expected: Head = NO_ENTRIES, tenant_id: str = TENANT) -> list[Finding]:
    return [finding async for finding in storage.audit.verify(tenant_id, expected)]


async def broken(storage: Storage, expected: Head = NO_ENTRIES) -> list[tuple[int, str]]:
    *breaks, summary = await findings(storage, expected)
    assert isinstance(summary, Summary)
    assert summary.break_count == len(breaks)
    return [(found.sequence, found.message) for found in breaks if isinstance(found, Break)]


async def alter(storage: Storage, *statements: Statement) -> None:
    def write(execute: Any) -> None:
        for statement in statements:
            execute(statement, {})

    await storage._control.control(write)


def entry_set(number: int, **values: Any) -> Statement:
    columns = AUDIT_ENTRIES.c
    return update(AUDIT_ENTRIES).where(columns.tenant_id == TENANT, columns.sequence == number).values(**values)


def entry_removed(sequence: int) -> Statement:
    return delete(AUDIT_ENTRIES).where(AUDIT_ENTRIES.c.tenant_id == TENANT, AUDIT_ENTRIES.c.sequence == sequence)


def payload_set(sequence: int, payload: str) -> Statement:
    columns = AUDIT_PAYLOADS.c
    return (
        update(AUDIT_PAYLOADS).where(columns.tenant_id == TENANT, columns.sequence == sequence).values(payload=payload)
    )


def payload_removed(sequence: int) -> Statement:
    return delete(AUDIT_PAYLOADS).where(AUDIT_PAYLOADS.c.tenant_id == TENANT, AUDIT_PAYLOADS.c.sequence == sequence)


def head_set(sequence: int, hash_: str) -> Statement:
    return update(AUDIT_HEADS).where(AUDIT_HEADS.c.tenant_id == TENANT).values(sequence=sequence, hash=hash_)


async def entry(storage: Storage, sequence: int) -> Recorded:
    (found,), _ = await storage.audit.page(ALL, before=sequence + 1, size=1)
    return found


async def sequences(pieces: AsyncIterator[list[Recorded]]) -> list[list[int]]:
    return [[recorded.entry.sequence for recorded in piece] async for piece in pieces]


async def test_what_is_read_is_what_was_recorded(storage: Storage) -> None:
    change = Change("TenantService/UpdateUser", "user", "user-1", user(1), user(2))
    await record(storage, change)
    (found,), total = await storage.audit.page(ALL, before=None, size=10)
    assert total == 1
    assert (found.entry.actor, found.entry.at, found.entry.resource_id) == (ACTOR, START, "user-1")
    assert (found.payload, found.hash, found.erased) == (change.payload, found.entry.hash, False)


async def test_pages_go_from_the_newest_to_the_oldest(kept: Storage) -> None:
    first, total = await kept.audit.page(ALL, before=None, size=5)
    second, _ = await kept.audit.page(ALL, before=4, size=5)
    assert total == 8
    assert [found.entry.sequence for found in (*first, *second)] == [8, 7, 6, 5, 4, 3, 2, 1]


FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({"actor_user_id": "eve"}, [3]),
    ({"action": "TenantService/DeleteUser"}, [2]),
    ({"resource": "project"}, [3]),
    ({"resource_id": "user-1"}, [2, 1]),
    ({"start": START + timedelta(seconds=1)}, [3, 2]),
    ({"start": START + timedelta(seconds=1), "end": START + timedelta(seconds=2)}, [2]),
    ({"end": START}, []),
    ({"resource": "' OR 1=1 --"}, []),
]


async def test_each_filter_filters(storage: Storage, clock: SetClock) -> None:
    await record(storage, Change("TenantService/CreateUser", "user", "user-1", after=user(1)))
    clock.advance(seconds=1)
    await record(storage, Change("TenantService/DeleteUser", "user", "user-1", before=user(1)))
    clock.advance(seconds=1)
    eve = Actor(TENANT, "eve")
    await record(storage, Change("TenantService/CreateProject", "project", "apollo", after=user(1)), actor=eve)
    for wanted, expected in FILTERS:
        query = AuditQuery(TENANT, **wanted)
        found, total = await storage.audit.page(query, before=None, size=10)
        assert ([each.entry.sequence for each in found], total) == (expected, len(expected)), wanted
        assert await sequences(storage.audit.export(query)) == ([sorted(expected)] if expected else []), wanted


async def test_an_export_comes_in_pieces_and_ends_where_it_began(kept: Storage) -> None:
    export = kept.audit.export(ALL)
    pieces = [await anext(export)]
    await record(kept, Change("TenantService/DeleteUser", "user", "user-1", before=user(1)))
    pieces += [piece async for piece in export]
    assert [[each.entry.sequence for each in piece] for piece in pieces] == [[1, 2, 3], [4, 5, 6], [7, 8]]


async def test_a_tenant_without_entries_has_an_empty_chain(kept: Storage) -> None:
    nobody = AuditQuery("nobody")
    assert await kept.audit.page(nobody, before=None, size=10) == ([], 0)
    assert await sequences(kept.audit.export(nobody)) == []
    assert await findings(kept, tenant_id="nobody") == [Summary(0, 0, 0, "")]


async def test_a_whole_chain_is_proven(kept: Storage) -> None:
    last = await entry(kept, 8)
    assert await findings(kept, Head(8, last.hash)) == [Summary(8, 0, 0, last.hash)]
    assert await findings(kept, Head(3, last.hash), tenant_id="beta") != []
    (summary,) = await findings(kept, tenant_id="beta")
    assert isinstance(summary, Summary)
    assert (summary.entry_count, summary.break_count) == (1, 0)


async def test_what_is_recorded_while_a_chain_is_proven_belongs_to_it(kept: Storage) -> None:
    await alter(kept, entry_set(1, source="elsewhere"))
    proof = kept.audit.verify(TENANT, NO_ENTRIES)
    first = await anext(proof)
    await kept.audit.erase(TENANT, 5, ACTOR, "asked for")
    *others, summary = [finding async for finding in proof]
    assert (first, others) == (Break(1, "it is not what was hashed"), [])
    assert isinstance(summary, Summary)
    assert (summary.entry_count, summary.erased_count, summary.break_count) == (9, 1, 1)


CHANGES: list[tuple[str, object]] = [
    ("created_at", 1),
    ("actor_tenant_id", "beta"),
    ("actor_user_id", "eve"),
    ("actor_agent_id", "agent"),
    ("actor_credential_id", "key_2"),
    ("actor_roles", '["auditor"]'),
    ("actor_roles", "no list"),
    ("actor_roles", "7"),
    ("request_id", "req_2"),
    ("source", "elsewhere"),
    ("action", "TenantService/GetUser"),
    ("resource", "project"),
    ("resource_id", "user-9"),
]


async def test_a_change_of_any_column_of_an_entry_is_found(kept: Storage) -> None:
    async with reading(kept._readers) as connection:
        statement = select(AUDIT_ENTRIES).where(AUDIT_ENTRIES.c.tenant_id == TENANT, AUDIT_ENTRIES.c.sequence == 4)
        original = (await connection.execute(statement)).one()._asdict()
    hashed = {column.name for column in AUDIT_ENTRIES.columns} - {"tenant_id", "sequence", "payload_hash"}
    assert {field for field, _ in CHANGES} == hashed - {"previous_hash", "hash"}
    for field, value in CHANGES:
        await alter(kept, entry_set(4, **{field: value}))
        assert await broken(kept) == [(4, "it is not what was hashed")], field
        await alter(kept, entry_set(4, **{field: original[field]}))
    assert await broken(kept) == []


async def test_an_entry_that_was_changed_and_hashed_again_is_found_by_the_next(kept: Storage) -> None:
    await alter(kept, entry_set(4, resource_id="user-9"))
    forged = await entry(kept, 4)
    await alter(kept, entry_set(4, hash=forged.entry.hash))
    ((sequence, message),) = await broken(kept)
    assert (sequence, message[:33]) == (5, "it does not follow the entry befo")


async def test_a_changed_payload_is_found(kept: Storage) -> None:
    for payload in ('{"after":{"userId":"user-9"},"salt":"00"}', "no object", "[]"):
        await alter(kept, payload_set(4, payload))
        assert await broken(kept) == [(4, "what it holds is not what was hashed")]


async def test_a_payload_that_nobody_erased_and_is_gone_is_found(kept: Storage) -> None:
    await alter(kept, payload_removed(4))
    assert await broken(kept) == [(4, "what it held is gone, and no later entry says that it was erased")]


async def test_a_removed_entry_is_found(kept: Storage) -> None:
    await alter(kept, entry_removed(4))
    assert await broken(kept) == [(5, "entries 4 to 4 are missing")]
    await alter(kept, entry_removed(3))
    assert await broken(kept) == [(5, "entries 3 to 4 are missing")]


async def test_entries_that_moved_up_into_a_gap_are_found(kept: Storage) -> None:
    await alter(kept, entry_removed(4), *(entry_set(number, sequence=number - 1) for number in range(5, 9)))
    found = await broken(kept)
    assert [sequence for sequence, _ in found] == [4, 4, 4, 5, 5, 6, 6, 7, 7, 8]
    assert "cut off" in found[-1][1]


async def test_entries_in_another_order_are_found(kept: Storage) -> None:
    await alter(kept, entry_set(4, sequence=99), entry_set(5, sequence=4), entry_set(99, sequence=5))
    assert {sequence for sequence, _ in await broken(kept)} == {4, 5, 6}


async def test_a_tail_that_was_cut_off_is_found_by_the_head(kept: Storage) -> None:
    await alter(kept, entry_removed(8))
    ((sequence, message),) = await broken(kept)
    assert sequence == 8
    assert message.startswith("the chain ends with entry 7, and its head names entry 8")


async def test_a_tail_that_was_cut_off_with_its_head_is_found_by_who_noted_it(kept: Storage) -> None:
    noted, before = await entry(kept, 8), await entry(kept, 7)
    await alter(kept, entry_removed(8), head_set(7, before.hash))
    assert await broken(kept) == []
    assert await broken(kept, Head(8, noted.hash)) == [(8, "the entry that was noted before is not there")]


async def test_another_entry_in_the_place_of_a_noted_one_is_found(kept: Storage) -> None:
    noted, before = await entry(kept, 8), await entry(kept, 7)
    await alter(kept, entry_removed(8), payload_removed(8), head_set(7, before.hash))
    await record(kept, Change("TenantService/GetUser", "user", "user-1"))
    assert await broken(kept) == []
    assert await broken(kept, Head(8, noted.hash)) == [(8, "it does not have the hash that was noted before")]


async def test_a_forged_head_is_found(kept: Storage) -> None:
    for sequence, hash_ in ((8, "0" * 64), (7, ""), (9, "0" * 64)):
        await alter(kept, head_set(sequence, hash_))
        ((_, message),) = await broken(kept)
        assert "the head was changed" in message


async def test_a_head_that_is_gone_is_found(kept: Storage) -> None:
    await alter(kept, delete(AUDIT_HEADS).where(AUDIT_HEADS.c.tenant_id == TENANT))
    ((sequence, _),) = await broken(kept)
    assert sequence == 8


async def test_an_erased_payload_leaves_the_chain_whole_and_says_who_erased_it(kept: Storage) -> None:
    operator = Actor(LOCAL_ADMIN.tenant_id, LOCAL_ADMIN.user_id, LOCAL_ADMIN.roles)
    before = await entry(kept, 4)
    erased = await kept.audit.erase(TENANT, 4, operator, "the person asked for it")
    assert (erased.payload, erased.erased) == ("", True)
    assert (erased.entry, erased.hash) == (before.entry, before.hash)
    said = await entry(kept, 9)
    assert (said.entry.actor, said.entry.resource, said.entry.resource_id) == (operator, "audit_entry", "4")
    assert json.loads(said.payload)["after"]["justification"] == "the person asked for it"
    *breaks, summary = await findings(kept)
    assert (breaks, summary) == ([], Summary(9, 1, 0, said.hash))


async def test_erasing_twice_is_recorded_once(kept: Storage) -> None:
    for _ in range(2):
        assert (await kept.audit.erase(TENANT, 4, ACTOR, "asked for")).erased
    assert (await kept.audit.page(ALL, before=None, size=1))[1] == 9


async def test_an_entry_that_is_not_there_cannot_be_erased(kept: Storage) -> None:
    for tenant_id, sequence in ((TENANT, 9), ("beta", 2)):
        with pytest.raises(NotFound, match=f"no entry {sequence};"):
            await kept.audit.erase(tenant_id, sequence, ACTOR, "asked for")
