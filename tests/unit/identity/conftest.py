"""An issuer on a real socket, and the verifier that reads its keys through the real transport."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pointsman_server.adapters.key_fetcher import KeyFetcher
from pointsman_server.adapters.transport import Transport
from pointsman_server.identity.jwks import IssuerKeys, KeyLife
from pointsman_server.identity.jwt import Issuer, JwtVerifier
from pointsman_server.issuer_settings import ALGORITHMS, IssuerSettings

from tests.unit.identity.forge import AUDIENCE, ISSUER, NOW_S, key_set, signer
from tests.unit.identity.key_server import KeyServer, serving

LIFE = KeyLife(life_s=600, stale_s=3_600)


class SetClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(NOW_S + self.passed_s, UTC)

    def monotonic(self) -> float:
        return 1_000.0 + self.passed_s


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    yield transport
    await transport.close()


@pytest.fixture
async def issuer() -> AsyncIterator[KeyServer]:
    rows = [
        signer("RS256", "rsa").row(alg=None),
        signer("ES256", "ec").row(),
        signer("ES384", "ec384").row(),
        signer("EdDSA", "ed").row(),
        signer("PS256", "pss").row(),
    ]
    async with serving(key_set(*rows)) as server:
        yield server


@pytest.fixture
def keys_of(transport: Transport, clock: SetClock) -> Callable[[KeyServer], IssuerKeys]:
    return lambda server: IssuerKeys(server.url, KeyFetcher(transport, ()), clock, LIFE)


@pytest.fixture
def verifier_of(
    issuer: KeyServer, keys_of: Callable[[KeyServer], IssuerKeys], clock: SetClock
) -> Callable[..., JwtVerifier]:
    def make(**changes: Any) -> JwtVerifier:
        usual = {"issuer": ISSUER, "audience": (AUDIENCE,), "jwks_url": issuer.url, "algorithms": ALGORITHMS}
        settings = IssuerSettings(**(usual | changes))
        return JwtVerifier([Issuer(settings, keys_of(issuer))], clock)

    return make
