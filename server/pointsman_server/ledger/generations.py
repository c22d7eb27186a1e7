"""Generations: numbers that grow with each change of what calls are planned under, so that no call acts on what is old.

Whoever changes something counts its generation on in the same transaction. A reservation says which ones its plan was
made under, and is refused where the store has newer ones; everything else follows within a quarter of a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import NamedTuple

import structlog

from pointsman_server.clock import Clock
from pointsman_server.errors import PlanOutdated, StoreUnavailable
from pointsman_server.telemetry import frames

POLL_S = 0.25
"""Between two looks at the store: one small read."""

DEAF_AFTER_S = 2.0
"""How long a server may go without hearing from the store before it lets nothing more in."""

_log = structlog.get_logger(__name__)


class Generation(StrEnum):
    """What calls are planned under: the kill switch, what is revoked, the rules, the models."""

    KILL = "kill"
    REVOCATION = "revocation"
    POLICY = "policy"
    CATALOG = "catalog"


class Generations(NamedTuple):
    """How often each has changed, named and ordered as in ``Generation``."""

    kill: int = 0
    revocation: int = 0
    policy: int = 0
    catalog: int = 0

    def changed_since(self, others: Generations) -> tuple[Generation, ...]:
        """Which are newer than the others."""
        pairs = zip(Generation, self, others, strict=True)
        return tuple(name for name, here, there in pairs if here > there)

    def whatever_becomes_of(self, *names: Generation) -> Generations:
        """These, and of those names any later ones too."""
        return self._replace(**dict.fromkeys((name.value for name in names), _LAST))


_LAST = 2**63 - 1
NEVER_CHANGED = Generations()


class GenerationsChanged(PlanOutdated):
    """The store has newer generations than those that a call was planned under."""

    def __init__(self, found: Generations) -> None:
        """Takes the store's generations."""
        super().__init__("What the call was planned under has changed; try again.")
        self.found = found


class GenerationWatch:
    """What this server knows of the generations, and when it last heard from the store.

    Attributes:
        current: the newest that it has seen.
    """

    def __init__(self, read: Callable[[], Awaitable[Generations]], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._heard_at = clock.monotonic()
        self._listeners: dict[Generation, list[Callable[[], None]]] = {}
        self.current = Generations()

    def on_change(self, name: Generation, listener: Callable[[], None]) -> None:
        """Has the listener called, on the event loop, after each change that is seen."""
        self._listeners.setdefault(name, []).append(listener)

    @property
    def hears(self) -> bool:
        """Whether the server has heard from the store lately, so that it knows of every change."""
        return self._clock.monotonic() - self._heard_at <= DEAF_AFTER_S

    def admitting(self) -> Generations:
        """The generations to plan under.

        Raises:
            StoreUnavailable: the server has not heard from the store for too long to let anything in.
        """
        if not self.hears:
            raise StoreUnavailable("This server has not heard from its store for two seconds; nothing is let in.")
        return self.current

    def saw(self, found: Generations) -> None:
        """Takes what the store says, and calls the listeners of what is newer. An older word changes nothing."""
        changed = found.changed_since(self.current)
        self.current = Generations(*map(max, self.current, found))
        for name in changed:
            _log.info("generation_changed", name=name.value)
            for listener in self._listeners.get(name, ()):
                listener()

    async def look(self) -> None:
        """Looks once.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        asked_at = self._clock.monotonic()
        found = await self._read()
        self._heard_at = asked_at
        self.saw(found)

    async def run(self) -> None:
        """Looks until it is cancelled; what goes wrong costs one look."""
        while True:
            try:
                await self.look()
            except StoreUnavailable as error:
                _log.warning("generations_unread", cause=repr(error.__cause__))
            except Exception as defect:  # noqa: BLE001  # a listener's defect must not make the server deaf
                _log.error("generation_listener_defect", exception=frames(defect))
            await asyncio.sleep(POLL_S)
