"""Keys and access tokens from their making to their end, as every store keeps them and as they let callers in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import plan_pb2 as plan_pb
from pointsman.v1 import tenant_service_pb2 as pb
from pointsman.v1.principal_pb2 import (
    PRINCIPAL_ROLE_AGENT,
    PRINCIPAL_ROLE_AUDITOR,
    PRINCIPAL_ROLE_TENANT_ADMIN,
    PRINCIPAL_ROLE_USER,
)
from pointsman_server.errors import (
    CredentialExpired,
    CredentialInvalid,
    ForeignTenant,
    GrantExceeded,
    InvalidRequest,
    NotFound,
    RequestIdReused,
    RoleRequired,
)
from pointsman_server.identity.authenticator import Authenticator
from pointsman_server.identity.credentials import Presented
from pointsman_server.identity.model import Principal, Role
from pointsman_server.services.access import ACCESS, authorized
from pointsman_server.services.call import Call
from pointsman_server.services.tenant_service import TenantService
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import METADATA
from sqlalchemy import select

from tests.conformance.builders import SetClock
from tests.conformance.identity.origins import generations, recorded
from tests.unit.services.tenants import ADMIN, AUDITOR, DIGESTS, OPERATOR, USER, call, populate, service

BOT = Principal("acme", "agent:bot", frozenset({Role.AGENT}), agent_id="bot", credential_id="pmk_9")


class World:
    """The service as callers reach it, and a server that they show keys to."""

    def __init__(self, storage: Storage, clock: SetClock) -> None:
        self.storage = storage
        self.clock = clock
        self.service: TenantService = service(storage)

    async def ask(self, method: str, request: Any, by: Principal) -> Any:
        """Answers as a server does: through the table of who may call what."""
        made: Call = authorized(ACCESS[f"TenantService/{method}"], request, call(by, method))
        name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in method).lstrip("_")
        return await getattr(self.service, name)(request, made)

    async def make(self, by: Principal = USER, *, request_id: str = "", **fields: Any) -> pb.CreateApiKeyResponse:
        key = pb.ApiKey(**{"display_name": "laptop", **fields})
        answer = await self.ask("CreateApiKey", pb.CreateApiKeyRequest(api_key=key, request_id=request_id), by)
        assert isinstance(answer, pb.CreateApiKeyResponse)
        return answer

    async def rotate(self, api_key_id: str, by: Principal = USER, **fields: Any) -> pb.RotateApiKeyResponse:
        answer = await self.ask("RotateApiKey", pb.RotateApiKeyRequest(api_key_id=api_key_id, **fields), by)
        assert isinstance(answer, pb.RotateApiKeyResponse)
        return answer

    async def revoke(self, api_key_id: str, by: Principal = USER, tenant_id: str = "") -> pb.ApiKey:
        request = pb.RevokeApiKeyRequest(api_key_id=api_key_id, tenant_id=tenant_id)
        key = (await self.ask("RevokeApiKey", request, by)).api_key
        assert isinstance(key, pb.ApiKey)
        return key

    async def listed(self, by: Principal, **fields: Any) -> list[str]:
        answer = await self.ask("ListApiKeys", pb.ListApiKeysRequest(**fields), by)
        assert answer.total_size == len(answer.api_keys)
        return [key.display_name for key in answer.api_keys]

    async def issue(self, *, request_id: str = "", **fields: Any) -> pb.CreateAccessTokenResponse:
        token = pb.AccessToken(**{"display_name": "Beta Ltd", "plan_id": "GOLD", **fields})
        request = pb.CreateAccessTokenRequest(access_token=token, request_id=request_id)
        answer = await self.ask("CreateAccessToken", request, OPERATOR)
        assert isinstance(answer, pb.CreateAccessTokenResponse)
        return answer

    async def who(self, credential: str) -> Principal:
        authenticate = Authenticator(self.storage.credentials, DIGESTS, self.clock)
        return await authenticate(Presented((f"Bearer {credential}",)))

    def time(self, **later: float) -> Timestamp:
        made = Timestamp()
        made.FromDatetime(self.clock.now() + timedelta(**later))
        return made


@pytest.fixture
async def world(storage: Storage, clock: SetClock) -> World:
    await populate(storage)
    made = World(storage, clock)
    for plan_id in ("GOLD", "SILVER"):
        plan = plan_pb.Plan(plan_id=plan_id, display_name=plan_id)
        await made.ask("CreatePlan", pb.CreatePlanRequest(plan=plan), OPERATOR)
    return made


async def test_a_user_makes_a_key_for_itself_that_lets_it_in(world: World) -> None:
    made = await world.make(USER, expire_time=world.time(days=1))
    assert made.key.startswith(f"{made.api_key.api_key_id}_")
    assert (made.api_key.tenant_id, made.api_key.user_id) == ("acme", "bob")
    assert made.api_key.state == pb.CREDENTIAL_STATE_ACTIVE
    principal = await world.who(made.key)
    assert (principal.user_id, principal.roles, principal.credential_id) == ("bob", {"user"}, made.api_key.api_key_id)
    assert recorded_key(made) in await recorded(world.storage, "acme")
    world.clock.advance(seconds=86_400)
    with pytest.raises(CredentialExpired):
        await world.who(made.key)
    assert await world.listed(USER, state=pb.CREDENTIAL_STATE_EXPIRED) == ["laptop"]


def recorded_key(made: pb.CreateApiKeyResponse) -> tuple[str, str, str]:
    return ("TenantService/CreateApiKey", "api_key", made.api_key.api_key_id)


async def test_an_administrator_makes_keys_for_users_and_agents(world: World) -> None:
    for subject, roles in (({"user_id": "bob"}, {"user"}), ({"agent_id": "bot"}, {"agent"})):
        principal = await world.who((await world.make(ADMIN, **subject)).key)
        assert principal.roles == roles
    assert (principal.user_id, principal.agent_id) == ("agent:bot", "bot")


async def test_a_platform_administrator_makes_keys_in_a_named_tenant(world: World) -> None:
    request = pb.CreateApiKeyRequest(tenant_id="acme", api_key=pb.ApiKey(display_name="k", user_id="ada"))
    made = await world.ask("CreateApiKey", request, OPERATOR)
    assert (await world.who(made.key)).tenant_id == "acme"
    with pytest.raises(ForeignTenant):
        await world.ask("CreateApiKey", replace_tenant(request, "local"), ADMIN)
    with pytest.raises(NotFound):
        await world.ask("CreateApiKey", replace_tenant(request, "nowhere"), OPERATOR)


def replace_tenant(request: pb.CreateApiKeyRequest, tenant_id: str) -> pb.CreateApiKeyRequest:
    made = pb.CreateApiKeyRequest()
    made.CopyFrom(request)
    made.tenant_id = tenant_id
    return made


async def test_a_key_has_the_roles_that_it_names(world: World) -> None:
    made = await world.make(ADMIN, roles=[PRINCIPAL_ROLE_TENANT_ADMIN])
    assert (await world.who(made.key)).roles == {"tenant_admin"}
    assert list(made.api_key.roles) == [PRINCIPAL_ROLE_TENANT_ADMIN]


NOT_MADE: list[tuple[Principal, dict[str, Any], type[Exception]]] = [
    (USER, {"user_id": "ada"}, RoleRequired),
    (USER, {"agent_id": "bot"}, RoleRequired),
    (BOT, {}, RoleRequired),
    (AUDITOR, {}, RoleRequired),
    (ADMIN, {"user_id": "nobody"}, NotFound),
    (ADMIN, {"user_id": "local-admin"}, NotFound),
    (ADMIN, {"roles": [PRINCIPAL_ROLE_AUDITOR]}, InvalidRequest),
    (ADMIN, {"user_id": "bob", "roles": [PRINCIPAL_ROLE_TENANT_ADMIN]}, InvalidRequest),
    (ADMIN, {"roles": [PRINCIPAL_ROLE_AGENT]}, InvalidRequest),
    (ADMIN, {"agent_id": "bot", "roles": [PRINCIPAL_ROLE_USER]}, InvalidRequest),
    (ADMIN, {"expire_time": Timestamp(seconds=1)}, InvalidRequest),
    (ADMIN, {"display_name": ""}, InvalidRequest),
    (ADMIN, {"display_name": "x" * 201}, InvalidRequest),
    (ADMIN, {"api_key_id": "pmk_mine"}, InvalidRequest),
    (ADMIN, {"tenant_id": "local"}, InvalidRequest),
]


async def test_a_key_that_is_not_made(world: World) -> None:
    for by, fields, error in NOT_MADE:
        with pytest.raises(error):
            await world.make(by, **fields)
    assert await world.listed(ADMIN) == []


async def test_nobody_hands_on_more_than_it_has(world: World) -> None:
    """A key that has but some of its user's roles makes none that has them all, nor gets at one by rotation."""
    full = await world.make(ADMIN)
    narrow = replace(ADMIN, roles=frozenset({Role.USER}))
    for request in (world.make(narrow), world.rotate(full.api_key.api_key_id, narrow)):
        with pytest.raises(GrantExceeded):
            await request


