"""Who is asking: from what a caller shows to its principal, or a refusal. Nothing shown: nothing allowed.

What a credential gave is kept for a while, by the SHA-256 of the whole credential, and forgotten whenever anything is
revoked anywhere; see ``Authenticator.forget``. A refusal says the same whether a credential is unknown, revoked or
mistyped.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pointsman_server.clock import Clock
from pointsman_server.errors import (
    CredentialExpired,
    CredentialInvalid,
    CredentialMissing,
    NotActive,
    PointsmanError,
)
from pointsman_server.identity.cache import BoundedCache
from pointsman_server.identity.claim import Claim
from pointsman_server.identity.credentials import (
    CredentialReader,
    JwtVerifier,
    Peer,
    PeerVerifier,
    Presented,
    Standing,
)
from pointsman_server.identity.model import Principal, Role
from pointsman_server.identity.tokens import Digests, TokenKind, parse

MAX_CREDENTIAL_CHARACTERS: Final = 8_192
RECHECK_S: Final = 60.0
"""How long a principal is kept without a look at the store, where nothing was revoked meanwhile."""

_KEPT_PRINCIPALS: Final = 20_000
_KEPT_REFUSALS: Final = 1_000
_REFUSED_S: Final = 5.0
_SCHEME: Final = "bearer"
_DOTS_OF_A_JWT: Final = 2


@dataclass(frozen=True, slots=True)
class _Known:
    """A principal, and until when its credential is valid."""

    principal: Principal
    expires_at: datetime | None


class Authenticator:
    """Finds the principal behind what a caller shows."""

    def __init__(
        self,
        reader: CredentialReader,
        digests: Digests,
        clock: Clock,
        *,
        jwt: JwtVerifier | None = None,
        peers: PeerVerifier | None = None,
        hears: Callable[[], bool] = lambda: True,
    ) -> None:
        """Takes what it asks.

        Args:
            reader: the store.
            digests: makes the digests that the store knows tokens by.
            clock: tells the time.
            jwt: verifies JSON web tokens; ``None``: none is accepted.
            peers: knows whom client certificates speak for; ``None``: nobody.
            hears: whether this server hears of revocations now. Where it does not, every call looks into the store.
        """
        self._reader = reader
        self._digests = digests
        self._clock = clock
        self._jwt = jwt
        self._peers = peers
        self._hears = hears
        self._principals = BoundedCache[_Known](_KEPT_PRINCIPALS, RECHECK_S)
        self._refusals = BoundedCache[type[CredentialInvalid | CredentialExpired]](_KEPT_REFUSALS, _REFUSED_S)
        self._lookups: dict[bytes, asyncio.Task[_Known]] = {}

    def forget(self) -> None:
        """Looks everything up anew: something was revoked. What is being looked up now was perhaps read before."""
        self._principals.clear()
        self._refusals.clear()
        self._lookups.clear()

    async def __call__(self, presented: Presented) -> Principal:
        """Who is asking.

        Raises:
            CredentialMissing: nothing is shown.
            CredentialInvalid: it is malformed, unknown, revoked, or not for this server.
            CredentialExpired: its time is over.
            CredentialUnverifiable: whether it is genuine cannot be known now.
            NotActive: the tenant or the user is suspended.
            StoreUnavailable: the store cannot be read.
        """
        shown = _shown(presented) or self._peer(presented)
        key = _key(shown)
        known = self._principals.get(key, self._clock.monotonic()) if self._hears() else None
        if known is None:
            known = await self._looked_up(key, shown)
        self._check(known.expires_at)
        return known.principal

    def _peer(self, presented: Presented) -> Peer:
        if presented.peer is None or self._peers is None:
            raise CredentialMissing('The call brings no credential; send "authorization: Bearer KEY".')
        return presented.peer

    async def _looked_up(self, key: bytes, shown: str | Peer) -> _Known:
        """Callers that come with one credential at once share one lookup; one that goes away leaves it to the rest."""
        refusal = self._refusals.get(key, self._clock.monotonic()) if self._hears() else None
        if refusal is not None:
            raise _invalid() if refusal is CredentialInvalid else _expired()
        lookup = self._lookups.get(key)
        if lookup is None:
            lookup = self._lookups[key] = asyncio.create_task(self._look_up(key, shown))
            lookup.add_done_callback(_noticed)
        try:
            return await asyncio.shield(lookup)
        except PointsmanError as error:
            raise type(error)(error.message, metadata=error.metadata, retry_after=error.retry_after) from error

    async def _look_up(self, key: bytes, shown: str | Peer) -> _Known:
        task = asyncio.current_task()
        try:
            known = await self._find(shown)
        except (CredentialInvalid, CredentialExpired) as error:
            if self._lookups.get(key) is task:
                self._refusals.put(key, type(error), self._clock.monotonic())
            raise
        else:
            if self._lookups.get(key) is task:
                self._principals.put(key, known, self._clock.monotonic())
            return known
        finally:
            if self._lookups.get(key) is task:
                del self._lookups[key]

    async def _find(self, shown: str | Peer) -> _Known:
        if isinstance(shown, Peer):
            assert self._peers is not None
            return await self._claimed(self._peers.claim(shown))
        if shown.count(".") == _DOTS_OF_A_JWT:
            if self._jwt is None:
                raise _invalid()
            return await self._claimed(await self._jwt.verify(shown))
        token = parse(shown)
        if token is None:
            raise _invalid()
        digest = self._digests.of(token)
        return await (self._by_key(digest) if token.kind is TokenKind.API_KEY else self._by_access_token(digest))

    async def _by_key(self, digest: bytes) -> _Known:
        stored = await self._reader.key(digest)
        if stored is None or not hmac.compare_digest(stored.digest, digest) or stored.revoked:
            raise _invalid()
        if not stored.standing.known:
            raise _invalid()
        self._check(stored.expires_at)
        roles = stored.standing.roles & stored.roles if stored.roles else stored.standing.roles
        return _Known(_principal(stored.standing, roles, stored.api_key_id, stored.agent_id), stored.expires_at)

    async def _by_access_token(self, digest: bytes) -> _Known:
        """A principal without tenant and roles: ``services.access`` lets it sign up, and nothing else."""
        stored = await self._reader.access_token(digest)
        if stored is None or not hmac.compare_digest(stored.digest, digest) or stored.revoked:
            raise _invalid()
        self._check(stored.expires_at)
        return _Known(Principal("", "", frozenset(), credential_id=stored.access_token_id), stored.expires_at)

    async def _claimed(self, claim: Claim) -> _Known:
        standing = await self._reader.standing(claim.tenant_id, claim.user_id)
        if standing is None or (claim.known_users_only and not standing.known):
            raise _invalid()
        if claim.access_token_id and claim.access_token_id != standing.access_token_id:
            raise _invalid()
        self._check(claim.expires_at)
        return _Known(_principal(standing, _roles(claim, standing), claim.proof), claim.expires_at)

    def _check(self, expires_at: datetime | None) -> None:
        if expires_at is not None and expires_at <= self._clock.now():
            raise _expired()


def _shown(presented: Presented) -> str:
    """The one credential; empty: none.

    Raises:
        CredentialInvalid: there are several, or it is in no form that we know.
    """
    if len(presented.authorization) + len(presented.api_keys) > 1:
        raise CredentialInvalid("The call brings more than one credential; send one.")
    for value in presented.authorization:
        scheme, _, credential = value.partition(" ")
        if scheme.lower() != _SCHEME:
            raise CredentialInvalid('The authorization is of another scheme; send "authorization: Bearer KEY".')
        return _sound(credential.strip(" "))
    for value in presented.api_keys:
        return _sound(value)
    return ""


def _key(shown: str | Peer) -> bytes:
    """What a credential is kept by. No credential that is text begins with a control character."""
    # As JSON: names may hold any character, also one that would part them.
    text = shown if isinstance(shown, str) else "\x00" + json.dumps((shown.common_name, shown.uris))
    return hashlib.sha256(text.encode()).digest()


def _noticed(lookup: asyncio.Task[_Known]) -> None:
    """Takes note of how a lookup ended: where all who waited for it went away, nobody else does."""
    if not lookup.cancelled():
        lookup.exception()


def _sound(credential: str) -> str:
    if (
        not credential
        or len(credential) > MAX_CREDENTIAL_CHARACTERS
        or not (credential.isascii() and credential.isprintable())
    ):
        raise _invalid()
    return credential


def _principal(standing: Standing, roles: frozenset[str], credential_id: str, agent_id: str = "") -> Principal:
    if not standing.active:
        raise NotActive("The tenant or the user is suspended or closed; its administrator knows why.")
    return Principal(
        tenant_id=standing.tenant_id,
        user_id=standing.user_id,
        roles=roles,
        agent_id=agent_id,
        credential_id=credential_id,
        plan_id=standing.plan_id,
        project_ids=standing.project_ids,
        default_model=standing.default_model,
        plan_required=standing.plan_required,
    )


def _roles(claim: Claim, standing: Standing) -> frozenset[str]:
    """What a proof may give: never more than the user has here, where it is known, nor than its issuer may.

    A proof that says nothing of roles objects to none; but where nobody says what a user may, it is just a user.
    """
    claimed = claim.most_roles if claim.roles is None else claim.roles & claim.most_roles
    if standing.known:
        return claimed & standing.roles
    return claimed & {Role.USER} if claim.roles is None else claimed


def _invalid() -> CredentialInvalid:
    return CredentialInvalid("The credential is not valid here; an administrator issues one with CreateApiKey.")


def _expired() -> CredentialExpired:
    return CredentialExpired("The credential's time is over; have a new one issued.")
