"""Supervisors own upstream connections and settlements, so that a caller who goes away can lose neither."""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta

from pointsman_server.clock import Clock
from pointsman_server.errors import Overloaded, ShuttingDown
from pointsman_server.execution.attempts import Attempts
from pointsman_server.execution.checkpoints import Checkpoints
from pointsman_server.execution.model import Completion, StopCause
from pointsman_server.execution.reading_on import ReadingOn
from pointsman_server.execution.relay import Relay
from pointsman_server.execution.repeats import Repeats
from pointsman_server.execution.run import Means, Run
from pointsman_server.execution.settings import RunSettings
from pointsman_server.execution.shared_relay import SharedReader
from pointsman_server.execution.walk import RetryBudget
from pointsman_server.ledger.claims import Claim, ClaimKey, ClaimStore
from pointsman_server.ledger.store import Ledger
from pointsman_server.policy.kill_switch import KillSwitches
from pointsman_server.router.calibration import Calibration

_RETRY_AFTER = timedelta(seconds=1)
_LAST_SETTLEMENTS_S = 5.0


@dataclass(frozen=True, slots=True)
class SupervisorSettings:
    """Limits of the supervisors.

    Attributes:
        max_concurrent: the most completions that run at once.
        retry_budget_percent: the most calls in a hundred that may be tried again on the same model.
    """

    max_concurrent: int
    retry_budget_percent: int
    run: RunSettings


class Supervisor:
    """Starts completions, holds their tasks, and waits for them at exit.

    Attributes:
        checkpoints: of what runs; to be run.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        attempts: Attempts,
        claims: ClaimStore,
        settings: SupervisorSettings,
        clock: Clock,
        jitter: random.Random,
    ) -> None:
        self._max_concurrent = settings.max_concurrent
        budget = RetryBudget(settings.retry_budget_percent)
        reading_on = ReadingOn(settings.run.reading_on)
        self._means = Means(
            ledger, attempts, settings.run, budget, clock, jitter, reading_on, claims, Repeats(), Calibration()
        )
        self._running: dict[asyncio.Task[None], Run] = {}
        self.checkpoints = Checkpoints(self._running.values, ledger)
        self._draining = False

    @property
    def calibration(self) -> Calibration:
        """What the counts of providers have taught so far."""
        return self._means.calibration

    @property
    def running_count(self) -> int:
        """How many completions run, those whose caller is gone included."""
        return len(self._running)

    def join(self, key: ClaimKey, body_digest: str) -> SharedReader | None:
        """The whole stream of the call that has the request id on this server; ``None``: none is known here.

        Raises:
            RequestIdReused: the call has another body.
            RequestIdInUse: it runs, and cannot be joined any more.
        """
        return self._means.repeats.join(key, body_digest)

    def start(self, completion: Completion) -> Relay | SharedReader:
        """Starts a completion; its events come out of the relay, whose ``close`` stops it.

        Where another call has taken its request id meanwhile, joins that one; see ``join``.

        Raises:
            ShuttingDown: the server drains.
            Overloaded: as many completions as may run are running.
        """
        claim = completion.claim
        if claim is not None and (running := self.join(claim.key, claim.body_digest)):
            return running
        if self._draining:
            raise ShuttingDown("The server shuts down; try again.", retry_after=_RETRY_AFTER)
        if len(self._running) >= self._max_concurrent:
            raise Overloaded(
                f"The server runs {self._max_concurrent} completions already; try again later.",
                retry_after=_RETRY_AFTER,
            )
        run = Run(completion, self._means)
        task = asyncio.create_task(self._run(run, claim), name=completion.completion_id)
        self._running[task] = run
        task.add_done_callback(self._running.pop)
        relay = run.relay
        if isinstance(relay, Relay):
            return relay
        assert claim is not None, "only a call with a request id is shared"
        return self._means.repeats.begin(claim, relay)

    async def _run(self, run: Run, claim: Claim | None) -> None:
        try:
            await run.run()
        finally:
            if claim is not None:  # before any reader hears of the end: whoever asks anew then must not join this call
                self._means.repeats.end(claim)

    def obey(self, switches: KillSwitches) -> None:
        """Stops what kill switches end; each is settled as if its caller had gone away, and its caller told."""
        for run in list(self._running.values()):
            run.obey(switches)

    def cut(self) -> None:
        """Stops what runs, also what is read for nobody; each is settled, and its caller told."""
        for run in list(self._running.values()):
            run.stop(StopCause.SHUTDOWN)

    async def drain(self, grace_ms: int) -> None:
        """Admits nothing more, lets running completions end, stops those that take longer, and settles all."""
        self._draining = True
        if self._running:
            await asyncio.wait(set(self._running), timeout=grace_ms / 1000)
        self.cut()
        if self._running:
            await asyncio.wait(set(self._running), timeout=_LAST_SETTLEMENTS_S)
