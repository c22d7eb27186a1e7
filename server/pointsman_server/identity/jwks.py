"""An issuer's keys, kept: read from one pinned URL, again when their time is over or a JWT names one that is unknown.

Whatever callers send, the issuer is asked at most once in ten seconds, and by one question at a time. Where it does
not answer, the keys that are known serve on for a bounded time.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

import structlog

from pointsman_server.clock import Clock
from pointsman_server.errors import CredentialUnverifiable
from pointsman_server.identity import jwt_keys
from pointsman_server.identity.jwt_keys import BadKeySet, KeySet, VerificationKey
from pointsman_server.telemetry import frames

LEAST_WAIT_S: Final = 10.0
"""Between two questions to an issuer."""

LEAST_LIFE_S: Final = 60.0
MOST_LIFE_S: Final = 86_400.0
"""Within these an issuer may say itself how long its keys are good for."""

_MAX_AGE: Final = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?([0-9]{1,10})\"?\s*(?:,|$)", re.IGNORECASE)
_NOT_KEPT: Final = re.compile(r"(?:^|,)\s*no-(?:store|cache)\s*(?:,|$)", re.IGNORECASE)
_log = structlog.get_logger(__name__)


class KeysNotRead(Exception):
    """An issuer's keys could not be fetched. The text says why, for operators."""


@dataclass(frozen=True, slots=True)
class FetchedKeys:
    """What an issuer's URL serves."""

    body: bytes
    cache_control: str = ""


class FetchKeys(Protocol):
    """Fetches a pinned URL: ``adapters.key_fetcher.KeyFetcher``."""

    async def __call__(self, url: str, /) -> FetchedKeys:
        """What it serves, within bounds of time and size.

        Raises:
            KeysNotRead: it serves nothing of the kind.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeyLife:
    """How long keys are used.

    Attributes:
        life_s: where the issuer does not say.
        stale_s: how much longer, where they cannot be read again.
    """

    life_s: float
    stale_s: float


class IssuerKeys:
    """The keys of one issuer."""

    def __init__(self, url: str, fetch: FetchKeys, clock: Clock, life: KeyLife) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._life = life
        self._known: KeySet | None = None
        self._fresh_until = 0.0
        self._next_question = -LEAST_WAIT_S
        self._answered = False  # whether the last question was
        self._asking: asyncio.Task[None] | None = None

    async def fitting(self, key_id: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        """The keys that may verify a signature; none: the issuer has no such key.

        Raises:
            CredentialUnverifiable: the issuer does not say which keys it has.
        """
        now = self._clock.monotonic()
        known = self._usable(now)
        if known is not None and now >= self._fresh_until:
            self._ask(now)  # nobody waits for it: the keys still serve
        keys = known.fitting(key_id, algorithm) if known is not None else ()
        if keys:
            return keys
        await self._answer(now)
        known = self._usable(self._clock.monotonic())
        keys = known.fitting(key_id, algorithm) if known is not None else ()
        if not keys and not self._answered:
            raise self._unverifiable()
        return keys

    async def run(self, look_s: float = 1.0) -> None:
        """Keeps the keys fresh, until cancelled, so that no call has to wait for them. Looks at the clock so often."""
        try:
            while True:
                now = self._clock.monotonic()
                if now >= self._fresh_until:
                    await self._answer(now)
                await asyncio.sleep(look_s)
        finally:
            if self._asking is not None:
                self._asking.cancel()

    def _usable(self, now: float) -> KeySet | None:
        return self._known if now < self._fresh_until + self._life.stale_s else None

    async def _answer(self, now: float) -> None:
        """Waits until the issuer has answered, where it may be asked; a caller who goes away takes nobody with it."""
        asking = self._ask(now)
        if asking is not None:
            await asyncio.shield(asking)

    def _ask(self, now: float) -> asyncio.Task[None] | None:
        """The question that is under way; ``None``: the last one was too short a time ago."""
        if self._asking is None and now >= self._next_question:
            self._next_question = now + LEAST_WAIT_S
            self._asking = asyncio.create_task(self._read(), name="issuer-keys")
        return self._asking

    async def _read(self) -> None:
        try:
            fetched = await self._fetch(self._url)
            self._known = jwt_keys.read(fetched.body)
        except (KeysNotRead, BadKeySet) as error:
            self._answered = False
            _log.warning("issuer_keys_not_read", url=self._url, why=str(error), known=self._known is not None)
        except Exception as defect:  # noqa: BLE001  # a defect must not leave callers waiting for an answer
            self._answered = False
            _log.error("issuer_keys_defect", url=self._url, exception=frames(defect))
        else:
            self._answered = True
            self._fresh_until = self._clock.monotonic() + life_s(fetched.cache_control, self._life.life_s)
            _log.info("issuer_keys", url=self._url, keys=len(self._known.keys), passed_over=self._known.passed_over)
        finally:
            self._asking = None

    def _unverifiable(self) -> CredentialUnverifiable:
        wait_s = max(self._next_question - self._clock.monotonic(), 1.0)
        return CredentialUnverifiable(
            "The issuer's keys cannot be read now, so that its signature cannot be checked; try again later.",
            retry_after=timedelta(seconds=wait_s),
        )


def life_s(cache_control: str, otherwise_s: float) -> float:
    """How long keys are fresh, by the ``Cache-Control`` that came with them, in seconds; always within bounds."""
    if _NOT_KEPT.search(cache_control):
        return LEAST_LIFE_S
    age = _MAX_AGE.search(cache_control)
    return min(max(float(age[1]) if age else otherwise_s, LEAST_LIFE_S), MOST_LIFE_S)
