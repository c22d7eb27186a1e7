"""A JWT's form: three segments of strict base64url, two of them strict JSON, and a header that asks for nothing odd.

Nothing in here is believed yet: the signature is checked later, over the very text that was read here.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pointsman_server.identity import strict_json
from pointsman_server.identity.jwt_refusal import JwtRefused, Why

MOST_CHARACTERS: Final = 8_192
"""Longer ones are not looked at: metadata of a call is not much larger, and a JWT has some hundred characters."""

_MOST_KEY_ID: Final = 256
_SEGMENTS: Final = 3
_ENCRYPTED_SEGMENTS: Final = 5
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*")
_TYPES: Final = frozenset({"jwt", "at+jwt"})  # RFC 7519, RFC 9068
_OWN_KEYS: Final = frozenset({"jwk", "jku", "x5u", "x5c"})
_ENCRYPTION: Final = frozenset({"enc", "zip", "epk"})


@dataclass(frozen=True, slots=True)
class UncheckedJwt:
    """What a JWT says, before anybody has checked who says it.

    Attributes:
        text: the whole of it.
        algorithm: that its signature is said to have.
        key_id: of the key that is said to have signed it, an opaque text; ``None``: it does not say.
    """

    text: str = field(repr=False)
    algorithm: str
    key_id: str | None
    claims: Mapping[str, Any] = field(repr=False)


def read(text: str) -> UncheckedJwt:
    """Reads a JWT.

    Raises:
        JwtRefused: its form or its header is not what is taken here.
    """
    if len(text) > MOST_CHARACTERS:
        raise JwtRefused(Why.TOO_LARGE)
    segments = text.split(".")
    if len(segments) != _SEGMENTS:
        raise JwtRefused(Why.ENCRYPTED if len(segments) == _ENCRYPTED_SEGMENTS else Why.NOT_THREE_SEGMENTS)
    header, claims, signature = (_decoded(segment) for segment in segments)
    if not signature:
        raise JwtRefused(Why.SIGNATURE)
    members = _object(header)
    _check_header(members)
    return UncheckedJwt(text, members["alg"], members.get("kid"), _object(claims))


def decoded(segment: str) -> bytes | None:
    """The bytes of base64url without padding; ``None``: it is none, or not the one way to write them."""
    if not _BASE64URL.fullmatch(segment):
        return None
    try:
        data = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error:
        return None
    return data if urlsafe_b64encode(data).rstrip(b"=") == segment.encode() else None


def _decoded(segment: str) -> bytes:
    data = decoded(segment)
    if data is None:
        raise JwtRefused(Why.NOT_BASE64URL)
    return data


def _object(data: bytes) -> Mapping[str, Any]:
    try:
        members = strict_json.parse(data)
    except strict_json.NotStrictJson as error:
        raise JwtRefused(Why.DUPLICATE_MEMBER if error.duplicate else Why.NOT_JSON) from None
    if not isinstance(members, dict):
        raise JwtRefused(Why.NOT_AN_OBJECT)
    return members


def _check_header(header: Mapping[str, Any]) -> None:
    if "crit" in header or "b64" in header:
        raise JwtRefused(Why.CRITICAL_EXTENSION)
    if not header.keys().isdisjoint(_OWN_KEYS):
        raise JwtRefused(Why.BRINGS_ITS_OWN_KEY)
    if not header.keys().isdisjoint(_ENCRYPTION):
        raise JwtRefused(Why.ENCRYPTED)
    if "cty" in header:
        raise JwtRefused(Why.NESTED)
    if "typ" in header and not _is_type(header["typ"]):
        raise JwtRefused(Why.TYPE)
    if not isinstance(header.get("alg"), str):
        raise JwtRefused(Why.ALGORITHM)
    key_id = header.get("kid", "")
    if not isinstance(key_id, str) or len(key_id) > _MOST_KEY_ID:
        raise JwtRefused(Why.KEY_ID)


def _is_type(value: object) -> bool:
    return isinstance(value, str) and value.lower().removeprefix("application/") in _TYPES