async def test_a_tenant_administrator_gets_at_no_platform_administrators_key(world: World) -> None:
    deputy = Principal("local", "deputy", frozenset({Role.TENANT_ADMIN}))
    key = await world.make(OPERATOR)
    with pytest.raises(GrantExceeded):
        await world.make(deputy, user_id="local-admin")
    for request in (world.rotate(key.api_key.api_key_id, deputy), world.revoke(key.api_key.api_key_id, deputy)):
        with pytest.raises(GrantExceeded):
            await request
    assert (await world.who(key.key)).roles == {"platform_admin"}


async def test_keys_are_shown_to_whom_they_are(world: World) -> None:
    await world.make(USER, display_name="bob's")
    await world.make(ADMIN, display_name="ada's")
    await world.make(ADMIN, display_name="bot's", agent_id="bot")
    await world.make(OPERATOR, display_name="operator's")
    assert sorted(await world.listed(ADMIN)) == sorted(await world.listed(AUDITOR)) == ["ada's", "bob's", "bot's"]
    assert await world.listed(USER) == ["bob's"]
    assert await world.listed(BOT) == ["bot's"]
    assert await world.listed(USER, user_id="ada") == []
    assert await world.listed(BOT, user_id="ada") == []
    assert await world.listed(ADMIN, user_id="ada") == ["ada's"]
    assert await world.listed(ADMIN, agent_id="bot") == ["bot's"]
    assert await world.listed(OPERATOR) == ["operator's"]
    assert sorted(await world.listed(OPERATOR, tenant_id="acme")) == ["ada's", "bob's", "bot's"]


