"""Asks a provider's moderation model about texts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pointsman_server.adapters import moderation
from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.adapters.transport import Timeouts
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.catalog.model import Provider
from pointsman_server.execution.attempts import Exchanges, Keys
from pointsman_server.policy.checks.check_moderation import kind_of
from pointsman_server.policy.checks.model import CheckNotAvailable

PIECE_CHARACTERS = 8_000
"""The longest text that is asked about at once; a longer one is cut."""

_PIECES_AT_ONCE = 32
_ANSWER_BYTES = 1024 * 1024
_OK = 200


@dataclass(frozen=True, slots=True)
class ModerationSettings:
    """Who is asked.

    Attributes:
        provider_id: empty: nobody.
        model: its name on the wire.
        timeout_ms: how long it may take to be told of one request, or of what has come of an answer.
    """

    provider_id: str
    model: str
    timeout_ms: int


class Moderator:
    """Asks."""

    def __init__(
        self,
        settings: ModerationSettings,
        *,
        transport: Exchanges,
        keys: Keys,
        catalog: Catalog,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._keys = keys
        self._catalog = catalog

    async def kinds(self, texts: Sequence[str]) -> list[frozenset[str]]:
        """The kinds that each text is flagged with.

        Raises:
            CheckNotAvailable: nobody is set to be asked, or the answer did not come in time or in its form.
        """
        try:
            async with asyncio.timeout(self._settings.timeout_ms / 1000):
                return await self._kinds(texts)
        except TimeoutError as late:
            raise CheckNotAvailable("the answers did not come in time") from late

    async def _kinds(self, texts: Sequence[str]) -> list[frozenset[str]]:
        pieces = [(index, piece) for index, text in enumerate(texts) for piece in _cut(text)]
        found: list[frozenset[str]] = [frozenset()] * len(texts)
        for start in range(0, len(pieces), _PIECES_AT_ONCE):
            some = pieces[start : start + _PIECES_AT_ONCE]
            for (index, _), categories in zip(some, await self._ask([piece for _, piece in some]), strict=True):
                found[index] |= {kind_of(category) for category in categories}
        return found

    async def _ask(self, texts: Sequence[str]) -> list[frozenset[str]]:
        settings = self._settings
        provider = self._catalog.snapshot.providers.get(settings.provider_id)
        if provider is None:
            raise CheckNotAvailable("no provider is asked; set moderation_provider to one that has the endpoint")
        try:
            return await self._exchange(provider, texts)
        except ProviderFailure as failure:
            raise CheckNotAvailable(f"provider {provider.id} did not say ({failure})") from failure

    async def _exchange(self, provider: Provider, texts: Sequence[str]) -> list[frozenset[str]]:
        settings = self._settings
        found = self._keys.find(provider.auth)
        call = moderation.encode(provider, found[0] if found else None, model=settings.model, texts=texts)
        limit = settings.timeout_ms
        async with self._transport.exchange(call, provider, Timeouts(limit, limit, limit, limit)) as response:
            if response.status != _OK:
                raise CheckNotAvailable(f"provider {provider.id} answered with status {response.status}")
            return moderation.decode(await response.read(_ANSWER_BYTES), len(texts))


def _cut(text: str) -> Iterator[str]:
    for start in range(0, len(text), PIECE_CHARACTERS):
        yield text[start : start + PIECE_CHARACTERS]
