"""A prompt cache: conversations that begin like an earlier one pay less for what they share."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from typing import Final

from pointsman_server.sandbox.conversation import Ask

_LARGEST: Final = 1_024
# Shorter prefixes are not kept, as with real providers, though these ask for about a thousand tokens.
LEAST_TOKENS: Final = 64


class PromptCache:
    """Knows the prefixes of the last conversations by their digests."""

    def __init__(self) -> None:
        self._prefixes: OrderedDict[bytes, None] = OrderedDict()

    def cached_tokens(self, ask: Ask, turn_tokens: list[int]) -> int:
        """How many of the input's tokens the cache holds; then it holds them all.

        At least one token is always new: a model has to read something to answer.
        """
        digest = blake2b(repr((ask.model, ask.tools)).encode(), digest_size=16)
        total, held = 0, 0
        for turn, tokens in zip(ask.turns, turn_tokens, strict=True):
            digest.update(repr(turn).encode())
            total += tokens
            key = digest.digest()
            if total >= LEAST_TOKENS:
                held = total if key in self._prefixes else held
                self._keep(key)
        return max(0, min(held, sum(turn_tokens) - 1))

    def clear(self) -> None:
        """Forgets everything."""
        self._prefixes.clear()

    def _keep(self, key: bytes) -> None:
        self._prefixes[key] = None
        self._prefixes.move_to_end(key)
        if len(self._prefixes) > _LARGEST:
            self._prefixes.popitem(last=False)
