"""Keeps the kill switches in force at hand: read whole after each change, swapped, and told to what runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from pointsman_server.errors import StoreUnavailable
from pointsman_server.policy.following import Following
from pointsman_server.policy.kill_switch import NOTHING_STOPPED, KillSwitches
from pointsman_server.telemetry import frames

RETRY_S = 0.25
"""When the store is asked again where the switches could not be read."""

SWEEP_S = 0.25
"""How often what runs is held against switches that cut it: one that was let in a moment before is found then."""

_UNREAD = "A kill switch was pulled or released and cannot be read; nothing is let in until then."

_log = structlog.get_logger(__name__)


class KillReader(Protocol):
    """Reads everything at once."""

    async def load(self) -> KillSwitches:
        """All switches in force, of one state of the store.

        Raises:
            StoreUnavailable: the store cannot be read.
            Exception: a row cannot be used.
        """
        ...


class KillKeeper:
    """Loads the switches, once at the start and then after each change.

    Where they cannot be read, those at hand stay in force and ``at_least`` refuses: which are stricter, nobody knows.

    Attributes:
        current: those in force.
    """

    def __init__(self, reader: KillReader) -> None:
        self._reader = reader
        self._following = Following(_UNREAD, reached=NOTHING_STOPPED.generation)
        self.current: KillSwitches = NOTHING_STOPPED

    async def load(self) -> None:
        """Loads what the store holds and puts it in force.

        Raises:
            StoreUnavailable: the store cannot be read.
            Exception: a row cannot be used.
        """
        found = await self._reader.load()
        if found.generation >= self.current.generation:
            self.current = found
        await self._following.reach(self.current.generation)

    def changed(self) -> None:
        """Says that a switch was pulled or released; ``run`` loads them."""
        self._following.changed()

    async def at_least(self, generation: int) -> KillSwitches:
        """Returns the switches in force, of this generation or a later one.

        Raises:
            StoreUnavailable: they cannot be read.
        """
        await self._following.at_least(generation)
        return self.current

    async def run(self, cut: Callable[[KillSwitches], None]) -> None:
        """Loads after each change, and has what runs cut, until it is cancelled."""
        while True:
            changed = await self._following.change(SWEEP_S if self.current.cut else None)
            if changed and not await self._reload():
                await asyncio.sleep(RETRY_S)
                self._following.changed()
            try:
                cut(self.current)
            except Exception as defect:  # noqa: BLE001  # a defect must not end the reloading
                _log.error("kill_switch_defect", exception=frames(defect))

    async def _reload(self) -> bool:
        """Whether the switches at hand are those of the store."""
        try:
            await self.load()
        except StoreUnavailable as error:
            _log.warning("kill_switches_unread", cause=repr(error.__cause__))
            return False
        except Exception as defect:  # noqa: BLE001  # a row that cannot be used must not end the reloading
            _log.error("kill_switches_kept", exception=frames(defect), in_force=self.current.generation)
            return False
        _log.info("kill_switches_loaded", generation=self.current.generation, count=len(self.current))
        return True
