"""What every database does with a change that is refused: nothing, also where the refusal comes too late."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from pointsman_server.errors import InUse, StoreUnavailable
from pointsman_server.identity.tenants import Tenant
from pointsman_server.ledger.generations import Generation
from pointsman_server.storage.changes import Changes, Changing
from pointsman_server.storage.claims import FORGOTTEN_AT_ONCE
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tenants import TENANT, insert_tenant

from tests.conformance.builders import SetClock
from tests.conformance.identity.origins import generations, origin, recorded

ACME = Tenant("acme", "Acme")


@pytest.fixture
def changes(storage: Storage, clock: SetClock) -> Changes:
    return Changes(storage._control, clock)


async def test_what_is_refused_after_it_was_written_is_taken_back(storage: Storage, changes: Changes) -> None:
    """A defect, since checks come first. SQLite's writer takes it for one of its own."""
    before = await generations(storage)

    def work(changing: Changing) -> None:
        insert_tenant(changing, ACME)
        changing.count_on(Generation.REVOCATION)
        raise InUse("too late")

    with pytest.raises((InUse, StoreUnavailable)):
        await changes.make(origin("test"), work)
    assert await generations(storage) == before
    assert await recorded(storage, "acme") == []
    assert (await storage.tenants.create(ACME, origin("test"))).tenant_id == "acme"


async def test_what_came_of_a_request_is_forgotten_after_a_while(
    storage: Storage, changes: Changes, clock: SetClock
) -> None:
    """It holds names and addresses, which must not outlive who is removed for ever."""

    def work(changing: Changing) -> Tenant:
        return insert_tenant(changing, replace(ACME, tenant_id=f"acme-{changing.origin.request_id}"))

    for number in range(FORGOTTEN_AT_ONCE + 1):
        await changes.once(origin("test", request_id=f"r{number}"), TENANT, work)
    kept = clock.now()
    clock.advance(seconds=1)
    await changes.once(origin("test", request_id="late"), TENANT, work)
    assert await storage.claims.forget(kept) == 0
    assert [await storage.claims.forget(clock.now()) for _ in range(3)] == [FORGOTTEN_AT_ONCE, 1, 0]
    again = await changes.once(origin("test", request_id="late"), TENANT, work)
    assert again.tenant_id == "acme-late"
    with pytest.raises(StoreUnavailable):  # it is done again, and what it made is in its way
        await changes.once(origin("test", request_id="r0"), TENANT, work)


async def test_a_refusal_is_not_remembered_under_its_request_id(changes: Changes) -> None:
    asked = origin("test", request_id="r1")

    def refuse(_changing: Changing) -> Tenant:
        raise InUse("not now")

    for _ in range(2):
        with pytest.raises(InUse):
            await changes.once(asked, TENANT, refuse)
    made = await changes.once(asked, TENANT, lambda changing: insert_tenant(changing, ACME))
    assert await changes.once(asked, TENANT, refuse) == made


async def test_those_that_come_at_once_are_told_what_the_first_made(storage: Storage) -> None:
    """On PostgreSQL the others wait, find the name taken, and then that it was they who took it."""
    asked = origin("test", request_id="r1")
    made = await asyncio.gather(*(storage.tenants.create(ACME, asked) for _ in range(6)))
    assert len(set(made)) == 1
