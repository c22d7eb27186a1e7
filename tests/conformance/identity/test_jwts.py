"""From a JWT to its principal, with nothing in between replaced: the issuer's socket, the store, the cache."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from pointsman_server.adapters.transport import Transport
from pointsman_server.config import load
from pointsman_server.errors import CredentialExpired, CredentialInvalid, CredentialUnverifiable, NotActive
from pointsman_server.identity.authenticator import Authenticator
from pointsman_server.identity.credentials import Presented
from pointsman_server.identity.jwt import JwtVerifier
from pointsman_server.identity.model import Principal, Role
from pointsman_server.identity.tenants import Project, Tenant, TenantState, User, UserState
from pointsman_server.identity.tokens import Digests
from pointsman_server.issuers import issuers_of
from pointsman_server.storage.storage import Storage

from tests.conformance.identity.origins import origin
from tests.unit.identity.conftest import SetClock
from tests.unit.identity.forge import AUDIENCE, ISSUER, claims, key_set, signer, token
from tests.unit.identity.key_server import KeyServer, serving

ES = signer("ES256", "ec")
MADE = origin("TenantService/CreateTenant")
ALICE = User("acme", "alice", "Alice", frozenset({Role.USER, Role.TENANT_ADMIN, Role.PLATFORM_ADMIN}))


@pytest.fixture
def now() -> SetClock:
    return SetClock()


@pytest.fixture
async def issuer() -> AsyncIterator[KeyServer]:
    async with serving(key_set(ES.row())) as server:
        yield server


@pytest.fixture
async def authenticate(storage: Storage, issuer: KeyServer, now: SetClock) -> AsyncIterator[Authenticator]:
    await storage.tenants.create(Tenant("acme", "Acme", default_model="gpt-x"), MADE)
    await storage.users.create(ALICE, MADE)
    await storage.users.create(replace(ALICE, user_id="ada"), MADE)
    await storage.projects.create(Project("acme", "apollo", "Apollo"), MADE)
    await storage.projects.add_member("acme", "apollo", "alice", MADE)
    settings = load(
        {
            "POINTSMAN_JWT_ISSUER": ISSUER,
            "POINTSMAN_JWT_AUDIENCE": AUDIENCE,
            "POINTSMAN_JWT_JWKS_URL": issuer.url,
        }
    )
    transport = Transport()
    verifier = JwtVerifier(issuers_of(settings, transport, now), now)
    yield Authenticator(storage.credentials, Digests(b"k" * 32), now, jwt=verifier)
    await transport.close()


def bearer(text: str) -> Presented:
    return Presented((f"Bearer {text}",))


def said(**changes: Any) -> Presented:
    return bearer(token(ES, claims(**changes)))


async def test_a_user_that_is_known_here(authenticate: Authenticator) -> None:
    assert await authenticate(said()) == Principal(
        tenant_id="acme",
        user_id="alice",
        roles=frozenset({Role.USER, Role.TENANT_ADMIN}),
        credential_id="jwt",
        project_ids=frozenset({"apollo"}),
        default_model="gpt-x",
    )
    assert (await authenticate(said(roles=["user", "platform_admin"]))).roles == {"user"}


async def test_a_user_that_only_the_issuer_knows(authenticate: Authenticator) -> None:
    principal = await authenticate(said(sub="auth0|bob"))
    assert (principal.user_id, principal.roles, principal.project_ids) == ("auth0|bob", {"user"}, frozenset())
    assert (await authenticate(said(sub="bob", roles=["platform_admin"]))).roles == frozenset()


async def test_unknown_tenants_are_not_told_from_wrong_tokens(authenticate: Authenticator) -> None:
    told = set()
    for presented in (said(tenant_id="nobody"), said(ati_id="pma_7"), said(aud="other"), bearer("a.b.c")):
        with pytest.raises(CredentialInvalid) as caught:
            await authenticate(presented)
        told.add(caught.value.reason)
    assert told == {"CREDENTIAL_INVALID"}


async def test_who_is_suspended_is_kept_out_though_the_jwt_holds(authenticate: Authenticator, storage: Storage) -> None:
    assert await authenticate(said())
    await storage.users.update(replace(ALICE, state=UserState.SUSPENDED), ("state",), MADE)
    authenticate.forget()  # as it does when the store says that something was revoked
    with pytest.raises(NotActive):
        await authenticate(said())
    assert await authenticate(said(sub="bob"))
    await storage.tenants.update(Tenant("acme", "Acme", TenantState.SUSPENDED), ("state",), MADE)
    authenticate.forget()
    with pytest.raises(NotActive):
        await authenticate(said(sub="bob"))


async def test_jwts_with_one_beginning_are_kept_apart(authenticate: Authenticator) -> None:
    """A cache that looked at the beginning of a token, or at its signature, would take one for another."""
    genuine = token(ES, claims())
    assert await authenticate(bearer(genuine))
    head, body, signature = genuine.split(".")
    other_body = token(ES, claims(sub="root")).split(".")[1]
    for forged in (
        genuine[:-2],
        genuine[:-1],
        f"{head}.{body}.{'A' * len(signature)}",
        f"{head}.{other_body}.{signature}",
        f"{genuine[:60]}A{genuine[61:]}",
    ):
        with pytest.raises(CredentialInvalid):
            await authenticate(bearer(forged))


async def test_a_jwt_ends_while_it_is_remembered(authenticate: Authenticator, now: SetClock) -> None:
    presented = said()
    assert await authenticate(presented)
    now.passed_s = 3_600 + 60
    for _ in range(2):
        with pytest.raises(CredentialExpired):
            await authenticate(presented)


async def test_an_issuer_that_is_down_keeps_nobody_out_for_good(
    authenticate: Authenticator, issuer: KeyServer, now: SetClock
) -> None:
    issuer.status = "503 Busy"
    with pytest.raises(CredentialUnverifiable) as caught:
        await authenticate(said())
    assert caught.value.retry_after is not None
    issuer.status = "200 OK"
    now.passed_s = caught.value.retry_after.total_seconds()
    assert await authenticate(said())
