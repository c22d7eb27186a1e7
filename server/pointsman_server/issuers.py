"""Assembles, of the settings, what checks the credentials that others made: JWTs and client certificates."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from pointsman_server.adapters.key_fetcher import KeyFetcher, Transport
from pointsman_server.clock import Clock
from pointsman_server.config import Settings
from pointsman_server.identity import jwt_keys
from pointsman_server.identity.jwks import IssuerKeys, KeyLife, KeysNotRead
from pointsman_server.identity.jwt import Issuer
from pointsman_server.identity.peers import Peers, PeerSettings, named


def issuers_of(settings: Settings, transport: Transport, clock: Clock) -> tuple[Issuer, ...]:
    """The issuers of JWTs. Whoever makes them keeps their keys fresh: ``IssuerKeys.run``."""
    fetch = KeyFetcher(transport, settings.private_networks)
    life = KeyLife(settings.jwks_life_s, settings.jwks_stale_s)
    return tuple(Issuer(one, IssuerKeys(one.jwks_url, fetch, clock, life)) for one in settings.jwt_issuers)


def peers_of(settings: Settings) -> Peers | None:
    """Whom client certificates speak for; ``None``: nobody, they only open the connection."""
    if settings.tls_client_ca is None or not (settings.mtls_template or settings.mtls_users):
        return None
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


@dataclass(frozen=True, slots=True)
class IssuerFinding:
    """What is known of one issuer."""

    issuer: str
    detail: str
    ok: bool


async def findings(settings: Settings, transport: Transport) -> list[IssuerFinding]:
    """Reads the keys of every issuer, all at once."""
    fetch = KeyFetcher(transport, settings.private_networks)

    async def find(issuer: str, url: str) -> IssuerFinding:
        try:
            found = jwt_keys.read((await fetch(url)).body)
        except (KeysNotRead, jwt_keys.BadKeySet) as error:
            return IssuerFinding(issuer, f"its keys cannot be read from {url}: {error}", ok=False)
        return IssuerFinding(issuer, f"keys: {len(found.keys)}, passed over: {found.passed_over}", ok=True)

    return await asyncio.gather(*(find(one.issuer, one.jwks_url) for one in settings.jwt_issuers))
