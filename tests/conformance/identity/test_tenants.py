"""What every database does with tenants: names, states, plans through their access token, and the record of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from pointsman_server.errors import InvalidRequest, LockedOut, NameTaken, NotFound, RequestIdReused
from pointsman_server.identity.tenant_stores import TenantQuery
from pointsman_server.identity.tenants import Tenant, TenantState
from pointsman_server.identity.times import Times
from pointsman_server.storage.database import reading
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import ACCESS_TOKENS
from sqlalchemy import select, update

from tests.conformance.builders import START, SetClock
from tests.conformance.identity.origins import ADMIN, generations, origin, recorded

ACME = Tenant("acme", "Acme Ltd.", default_model="openai/gpt-x")
CREATE = origin("TenantService/CreateTenant")
UPDATE = origin("TenantService/UpdateTenant")

_REVOKE = update(ACCESS_TOKENS).values(revoked_at=1)


async def tokens(storage: Storage) -> list[tuple[str, str, str]]:
    columns = ACCESS_TOKENS.c
    statement = select(columns.access_token_id, columns.plan_id, columns.bound_tenant_id)
    async with reading(storage._readers) as connection:
        return [tuple(row) for row in (await connection.execute(statement.order_by(columns.access_token_id))).all()]


async def test_a_tenant_comes_back_as_it_was_made(storage: Storage) -> None:
    made = await storage.tenants.create(ACME, CREATE)
    assert made == replace(ACME, times=Times(START, START))
    assert await storage.tenants.get("acme") == made
    assert await recorded(storage, "acme") == [("TenantService/CreateTenant", "tenant", "acme")]
    assert await tokens(storage) == []


async def test_a_name_is_given_once(storage: Storage) -> None:
    await storage.tenants.create(ACME, CREATE)
    with pytest.raises(NameTaken):
        await storage.tenants.create(ACME, CREATE)
    assert len(await recorded(storage, "acme")) == 1


async def test_a_name_that_many_want_at_once_is_given_once(storage: Storage) -> None:
    asked = [storage.tenants.create(replace(ACME, display_name=str(n)), CREATE) for n in range(8)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NameTaken"] * 7 + ["Tenant"]
    assert len(await recorded(storage, "acme")) == 1


async def test_under_a_request_id_a_tenant_is_made_once(storage: Storage) -> None:
    first = origin("TenantService/CreateTenant", request_id="r1", body="a")
    made = await storage.tenants.create(ACME, first)
    await storage.tenants.update(replace(ACME, display_name="New"), ["display_name"], UPDATE)
    assert await storage.tenants.create(ACME, first) == made
    with pytest.raises(RequestIdReused):
        await storage.tenants.create(ACME, origin("TenantService/CreateTenant", request_id="r1", body="b"))
    assert (await storage.tenants.get("acme")).display_name == "New"


async def test_a_request_id_that_many_send_at_once_makes_one(storage: Storage) -> None:
    asked = origin("TenantService/CreateTenant", request_id="r1")
    results = await asyncio.gather(*(storage.tenants.create(ACME, asked) for _ in range(8)))
    assert len(set(results)) == 1
    assert len(await recorded(storage, "acme")) == 1


async def test_a_tenant_with_a_plan_has_an_access_token_of_its_own(storage: Storage) -> None:
    made = await storage.tenants.create(replace(ACME, plan_id="PRO"), CREATE)
    assert made.plan_id == "PRO"
    assert await tokens(storage) == [(made.access_token_id, "PRO", "acme")]


async def test_a_plan_is_set_on_the_access_token(storage: Storage, clock: SetClock) -> None:
    await storage.tenants.create(ACME, CREATE)
    before = await generations(storage)
    clock.advance(seconds=5)
    first = await storage.tenants.update(replace(ACME, plan_id="PRO"), ["plan_id"], UPDATE)
    assert (first.plan_id, first.times) == ("PRO", Times(START, clock.now()))
    second = await storage.tenants.update(replace(ACME, plan_id="BASIC"), ["plan_id"], UPDATE)
    assert (second.plan_id, second.access_token_id) == ("BASIC", first.access_token_id)
    assert await storage.tenants.get("acme") == second
    assert await tokens(storage) == [(first.access_token_id, "BASIC", "acme")]
    assert (await generations(storage)).revocation == before.revocation + 2


async def test_a_revoked_access_token_gives_no_plan_and_another_takes_its_place(storage: Storage) -> None:
    made = await storage.tenants.create(replace(ACME, plan_id="PRO"), CREATE)
    await storage._control.control(lambda execute: execute(_REVOKE, {}))
    assert (await storage.tenants.get("acme")).plan_id == ""
    again = await storage.tenants.update(replace(ACME, plan_id="PRO"), ["plan_id"], UPDATE)
    assert again.plan_id == "PRO"
    assert again.access_token_id != made.access_token_id


async def test_an_unknown_plan_is_refused(storage: Storage) -> None:
    with pytest.raises(InvalidRequest, match=r"tenant\.plan_id: names no plan"):
        await storage.tenants.create(replace(ACME, plan_id="GOLD"), CREATE)
    await storage.tenants.create(ACME, CREATE)
    with pytest.raises(InvalidRequest, match=r"tenant\.plan_id: names no plan"):
        await storage.tenants.update(replace(ACME, plan_id="GOLD"), ["plan_id"], UPDATE)
    assert len(await recorded(storage, "acme")) == 1


async def test_only_what_is_named_is_changed_and_a_name_is_nothing_that_calls_depend_on(storage: Storage) -> None:
    await storage.tenants.create(ACME, CREATE)
    before = await generations(storage)
    changed = Tenant("acme", "New", TenantState.SUSPENDED, default_model="other")
    assert (await storage.tenants.update(changed, ["display_name"], UPDATE)).state is TenantState.ACTIVE
    assert await generations(storage) == before
    await storage.tenants.update(changed, ["default_model"], UPDATE)
    found = await storage.tenants.update(changed, ["state"], UPDATE)
    assert (found.display_name, found.state, found.default_model) == ("New", TenantState.SUSPENDED, "other")
    assert (await generations(storage)).revocation == before.revocation + 2


async def test_what_is_closed_stays_closed(storage: Storage) -> None:
    await storage.tenants.create(ACME, CREATE)
    closed = replace(ACME, state=TenantState.CLOSED)
    await storage.tenants.update(closed, ["state"], UPDATE)
    for state in (TenantState.ACTIVE, TenantState.SUSPENDED):
        with pytest.raises(InvalidRequest, match=r"tenant\.state: cannot change"):
            await storage.tenants.update(replace(ACME, state=state), ["state"], UPDATE)
    assert (await storage.tenants.update(closed, ["state"], UPDATE)).state is TenantState.CLOSED


@pytest.mark.parametrize("state", [TenantState.SUSPENDED, TenantState.CLOSED])
async def test_nobody_locks_its_own_tenant(storage: Storage, state: TenantState) -> None:
    await storage.tenants.create(ACME, CREATE)
    with pytest.raises(LockedOut):
        await storage.tenants.update(replace(ACME, state=state), ["state"], replace(UPDATE, actor=ADMIN))
    assert (await storage.tenants.get("acme")).state is TenantState.ACTIVE


async def test_what_is_not_there_is_not_found(storage: Storage) -> None:
    with pytest.raises(NotFound, match="no tenant acme"):
        await storage.tenants.get("acme")
    with pytest.raises(NotFound, match="no tenant acme"):
        await storage.tenants.update(ACME, ["display_name"], UPDATE)


async def test_pages_are_in_order_and_filtered(storage: Storage) -> None:
    for number in range(5):
        tenant = Tenant(f"t-{number}", "T", plan_id="PRO" if number % 2 else "")
        await storage.tenants.create(tenant, CREATE)
    await storage.tenants.update(Tenant("t-3", "T", TenantState.CLOSED), ["state"], UPDATE)

    async def ids(query: TenantQuery) -> tuple[list[str], int]:
        found, total = await storage.tenants.page(query)
        return [tenant.tenant_id for tenant in found if tenant.tenant_id.startswith("t-")], total

    assert (await ids(TenantQuery(plan_id="PRO"))) == (["t-1", "t-3"], 2)
    assert (await ids(TenantQuery(plan_id="PRO", state=TenantState.CLOSED))) == (["t-3"], 1)
    assert (await ids(TenantQuery(tenant_id="t-2"))) == (["t-2"], 1)
    everything, total = await ids(TenantQuery())
    assert everything == [f"t-{number}" for number in range(5)]
    assert await ids(TenantQuery(after="t-1", page_size=2)) == (["t-2", "t-3"], total)


async def test_changes_at_once_lose_nothing(storage: Storage) -> None:
    await storage.tenants.create(ACME, CREATE)
    await asyncio.gather(
        storage.tenants.update(Tenant("acme", "New"), ["display_name"], UPDATE),
        storage.tenants.update(Tenant("acme", "x", default_model="other"), ["default_model"], UPDATE),
        storage.tenants.update(Tenant("acme", "x", TenantState.SUSPENDED), ["state"], UPDATE),
        storage.tenants.update(Tenant("acme", "x", plan_id="PRO"), ["plan_id"], UPDATE),
    )
    found = await storage.tenants.get("acme")
    assert (found.display_name, found.default_model, found.state, found.plan_id) == (
        *("New", "other"),
        TenantState.SUSPENDED,
        "PRO",
    )
