"""What a genuine JWT says, held against its issuer's settings: until when, for whom, and who it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pointsman_server.identity.claim import JWT, Claim
from pointsman_server.identity.jwt_refusal import JwtRefused, Why
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.issuer_settings import GRANTABLE_ROLES, ID, IssuerSettings

_USER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@|+-]{0,127}")
"""Wider than an id that people choose here: issuers make them of mail addresses and of names such as ``auth0|1``.
No colon: ``agent:ID`` is an agent.
"""
_LAST_SECOND: Final = 253_402_300_799  # of the year 9999
_MOST_VALUES: Final = 64
_ABSENT: Final = object()


def check_audience(claims: Mapping[str, Any], issuer: IssuerSettings) -> None:
    """Checks that the JWT is meant for this server.

    Raises:
        JwtRefused: ``AUDIENCE``.
    """
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if len(named) > _MOST_VALUES or not all(isinstance(name, str) for name in named):
        raise JwtRefused(Why.AUDIENCE)
    if set(named).isdisjoint(issuer.audience):
        raise JwtRefused(Why.AUDIENCE)


def check_times(claims: Mapping[str, Any], issuer: IssuerSettings, now: datetime) -> datetime:
    """Checks that the JWT is valid now, and not for too long; returns until when it is.

    Raises:
        JwtRefused: it is not, or a time is no whole number of seconds since 1970.
    """
    now_s, skew_s, most_s = now.timestamp(), issuer.clock_skew_s, issuer.max_life_minutes * 60
    expires_s, issued_s = _seconds(claims, "exp"), _seconds(claims, "iat")
    if expires_s is None:
        raise JwtRefused(Why.NO_EXPIRY)
    if any(begin is not None and begin > now_s + skew_s for begin in (issued_s, _seconds(claims, "nbf"))):
        raise JwtRefused(Why.NOT_YET_VALID)
    if expires_s - (now_s + skew_s if issued_s is None else issued_s) > most_s:
        raise JwtRefused(Why.LIVES_TOO_LONG)
    if now_s >= expires_s + skew_s:
        raise JwtRefused(Why.EXPIRED)
    return datetime.fromtimestamp(min(expires_s + skew_s, _LAST_SECOND), UTC)


def read(claims: Mapping[str, Any], issuer: IssuerSettings, expires_at: datetime) -> Claim:
    """Who is asking, by the claims that the issuer's settings name.

    Raises:
        JwtRefused: a claim that is needed is missing, or one holds what it cannot.
    """
    return Claim(
        tenant_id=_tenant(claims, issuer),
        user_id=_user(claims, issuer),
        proof=JWT,
        roles=_roles(claims, issuer),
        most_roles=frozenset(issuer.roles),
        access_token_id=_access_token(claims, issuer),
        known_users_only=issuer.known_users_only,
        expires_at=expires_at,
    )


def _seconds(claims: Mapping[str, Any], name: str) -> int | None:
    value = claims.get(name, _ABSENT)
    if value is _ABSENT:
        return None
    if type(value) is not int or not 0 <= value <= _LAST_SECOND:
        raise JwtRefused(Why.TIME)
    return value


def _tenant(claims: Mapping[str, Any], issuer: IssuerSettings) -> str:
    value = issuer.tenant or claim(claims, issuer.tenant_claim)
    if not isinstance(value, str) or not ID.fullmatch(value) or value == PLATFORM_TENANT:
        raise JwtRefused(Why.TENANT)
    if issuer.tenants and value not in issuer.tenants:
        raise JwtRefused(Why.TENANT)
    return value


def _user(claims: Mapping[str, Any], issuer: IssuerSettings) -> str:
    value = claim(claims, issuer.user_claim)
    if not isinstance(value, str) or not _USER.fullmatch(value):
        raise JwtRefused(Why.USER)
    return value


def _access_token(claims: Mapping[str, Any], issuer: IssuerSettings) -> str:
    value = claim(claims, issuer.token_claim) if issuer.token_claim else _ABSENT
    if value is _ABSENT:
        return ""
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise JwtRefused(Why.ACCESS_TOKEN)
    return value


def _roles(claims: Mapping[str, Any], issuer: IssuerSettings) -> frozenset[str] | None:
    """Our roles that the JWT names; ``None``: it has no such claim."""
    value = claim(claims, issuer.roles_claim) if issuer.roles_claim else _ABSENT
    if value is _ABSENT:
        return None
    named = [value] if isinstance(value, str) else value
    if not isinstance(named, list) or len(named) > _MOST_VALUES or not all(isinstance(name, str) for name in named):
        raise JwtRefused(Why.ROLES)
    if not issuer.role_names:
        return frozenset(named).intersection(GRANTABLE_ROLES)
    pairs = (pair.rpartition("=") for pair in issuer.role_names)
    return frozenset(ours for theirs, _, ours in pairs if theirs in named)


def claim(claims: Mapping[str, Any], path: str) -> object:
    """What a claim holds: the one of that very name, or what the dots lead to; where both are there, ``None``.

    Some issuers let users add claims: one named like a path must not hide what the path leads to.
    """
    led_to: object = claims
    for step in path.split("."):
        if not isinstance(led_to, Mapping) or step not in led_to:
            return claims.get(path, _ABSENT)
        led_to = led_to[step]
    return None if "." in path and path in claims else led_to
