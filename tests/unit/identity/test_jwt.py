"""JWTs that hold, and what is read of them."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pointsman_server.errors import CredentialExpired, CredentialInvalid
from pointsman_server.identity.claim import Claim
from pointsman_server.identity.jwks import IssuerKeys
from pointsman_server.identity.jwt import Issuer, JwtVerifier
from pointsman_server.identity.jwt_token import MOST_CHARACTERS
from pointsman_server.issuer_settings import IssuerSettings

from tests.unit.identity.conftest import SetClock
from tests.unit.identity.forge import AUDIENCE, ISSUER, NOW_S, Signer, claims, header, key_set, signer, token
from tests.unit.identity.key_server import KeyServer, serving

ES = signer("ES256", "ec")
SKEW_S = 60
HOUR_S = 3_600
DAY_S = 24 * HOUR_S
USUAL_ROLES = frozenset({"tenant_admin", "user", "auditor"})
ALICE = Claim(
    tenant_id="acme",
    user_id="alice",
    proof="jwt",
    roles=None,
    most_roles=USUAL_ROLES,
    expires_at=datetime.fromtimestamp(NOW_S + HOUR_S + SKEW_S, UTC),
)

Make = Callable[..., JwtVerifier]


@pytest.mark.parametrize(
    "by",
    [
        signer("RS256", "rsa"),
        replace(signer("RS256", "rsa"), algorithm="RS512"),
        replace(signer("RS256", "rsa"), algorithm="PS384"),
        signer("PS256", "pss"),
        ES,
        signer("ES384", "ec384"),
        signer("EdDSA", "ed"),
    ],
    ids=lambda by: f"{by.algorithm} by {by.key_id}",
)
async def test_a_genuine_jwt_says_who_asks(verifier_of: Make, by: Signer) -> None:
    assert await verifier_of().verify(token(by)) == ALICE


async def test_an_algorithm_that_the_issuer_does_not_use_is_refused(verifier_of: Make) -> None:
    verifier = verifier_of(algorithms=("RS256",))
    with pytest.raises(CredentialInvalid):
        await verifier.verify(token(ES))
    assert await verifier.verify(token(signer("RS256", "rsa")))


async def test_with_no_issuer_no_jwt_holds(clock: SetClock) -> None:
    with pytest.raises(CredentialInvalid):
        await JwtVerifier([], clock).verify(token(ES))


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt", None])
async def test_the_types_of_access_tokens_are_taken(verifier_of: Make, kind: str | None) -> None:
    assert await verifier_of().verify(token(ES, head=header(ES, typ=kind))) == ALICE


async def test_a_jwt_without_key_id_is_held_against_each_key_of_its_kind(verifier_of: Make) -> None:
    assert await verifier_of().verify(token(ES, head=header(ES, kid=None))) == ALICE


@pytest.mark.parametrize("audience", [AUDIENCE, [AUDIENCE], ["billing", AUDIENCE]])
async def test_the_audience_may_be_one_of_several(verifier_of: Make, audience: Any) -> None:
    assert await verifier_of(audience=("other", AUDIENCE)).verify(token(ES, claims(aud=audience))) == ALICE


@pytest.mark.parametrize(
    "times",
    [
        {"exp": NOW_S - SKEW_S + 1},
        {"nbf": NOW_S + SKEW_S},
        {"iat": NOW_S + SKEW_S},
        {"iat": None, "nbf": None},
        {"iat": NOW_S, "exp": NOW_S + DAY_S},
        {"iat": None, "exp": NOW_S + DAY_S + SKEW_S},
    ],
    ids=str,
)
async def test_times_hold_to_the_second(verifier_of: Make, times: dict[str, int | None]) -> None:
    assert (await verifier_of().verify(token(ES, claims(**times)))).user_id == "alice"


async def test_bounds_are_still_within(verifier_of: Make) -> None:
    verifier = verifier_of(audience=(AUDIENCE,))
    assert (await verifier.verify(token(ES, claims(aud=["x"] * 63 + [AUDIENCE], roles=["user"] * 64)))).roles == {
        "user"
    }
    longest = next(text for size in range(5_700, 5_900) if len(text := token(ES, claims(padding="x" * size))) >= 8_192)
    assert len(longest) == MOST_CHARACTERS
    assert await verifier.verify(longest)


async def test_a_jwt_ends_with_its_time(verifier_of: Make, clock: SetClock) -> None:
    verifier = verifier_of(clock_skew_s=0)
    text = token(ES)
    claim = await verifier.verify(text)
    assert claim.expires_at == datetime.fromtimestamp(NOW_S + HOUR_S, UTC)
    clock.passed_s = HOUR_S - 1
    assert await verifier.verify(text) == claim
    clock.passed_s = HOUR_S
    with pytest.raises(CredentialExpired):
        await verifier.verify(text)


async def test_an_expired_jwt_that_nobody_signed_is_just_invalid(verifier_of: Make) -> None:
    text = token(signer("ES256", "stranger"), claims(exp=NOW_S - DAY_S, iat=None), header(ES))
    with pytest.raises(CredentialInvalid):
        await verifier_of().verify(text)


async def test_claims_have_the_names_that_the_issuer_gives_them(verifier_of: Make) -> None:
    verifier = verifier_of(
        tenant_claim="https://pointsman.example/tenant.id",
        user_claim="act.user",
        token_claim="ids.access_token",
        roles_claim="realm_access.roles",
        role_names=("pm-admins=tenant_admin", "pm=readers=auditor", "pm-users=user"),
    )
    text = token(
        ES,
        claims(
            **{"https://pointsman.example/tenant.id": "globex"},
            act={"user": "auth0|42"},
            ids={"access_token": "at_1"},
            realm_access={"roles": ["pm-admins", "pm=readers", "offline_access", "user"]},
        ),
    )
    assert await verifier.verify(text) == replace(
        ALICE,
        tenant_id="globex",
        user_id="auth0|42",
        access_token_id="at_1",
        roles=frozenset({"tenant_admin", "auditor"}),
    )


@pytest.mark.parametrize(
    ("said", "setting"),
    [
        ({"org": {"id": "acme"}, "org.id": "globex"}, {"tenant_claim": "org.id"}),
        ({"act": {"sub": "alice"}, "act.sub": "root"}, {"user_claim": "act.sub"}),
        ({"ids": {"ati": "at_1"}, "ids.ati": "at_2"}, {"token_claim": "ids.ati"}),
        ({"realm": {"roles": ["user"]}, "realm.roles": ["tenant_admin"]}, {"roles_claim": "realm.roles"}),
    ],
    ids=lambda value: next(iter(value)),
)
async def test_a_claim_that_can_be_read_in_two_ways_is_refused(
    verifier_of: Make, said: dict[str, Any], setting: dict[str, str]
) -> None:
    verifier = verifier_of(**setting)
    first, second = said
    for one in (first, second):
        assert await verifier.verify(token(ES, claims(**{one: said[one]})))
    with pytest.raises(CredentialInvalid):
        await verifier.verify(token(ES, claims(**said)))


@pytest.mark.parametrize(
    ("said", "roles"),
    [
        ([], frozenset()),
        ("user", {"user"}),
        (["user", "tenant_admin"], {"user", "tenant_admin"}),
        (["agent"], frozenset()),
        (["PLATFORM_ADMIN", "root", "*"], frozenset()),
        (["platform_admin"], {"platform_admin"}),  # said, and not given: see the next test
    ],
)
async def test_roles_are_those_that_the_jwt_names(verifier_of: Make, said: Any, roles: AbstractSet[str]) -> None:
    claim = await verifier_of().verify(token(ES, claims(roles=said)))
    assert claim.roles == frozenset(roles)
    assert claim.most_roles == USUAL_ROLES


async def test_the_operator_says_which_roles_a_jwt_may_give(verifier_of: Make) -> None:
    assert (await verifier_of(roles=("user",)).verify(token(ES))).most_roles == {"user"}
    assert (await verifier_of(roles=("platform_admin",)).verify(token(ES))).most_roles == {"platform_admin"}


async def test_no_roles_are_read_where_no_claim_has_them(verifier_of: Make) -> None:
    assert (await verifier_of(roles_claim="").verify(token(ES, claims(roles=["tenant_admin"])))).roles is None


async def test_one_tenants_own_issuer_vouches_for_it_alone(verifier_of: Make) -> None:
    claim = await verifier_of(tenant="globex", known_users_only=True).verify(token(ES, claims(tenant_id="acme")))
    assert (claim.tenant_id, claim.known_users_only) == ("globex", True)


async def test_an_issuer_vouches_for_the_tenants_that_it_may(verifier_of: Make) -> None:
    verifier = verifier_of(tenants=("acme", "globex"))
    assert await verifier.verify(token(ES)) == ALICE
    with pytest.raises(CredentialInvalid):
        await verifier.verify(token(ES, claims(tenant_id="initech")))


async def test_one_issuers_key_does_not_sign_for_another(
    issuer: KeyServer, keys_of: Callable[[KeyServer], IssuerKeys], clock: SetClock
) -> None:
    other_key = signer("ES256", "other")
    async with serving(key_set(other_key.row(kid="ec"))) as other:
        theirs = "https://other.example.com/"
        verifier = JwtVerifier(
            [
                Issuer(IssuerSettings(issuer=ISSUER, audience=(AUDIENCE,)), keys_of(issuer)),
                Issuer(IssuerSettings(issuer=theirs, audience=(AUDIENCE,), tenants=("globex",)), keys_of(other)),
            ],
            clock,
        )
        by_other = claims(iss=theirs, tenant_id="globex")
        assert (await verifier.verify(token(other_key, by_other, header(ES)))).tenant_id == "globex"
        assert await verifier.verify(token(ES)) == ALICE
        for text in (
            token(other_key, head=header(ES)),
            token(ES, by_other),
            token(other_key, claims(iss=theirs), header(ES)),
        ):
            with pytest.raises(CredentialInvalid):
                await verifier.verify(text)