async def test_pages_of_keys_go_on_where_the_last_ended(world: World) -> None:
    for number in range(5):
        await world.make(USER, display_name=str(number))
    token, names = "", []
    for _ in range(3):
        page = await world.ask("ListApiKeys", pb.ListApiKeysRequest(page_size=2, page_token=token), USER)
        names += [key.display_name for key in page.api_keys]
        token = page.next_page_token
        assert page.total_size == 5
    assert (sorted(names), token) == (["0", "1", "2", "3", "4"], "")


async def test_under_a_request_id_a_key_is_made_once_and_shown_once(world: World) -> None:
    first = await world.make(USER, request_id="once")
    again = await world.make(USER, request_id="once")
    assert (again.api_key.api_key_id, again.key) == (first.api_key.api_key_id, "")
    assert first.key
    with pytest.raises(RequestIdReused):
        await world.make(USER, request_id="once", display_name="another")
    assert await world.listed(USER) == ["laptop"]


async def test_a_revoked_key_lets_nobody_in_and_stays_revoked(world: World) -> None:
    made = await world.make(USER)
    before = await generations(world.storage)
    revoked = await world.revoke(made.api_key.api_key_id)
    assert revoked.state == pb.CREDENTIAL_STATE_REVOKED
    assert (await generations(world.storage)).revocation == before.revocation + 1
    with pytest.raises(CredentialInvalid):
        await world.who(made.key)
    entries = await recorded(world.storage, "acme")
    assert await world.revoke(made.api_key.api_key_id) == revoked
    assert await recorded(world.storage, "acme") == entries
    assert await world.listed(USER, state=pb.CREDENTIAL_STATE_REVOKED) == ["laptop"]
    assert await world.listed(USER, state=pb.CREDENTIAL_STATE_ACTIVE) == []


