"""The key under which the store's digests of tokens are made: the operator's, or one that the database keeps."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final, Protocol

from pointsman_server.errors import ConfigurationError
from pointsman_server.identity.tokens import MIN_DIGEST_KEY_BYTES, Digests

SETTING: Final = "POINTSMAN_TOKEN_KEY"
_NAME: Final = "token_key"
_OWN: Final = b"own:"
_GIVEN: Final = b"given:"
_MARK_OF: Final = b"the key of pointsman's tokens"


class ServerSecrets(Protocol):
    """Keeps what all replicas of a server must know."""

    async def once(self, name: str, fresh: bytes) -> bytes:
        """The value of a name: what is kept, else the fresh one, which is kept from now on.

        Raises:
            StoreUnavailable: the store cannot be written.
        """
        ...


async def digests_under(kept: ServerSecrets, given: str) -> Digests:
    """What makes digests of tokens.

    Args:
        kept: what the database keeps: its own key, or the mark of the operator's, by which another one is noticed.
        given: the operator's key; empty: the database's own, made with the first start.

    Raises:
        ConfigurationError: the tokens that there are were made under another key, so that none would be known.
        StoreUnavailable: the store cannot be written.
    """
    if not given:
        value = await kept.once(_NAME, _OWN + secrets.token_bytes(MIN_DIGEST_KEY_BYTES))
        if not value.startswith(_OWN):
            raise ConfigurationError(f"{SETTING} is not set, and this database's keys were made under one: set it.")
        return Digests(value.removeprefix(_OWN))
    mark = _GIVEN + hmac.digest(given.encode(), _MARK_OF, hashlib.sha256)
    value = await kept.once(_NAME, mark)
    if value.startswith(_OWN):
        raise ConfigurationError(f"{SETTING} is set, and this database has a key of its own already: unset it.")
    if not hmac.compare_digest(value, mark):
        raise ConfigurationError(f"{SETTING} is not the one under which this database's keys were made: set that one.")
    return Digests(given.encode())
