"""Keeps the engine's snapshot up to date: read whole when policy has changed, built off the loop, swapped."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from pointsman_server.errors import StoreUnavailable
from pointsman_server.policy.engine import PolicyEngine
from pointsman_server.policy.following import Following
from pointsman_server.policy.snapshot import PolicyData, PolicySnapshot
from pointsman_server.telemetry import frames

RETRY_S = 1.0
"""When the store is asked again where it could not be read."""

_log = structlog.get_logger(__name__)


class UnreadablePolicy(Exception):
    """What the store holds cannot be used; the message says which row, and why.

    Attributes:
        generation: how often policy had changed.
    """

    def __init__(self, message: str, generation: int) -> None:
        super().__init__(message)
        self.generation = generation


class PolicyReader(Protocol):
    """Reads everything at once."""

    async def load(self) -> PolicyData:
        """All rules and plans, of one state of the store.

        Raises:
            StoreUnavailable: the store cannot be read.
            UnreadablePolicy: a row cannot be used.
        """
        ...


class PolicyKeeper:
    """Loads policy, once at the start and then after each change.

    Attributes:
        engine: gives verdicts under what was loaded.
    """

    def __init__(self, reader: PolicyReader, engine: PolicyEngine) -> None:
        self._reader = reader
        self.engine = engine
        self._following = Following("The rules have changed and cannot be read; nothing is let in until then.")

    async def load(self) -> None:
        """Loads what the store holds and puts it in force.

        Raises:
            StoreUnavailable: the store cannot be read.
            UnreadablePolicy: a row cannot be used.
        """
        data = await self._reader.load()
        snapshot = await asyncio.to_thread(PolicySnapshot, data)
        self.engine.use(snapshot)
        await self._following.reach(data.generation)

    def changed(self) -> None:
        """Says that policy has changed; ``run`` loads it."""
        self._following.changed()

    async def run(self) -> None:
        """Loads after each change, until it is cancelled. What cannot be used leaves in force what is."""
        while await self._following.change():
            if not await self._reload():
                await asyncio.sleep(RETRY_S)
                self._following.changed()

    async def at_least(self, generation: int) -> None:
        """Returns when this version of policy, or a later one, was loaded or found to be unusable.

        Raises:
            StoreUnavailable: it cannot be read.
        """
        await self._following.at_least(generation)

    async def _reload(self) -> bool:
        """Whether the store said what there is."""
        try:
            await self.load()
        except StoreUnavailable as error:
            _log.warning("policy_unread", cause=repr(error.__cause__))
            return False
        except UnreadablePolicy as error:
            _log.error("policy_kept", reason=str(error), in_force=self.engine.generation)
            await self._following.reach(error.generation)
        except Exception as defect:  # noqa: BLE001  # a defect must not end the reloading
            _log.error("policy_reload_defect", exception=frames(defect), in_force=self.engine.generation)
            return False
        else:
            _log.info("policy_loaded", generation=self.engine.generation)
        return True
