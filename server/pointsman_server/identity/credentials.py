"""What is known of credentials: what a caller shows, what the store has, and who verifies the proofs of others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pointsman_server.identity.claim import Claim

AUTHORIZATION = "authorization"
API_KEY = "x-api-key"
"""The metadata, or headers, that credentials come in."""

AGENT_USER_PREFIX = "agent:"
"""What the user id of an agent's own key begins with."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The client certificate of a connection, whose issuer the transport has verified.

    Attributes:
        common_name: the subject's; empty: none.
        uris: among its alternative names, as the certificate lists them.
    """

    common_name: str
    uris: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Presented:
    """What a caller shows of itself. Holds credentials, so it prints nothing of itself.

    Attributes:
        authorization: every value of ``authorization`` that it sent.
        api_keys: every value of ``x-api-key``.
        peer: its client certificate; ``None``: it brought none.
    """

    authorization: tuple[str, ...] = ()
    api_keys: tuple[str, ...] = ()
    peer: Peer | None = None


NOTHING = Presented()


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands now, as the store has it.

    Attributes:
        active: neither its tenant nor the user, where it is known, is suspended or closed.
        roles: the user's.
        known: whether there is such a user.
        plan_required: whether the tenant may do only what a plan allows; one that an administrator made may do all.
        plan_id: the plan of its tenant; empty: none.
        access_token_id: the one that its tenant signed up with; empty: none.
        default_model: its tenant's; empty: none.
    """

    tenant_id: str
    user_id: str
    active: bool
    roles: frozenset[str]
    known: bool = True
    project_ids: frozenset[str] = frozenset()
    plan_required: bool = False
    plan_id: str = ""
    access_token_id: str = ""
    default_model: str = ""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """An API key as the store has it.

    Attributes:
        digest: its HMAC.
        agent_id: whose it is; empty: the user's.
        roles: those of the user's that it has; empty: all.
        expires_at: ``None``: never.
    """

    api_key_id: str
    digest: bytes
    standing: Standing
    agent_id: str = ""
    roles: frozenset[str] = frozenset()
    expires_at: datetime | None = None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class StoredAccessToken:
    """An access token as the store has it.

    Attributes:
        digest: its HMAC.
        expires_at: until when one can sign up with it; ``None``: for ever.
    """

    access_token_id: str
    digest: bytes
    expires_at: datetime | None = None
    revoked: bool = False


class CredentialReader(Protocol):
    """Finds what is known of a credential, each in one read. All raise ``StoreUnavailable``."""

    async def key(self, digest: bytes) -> StoredKey | None:
        """The key with this digest."""
        ...

    async def access_token(self, digest: bytes) -> StoredAccessToken | None:
        """The access token with this digest."""
        ...

    async def standing(self, tenant_id: str, user_id: str) -> Standing | None:
        """How a user stands, whether it is known or not; ``None``: there is no such tenant."""
        ...


class JwtVerifier(Protocol):
    """Verifies JSON web tokens."""

    async def verify(self, token: str) -> Claim:
        """Whom a token speaks for.

        Raises:
            CredentialInvalid: it is malformed, or not signed for this server by who may.
            CredentialExpired: it is genuine, and its time is over.
            CredentialUnverifiable: the issuer's keys cannot be read now.
        """
        ...


class PeerVerifier(Protocol):
    """Knows whom client certificates speak for."""

    def claim(self, peer: Peer) -> Claim:
        """Whom a certificate speaks for.

        Raises:
            CredentialInvalid: nobody here.
        """
        ...
