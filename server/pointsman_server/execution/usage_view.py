"""What rules that hold while a budget is used know of it: read beside the calls, never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import structlog

from pointsman_server.clock import Clock
from pointsman_server.errors import StoreUnavailable
from pointsman_server.ledger.meters import Scope
from pointsman_server.ledger.shares import ShareKey, ShareStore
from pointsman_server.policy.rule import PolicyScope
from pointsman_server.telemetry import frames

POLL_S: Final = 1.0
"""Between two looks at the store."""

STALE_S: Final = 5.0
"""How old what is known may be; older, it counts as not known."""

ASKED_S: Final = 3_600.0
"""How long a budget is watched after a call last asked for it."""

MOST: Final = 10_000
"""How many are watched; when more are asked for, all but the new one are not known until they are asked for again."""

_PAUSE_S: Final = 0.05

_log = structlog.get_logger(__name__)


class UsageWatch:
    """Implements ``policy.situation.UsageView``: watches the budgets that calls ask for.

    What is asked for the first time is not known yet, and is read at once.
    """

    def __init__(self, store: ShareStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._asked: dict[ShareKey, float] = {}
        self._known: Mapping[ShareKey, int] = {}
        self._read_at = 0.0
        self._new = asyncio.Event()

    def percent(self, tenant_id: str, scope: PolicyScope, scope_id: str, budget_id: str) -> int | None:
        """How much of a budget is used; see ``UsageView``."""
        key = ShareKey(tenant_id, Scope[scope.name], scope_id, budget_id)
        now = self._clock.monotonic()
        if key not in self._asked:
            if len(self._asked) >= MOST:
                self._asked.clear()
            self._new.set()
        self._asked[key] = now
        return None if now - self._read_at > STALE_S else self._known.get(key)

    async def look(self) -> None:
        """Reads what is asked for; where nothing is, reads nothing.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        began = self._clock.monotonic()
        self._asked = {key: at for key, at in self._asked.items() if began - at <= ASKED_S}
        if self._asked:
            self._known = await self._store.shares(tuple(self._asked))
            self._read_at = began

    async def run(self) -> None:
        """Looks until it is cancelled; what goes wrong costs one look."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._new.wait()
            self._new.clear()
            try:
                await self.look()
            except StoreUnavailable as error:
                _log.warning("budget_usage_unread", cause=repr(error.__cause__))
            except Exception as defect:  # noqa: BLE001  # a defect must not end the watch
                _log.error("budget_usage_defect", exception=frames(defect))
            await asyncio.sleep(_PAUSE_S)
