"""What every database does with users: roles that are granted, administrators that stay, keys that end with them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pointsman_server.errors import GrantExceeded, LockedOut, NameTaken, NotFound, RequestIdReused
from pointsman_server.identity.model import Role
from pointsman_server.identity.tenant_stores import UserQuery
from pointsman_server.identity.tenants import Project, Tenant, User, UserKind, UserState
from pointsman_server.identity.times import Times
from pointsman_server.storage.database import reading
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import API_KEYS
from sqlalchemy import insert, select

from tests.conformance.builders import START
from tests.conformance.identity.origins import ADMIN, OPERATOR, generations, origin, recorded

ADA = User("acme", "ada", "Ada", frozenset({Role.TENANT_ADMIN, Role.USER}), email="ada@example.org")
BOB = User("acme", "bob", "Bob", frozenset({Role.USER}), kind=UserKind.SERVICE)
CREATE = origin("TenantService/CreateUser", ADMIN)
UPDATE = origin("TenantService/UpdateUser", ADMIN)
DELETE = origin("TenantService/DeleteUser", ADMIN)
BY_OPERATOR = origin("TenantService/UpdateUser", OPERATOR)

_INSERT_KEY = insert(API_KEYS)


@pytest.fixture(autouse=True)
async def tenant(storage: Storage) -> None:
    await storage.tenants.create(Tenant("acme", "Acme"), origin("TenantService/CreateTenant"))


async def make(storage: Storage, *users: User) -> None:
    for user in users:
        await storage.users.create(user, origin("TenantService/CreateUser"))


def key(user_id: str, number: int) -> dict[str, Any]:
    texts = dict.fromkeys(("display_name", "agent_id", "replaced_by"), "")
    stamps = {"expires_at": None, "revoked_at": None, "created_at": 1, "updated_at": 1}
    named = {"tenant_id": "acme", "api_key_id": f"pmk_{number}", "user_id": user_id, "roles": "[]"}
    return {**texts, **stamps, **named, "digest": bytes([number])}


async def test_a_user_comes_back_as_it_was_made(storage: Storage) -> None:
    for user in (ADA, BOB):
        made = await storage.users.create(user, CREATE)
        assert made == replace(user, times=Times(START, START))
        assert await storage.users.get("acme", user.user_id) == made
    assert (await recorded(storage, "acme"))[1:] == [
        ("TenantService/CreateUser", "user", "ada"),
        ("TenantService/CreateUser", "user", "bob"),
    ]


async def test_a_name_is_given_once_in_each_tenant(storage: Storage) -> None:
    await storage.tenants.create(Tenant("beta", "Beta"), origin("TenantService/CreateTenant"))
    await make(storage, ADA, replace(ADA, tenant_id="beta"))
    with pytest.raises(NameTaken):
        await storage.users.create(ADA, CREATE)


async def test_under_a_request_id_a_user_is_made_once(storage: Storage) -> None:
    asked = origin("TenantService/CreateUser", ADMIN, request_id="r1")
    results = await asyncio.gather(*(storage.users.create(BOB, asked) for _ in range(5)))
    assert len(set(results)) == 1
    with pytest.raises(RequestIdReused):
        await storage.users.create(BOB, origin("TenantService/CreateUser", ADMIN, request_id="r1", body="other"))


async def test_a_request_id_is_each_users_own(storage: Storage) -> None:
    await storage.users.create(ADA, origin("TenantService/CreateUser", ADMIN, request_id="r1"))
    await storage.users.create(BOB, origin("TenantService/CreateUser", OPERATOR, request_id="r1"))


async def test_a_tenant_that_is_not_there_gets_no_users(storage: Storage) -> None:
    with pytest.raises(NotFound, match="no tenant gone"):
        await storage.users.create(replace(BOB, tenant_id="gone"), CREATE)


async def test_nobody_hands_on_what_it_has_not(storage: Storage) -> None:
    root = replace(BOB, roles=frozenset({Role.PLATFORM_ADMIN}))
    with pytest.raises(GrantExceeded) as refused:
        await storage.users.create(root, CREATE)
    assert refused.value.metadata == {"role": "platform_admin"}
    await make(storage, BOB)
    with pytest.raises(GrantExceeded):
        await storage.users.update(root, ["roles"], UPDATE)
    assert (await storage.users.update(root, ["roles"], BY_OPERATOR)).roles == {Role.PLATFORM_ADMIN}


async def test_nobody_touches_who_has_more(storage: Storage) -> None:
    await make(storage, ADA, replace(BOB, roles=frozenset({Role.PLATFORM_ADMIN})))
    for changed in (replace(BOB, state=UserState.SUSPENDED), replace(BOB, display_name="Robert"), BOB):
        with pytest.raises(GrantExceeded):
            await storage.users.update(changed, ["state", "display_name", "roles"], UPDATE)
    with pytest.raises(GrantExceeded):
        await storage.users.delete("acme", "bob", DELETE)


async def test_the_keys_of_who_becomes_a_platform_administrator_stay_what_they_were(storage: Storage) -> None:
    await make(storage, ADA, BOB)
    for number, whose in enumerate(("ada", "bob", "bob")):
        row = {**key(whose, number), "roles": '["user"]' if number == 1 else "[]"}
        await storage._control.control(lambda execute, row=row: execute(_INSERT_KEY, row))
    auditor = replace(BOB, roles=frozenset({Role.USER, Role.AUDITOR}))
    await storage.users.update(auditor, ["roles"], UPDATE)
    everything = replace(BOB, roles=frozenset(Role) - {Role.AGENT})
    await storage.users.update(everything, ["roles"], BY_OPERATOR)
    async with reading(storage._readers) as connection:
        found = (await connection.execute(select(API_KEYS.c.roles).order_by(API_KEYS.c.api_key_id))).scalars().all()
    assert found == ["[]", '["user"]', '["auditor", "user"]']


async def test_only_what_makes_a_principal_is_counted_on(storage: Storage) -> None:
    begin = (await generations(storage)).revocation
    await make(storage, ADA, BOB)
    before = (await generations(storage)).revocation
    assert before == begin + 2, "whom an issuer vouched for is known here now, perhaps for less"
    await storage.users.update(replace(BOB, display_name="R", email="b@x.org"), ["display_name", "email"], UPDATE)
    assert (await generations(storage)).revocation == before
    await storage.users.update(replace(BOB, state=UserState.SUSPENDED), ["state"], UPDATE)
    found = await storage.users.update(replace(BOB, roles=frozenset({Role.AUDITOR})), ["roles"], UPDATE)
    assert (await generations(storage)).revocation == before + 2
    assert (found.display_name, found.email, found.state) == ("R", "b@x.org", UserState.SUSPENDED)


LOSSES = [
    replace(ADA, state=UserState.SUSPENDED),
    replace(ADA, roles=frozenset({Role.USER})),
    None,
]


async def lose(storage: Storage, changed: User | None, by: Any) -> None:
    if changed is None:
        await storage.users.delete("acme", "ada", by)
    else:
        await storage.users.update(changed, ["state", "roles"], by)


@pytest.mark.parametrize("changed", LOSSES, ids=["suspended", "demoted", "deleted"])
async def test_the_last_administrator_stays(storage: Storage, changed: User | None) -> None:
    suspended = replace(ADA, user_id="cleo", state=UserState.SUSPENDED)
    await make(storage, ADA, BOB, suspended)
    with pytest.raises(LockedOut, match="ada is the tenant's last administrator; make another user one first"):
        await lose(storage, changed, BY_OPERATOR)
    await make(storage, replace(ADA, user_id="dora"))
    await lose(storage, changed, BY_OPERATOR)


@pytest.mark.parametrize("changed", LOSSES, ids=["suspended", "demoted", "deleted"])
async def test_no_administrator_locks_itself_out(storage: Storage, changed: User | None) -> None:
    await make(storage, ADA, replace(ADA, user_id="dora"))
    with pytest.raises(LockedOut, match="lock you out"):
        await lose(storage, changed, UPDATE)


async def test_no_platform_administrator_becomes_less_by_itself(storage: Storage) -> None:
    both = replace(ADA, roles=frozenset({Role.PLATFORM_ADMIN, Role.TENANT_ADMIN}))
    await storage.users.create(both, BY_OPERATOR)
    itself = origin("TenantService/UpdateUser", replace(OPERATOR, tenant_id="acme", user_id="ada"))
    less = replace(ADA, roles=frozenset({Role.TENANT_ADMIN}))
    with pytest.raises(LockedOut, match="lock you out"):
        await storage.users.update(less, ["roles"], itself)
    await storage.users.update(replace(both, roles=both.roles | {Role.USER}), ["roles"], itself)
    assert (await storage.users.update(less, ["roles"], BY_OPERATOR)).roles == {Role.TENANT_ADMIN}


async def test_two_administrators_cannot_remove_each_other_at_once(storage: Storage) -> None:
    dora = replace(ADA, user_id="dora")
    await make(storage, ADA, dora)
    results = await asyncio.gather(
        storage.users.delete("acme", "dora", DELETE),
        storage.users.delete("acme", "ada", replace(DELETE, actor=replace(ADMIN, user_id="dora"))),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["LockedOut", "NoneType"]


async def test_a_user_goes_with_its_keys_and_memberships(storage: Storage) -> None:
    await make(storage, ADA, BOB)
    await storage.projects.create(Project("acme", "apollo", "Apollo"), CREATE)
    for user_id in ("ada", "bob"):
        await storage.projects.add_member("acme", "apollo", user_id, CREATE)
    for number, user_id in enumerate(("bob", "bob", "ada")):
        row = key(user_id, number)
        await storage._control.control(lambda execute, row=row: execute(_INSERT_KEY, row))
    before = (await generations(storage)).revocation
    await storage.users.delete("acme", "bob", DELETE)
    assert (await generations(storage)).revocation == before + 1
    with pytest.raises(NotFound, match="no user bob"):
        await storage.users.get("acme", "bob")
    assert (await storage.projects.get("acme", "apollo")).member_user_ids == ("ada",)
    statement = select(API_KEYS.c.user_id, API_KEYS.c.revoked_at.is_(None))
    async with reading(storage._readers) as connection:
        keys = sorted(tuple(row) for row in (await connection.execute(statement)).all())
    assert keys == [("ada", True), ("bob", False), ("bob", False)]
    assert (await recorded(storage, "acme"))[-1] == ("TenantService/DeleteUser", "user", "bob")


async def test_what_is_not_there_is_not_found(storage: Storage) -> None:
    with pytest.raises(NotFound, match="no user bob"):
        await storage.users.get("acme", "bob")
    with pytest.raises(NotFound, match="no user bob"):
        await storage.users.update(BOB, ["display_name"], UPDATE)
    with pytest.raises(NotFound, match="no user bob"):
        await storage.users.delete("acme", "bob", DELETE)


async def test_pages_are_in_order_and_searched(storage: Storage) -> None:
    users = [replace(BOB, user_id=f"u-{n}", display_name=f"Name {n}", email=f"m{n}@x.org") for n in range(5)]
    await make(storage, *users, replace(BOB, user_id="odd", display_name="100%_\\/"))

    async def ids(**query: Any) -> tuple[list[str], int]:
        found, total = await storage.users.page(UserQuery("acme", **query))
        return [user.user_id for user in found], total

    assert await ids() == (["odd", "u-0", "u-1", "u-2", "u-3", "u-4"], 6)
    assert await ids(after="u-0", page_size=2) == (["u-1", "u-2"], 6)
    for text in ("U-3", "name 3", "M3@"):
        assert await ids(text=text) == (["u-3"], 1)
    for text in ("%", "_", "\\", "/", "100%_"):
        assert await ids(text=text) == (["odd"], 1)
    assert await ids(text="'; DROP TABLE users; --") == ([], 0)
    assert (await storage.users.page(UserQuery("beta")))[1] == 0