async def test_anothers_key_is_not_found(world: World) -> None:
    adas = (await world.make(ADMIN)).api_key.api_key_id
    for request in (world.revoke(adas, USER), world.rotate(adas, USER), world.revoke("pmk_none", USER)):
        with pytest.raises(NotFound):
            await request
    with pytest.raises(NotFound):
        await world.revoke(adas, OPERATOR)
    with pytest.raises(ForeignTenant):
        await world.revoke(adas, USER, tenant_id="local")
    assert (await world.revoke(adas, OPERATOR, tenant_id="acme")).state == pb.CREDENTIAL_STATE_REVOKED


async def test_a_rotated_key_and_its_successor_overlap(world: World) -> None:
    old = await world.make(USER, expire_time=world.time(days=30))
    made = await world.rotate(old.api_key.api_key_id, overlap=Duration(seconds=60))
    assert made.api_key.display_name == "laptop"
    assert made.api_key.expire_time == old.api_key.expire_time
    assert made.replaced_api_key.replaced_by_api_key_id == made.api_key.api_key_id
    assert made.replaced_api_key.state == pb.CREDENTIAL_STATE_ACTIVE
    assert {(await world.who(key)).user_id for key in (old.key, made.key)} == {"bob"}
    world.clock.advance(seconds=60)
    with pytest.raises(CredentialExpired):
        await world.who(old.key)
    assert (await world.who(made.key)).credential_id == made.api_key.api_key_id


async def test_a_rotation_without_overlap_ends_the_old_key_at_once(world: World) -> None:
    old = await world.make(USER)
    before = await generations(world.storage)
    made = await world.rotate(old.api_key.api_key_id, overlap=Duration(), expire_time=world.time(hours=1))
    assert made.replaced_api_key.state == pb.CREDENTIAL_STATE_REVOKED
    assert made.api_key.expire_time == world.time(hours=1)
    assert (await generations(world.storage)).revocation == before.revocation + 1
    with pytest.raises(CredentialInvalid):
        await world.who(old.key)


async def test_an_overlap_is_an_hour_and_never_prolongs_the_old_key(world: World) -> None:
    old = await world.make(USER)
    ends = (await world.rotate(old.api_key.api_key_id)).replaced_api_key.expire_time
    assert ends.ToDatetime(UTC) == world.clock.now() + timedelta(hours=1)
    short = await world.make(USER, expire_time=world.time(minutes=5))
    made = await world.rotate(short.api_key.api_key_id)
    assert made.replaced_api_key.expire_time == short.api_key.expire_time


async def test_what_is_not_rotated(world: World) -> None:
    old = await world.make(USER)
    made = await world.rotate(old.api_key.api_key_id)
    await world.revoke(made.api_key.api_key_id)
    over = await world.make(USER, expire_time=world.time(seconds=1))
    valid = await world.make(USER)
    world.clock.advance(seconds=1)
    for api_key_id in (old.api_key.api_key_id, made.api_key.api_key_id, over.api_key.api_key_id):
        with pytest.raises(InvalidRequest):
            await world.rotate(api_key_id)
    for fields in ({"overlap": Duration(seconds=-1)}, {"overlap": Duration(seconds=2_592_001)}):
        with pytest.raises(InvalidRequest, match="30 days"):
            await world.rotate(valid.api_key.api_key_id, **fields)
    with pytest.raises(InvalidRequest, match="expire_time"):
        await world.rotate(valid.api_key.api_key_id, expire_time=world.time(seconds=-1))
    assert (await world.who(valid.key)).user_id == "bob"


