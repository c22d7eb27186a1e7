"""Assembles, of the settings, what checks the credentials that others made: JWTs and client certificates."""

from __future__ import annotations

from pointsman_server.adapters.key_fetcher import KeyFetcher, Transport
from pointsman_server.clock import Clock
from pointsman_server.config import Settings
from pointsman_server.identity.jwks import IssuerKeys, KeyLife
from pointsman_server.identity.jwt import Issuer
from pointsman_server.identity.peers import Peers, PeerSettings, named


def issuers_of(settings: Settings, transport: Transport, clock: Clock) -> tuple[Issuer, ...]:
    """The issuers of JWTs. Whoever makes them keeps their keys fresh: ``IssuerKeys.run``."""
    fetch = KeyFetcher(transport, settings.private_networks)
    life = KeyLife(settings.jwks_life_s, settings.jwks_stale_s)
    return tuple(Issuer(one, IssuerKeys(one.jwks_url, fetch, clock, life)) for one in settings.jwt_issuers)


def peers_of(settings: Settings) -> Peers:
    """Whom client certificates speak for."""
    return Peers(
        PeerSettings(
            name=settings.mtls_name,
            template=settings.mtls_template,
            tenant=settings.mtls_tenant,
            named=named(settings.mtls_users),
            roles=frozenset(settings.mtls_roles),
            known_users_only=settings.mtls_known_users_only,
        )
    )
