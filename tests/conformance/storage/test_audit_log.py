"""What every database does with the audit log: one unbroken chain a tenant, in the transaction of the change."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from pointsman.v1.tenant_service_pb2 import User
from pointsman_server.errors import NotFound, StoreUnavailable
from pointsman_server.identity.audit import Change, Deed
from pointsman_server.identity.model import PLATFORM_TENANT, Actor, Role
from pointsman_server.ledger.adjustments import Resolver
from pointsman_server.ledger.model import Reservation
from pointsman_server.storage.audit_log import append
from pointsman_server.storage.control import Execute
from pointsman_server.storage.database import reading
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import AUDIT_ENTRIES, AUDIT_HEADS, AUDIT_PAYLOADS
from sqlalchemy import Table, insert, select

from tests.conformance.builders import START, TENANT, USER, request, settlement

_INSERT_HEAD = insert(AUDIT_HEADS)

ACTOR = Actor(TENANT, USER, frozenset({Role.TENANT_ADMIN}), "", "key_1", "req_1", "unix")


def created(number: int = 1) -> Change:
    user = User(tenant_id=TENANT, user_id=f"user-{number}", display_name="Ä")
    return Change("TenantService/CreateUser", "user", user.user_id, after=user)


def appending(*changes: Change, tenant_id: str = TENANT) -> Callable[[Execute], None]:
    def write(execute: Execute) -> None:
        for change in changes:
            append(execute, tenant_id, ACTOR, change, START)

    return write


async def rows(storage: Storage, table: Table, tenant_id: str = TENANT) -> list[Any]:
    order = list(table.primary_key)
    async with reading(storage._readers) as connection:
        found = await connection.execute(select(table).where(table.c.tenant_id == tenant_id).order_by(*order))
        return list(found.all())


async def assert_chained(storage: Storage, count: int, tenant_id: str = TENANT) -> None:
    entries = await rows(storage, AUDIT_ENTRIES, tenant_id)
    assert [entry.sequence for entry in entries] == list(range(1, count + 1))
    assert [entry.previous_hash for entry in entries] == ["", *(entry.hash for entry in entries[:-1])]
    ((_, sequence, head),) = await rows(storage, AUDIT_HEADS, tenant_id)
    assert (sequence, head) == (count, entries[-1].hash)


async def test_an_entry_says_who_did_what_to_what_and_when(storage: Storage) -> None:
    await storage._control.control(appending(created()))
    ((*entry, payload_hash, previous_hash, entry_hash),) = await rows(storage, AUDIT_ENTRIES)
    assert entry == [
        *(TENANT, 1, 1795170600_000250),
        *(TENANT, USER, "", "key_1", '["tenant_admin"]', "req_1", "unix"),
        *("TenantService/CreateUser", "user", "user-1"),
    ]
    assert (len(payload_hash), previous_hash, len(entry_hash)) == (64, "", 64)
    ((_, _, payload),) = await rows(storage, AUDIT_PAYLOADS)
    assert json.loads(payload)["after"] == {"tenantId": TENANT, "userId": "user-1", "displayName": "Ä"}


async def test_a_look_has_no_payload(storage: Storage) -> None:
    await storage._control.control(appending(Change("TenantService/ListUsers", "user", "")))
    assert await rows(storage, AUDIT_PAYLOADS) == []
    await assert_chained(storage, 1)


async def test_a_chain_goes_on_where_it_ended(storage: Storage) -> None:
    await storage._control.control(appending(created(1), created(2)))
    await storage._control.control(appending(created(3)))
    await assert_chained(storage, 3)


async def test_each_tenant_and_the_platform_has_a_chain_of_its_own(storage: Storage) -> None:
    for tenant_id in (TENANT, "beta", PLATFORM_TENANT):
        await storage._control.control(appending(created(), tenant_id=tenant_id))
    for tenant_id in (TENANT, "beta", PLATFORM_TENANT):
        await assert_chained(storage, 1, tenant_id)


async def test_many_at_once_make_one_chain(storage: Storage) -> None:
    """Also while the chain is begun."""
    await asyncio.gather(*(storage._control.control(appending(created(number))) for number in range(40)))
    await assert_chained(storage, 40)


async def test_a_change_that_is_taken_back_leaves_no_entry(storage: Storage) -> None:
    await storage._control.control(appending(created(1)))

    def broken(execute: Execute) -> None:
        appending(created(2))(execute)
        execute(_INSERT_HEAD, {"tenant_id": TENANT, "sequence": 9, "hash": "a head that is there already"})

    with pytest.raises(StoreUnavailable):
        await storage._control.control(broken)
    await assert_chained(storage, 1)
    await storage._control.control(appending(created(3)))
    await assert_chained(storage, 2)


@pytest.mark.parametrize("settled", [True, False])
async def test_who_resolves_a_reservation_is_recorded_with_it_and_who_comes_too_late_is_not(
    storage: Storage, *, settled: bool
) -> None:
    held = [await storage.ledger.reserve(request(completion_id=f"cmp_{number}")) for number in range(3)]
    deed = Deed(TENANT, ACTOR, created())

    async def resolve(reservation: Reservation) -> None:
        if settled:
            await storage.ledger.settle(reservation, settlement(), resolver=Resolver.OPERATOR, deed=deed)
        else:
            await storage.ledger.void(reservation, resolver=Resolver.OPERATOR, deed=deed)

    await asyncio.gather(*map(resolve, held))
    await assert_chained(storage, 3)
    with pytest.raises(NotFound):
        await resolve(held[0])
    await assert_chained(storage, 3)
