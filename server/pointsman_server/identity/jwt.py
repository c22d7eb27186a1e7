"""Verifies JWTs of configured issuers: form, issuer, key, signature, audience, times, and who it is; in this order.

PyJWT does the cryptography and nothing else: which algorithms, keys and claims are taken is decided here, by the clock
that is passed in. Its own key client is not used: it asks whatever it is told to, and on the caller's time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NoReturn

import structlog
from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from pointsman_server.clock import Clock
from pointsman_server.errors import CredentialExpired, CredentialInvalid
from pointsman_server.identity import jwt_claims, jwt_token
from pointsman_server.identity.claim import Claim
from pointsman_server.identity.jwks import IssuerKeys
from pointsman_server.identity.jwt_keys import VerificationKey
from pointsman_server.identity.jwt_refusal import JwtRefused, Why
from pointsman_server.identity.jwt_token import UncheckedJwt
from pointsman_server.issuer_settings import ALGORITHMS, IssuerSettings

# It never learns of another algorithm: neither none, nor those whose key both signs and verifies.
_SIGNATURES: Final = PyJWS(algorithms=ALGORITHMS, options={"enforce_minimum_key_length": True})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer, and where its keys are kept."""

    settings: IssuerSettings
    keys: IssuerKeys


class JwtVerifier:
    """Verifies JWTs. With no issuer, none holds."""

    def __init__(self, issuers: Iterable[Issuer], clock: Clock) -> None:
        self._issuers = {issuer.settings.issuer: issuer for issuer in issuers}
        self._clock = clock

    async def verify(self, token: str) -> Claim:
        """Who is asking, as the issuer says. Never kept here: whoever keeps it must do so by the whole of the token.

        Raises:
            CredentialInvalid: it does not hold; why, stands in the log.
            CredentialExpired: it held once.
            CredentialUnverifiable: the issuer's keys cannot be read now.
        """
        try:
            return await self._verified(token)
        except JwtRefused as refusal:
            _refuse(refusal.why)

    async def _verified(self, token: str) -> Claim:
        unchecked = jwt_token.read(token)
        issuer = self._issuer(unchecked)
        if unchecked.algorithm not in issuer.settings.algorithms:
            raise JwtRefused(Why.ALGORITHM)
        keys = await issuer.keys.fitting(unchecked.key_id, unchecked.algorithm)
        if not keys:
            raise JwtRefused(Why.UNKNOWN_KEY)
        if not any(_has_signed(key, unchecked) for key in keys):
            raise JwtRefused(Why.SIGNATURE)
        claims = unchecked.claims  # from here on the issuer says it
        jwt_claims.check_audience(claims, issuer.settings)
        expires_at = jwt_claims.check_times(claims, issuer.settings, self._clock.now())
        return jwt_claims.read(claims, issuer.settings, expires_at)

    def _issuer(self, unchecked: UncheckedJwt) -> Issuer:
        named = unchecked.claims.get("iss")
        issuer = self._issuers.get(named) if isinstance(named, str) else None
        if issuer is None:
            raise JwtRefused(Why.UNKNOWN_ISSUER)
        return issuer


def _has_signed(key: VerificationKey, unchecked: UncheckedJwt) -> bool:
    try:
        _SIGNATURES.decode(unchecked.text, key.public, algorithms=[unchecked.algorithm])
    except PyJWTError:
        return False
    return True


def _refuse(why: Why) -> NoReturn:
    _log.info("jwt_refused", why=why.value)
    if why is Why.EXPIRED:
        raise CredentialExpired("The credential's time is over; have a new one issued.")
    raise CredentialInvalid("The credential is not valid here.")
