"""One supervised completion: attempts in order, each settled, the answer relayed."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

import structlog
from pointsman.v1.completion_pb2 import (
    FAILURE_KIND_INTERNAL,
    CompletionEvent,
    CompletionFailure,
)

from pointsman_server.adapters.base import ProviderFailure, Target
from pointsman_server.clock import Clock
from pointsman_server.errors import BudgetExhausted, InternalError, PointsmanError, Status
from pointsman_server.execution import accounts, failures
from pointsman_server.execution.accounts import kind_name
from pointsman_server.execution.attempts import Attempts, Tally
from pointsman_server.execution.bookkeeping import Bookkeeping, outcome_of
from pointsman_server.execution.failures import FailedAttempt
from pointsman_server.execution.model import Completion, StopCause
from pointsman_server.execution.narrator import Narrator
from pointsman_server.execution.outlet import Outlet
from pointsman_server.execution.pace import Pace
from pointsman_server.execution.reading_on import ReadingOn, bills_on
from pointsman_server.execution.relay import ReaderStalled, Relay
from pointsman_server.execution.repeats import Repeats
from pointsman_server.execution.repetition import reserve_first
from pointsman_server.execution.rooms import FIRST_ATTEMPT, admitted, in_force, room
from pointsman_server.execution.settings import RunSettings
from pointsman_server.execution.settling import Settling
from pointsman_server.execution.shared_relay import SharedRelay
from pointsman_server.execution.stop import Stop
from pointsman_server.execution.walk import RetryBudget, Step, Walk
from pointsman_server.ledger.claims import ClaimStore
from pointsman_server.ledger.generations import GenerationsChanged
from pointsman_server.ledger.model import (
    Progress,
    Reservation,
    Settlement,
)
from pointsman_server.ledger.store import Ledger
from pointsman_server.policy.checks.model import Refused
from pointsman_server.policy.kill_switch import KillSwitch, KillSwitches
from pointsman_server.router.calibration import Calibration
from pointsman_server.router.model import Candidate
from pointsman_server.telemetry import frames

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Means:
    """What every run works with."""

    ledger: Ledger
    attempts: Attempts
    settings: RunSettings
    budget: RetryBudget
    clock: Clock
    jitter: random.Random
    reading_on: ReadingOn
    claims: ClaimStore
    repeats: Repeats
    calibration: Calibration


class Run:
    """Runs one completion to its end, whatever becomes of the caller."""

    def __init__(self, completion: Completion, means: Means) -> None:
        self._completion = completion
        self._ledger = means.ledger
        self._attempts = means.attempts
        self._clock = means.clock
        self._claims = means.claims
        self._reading_on = means.reading_on
        self._stop = Stop()
        self._relay = self._relay_for(means)
        self._walk = Walk(completion.plan.attempts, means.settings.retry, means.budget, means.jitter)
        self._candidate = self._walk.candidate
        self._pace = Pace(completion.deadline, self._walk, means.settings, means.clock)
        self._narrator = Narrator(completion, means.clock)
        self._outlet = Outlet(completion, self._narrator, self._relay)
        self._books = Bookkeeping(completion, self._narrator, means.calibration, means.clock)
        self._settling = Settling(means.ledger, completion, self._relay, self._stop)
        self._tally = Tally(started_at=completion.received_at)
        self._number = FIRST_ATTEMPT
        self._reservation: Reservation | None = None
        self._refused: Refused | None = None
        self._killed: KillSwitch | None = None
        means.budget.call()

    @property
    def relay(self) -> Relay | SharedRelay:
        """Where the events come out, shared where the call has a request id; closing it stops the completion."""
        return self._relay

    def stop(self, cause: StopCause) -> None:
        """Stops the completion as soon as its attempt can be settled; only the first cause counts."""
        self._stop.give(cause)

    def obey(self, switches: KillSwitches) -> None:
        """Stops the completion where a kill switch ends it."""
        candidate = self._candidate
        killed = switches.cutting(self._completion.charge.tenant_id, candidate.provider.id, candidate.model.id)
        if killed is None or self._stop.cause is not None:
            return
        completion_id = self._completion.completion_id
        _log.info("completion_killed", completion_id=completion_id, kill_switch_id=killed.kill_switch_id)
        self._killed = killed
        self.stop(StopCause.KILLED)

    def progress(self, *, older_than_s: float) -> Progress | None:
        """What the current attempt has used so far, at the most; ``None``: it is younger, or was not sent."""
        if self._reservation is None or not self._tally.dispatched:
            return None
        if self._clock.monotonic() - self._tally.started_at < older_than_s:
            return None
        return accounts.progress(self._reservation, self._tally, self._candidate)

    async def run(self) -> None:
        """Runs to the end; every failure goes to the caller through the relay, none out of here."""
        error: PointsmanError | None = InternalError(
            "Something in Pointsman failed; the log has more under the completion's id."
        )
        try:
            await self._attempt_in_order()
            error = None
        except PointsmanError as refused:
            error = refused
        except Exception as defect:  # noqa: BLE001  # the last boundary: the caller must hear of an end
            _log.error("completion_defect", completion_id=self._completion.completion_id, exception=frames(defect))
        finally:
            self._relay.end(error)

    async def _attempt_in_order(self) -> None:
        reservation = await self._reserve()
        while True:
            candidate = self._candidate
            self._tally = tally = Tally(started_at=self._clock.monotonic())
            self._outlet.begin(self._number, candidate, tally)
            ended = await self._attempt(candidate, tally)
            if ended is None:
                return await self._finish(reservation, candidate, tally)
            step = self._next_step(ended, candidate)
            made = tally.dispatched or isinstance(ended, ProviderFailure)
            booked = self._books.book(self._number, candidate, tally, ended) if made else None
            if step is not None and step.delay_s and (cause := await self._pause(step.delay_s)):
                ended, step = cause, None
            if step is None or booked is None:
                return await self._give_up(reservation, booked, ended)
            self._number += 1
            reservation = await self._reserve(reservation, booked)

    async def _reserve(self, failed: Reservation | None = None, booked: Settlement | None = None) -> Reservation:
        """Holds room for the next attempt, settling the failed one in the same transaction.

        The ledger takes the first model, from the walk's current one on, that fits every meter.
        """
        max_cost_nanos = self._completion.plan.facts.preferences.max_cost_nanos
        candidates = in_force(self._walk.alternatives, self._clock.now(), max_cost_nanos)
        if not candidates:
            raise await self._refuse_new_prices(failed, booked)
        requests = [room(self._completion, self._number, candidate) for candidate in candidates]
        try:
            if failed is None or booked is None:
                reservation = await reserve_first(self._ledger, self._claims, self._completion, requests)
            else:
                reservation = await self._settling.move_on(failed, booked, requests)
        except GenerationsChanged as outdated:
            if failed is not None:  # else the call is planned anew, and its caller knows nothing of this
                await self._refuse(outdated)
            raise
        except BudgetExhausted as refused:
            await self._refuse(refused)
            raise
        self._walk.take(reservation.request.model_id)
        self._candidate = admitted(candidates, reservation)
        self._reservation = reservation
        return reservation

    async def _refuse(self, refused: PointsmanError) -> None:
        refused.failure = self._books.failure(self._relay.sent_count)
        await self._settling.record(refused, self._narrator.outcome(refused.status, ""))

    async def _refuse_new_prices(self, failed: Reservation | None, booked: Settlement | None) -> PointsmanError:
        """Ends a completion whose models have become too dear for it while it ran; returns what to tell the caller."""
        refused = failures.too_dear_now(self._books.failure(self._relay.sent_count))
        if failed is None or booked is None:
            await self._settling.record(refused, self._narrator.outcome(refused.status, ""))
        else:
            await self._settling.settle(failed, booked, self._narrator.outcome(refused.status, ""))
        return refused

    async def _attempt(self, candidate: Candidate, tally: Tally) -> ProviderFailure | StopCause | None:
        """Makes one attempt; ``None``: the answer is whole."""
        try:
            return await self._stop.race(self._answer(candidate, tally), self._pace.remaining_s, self._read_on)
        except Refused as refused:
            return self._refuse_content(refused)
        except ReaderStalled:
            self.stop(StopCause.STALLED)
            return StopCause.STALLED
        except ProviderFailure as failure:
            return failure
        except Exception as defect:  # noqa: BLE001  # whatever it was, the attempt must be settled
            _log.error("attempt_defect", completion_id=self._completion.completion_id, exception=frames(defect))
            return ProviderFailure(FAILURE_KIND_INTERNAL)

    async def _answer(self, candidate: Candidate, tally: Tally) -> None:
        await self._attempts.run(
            self._completion.content.specification,
            Target(candidate.provider, candidate.model, candidate.max_output_tokens),
            self._pace.limits(),
            tally,
            self._deliver,
        )
        if self._stop.cause is None:
            await self._outlet.close()

    def _refuse_content(self, refused: Refused) -> StopCause:
        completion_id = self._completion.completion_id
        _log.info("content_refused", completion_id=completion_id, check=refused.check, kinds=refused.kinds)
        self._refused = refused
        self.stop(StopCause.REFUSED)
        return StopCause.REFUSED

    async def _pause(self, seconds: float) -> StopCause | None:
        return await self._stop.race(asyncio.sleep(seconds), self._pace.remaining_s)

    async def _read_on(self, answer: asyncio.Task[None]) -> None:
        """Reads the answer to its end for nobody, where it is billed anyway. The caller's stream ends at once."""
        cause = self._stop.cause
        if cause is None or cause is StopCause.SHUTDOWN or not bills_on(self._candidate):
            return
        with self._reading_on.place(self._completion.charge.tenant_id) as found:
            if found:
                self._relay.end(failures.stopped(cause, self._at_most(cause), self._refused, self._killed))
                await self._stop.outlast(answer, self._reading_on.longest_s)
        if not answer.done():
            _log.warning("answer_cut_off", completion_id=self._completion.completion_id, attempt=self._number)

    def _at_most(self, cause: StopCause) -> CompletionFailure:
        return self._books.failure_at_most(self._candidate, self._tally, cause, self._relay.sent_count)

    async def _deliver(self, deltas: list[CompletionEvent]) -> None:
        if self._stop.cause is not None:  # they are counted, and for nobody
            return
        try:
            await self._outlet.take(deltas)
        except Refused as refused:
            self._refuse_content(refused)
        except ReaderStalled:
            self.stop(StopCause.STALLED)

    async def _finish(self, reservation: Reservation, candidate: Candidate, tally: Tally) -> None:
        booked = self._books.book(self._number, candidate, tally, None)
        outcome = self._narrator.outcome(Status.OK, candidate.model.id)
        tightest = await self._settling.settle(reservation, booked, outcome)
        try:
            await self._relay.send(self._narrator.finished(self._number, candidate, tally, booked, tightest))
        except ReaderStalled:
            _log.info("reader_stalled", completion_id=self._completion.completion_id)

    def _next_step(self, ended: ProviderFailure | StopCause, candidate: Candidate) -> Step | None:
        kind = outcome_of(ended)[1]
        if isinstance(ended, StopCause):
            if ended is StopCause.DEADLINE:
                self._books.note(FailedAttempt(candidate.provider.id, candidate.model.id, kind))
            return None
        _log.warning(
            "attempt_failed",
            completion_id=self._completion.completion_id,
            attempt=self._number,
            model=candidate.model.id,
            kind=kind_name(kind),
            http_status=ended.http_status,
        )
        failed = FailedAttempt(candidate.provider.id, candidate.model.id, kind, ended.retry_after)
        self._books.note(failed)
        step = None if self._relay.sent_count else self._walk.after(ended, longest_wait_s=self._pace.share_s)
        if step is not None:
            self._narrator.reroute(self._number, failed)
        return step

    async def _give_up(
        self, reservation: Reservation, booked: Settlement | None, ended: ProviderFailure | StopCause
    ) -> None:
        failure = self._books.failure(self._relay.sent_count)
        if isinstance(ended, StopCause):
            error = failures.stopped(ended, failure, self._refused, self._killed)
        elif self._relay.sent_count:
            error = failures.broken(self._books.failed[-1], failure)
        else:
            error = failures.all_failed(self._books.failed, failure)
        outcome = self._narrator.outcome(error.status, "")
        if booked is not None:
            await self._settling.settle(reservation, booked, outcome)
        else:
            await self._settling.void(reservation, outcome)
        raise error

    def _relay_for(self, means: Means) -> Relay | SharedRelay:
        stalled_ms = means.settings.stalled_reader_ms
        if self._completion.claim is None:
            return Relay(stalled_reader_ms=stalled_ms, on_close=lambda: self.stop(StopCause.CANCELLED))
        return SharedRelay(
            stalled_reader_ms=stalled_ms, on_close=lambda: self.stop(StopCause.CANCELLED), room=means.repeats
        )
