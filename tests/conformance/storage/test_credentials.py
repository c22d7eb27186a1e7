"""What every store says of credentials when somebody shows one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from pointsman_server.identity.credentials import Standing, StoredAccessToken
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.storage.control import Execute
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import ACCESS_TOKENS, API_KEYS, PROJECT_MEMBERS, TENANTS, USERS
from pointsman_server.storage.times import to_micros
from sqlalchemy import Table, insert

from tests.conformance.builders import START

STAMPS = {"created_at": 0, "updated_at": 0}
TENANT = {"tenant_id": "acme", "display_name": "", "state": "active", "access_token_id": "", "default_model": ""}
USER = {
    "tenant_id": "acme",
    "user_id": "ada",
    "display_name": "Ada",
    "email": "",
    "kind": "person",
    "roles": json.dumps(["auditor", "user"]),
    "state": "active",
}
KEY = {
    "tenant_id": "acme",
    "api_key_id": "pmk_1",
    "display_name": "",
    "user_id": "ada",
    "agent_id": "",
    "roles": "[]",
    "digest": b"d" * 32,
    "expires_at": None,
    "revoked_at": None,
    "replaced_by": "",
}
ACCESS_TOKEN = {
    "tenant_id": PLATFORM_TENANT,
    "access_token_id": "pma_1",
    "display_name": "",
    "plan_id": "gold",
    "bound_tenant_id": "acme",
    "digest": b"t" * 32,
    "expires_at": None,
    "revoked_at": None,
}


async def put(storage: Storage, table: Table, *rows: dict[str, object]) -> None:
    statement = insert(table)
    known = {column.name for column in table.columns}

    def write(execute: Execute) -> None:
        for row in rows:
            execute(statement, {name: value for name, value in (STAMPS | row).items() if name in known})

    await storage._writer.control(write)


async def put_ada(storage: Storage, **tenant: object) -> None:
    await put(storage, TENANTS, TENANT | tenant)
    await put(storage, USERS, USER)


async def test_a_key_is_found_by_its_digest_with_how_its_user_stands(storage: Storage) -> None:
    await put_ada(storage, default_model="gpt-x")
    await put(storage, API_KEYS, KEY | {"roles": '["user"]', "expires_at": to_micros(START)})
    found = await storage.credentials.key(b"d" * 32)
    assert found is not None
    assert (found.api_key_id, found.digest, found.agent_id) == ("pmk_1", b"d" * 32, "")
    assert (found.roles, found.expires_at, found.revoked) == ({"user"}, START, False)
    assert found.standing == Standing(
        tenant_id="acme",
        user_id="ada",
        active=True,
        roles=frozenset({"user", "auditor"}),
        default_model="gpt-x",
    )


async def test_another_digest_finds_nothing(storage: Storage) -> None:
    await put_ada(storage)
    await put(storage, API_KEYS, KEY)
    await put(storage, ACCESS_TOKENS, ACCESS_TOKEN)
    for digest in (b"", b"d", b"d" * 31 + b"e", b"' OR 1=1 --", b"t" * 32):
        assert await storage.credentials.key(digest) is None
    assert await storage.credentials.access_token(b"d" * 32) is None


@pytest.mark.parametrize("user_id", ["ada", "' OR ''='", "%", 'ada"; DROP TABLE users; --'])
@pytest.mark.parametrize("tenant_id", ["acme", "' OR ''='", "platform"])
async def test_names_are_values_never_sql(storage: Storage, tenant_id: str, user_id: str) -> None:
    await put_ada(storage)
    found = await storage.credentials.standing(tenant_id, user_id)
    assert (found is not None) == (tenant_id == "acme")
    assert found is None or found.known == (user_id == "ada")


@pytest.mark.parametrize(
    ("tenant", "user", "active"),
    [
        ("active", "active", True),
        ("suspended", "active", False),
        ("closed", "active", False),
        ("active", "suspended", False),
    ],
)
async def test_who_is_suspended_is_not_active(storage: Storage, tenant: str, user: str, active: bool) -> None:  # noqa: FBT001  # a column of the table above
    await put(storage, TENANTS, TENANT | {"state": tenant})
    await put(storage, USERS, USER | {"state": user})
    await put(storage, API_KEYS, KEY | {"revoked_at": 1})
    key = await storage.credentials.key(b"d" * 32)
    assert key is not None
    assert (key.standing.active, key.revoked) == (active, True)
    standing = await storage.credentials.standing("acme", "ada")
    assert standing is not None
    assert standing.active is active


async def test_a_key_whose_tenant_is_gone_is_not_active(storage: Storage) -> None:
    await put(storage, USERS, USER)
    await put(storage, API_KEYS, KEY)
    key = await storage.credentials.key(b"d" * 32)
    assert key is not None
    assert not key.standing.active


async def test_a_key_whose_user_is_gone_speaks_for_nobody_who_is_known(storage: Storage) -> None:
    await put(storage, TENANTS, TENANT)
    await put(storage, API_KEYS, KEY)
    key = await storage.credentials.key(b"d" * 32)
    assert key is not None
    assert (key.standing.known, key.standing.roles) == (False, frozenset())


@pytest.mark.parametrize(("revoked_at", "plan_id"), [(None, "gold"), (1, "")])
async def test_the_plan_is_that_of_the_tenants_access_token(
    storage: Storage, revoked_at: int | None, plan_id: str
) -> None:
    await put_ada(storage, access_token_id="pma_1")
    await put(storage, API_KEYS, KEY)
    await put(storage, ACCESS_TOKENS, ACCESS_TOKEN | {"revoked_at": revoked_at, "expires_at": 1})
    key = await storage.credentials.key(b"d" * 32)
    assert key is not None
    standing = key.standing
    assert (standing.plan_required, standing.plan_id, standing.access_token_id) == (True, plan_id, "pma_1")


async def test_the_projects_are_the_users_own(storage: Storage) -> None:
    await put_ada(storage)
    await put(storage, API_KEYS, KEY, KEY | {"api_key_id": "pmk_2", "user_id": "", "agent_id": "bot", "digest": b"a"})
    members: Sequence[tuple[str, str, str]] = (
        ("acme", "apollo", "ada"),
        ("acme", "gemini", "ada"),
        ("acme", "gemini", "agent:bot"),
        ("acme", "mercury", "bob"),
        ("other", "vostok", "ada"),
    )
    rows = [dict(zip(("tenant_id", "project_id", "user_id"), each, strict=True)) for each in members]
    await put(storage, PROJECT_MEMBERS, *rows)
    ada, bot = await storage.credentials.key(b"d" * 32), await storage.credentials.key(b"a")
    assert ada is not None
    assert bot is not None
    assert ada.standing.project_ids == {"apollo", "gemini"}
    assert (bot.agent_id, bot.standing.user_id) == ("bot", "agent:bot")
    assert (bot.standing.roles, bot.standing.active, bot.standing.project_ids) == ({"agent"}, True, {"gemini"})


async def test_an_access_token_is_found_by_its_digest(storage: Storage) -> None:
    expires_at = START + timedelta(days=1)
    await put(storage, ACCESS_TOKENS, ACCESS_TOKEN | {"expires_at": to_micros(expires_at)})
    assert await storage.credentials.access_token(b"t" * 32) == StoredAccessToken("pma_1", b"t" * 32, expires_at)


async def test_a_revoked_access_token_says_so(storage: Storage) -> None:
    await put(storage, ACCESS_TOKENS, ACCESS_TOKEN | {"revoked_at": 1})
    found = await storage.credentials.access_token(b"t" * 32)
    assert found is not None
    assert (found.revoked, found.expires_at) == (True, None)
