"""What every database does with kill switches: kept for ever, found by those who may see them, and recorded."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pointsman_server.errors import InvalidRequest, NotFound, Overloaded, RequestIdReused, RoleRequired
from pointsman_server.identity.audit import NO_ENTRIES
from pointsman_server.identity.audit_proof import Break
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.identity.tenants import Tenant
from pointsman_server.policy import kill_store
from pointsman_server.policy.kill_store import KillQuery, KillView
from pointsman_server.policy.kill_switch import Act, KillScope, KillSwitch
from pointsman_server.storage import kill_switches as module
from pointsman_server.storage.database import reading
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import AUDIT_PAYLOADS
from sqlalchemy import select

from tests.conformance.builders import START, SetClock
from tests.conformance.identity.origins import ADMIN, generations, origin, recorded

PULL, RELEASE = "BudgetService/PullKillSwitch", "BudgetService/ReleaseKillSwitch"
ACME, BETA, OPERATOR, ALL = KillView("acme"), KillView("beta"), KillView("acme", of_platform=True), KillView(None)
OWN = KillSwitch(
    kill_switch_id="",
    scope=KillScope.TENANT,
    scope_id="",
    tenant_id="acme",
    cut_running=True,
    of_platform=False,
    pull=Act("acme", "ada", START, "an agent in a loop"),
)
PLATFORMS = replace(OWN, of_platform=True, pull=Act("local", "root", START, "a secret reason"))
EVERYBODYS = replace(PLATFORMS, scope=KillScope.PROVIDER, scope_id="openai", tenant_id="")


@pytest.fixture(autouse=True)
async def world(storage: Storage) -> None:
    for tenant_id in ("acme", "beta"):
        await storage.tenants.create(Tenant(tenant_id, tenant_id), origin("TenantService/Create"))


async def pull(storage: Storage, switch: KillSwitch, **fields: Any) -> KillSwitch:
    actor = {} if switch.of_platform else {"actor": ADMIN}
    return await storage.kill_switches.pull(switch, origin(PULL, **actor, **fields))


async def release(storage: Storage, view: KillView, switch: KillSwitch, **fields: Any) -> KillSwitch:
    made = origin(RELEASE, **({} if view.of_platform else {"actor": ADMIN}), **fields)
    return await storage.kill_switches.release(view, switch.kill_switch_id, "it is over", made)


async def listed(storage: Storage, view: KillView, *, with_released: bool = False) -> list[KillSwitch]:
    found, total = await storage.kill_switches.page(KillQuery(view, with_released))
    assert total == len(found)
    return found


async def test_a_switch_is_in_force_until_it_is_released(storage: Storage, clock: SetClock) -> None:
    before = (await generations(storage)).kill
    pulled = await pull(storage, OWN)
    assert pulled == replace(OWN, kill_switch_id=pulled.kill_switch_id, pull=replace(OWN.pull, at=clock.now()))
    found = await storage.kill_switches.load()
    assert (found.generation, found.stopping("acme")) == (before + 1, pulled)
    clock.advance(seconds=5)
    released = await release(storage, ACME, pulled)
    assert released == replace(pulled, release=Act("acme", "ada", clock.now(), "it is over"))
    found = await storage.kill_switches.load()
    assert (found.generation, len(found)) == (before + 2, 0)
    assert await listed(storage, ACME) == []
    assert await listed(storage, ACME, with_released=True) == [released]
    assert await release(storage, ACME, pulled) == released, "a second time changes nothing"
    assert (await generations(storage)).kill == before + 2


async def test_what_the_platform_pulled_no_tenant_releases(storage: Storage) -> None:
    for switch in (PLATFORMS, EVERYBODYS):
        pulled = await pull(storage, switch)
        with pytest.raises(RoleRequired):
            await release(storage, ACME, pulled)
        assert (await release(storage, OPERATOR, pulled)).release is not None


async def test_a_tenants_switch_is_nobody_elses(storage: Storage) -> None:
    pulled, everybodys = await pull(storage, OWN), await pull(storage, EVERYBODYS)
    with pytest.raises(NotFound):
        await release(storage, BETA, pulled)
    with pytest.raises(NotFound):
        await release(storage, ACME, replace(pulled, kill_switch_id="kil_none"))
    assert await listed(storage, BETA) == [everybodys]
    assert await listed(storage, ACME) == [pulled, everybodys] == await listed(storage, ALL)
    assert (await release(storage, OPERATOR, pulled)).release is not None, "an operator releases every one"


async def test_a_page_ends(storage: Storage) -> None:
    first, second = await pull(storage, OWN), await pull(storage, EVERYBODYS)
    assert await storage.kill_switches.page(KillQuery(ACME, page_size=1)) == ([first], 2)
    query = KillQuery(ACME, after=first.kill_switch_id, page_size=1)
    assert await storage.kill_switches.page(query) == ([second], 2)


async def test_the_same_request_pulls_once(storage: Storage) -> None:
    first = await pull(storage, OWN, request_id="r1")
    assert await pull(storage, OWN, request_id="r1") == first
    assert len(await listed(storage, ACME)) == 1
    with pytest.raises(RequestIdReused):
        await pull(storage, OWN, request_id="r1", body="other")
    released = await release(storage, ACME, first, request_id="r2")
    assert await release(storage, ACME, first, request_id="r2") == released


async def test_two_release_it_at_once_and_one_did(storage: Storage) -> None:
    pulled = await pull(storage, OWN)
    one, other = await asyncio.gather(*(release(storage, ACME, pulled) for _ in range(2)))
    assert one == other
    assert [action for action, *_ in await recorded(storage, "acme")].count(RELEASE) == 1


async def test_a_tenant_that_is_not_there_cannot_be_stopped(storage: Storage) -> None:
    with pytest.raises(InvalidRequest, match="names no tenant"):
        await pull(storage, replace(PLATFORMS, tenant_id="nobody"))


async def test_a_tenant_has_so_many_and_the_platform_one_more(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kill_store.MAX_KILL_SWITCHES_OF_TENANT >= 1
    monkeypatch.setattr(module, "MAX_KILL_SWITCHES_OF_TENANT", 2)
    first, _ = await pull(storage, OWN), await pull(storage, OWN)
    with pytest.raises(InvalidRequest, match="has 2 kill switches in force"):
        await pull(storage, OWN)
    await pull(storage, PLATFORMS)
    await pull(storage, replace(OWN, tenant_id="beta"))
    for switch in await listed(storage, OPERATOR):
        await release(storage, OPERATOR, switch)
    assert (await pull(storage, OWN)).kill_switch_id != first.kill_switch_id


async def test_a_tenant_pulls_so_many_in_a_minute(
    storage: Storage, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PULLED_A_MINUTE", 2)
    for _ in range(2):
        await release(storage, ACME, await pull(storage, OWN))
    with pytest.raises(Overloaded, match="2 kill switches within a minute") as told:
        await pull(storage, OWN)
    assert told.value.retry_after is not None
    await pull(storage, PLATFORMS)
    clock.advance(seconds=61)
    await pull(storage, OWN)


async def test_the_record_says_who_and_why_to_whom_it_may(storage: Storage) -> None:
    own, platforms, everybodys = [await pull(storage, switch) for switch in (OWN, PLATFORMS, EVERYBODYS)]
    await release(storage, OPERATOR, platforms)
    of_acme = [row for row in await recorded(storage, "acme") if row[1] == "kill_switch"]
    of_all = [row for row in await recorded(storage, PLATFORM_TENANT) if row[1] == "kill_switch"]
    rows = [(PULL, own), (PULL, platforms), (RELEASE, platforms), (PULL, everybodys)]
    told = {switch.kill_switch_id: (action, "kill_switch", switch.kill_switch_id) for action, switch in rows}
    assert (PULL, "kill_switch", platforms.kill_switch_id) in of_acme
    assert (RELEASE, "kill_switch", platforms.kill_switch_id) in of_acme
    assert told[own.kill_switch_id] in of_acme
    assert told[everybodys.kill_switch_id] in of_all
    assert told[own.kill_switch_id] not in of_all
    async with reading(storage._readers) as connection:
        payloads: Any = (await connection.execute(select(AUDIT_PAYLOADS))).mappings().all()
    texts = {tenant: "".join(str(row) for row in payloads if row["tenant_id"] == tenant) for tenant in ("acme",)}
    assert "a secret reason" not in texts["acme"]
    assert "an agent in a loop" in texts["acme"]
    assert "a secret reason" in "".join(str(row) for row in payloads if row["tenant_id"] == PLATFORM_TENANT)
    for chain in ("acme", PLATFORM_TENANT):
        found = [finding async for finding in storage.audit.verify(chain, NO_ENTRIES)]
        assert not any(isinstance(finding, Break) for finding in found)