async def test_of_two_rotations_at_once_one_succeeds(world: World) -> None:
    old = (await world.make(USER)).api_key.api_key_id
    results = await asyncio.gather(*(world.rotate(old) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, pb.RotateApiKeyResponse) for result in results) == 1
    assert sum(isinstance(result, InvalidRequest) for result in results) == 3


async def test_the_keys_of_a_user_that_is_removed_are_revoked(world: World) -> None:
    made = await world.make(USER)
    await world.ask("DeleteUser", pb.DeleteUserRequest(user_id="bob"), ADMIN)
    with pytest.raises(CredentialInvalid):
        await world.who(made.key)
    assert await world.listed(ADMIN, state=pb.CREDENTIAL_STATE_REVOKED) == ["laptop"]
    assert (await world.revoke(made.api_key.api_key_id, ADMIN)).state == pb.CREDENTIAL_STATE_REVOKED


async def test_an_access_token_signs_a_tenant_up_whose_plan_it_is(world: World) -> None:
    issued = await world.issue()
    bearer = await world.who(issued.token)
    assert (bearer.tenant_id, bearer.roles) == ("", frozenset())
    request = pb.SignUpRequest(tenant_display_name="Beta", admin_display_name="Dora")
    signed_up = await world.ask("SignUp", request, bearer)
    admin = await world.who(signed_up.key)
    assert (admin.plan_id, admin.plan_required, admin.roles) == ("GOLD", True, {"tenant_admin"})
    token = await change(world, issued.access_token.access_token_id, plan_id="SILVER")
    assert (token.plan_id, token.tenant_id) == ("SILVER", admin.tenant_id)
    assert (await world.who(signed_up.key)).plan_id == "SILVER"
    named = ("TenantService/UpdateAccessToken", "access_token", token.access_token_id)
    assert named in await recorded(world.storage, "platform")
    assert named in await recorded(world.storage, admin.tenant_id)
    await revoke_token(world, token.access_token_id)
    principal = await world.who(signed_up.key)
    assert (principal.plan_id, principal.plan_required) == ("", True)


async def change(world: World, access_token_id: str, **fields: Any) -> pb.AccessToken:
    request = pb.UpdateAccessTokenRequest(
        access_token=pb.AccessToken(access_token_id=access_token_id, **fields),
        update_mask=FieldMask(paths=list(fields)),
    )
    token = (await world.ask("UpdateAccessToken", request, OPERATOR)).access_token
    assert isinstance(token, pb.AccessToken)
    return token


async def revoke_token(world: World, access_token_id: str) -> pb.AccessToken:
    request = pb.RevokeAccessTokenRequest(access_token_id=access_token_id)
    token = (await world.ask("RevokeAccessToken", request, OPERATOR)).access_token
    assert isinstance(token, pb.AccessToken)
    return token


async def test_an_access_token_opens_a_sign_up_and_nothing_else(world: World) -> None:
    bearer = await world.who((await world.issue()).token)
    for name, access in ACCESS.items():
        if name != "TenantService/SignUp":
            with pytest.raises(RoleRequired):
                authorized(access, pb.WhoAmIRequest(), call(bearer, name.partition("/")[2]))
    for principal in (OPERATOR, ADMIN, USER, AUDITOR, BOT):
        with pytest.raises(RoleRequired):
            await world.ask("SignUp", pb.SignUpRequest(), principal)


async def test_access_tokens_are_listed_by_plan_and_state(world: World) -> None:
    await world.issue(display_name="pro")
    await world.issue(display_name="short", plan_id="SILVER", expire_time=world.time(minutes=1))
    gone = await world.issue(display_name="gone", plan_id="SILVER")
    await revoke_token(world, gone.access_token.access_token_id)
    world.clock.advance(seconds=60)

    async def listed(**fields: Any) -> set[str]:
        answer = await world.ask("ListAccessTokens", pb.ListAccessTokensRequest(**fields), OPERATOR)
        return {token.display_name for token in answer.access_tokens}

    assert await listed() == {"pro", "short", "gone"}
    assert await listed(plan_id="SILVER") == {"short", "gone"}
    assert await listed(state=pb.CREDENTIAL_STATE_ACTIVE) == {"pro"}
    assert await listed(state=pb.CREDENTIAL_STATE_EXPIRED) == {"short"}
    assert await listed(state=pb.CREDENTIAL_STATE_REVOKED) == {"gone"}


