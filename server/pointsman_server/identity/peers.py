"""Whom client certificates speak for. That a certificate is genuine, the transport has checked before it came here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from pointsman_server.errors import CredentialInvalid
from pointsman_server.identity.claim import MTLS, Claim
from pointsman_server.identity.credentials import Peer
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.peer_settings import SPIFFE, pattern_of

_log = structlog.get_logger(__name__)
_SPIFFE_SCHEME: Final = "spiffe://"


@dataclass(frozen=True, slots=True)
class PeerSettings:
    """How a certificate is read.

    Attributes:
        name: which of its names counts: ``spiffe`` or ``common_name``.
        template: where in the name tenant and user stand; empty: only named peers speak for somebody.
        tenant: of everyone, where the template has none.
        named: tenant and user by name; goes before the template.
        roles: the most that a certificate may give.
        known_users_only: whether the user must exist here.
    """

    name: str
    template: str
    tenant: str
    named: Mapping[str, tuple[str, str]]
    roles: frozenset[str]
    known_users_only: bool


class Peers:
    """Finds tenant and user of certificates. Implements ``identity.credentials.PeerVerifier``."""

    def __init__(self, settings: PeerSettings) -> None:
        self._settings = settings
        self._pattern = pattern_of(settings.template) if settings.template else None

    def claim(self, peer: Peer) -> Claim:
        """Whom the certificate speaks for.

        Raises:
            CredentialInvalid: nobody: it has no such name, several, or one that says nothing here.
        """
        name = _spiffe_id(peer) if self._settings.name == SPIFFE else peer.common_name
        found = self._settings.named.get(name) or self._by_template(name)
        if not name or found is None or found[0] == PLATFORM_TENANT:
            _log.info("peer_refused", name=self._settings.name)
            raise CredentialInvalid("The client certificate speaks for nobody here.")
        tenant_id, user_id = found
        return Claim(
            tenant_id=tenant_id,
            user_id=user_id,
            proof=MTLS,
            roles=None,
            most_roles=self._settings.roles,
            known_users_only=self._settings.known_users_only,
        )

    def _by_template(self, name: str) -> tuple[str, str] | None:
        match = self._pattern.fullmatch(name) if self._pattern is not None else None
        if match is None:
            return None
        tenant_id = match.groupdict().get("tenant") or self._settings.tenant
        return (tenant_id, match["user"]) if tenant_id else None


def _spiffe_id(peer: Peer) -> str:
    """The one SPIFFE id; empty: the certificate has none, or several, which its specification forbids."""
    found = [uri for uri in peer.uris if uri.startswith(_SPIFFE_SCHEME)]
    return found[0] if len(found) == 1 == len(peer.uris) else ""


def named(values: tuple[str, ...]) -> Mapping[str, tuple[str, str]]:
    """Tenant and user by name, of settings that were checked: ``NAME=TENANT/USER``."""
    pairs = (value.rpartition("=") for value in values)
    return {name: _ids(ids) for name, _, ids in pairs}


def _ids(text: str) -> tuple[str, str]:
    tenant_id, _, user_id = text.partition("/")
    return tenant_id, user_id
