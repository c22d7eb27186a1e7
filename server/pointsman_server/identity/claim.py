"""Whom a proof of identity that others made speaks for: an issuer's JWT, or a client certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

JWT: Final = "jwt"
MTLS: Final = "mtls"


@dataclass(frozen=True, slots=True)
class Claim:
    """Whom a proof speaks for; the store has not been asked yet what they may do here.

    Attributes:
        proof: ``jwt`` or ``mtls``.
        roles: the roles that the proof names; ``None``: it says nothing of roles.
        most_roles: the most that it may give, whatever it says and whatever the user has.
        access_token_id: the access token that it names; where it does, it must be the tenant's.
        known_users_only: whether the user must exist here.
        expires_at: ``None``: never.
    """

    tenant_id: str
    user_id: str
    proof: str
    roles: frozenset[str] | None
    most_roles: frozenset[str]
    access_token_id: str = ""
    known_users_only: bool = False
    expires_at: datetime | None = None