NOT_ISSUED: list[dict[str, Any]] = [
    {"plan_id": "NONE"},
    {"plan_id": ""},
    {"display_name": ""},
    {"expire_time": Timestamp(seconds=1)},
    {"tenant_id": "acme"},
    {"access_token_id": "pma_1"},
    {"state": pb.CREDENTIAL_STATE_ACTIVE},
]


async def test_an_access_token_that_is_not_issued(world: World) -> None:
    for fields in NOT_ISSUED:
        with pytest.raises(InvalidRequest):
            await world.issue(**fields)


async def test_under_a_request_id_an_access_token_is_issued_once_and_shown_once(world: World) -> None:
    first, again = await world.issue(request_id="once"), await world.issue(request_id="once")
    assert (again.access_token, again.token) == (first.access_token, "")
    assert first.token


async def test_a_plan_that_an_access_token_gives_stays(world: World) -> None:
    issued = (await world.issue(plan_id="SILVER")).access_token
    with pytest.raises(Exception, match="SILVER") as caught:
        await world.ask("DeletePlan", pb.DeletePlanRequest(plan_id="SILVER"), OPERATOR)
    assert type(caught.value).__name__ == "InUse"
    await revoke_token(world, issued.access_token_id)
    await world.ask("DeletePlan", pb.DeletePlanRequest(plan_id="SILVER"), OPERATOR)


async def test_an_access_token_is_changed_in_what_the_mask_names(world: World) -> None:
    issued = (await world.issue(expire_time=world.time(days=1))).access_token
    changed = await change(world, issued.access_token_id, display_name="Gamma")
    assert (changed.display_name, changed.plan_id, changed.expire_time) == ("Gamma", "GOLD", issued.expire_time)
    request = pb.UpdateAccessTokenRequest(
        access_token=pb.AccessToken(access_token_id=issued.access_token_id),
        update_mask=FieldMask(paths=["expire_time"]),
    )
    assert not (await world.ask("UpdateAccessToken", request, OPERATOR)).access_token.HasField("expire_time")
    for fields in ({"plan_id": "NONE"}, {"expire_time": Timestamp(seconds=1)}):
        with pytest.raises(InvalidRequest):
            await change(world, issued.access_token_id, **fields)
    with pytest.raises(NotFound):
        await change(world, "pma_none", display_name="x")


async def test_a_revoked_access_token_stays_revoked(world: World) -> None:
    issued = await world.issue()
    access_token_id = issued.access_token.access_token_id
    revoked = await revoke_token(world, access_token_id)
    assert revoked.state == pb.CREDENTIAL_STATE_REVOKED
    assert await revoke_token(world, access_token_id) == revoked
    with pytest.raises(CredentialInvalid):
        await world.who(issued.token)
    with pytest.raises(InvalidRequest, match="for ever"):
        await change(world, access_token_id, plan_id="SILVER")
    with pytest.raises(NotFound):
        await revoke_token(world, "pma_none")


async def test_no_secret_is_kept(world: World) -> None:
    """What callers were shown is in no table: not whole, and not its secret part."""
    key, token = await world.make(USER, request_id="r1"), await world.issue(request_id="r2")
    rotated = await world.rotate(key.api_key.api_key_id)
    found: list[bytes] = []
    async with world.storage._readers.connect() as connection:
        for table in METADATA.sorted_tables:
            for row in (await connection.execute(select(table))).all():
                found.extend(bytes(each) if isinstance(each, bytes) else str(each).encode() for each in row)
    kept = b"\n".join(found)
    for secret in (key.key, token.token, rotated.key):
        assert secret.rpartition("_")[2].encode() not in kept
        assert secret.rpartition("_")[0].encode() in kept
