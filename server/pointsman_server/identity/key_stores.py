"""What keeps API keys and access tokens: as the contract's messages, which hold everything but the secrets.

Every change is checked, made, counted on and recorded in one transaction; see ``identity.tenant_stores``. Every method
raises ``StoreUnavailable`` where the store cannot be read or written.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pointsman.v1.tenant_service_pb2 import AccessToken, ApiKey, CredentialState

from pointsman_server.identity.origin import Origin


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose keys a caller may see and change: a user's or an agent's own; both empty: all of the tenant."""

    user_id: str = ""
    agent_id: str = ""


EVERYBODYS = Whose()


@dataclass(frozen=True, slots=True)
class KeyQuery:
    """Which keys of a tenant to list; what is empty does not filter.

    Attributes:
        whose: what the caller may see.
        after: the id after which the page begins.
    """

    tenant_id: str
    whose: Whose
    user_id: str = ""
    agent_id: str = ""
    state: CredentialState.ValueType = CredentialState.CREDENTIAL_STATE_UNSPECIFIED
    after: str = ""
    page_size: int = 100


@dataclass(frozen=True, slots=True)
class Rotation:
    """A new key in the place of one.

    Attributes:
        api_key_id: the old one.
        new_id: the new one.
        digest: the new one's.
        overlap: how long the old one stays valid.
        expires_at: until when the new one is valid; ``None``: as long as the old one would have been.
    """

    tenant_id: str
    api_key_id: str
    whose: Whose
    new_id: str
    digest: bytes
    overlap: timedelta
    expires_at: datetime | None = None


class ApiKeyStore(Protocol):
    """Keeps API keys."""

    async def create(self, key: ApiKey, digest: bytes, origin: Origin) -> ApiKey:
        """Makes a key; under a request id that was used before, returns what that made.

        Raises:
            NotFound: there is no such tenant or user.
            InvalidRequest: the user lacks a role, or the key would be over already.
            GrantExceeded: the actor may not hand on one of the roles.
            RequestIdReused: the request id was used for something else.
        """
        ...

    async def page(self, query: KeyQuery) -> tuple[list[ApiKey], int]:
        """Returns the keys of one page ordered by id, and how many there are on all pages."""
        ...

    async def rotate(self, rotation: Rotation, origin: Origin) -> tuple[ApiKey, ApiKey]:
        """Makes a key in the place of one; returns the new and the old one.

        Raises:
            NotFound: there is no such key, or it is not the caller's to see.
            InvalidRequest: it is not valid any more, was rotated before, or the new one would be over already.
            GrantExceeded: the actor may not hand on one of its roles.
        """
        ...

    async def revoke(self, tenant_id: str, api_key_id: str, whose: Whose, origin: Origin) -> ApiKey:
        """Ends a key; one that was revoked stays as it is.

        Raises:
            NotFound: there is no such key, or it is not the caller's to see.
            GrantExceeded: it is another's and has a role that the actor may not hand on.
        """
        ...


@dataclass(frozen=True, slots=True)
class AccessTokenQuery:
    """Which access tokens to list; what is empty does not filter."""

    plan_id: str = ""
    state: CredentialState.ValueType = CredentialState.CREDENTIAL_STATE_UNSPECIFIED
    after: str = ""
    page_size: int = 100


class AccessTokenStore(Protocol):
    """Keeps access tokens."""

    async def create(self, token: AccessToken, digest: bytes, origin: Origin) -> AccessToken:
        """Makes an access token; under a request id that was used before, returns what that made.

        Raises:
            InvalidRequest: there is no such plan, or the token would be over already.
            RequestIdReused: the request id was used for something else.
        """
        ...

    async def page(self, query: AccessTokenQuery) -> tuple[list[AccessToken], int]:
        """Returns the access tokens of one page ordered by id, and how many there are on all pages."""
        ...

    async def update(self, token: AccessToken, fields: Collection[str], origin: Origin) -> AccessToken:
        """Sets the named fields; a plan is the bound tenant's at once.

        Raises:
            NotFound: there is no such access token.
            InvalidRequest: it is revoked, there is no such plan, or it would be over already.
            RequestIdReused: the request id was used for something else.
        """
        ...

    async def revoke(self, access_token_id: str, origin: Origin) -> AccessToken:
        """Ends an access token, and with it its tenant's plan; one that was revoked stays as it is.

        Raises:
            NotFound: there is no such access token.
        """
        ...
