"""Keys and access tokens: how they are made, read and digested. None of it can print one.

A token is ``pmk_ID_SECRET`` (an API key) or ``pma_ID_SECRET`` (an access token). ``pmk_ID`` is its public id. The
secret has 43 random letters and digits, 256 bits; the 6 after them are a checksum, by which a typing error is told
from a key that is unknown, without a look at the store. The store has the HMAC-SHA256 of the whole token under the
server's key, never the token.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NoReturn

MIN_DIGEST_KEY_BYTES: Final = 32

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_CHARACTERS: Final = 43
_CHECKSUM_CHARACTERS: Final = 6
_FORM: Final = re.compile(r"((?:pmk|pma)_[0-9a-z]{1,40})_[0-9A-Za-z]{43}([0-9A-Za-z]{6})")


class TokenKind(StrEnum):
    """What a token opens, and what its id begins with."""

    API_KEY = "pmk"
    ACCESS_TOKEN = "pma"  # noqa: S105  # a prefix


class Token:
    """A whole token. ``reveal`` is the only way to it, for the one answer that shows it.

    Attributes:
        token_id: its public part.
    """

    __slots__ = ("_text", "token_id")

    def __init__(self, token_id: str, text: str) -> None:
        self.token_id = token_id
        self._text = text

    @property
    def kind(self) -> TokenKind:
        """What it opens."""
        return TokenKind(self.token_id.partition("_")[0])

    def reveal(self) -> str:
        """The plaintext."""
        return self._text

    def __repr__(self) -> str:
        return f"Token({self.token_id}_***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Token cannot be serialised")


Mint = Callable[[str], Token]
"""Makes a token with the given public id."""


def mint(token_id: str) -> Token:
    """Makes a token with fresh randomness.

    Args:
        token_id: ``pmk_…`` or ``pma_…``, of digits and lower-case letters.
    """
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_CHARACTERS))
    text = f"{token_id}_{secret}"
    token = parse(text + _checksum(text))
    assert token is not None, f"{token_id} is no id of a token"
    return token


def parse(text: str) -> Token | None:
    """Reads a token; ``None``: it is none, or has a typing error. Whether it is known, only the store can say."""
    match = _FORM.fullmatch(text)
    if match is None or _checksum(text[:-_CHECKSUM_CHARACTERS]) != match[2]:
        return None
    return Token(match[1], text)


class Digests:
    """Makes the digests that the store knows tokens by. Holds the server's key, so it shows nothing of itself."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        assert len(key) >= MIN_DIGEST_KEY_BYTES, "the key of digests is too short"
        self._key = key

    def of(self, token: Token) -> bytes:
        """The token's HMAC-SHA256."""
        return hmac.digest(self._key, token.reveal().encode(), hashlib.sha256)

    def __repr__(self) -> str:
        return "Digests(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Digests cannot be serialised")


def _checksum(text: str) -> str:
    """CRC-32 in base 62."""
    number = zlib.crc32(text.encode())
    digits: list[str] = []
    for _ in range(_CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
