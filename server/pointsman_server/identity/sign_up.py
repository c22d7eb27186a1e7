"""Sign-up: from an access token to a tenant with an administrator who has a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pointsman.v1.tenant_service_pb2 import CREDENTIAL_STATE_ACTIVE, ApiKey

from pointsman_server.identity.model import Role
from pointsman_server.identity.origin import Origin
from pointsman_server.identity.tenants import Tenant, User
from pointsman_server.identity.tokens import Digests, Mint, Token, TokenKind
from pointsman_server.ids import NewId

_KEY_NAME = "sign-up"


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a sign-up makes: a tenant, its first administrator, and the digest of its key."""

    tenant: Tenant
    admin: User
    api_key: ApiKey
    digest: bytes


class SignUpStore(Protocol):
    """Keeps what a sign-up makes."""

    async def sign_up(self, access_token_id: str, applicant: Applicant, origin: Origin) -> Applicant:
        """Makes all of it and binds the access token to the tenant, in one transaction; returns what is kept.

        Raises:
            SignUpRefused: the access token is bound, revoked or over, or gives no plan that there is.
            StoreUnavailable: the store cannot be written.
        """
        ...


@dataclass(frozen=True, slots=True)
class SignedUp:
    """What came of a sign-up; the key is shown once."""

    tenant: Tenant
    user: User
    api_key: ApiKey
    token: Token


class SignUps:
    """Signs tenants up."""

    def __init__(self, store: SignUpStore, *, mint: Mint, digests: Digests, new_id: NewId) -> None:
        self._store = store
        self._mint = mint
        self._digests = digests
        self._new_id = new_id

    async def sign_up(self, *, tenant_name: str, admin_name: str, admin_email: str, origin: Origin) -> SignedUp:
        """Makes a tenant with the access token that the origin's actor shows.

        Raises:
            SignUpRefused: the access token was used before, or is not valid any more.
        """
        access_token_id = origin.actor.credential_id
        tenant = Tenant(self._new_id("ten"), tenant_name, access_token_id=access_token_id)
        roles = frozenset({Role.TENANT_ADMIN})
        admin = User(tenant.tenant_id, self._new_id("usr"), admin_name, roles, email=admin_email)
        token = self._mint(self._new_id(TokenKind.API_KEY))
        api_key = ApiKey(
            tenant_id=tenant.tenant_id,
            api_key_id=token.token_id,
            display_name=_KEY_NAME,
            user_id=admin.user_id,
            state=CREDENTIAL_STATE_ACTIVE,
        )
        asked = Applicant(tenant, admin, api_key, self._digests.of(token))
        kept = await self._store.sign_up(access_token_id, asked, origin)
        return SignedUp(kept.tenant, kept.admin, kept.api_key, token)
