"""Who is asking: every way to be let in, and every way not to be."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pointsman_server.errors import (
    CredentialExpired,
    CredentialInvalid,
    CredentialMissing,
    CredentialUnverifiable,
    NotActive,
    PointsmanError,
    StoreUnavailable,
)
from pointsman_server.identity.authenticator import RECHECK_S, Authenticator
from pointsman_server.identity.claim import Claim
from pointsman_server.identity.credentials import Peer, Presented, Standing, StoredAccessToken, StoredKey
from pointsman_server.identity.model import Principal, Role
from pointsman_server.identity.tokens import Digests, Token, mint

START = datetime(2026, 1, 1, tzinfo=UTC)
DIGESTS = Digests(b"k" * 32)
KEY = mint("pmk_1")
ACCESS_TOKEN = mint("pma_1")
ADA = Standing(
    tenant_id="acme",
    user_id="ada",
    active=True,
    roles=frozenset({Role.USER, Role.TENANT_ADMIN}),
    project_ids=frozenset({"apollo"}),
    plan_required=True,
    plan_id="gold",
    access_token_id="pma_9",
    default_model="gpt-x",
)
JWT = "eyJh.eyJz.c2ln"


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.time)

    def monotonic(self) -> float:
        return self.time


class Store:
    """What a database has, counted as it is read."""

    def __init__(self) -> None:
        self.keys = {DIGESTS.of(KEY): StoredKey("pmk_1", DIGESTS.of(KEY), ADA)}
        self.tokens = {DIGESTS.of(ACCESS_TOKEN): StoredAccessToken("pma_1", DIGESTS.of(ACCESS_TOKEN))}
        self.users = {("acme", "ada"): ADA}
        self.reads = 0
        self.gate: asyncio.Event | None = None
        self.error: PointsmanError | None = None

    async def _read(self) -> None:
        self.reads += 1
        if self.gate:
            await self.gate.wait()
        if self.error:
            raise self.error

    async def key(self, digest: bytes) -> StoredKey | None:
        found = self.keys.get(digest)
        await self._read()
        return found

    async def access_token(self, digest: bytes) -> StoredAccessToken | None:
        await self._read()
        return self.tokens.get(digest)

    async def standing(self, tenant_id: str, user_id: str) -> Standing | None:
        await self._read()
        unknown = replace(ADA, user_id=user_id, roles=frozenset(), known=False)
        return self.users.get((tenant_id, user_id), unknown) if tenant_id == "acme" else None

    def change(self, **changes: object) -> None:
        for digest, key in self.keys.items():
            self.keys[digest] = replace(key, **changes)  # type: ignore[arg-type]  # the test names a field and its value

    def change_standing(self, **changes: object) -> None:
        self.change(standing=replace(ADA, **changes))  # type: ignore[arg-type]  # as above


class Issuer:
    """Verifies one JWT, and says what it was told to say."""

    def __init__(self, claim: Claim | PointsmanError) -> None:
        self.answer = claim

    async def verify(self, token: str) -> Claim:
        assert token == JWT
        if isinstance(self.answer, PointsmanError):
            raise self.answer
        return self.answer

    def claim(self, peer: Peer) -> Claim:
        if peer.common_name != "ada" or isinstance(self.answer, PointsmanError):
            raise CredentialInvalid("unknown")
        return self.answer


def bearer(token: Token | str) -> Presented:
    return Presented((f"Bearer {token if isinstance(token, str) else token.reveal()}",))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def authenticate(store: Store, clock: Clock) -> Authenticator:
    return Authenticator(store, DIGESTS, clock)


async def test_a_key_gives_all_that_its_user_is(authenticate: Authenticator) -> None:
    assert await authenticate(bearer(KEY)) == Principal(
        tenant_id="acme",
        user_id="ada",
        roles=frozenset({"user", "tenant_admin"}),
        credential_id="pmk_1",
        plan_id="gold",
        project_ids=frozenset({"apollo"}),
        default_model="gpt-x",
        plan_required=True,
    )


async def test_a_key_has_at_most_the_roles_of_its_user(authenticate: Authenticator, store: Store) -> None:
    store.change(roles=frozenset({Role.USER, Role.PLATFORM_ADMIN}))
    assert (await authenticate(bearer(KEY))).roles == {Role.USER}


async def test_an_agents_key(authenticate: Authenticator, store: Store) -> None:
    store.change(agent_id="bot", standing=replace(ADA, user_id="agent:bot", roles=frozenset({Role.AGENT})))
    principal = await authenticate(bearer(KEY))
    assert (principal.agent_id, principal.user_id, principal.roles) == ("bot", "agent:bot", {Role.AGENT})


@pytest.mark.parametrize(
    "presented",
    [
        Presented((f"bearer {KEY.reveal()}",)),
        Presented((f"BEARER  {KEY.reveal()} ",)),
        Presented(api_keys=(KEY.reveal(),)),
    ],
    ids=["lower case", "upper case and spaces", "x-api-key"],
)
async def test_the_ways_to_send_a_key(authenticate: Authenticator, presented: Presented) -> None:
    assert (await authenticate(presented)).user_id == "ada"


async def test_an_access_token_gives_neither_tenant_nor_roles(authenticate: Authenticator) -> None:
    assert await authenticate(bearer(ACCESS_TOKEN)) == Principal("", "", frozenset(), credential_id="pma_1")


async def test_nothing_shown(authenticate: Authenticator) -> None:
    with pytest.raises(CredentialMissing):
        await authenticate(Presented())


WRONG = {
    "empty": Presented(("",)),
    "scheme alone": Presented(("Bearer ",)),
    "another scheme": Presented(("Basic YWRhOmFkYQ==",)),
    "no scheme": Presented((KEY.reveal(),)),
    "a typing error": bearer(KEY.reveal()[:-1] + ("0" if KEY.reveal()[-1] != "0" else "1")),
    "unknown": bearer(mint("pmk_1")),
    "an unknown access token": bearer(mint("pma_1")),
    "oversized": bearer("a" * 8193),
    "a line break": bearer(f"{KEY.reveal()}\n"),
    "not ASCII": bearer("schlüssel"),
    "SQL": bearer("' OR 1=1 --"),
    "an empty key": Presented(api_keys=("",)),
    "twice": Presented((f"Bearer {KEY.reveal()}",) * 2),
    "both ways": Presented((f"Bearer {KEY.reveal()}",), (KEY.reveal(),)),
    "a JWT where none is accepted": bearer(JWT),
    "an id alone": bearer("pmk_1"),
}


@pytest.mark.parametrize("presented", WRONG.values(), ids=WRONG)
async def test_what_is_not_valid(authenticate: Authenticator, presented: Presented) -> None:
    with pytest.raises(CredentialInvalid) as caught:
        await authenticate(presented)
    assert KEY.reveal()[10:] not in str(caught.value)


async def test_typing_errors_and_oversized_ones_cost_no_look_at_the_store(
    authenticate: Authenticator, store: Store
) -> None:
    for name in ("a typing error", "oversized", "SQL", "an id alone"):
        with pytest.raises(CredentialInvalid):
            await authenticate(WRONG[name])
    assert store.reads == 0


async def test_unknown_revoked_and_mistyped_are_not_told_apart(authenticate: Authenticator, store: Store) -> None:
    store.change(revoked=True)
    messages = set()
    for presented in (bearer(KEY), WRONG["unknown"], WRONG["a typing error"]):
        with pytest.raises(CredentialInvalid) as caught:
            await authenticate(presented)
        messages.add((caught.value.message, tuple(caught.value.metadata)))
    assert len(messages) == 1


async def test_a_revoked_key_is_not_said_to_have_expired(authenticate: Authenticator, store: Store) -> None:
    store.change(revoked=True, expires_at=START)
    with pytest.raises(CredentialInvalid):
        await authenticate(bearer(KEY))


async def test_a_digest_that_only_resembles_is_refused(authenticate: Authenticator, store: Store) -> None:
    store.change(digest=b"x" * 32)
    with pytest.raises(CredentialInvalid):
        await authenticate(bearer(KEY))


async def test_a_key_ends_while_it_is_remembered(authenticate: Authenticator, store: Store, clock: Clock) -> None:
    store.change(expires_at=START + timedelta(seconds=5))
    clock.time = 4.999
    await authenticate(bearer(KEY))
    clock.time = 5
    with pytest.raises(CredentialExpired):
        await authenticate(bearer(KEY))
    assert store.reads == 1


async def test_a_key_whose_time_is_over(authenticate: Authenticator, store: Store) -> None:
    store.change(expires_at=START)
    for _ in range(2):
        with pytest.raises(CredentialExpired):
            await authenticate(bearer(KEY))
    assert store.reads == 1


@pytest.mark.parametrize("change", [{"revoked": True}, {"expires_at": START}], ids=str)
async def test_an_access_token_that_ended(authenticate: Authenticator, store: Store, change: dict[str, object]) -> None:
    (digest,) = store.tokens
    store.tokens[digest] = replace(store.tokens[digest], **change)  # type: ignore[arg-type]  # a field and its value
    with pytest.raises((CredentialInvalid, CredentialExpired)):
        await authenticate(bearer(ACCESS_TOKEN))


async def test_a_suspended_one_is_told_so_each_time_anew(authenticate: Authenticator, store: Store) -> None:
    store.change_standing(active=False)
    with pytest.raises(NotActive):
        await authenticate(bearer(KEY))
    store.change_standing(active=True)
    assert (await authenticate(bearer(KEY))).user_id == "ada"


async def test_a_principal_is_looked_up_once_and_again_after_a_minute(
    authenticate: Authenticator, store: Store, clock: Clock
) -> None:
    for _ in range(3):
        await authenticate(bearer(KEY))
    assert store.reads == 1
    clock.time = RECHECK_S
    await authenticate(bearer(KEY))
    assert store.reads == 2


async def test_a_revocation_is_seen_when_it_is_heard_of(authenticate: Authenticator, store: Store) -> None:
    await authenticate(bearer(KEY))
    store.change(revoked=True)
    authenticate.forget()
    with pytest.raises(CredentialInvalid):
        await authenticate(bearer(KEY))


async def test_a_refusal_is_remembered_for_a_moment(authenticate: Authenticator, store: Store, clock: Clock) -> None:
    for _ in range(3):
        with pytest.raises(CredentialInvalid):
            await authenticate(WRONG["unknown"])
    assert store.reads == 1
    clock.time = 5
    with pytest.raises(CredentialInvalid):
        await authenticate(WRONG["unknown"])
    assert store.reads == 2


async def test_a_server_that_hears_of_no_revocations_asks_each_time(store: Store, clock: Clock) -> None:
    hears = True
    authenticate = Authenticator(store, DIGESTS, clock, hears=lambda: hears)
    await authenticate(bearer(KEY))
    hears = False
    await authenticate(bearer(KEY))
    assert store.reads == 2
    store.change(revoked=True)
    with pytest.raises(CredentialInvalid):
        await authenticate(bearer(KEY))


async def test_callers_at_once_share_one_lookup(authenticate: Authenticator, store: Store) -> None:
    store.gate = asyncio.Event()
    calls = [asyncio.create_task(authenticate(bearer(KEY))) for _ in range(50)]
    await asyncio.sleep(0)
    calls[0].cancel()
    await asyncio.sleep(0)
    store.gate.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert all(isinstance(result, Principal) for result in results[1:])
    assert store.reads == 1


async def test_what_was_read_before_a_revocation_is_not_kept(authenticate: Authenticator, store: Store) -> None:
    store.gate = asyncio.Event()
    early = asyncio.create_task(authenticate(bearer(KEY)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    store.change(revoked=True)
    authenticate.forget()
    late = asyncio.create_task(authenticate(bearer(KEY)))
    await asyncio.sleep(0)
    store.gate.set()
    assert (await early).user_id == "ada"
    for call in (late, asyncio.create_task(authenticate(bearer(KEY)))):
        with pytest.raises(CredentialInvalid):
            await call


async def test_a_store_that_cannot_be_read_lets_nobody_in_and_is_asked_again(
    authenticate: Authenticator, store: Store
) -> None:
    store.error = StoreUnavailable("down")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="down"):
            await authenticate(bearer(KEY))
    store.error = None
    assert (await authenticate(bearer(KEY))).user_id == "ada"


async def test_nobody_waits_for_a_lookup_that_fails(authenticate: Authenticator, store: Store) -> None:
    store.gate, store.error = asyncio.Event(), StoreUnavailable("down")
    call = asyncio.create_task(authenticate(bearer(KEY)))
    await asyncio.sleep(0)
    call.cancel()
    await asyncio.wait([call])
    store.gate.set()
    await asyncio.sleep(0.01)  # an exception that nobody took note of would be a warning, which is an error here
    assert call.cancelled()


CLAIM = Claim("acme", "ada", "jwt", roles=None, most_roles=frozenset({Role.USER, Role.TENANT_ADMIN, Role.AUDITOR}))


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        (CLAIM, {"user", "tenant_admin"}),
        (replace(CLAIM, roles=frozenset({Role.USER, Role.AUDITOR, Role.PLATFORM_ADMIN})), {"user"}),
        (replace(CLAIM, roles=frozenset()), set()),
        (replace(CLAIM, most_roles=frozenset({Role.USER})), {"user"}),
        (replace(CLAIM, access_token_id="pma_9"), {"user", "tenant_admin"}),
    ],
)
async def test_a_jwt_has_at_most_the_roles_of_its_user(
    store: Store, clock: Clock, claim: Claim, roles: set[str]
) -> None:
    principal = await Authenticator(store, DIGESTS, clock, jwt=Issuer(claim))(bearer(JWT))
    assert (principal.user_id, principal.credential_id, principal.roles) == ("ada", "jwt", roles)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (replace(CLAIM, user_id="bob", known_users_only=True), CredentialInvalid),
        (replace(CLAIM, tenant_id="other"), CredentialInvalid),
        (replace(CLAIM, access_token_id="pma_8"), CredentialInvalid),
        (replace(CLAIM, expires_at=START), CredentialExpired),
        (CredentialInvalid("no"), CredentialInvalid),
        (CredentialUnverifiable("later", retry_after=timedelta(seconds=1)), CredentialUnverifiable),
    ],
)
async def test_a_jwt_that_is_not_let_in(
    store: Store, clock: Clock, answer: Claim | PointsmanError, error: type[PointsmanError]
) -> None:
    with pytest.raises(error) as caught:
        await Authenticator(store, DIGESTS, clock, jwt=Issuer(answer))(bearer(JWT))
    if isinstance(answer, PointsmanError):
        assert caught.value.retry_after == answer.retry_after


async def test_a_user_that_only_the_issuer_knows(store: Store, clock: Clock) -> None:
    claim = replace(CLAIM, user_id="bob", roles=frozenset({Role.AUDITOR, Role.PLATFORM_ADMIN}))
    principal = await Authenticator(store, DIGESTS, clock, jwt=Issuer(claim))(bearer(JWT))
    assert (principal.user_id, principal.roles, principal.plan_id) == ("bob", {"auditor"}, "gold")


async def test_a_user_of_whose_roles_nobody_says_anything_is_a_user_and_no_more(store: Store, clock: Clock) -> None:
    claim = replace(CLAIM, user_id="bob")
    assert (await Authenticator(store, DIGESTS, clock, jwt=Issuer(claim))(bearer(JWT))).roles == {"user"}
    none = replace(claim, most_roles=frozenset({Role.AUDITOR}))
    assert (await Authenticator(store, DIGESTS, clock, jwt=Issuer(none))(bearer(JWT))).roles == set()


async def test_two_certificates_are_not_taken_for_each_other(store: Store, clock: Clock) -> None:
    authenticate = Authenticator(store, DIGESTS, clock, peers=Issuer(replace(CLAIM, proof="mtls")))
    await authenticate(Presented(peer=Peer("ada", ("spiffe://acme/ada",))))
    with pytest.raises(CredentialInvalid):
        await authenticate(Presented(peer=Peer("ada\nspiffe://acme/ada")))


async def test_a_key_of_a_user_that_is_gone(authenticate: Authenticator, store: Store) -> None:
    store.change_standing(known=False)
    with pytest.raises(CredentialInvalid):
        await authenticate(bearer(KEY))


async def test_a_client_certificate_speaks_where_no_credential_does(store: Store, clock: Clock) -> None:
    authenticate = Authenticator(store, DIGESTS, clock, peers=Issuer(replace(CLAIM, proof="mtls")))
    peer = Peer("ada", ("spiffe://acme/ada",))
    for _ in range(2):
        assert (await authenticate(Presented(peer=peer))).credential_id == "mtls"
    assert store.reads == 1
    with pytest.raises(CredentialInvalid):
        await authenticate(Presented(peer=Peer("bob")))
    with pytest.raises(CredentialInvalid):
        await authenticate(replace(WRONG["unknown"], peer=peer))


async def test_a_client_certificate_where_none_is_known(authenticate: Authenticator) -> None:
    with pytest.raises(CredentialMissing):
        await authenticate(Presented(peer=Peer("ada")))
