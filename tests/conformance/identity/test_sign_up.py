"""What every database does with a sign-up: all of it or nothing, and once for each access token."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pointsman_server.errors import SignUpRefused
from pointsman_server.identity.model import PLATFORM_TENANT, Actor, Role
from pointsman_server.identity.sign_up import SignedUp, SignUps
from pointsman_server.identity.tenant_stores import TenantQuery
from pointsman_server.identity.tenants import UserState
from pointsman_server.identity.tokens import Digests, mint
from pointsman_server.ids import new_id
from pointsman_server.policy.plans import Plan
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import ACCESS_TOKENS
from pointsman_server.storage.times import to_micros
from sqlalchemy import insert

from tests.conformance.builders import START, SetClock
from tests.conformance.identity.origins import generations, origin, recorded

DIGESTS = Digests(b"k" * 32)
BEARER = Actor("", "", frozenset(), "", "pma_1", "req_1", "unix")
SIGN_UP = origin("TenantService/SignUp", BEARER)

_INSERT_TOKEN = insert(ACCESS_TOKENS)


async def issue(storage: Storage, **fields: Any) -> None:
    named = {"tenant_id": PLATFORM_TENANT, "access_token_id": "pma_1", "display_name": "B", "bound_tenant_id": ""}
    stamps: dict[str, Any] = {"expires_at": None, "revoked_at": None, "created_at": 1, "updated_at": 1}
    row = {**named, **stamps, "plan_id": "PRO", "digest": b"d", **fields}
    await storage._control.control(lambda execute: execute(_INSERT_TOKEN, row))


async def sign_up(storage: Storage, name: str = "Beta") -> SignedUp:
    sign_ups = SignUps(storage.sign_ups, mint=mint, digests=DIGESTS, new_id=new_id)
    return await sign_ups.sign_up(tenant_name=name, admin_name="Dora", admin_email="dora@x.org", origin=SIGN_UP)


async def test_a_tenant_an_administrator_and_a_key_are_made(storage: Storage) -> None:
    await issue(storage)
    before = (await generations(storage)).revocation
    made = await sign_up(storage)
    tenant_id, user_id = made.tenant.tenant_id, made.user.user_id
    assert await storage.tenants.get(tenant_id) == made.tenant
    assert (made.tenant.plan_id, made.tenant.access_token_id, made.tenant.display_name) == ("PRO", "pma_1", "Beta")
    user = await storage.users.get(tenant_id, user_id)
    assert user == made.user
    assert (user.roles, user.state, user.email) == ({Role.TENANT_ADMIN}, UserState.ACTIVE, "dora@x.org")
    key = await storage.credentials.key(DIGESTS.of(made.token))
    assert key is not None
    assert (key.standing.tenant_id, key.standing.user_id, key.standing.plan_id) == (tenant_id, user_id, "PRO")
    assert await recorded(storage, tenant_id) == [
        ("TenantService/SignUp", "tenant", tenant_id),
        ("TenantService/SignUp", "user", user_id),
        ("TenantService/SignUp", "api_key", made.token.token_id),
    ]
    assert (await generations(storage)).revocation == before + 1


async def test_of_many_at_once_one_signs_up(storage: Storage) -> None:
    await issue(storage)
    asked = (sign_up(storage, f"T{number}") for number in range(8))
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["SignUpRefused"] * 7 + ["SignedUp"]
    assert (await storage.tenants.page(TenantQuery(plan_id="PRO")))[1] == 1


WORTHLESS = [{"revoked_at": 1}, {"expires_at": to_micros(START)}, {"bound_tenant_id": "acme"}, {"plan_id": "GONE"}]


@pytest.mark.parametrize("fields", WORTHLESS, ids=["revoked", "over", "bound", "without a plan"])
async def test_what_is_worth_nothing_makes_nothing(storage: Storage, fields: dict[str, Any]) -> None:
    await issue(storage, **fields)
    before = await generations(storage)
    with pytest.raises(SignUpRefused):
        await sign_up(storage)
    assert (await storage.tenants.page(TenantQuery()))[0] == []
    assert await generations(storage) == before


async def test_an_access_token_that_there_is_not_makes_nothing(storage: Storage) -> None:
    with pytest.raises(SignUpRefused):
        await sign_up(storage)


async def test_an_expiring_access_token_is_good_until_then(storage: Storage, clock: SetClock) -> None:
    await issue(storage, expires_at=to_micros(START) + 1)
    assert (await sign_up(storage)).tenant.plan_id == "PRO"
    clock.advance(days=400)
    assert (await storage.tenants.page(TenantQuery()))[0][0].plan_id == "PRO"  # a plan does not end with the time


async def test_a_plan_is_not_deleted_while_somebody_signs_up_to_it(storage: Storage) -> None:
    delete = origin("TenantService/DeletePlan")
    await storage.offer.plans.create(Plan("GOLD", "Gold"), origin("TenantService/CreatePlan"))
    await issue(storage, plan_id="GOLD")
    made, deleted = await asyncio.gather(
        sign_up(storage), storage.offer.plans.delete("GOLD", delete), return_exceptions=True
    )
    assert isinstance(made, SignedUp)
    assert type(deleted).__name__ == "InUse"
