"""Makes new tokens and the digests that the store keeps of them."""

from __future__ import annotations

from dataclasses import dataclass

from pointsman_server.identity.tokens import Digests, Mint, Token, TokenKind
from pointsman_server.ids import NewId


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Makes tokens with fresh ids."""

    digests: Digests
    make: Mint
    new_id: NewId

    def mint(self, kind: TokenKind) -> Token:
        """A fresh token."""
        return self.make(self.new_id(kind.value))

    def digest(self, token: Token) -> bytes:
        """What the store keeps of it."""
        return self.digests.of(token)
