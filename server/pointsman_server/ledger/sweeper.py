"""The heartbeat of this server, and its care for what servers that are gone have left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic

import structlog

from pointsman_server.clock import Clock
from pointsman_server.errors import StoreUnavailable
from pointsman_server.ledger.adjustments import Resolver
from pointsman_server.ledger.batch import Orphan, Settle
from pointsman_server.ledger.membership import Membership
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.replicas import HEARTBEAT_S, Living, Registry, ReplicaState, Watch
from pointsman_server.ledger.store import AccessT, LedgerStore, ResultT
from pointsman_server.ledger.unknown import UnknownPolicy
from pointsman_server.ledger.writer import GroupCommitWriter
from pointsman_server.telemetry import frames

AT_ONCE = 256
"""The most reservations that one transaction makes unknown, so that calls need not wait for it long."""

_log = structlog.get_logger(__name__)


class Sweeper(Generic[AccessT]):
    """Runs in every server. Several may find the same: whoever comes second changes nothing."""

    def __init__(
        self,
        writer: GroupCommitWriter[AccessT],
        membership: Membership[AccessT],
        registry: Registry[AccessT],
        *,
        clock: Clock,
        policy: UnknownPolicy | None = None,
    ) -> None:
        """Takes what it works with; without a policy what is unknown stays so until somebody resolves it."""
        self._policy = policy
        self._writer = writer
        self._membership = membership
        self._registry = registry
        self._clock = clock
        self._watch = Watch()

    async def run(self) -> None:
        """Makes rounds until it is cancelled; a defect costs one of them, not all later ones."""
        while True:
            try:
                await self.round()
            except Exception as defect:  # noqa: BLE001  # whatever it is, the heart must go on
                _log.error("sweeper_defect", exception=frames(defect))
            await asyncio.sleep(HEARTBEAT_S)

    async def round(self) -> None:
        """One heartbeat, one look at the others, and what follows from it. The next round makes up for what fails."""
        try:
            for silent in self._watch.look(await self._beat(), self._clock.monotonic()):
                await self._declare_dead(silent)
            while await self._orphan_some() == AT_ONCE:
                pass
            while self._policy is not None and await self._settle_some(self._policy) == AT_ONCE:
                pass
        except StoreUnavailable as error:
            _log.warning("sweep_failed", cause=repr(error.__cause__))

    async def leave(self) -> None:
        """Says that this server stops, so that nobody waits for its heart to beat."""
        try:
            await self._inside(lambda store: store.control(self._membership.leave))
        except StoreUnavailable:
            _log.warning("replica_left_unsaid", replica_id=self._membership.replica_id)

    async def _beat(self) -> Sequence[Living]:
        def work(store: LedgerStore[AccessT]) -> Sequence[Living]:
            now = store.now()
            return store.control(lambda access: self._registry.beat(access, self._membership.replica_id, now))

        return await self._inside(work)

    async def _declare_dead(self, silent: Living) -> None:
        def write(access: AccessT) -> bool:
            return self._registry.end(access, silent, ReplicaState.DEAD)

        if await self._inside(lambda store: store.control(write)):
            _log.error("replica_dead", replica_id=silent.replica_id)

    async def _orphan_some(self) -> int:
        """Makes unknown what nobody will end, and frees its slots; returns how many there were."""

        def work(store: LedgerStore[AccessT]) -> Sequence[Reservation]:
            now = store.now()
            return store.control(lambda access: self._registry.lost(access, now, AT_ONCE))

        found = await self._inside(work)
        if found:
            await self._writer.apply(*map(Orphan, found), admission=False)
        return len(found)

    async def _settle_some(self, policy: UnknownPolicy) -> int:
        """Ends what has been unknown for long enough; returns how many there were."""

        def work(store: LedgerStore[AccessT]) -> Sequence[Reservation]:
            since = store.now() - policy.after
            return store.control(lambda access: self._registry.forgotten(access, since, AT_ONCE))

        found = await self._inside(work)
        if found:
            resolver = Resolver.POLICY
            ends = [Settle(each, policy.settlement(each), resolver=resolver) for each in found]
            await self._writer.apply(*ends, admission=False)
        return len(found)

    async def _inside(self, work: Callable[[LedgerStore[AccessT]], ResultT]) -> ResultT:
        """A heart that waits for room among the admissions would stand still under load."""
        return await self._writer.inside(work, admission=False)
