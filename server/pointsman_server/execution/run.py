"""One supervised completion: attempts in order, each settled, the answer relayed."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog
from pointsman.v1.completion_pb2 import (
    FAILURE_KIND_CANCELLED,
    FAILURE_KIND_INTERNAL,
    FAILURE_KIND_TIMEOUT,
    FAILURE_KIND_UNSPECIFIED,
    CompletionEvent,
    CompletionFailure,
    FailureKind,
)
from pointsman.v1.usage_pb2 import USAGE_FLAG_OVERRUN, TokenUsage

from pointsman_server.adapters.base import ProviderFailure, Target
from pointsman_server.adapters.transport import Timeouts
from pointsman_server.clock import Clock
from pointsman_server.errors import BudgetExhausted, InternalError, PointsmanError, Status, StoreUnavailable
from pointsman_server.execution import accounts, failures, persistence
from pointsman_server.execution.accounts import add, kind_name, settlement
from pointsman_server.execution.attempts import Attempts, Limits, Tally
from pointsman_server.execution.failures import FailedAttempt
from pointsman_server.execution.model import Completion, StopCause
from pointsman_server.execution.narrator import Narrator
from pointsman_server.execution.oddities import tell_oddities
from pointsman_server.execution.persistence import persistently
from pointsman_server.execution.reading_on import ReadingOn, ReadingOnSettings, bills_on
from pointsman_server.execution.relay import ReaderStalled, Relay
from pointsman_server.execution.repeats import Repeats
from pointsman_server.execution.repetition import reserve_first
from pointsman_server.execution.reported import input_total
from pointsman_server.execution.rooms import admitted, in_force, room
from pointsman_server.execution.shared_relay import SharedRelay
from pointsman_server.execution.stop import Stop
from pointsman_server.execution.walk import RetryBudget, RetrySettings, Step, Walk
from pointsman_server.ledger.claims import ClaimStore
from pointsman_server.ledger.generations import GenerationsChanged
from pointsman_server.ledger.ledger import MAX_COST_NANOS
from pointsman_server.ledger.meters import Balance
from pointsman_server.ledger.model import (
    AttemptOutcome,
    OutcomeEntry,
    Progress,
    Reservation,
    ReserveRequest,
    Settlement,
)
from pointsman_server.ledger.store import Ledger
from pointsman_server.router.calibration import Calibration
from pointsman_server.router.model import Candidate
from pointsman_server.telemetry import frames

_log = structlog.get_logger(__name__)

T = TypeVar("T")

_GUARD_MS = 1_000


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How long the steps of an attempt may take, how it is tried again, how long a caller may not read, and what is
    read on when nobody does.
    """

    connect_ms: int
    first_token_ms: int
    chunk_ms: int
    stalled_reader_ms: int
    retry: RetrySettings
    reading_on: ReadingOnSettings


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
        self._settings = means.settings
        self._clock = means.clock
        self._calibration = means.calibration
        self._claims = means.claims
        self._reading_on = means.reading_on
        self._stop = Stop()
        self._relay = self._relay_for(means)
        self._walk = Walk(completion.plan.attempts, means.settings.retry, means.budget, means.jitter)
        self._candidate = self._walk.candidate
        self._narrator = Narrator(completion, means.clock)
        self._failed: list[FailedAttempt] = []
        self._usage = TokenUsage()
        self._tally = Tally(started_at=completion.received_at)
        self._number = 1
        self._reservation: Reservation | None = None
        means.budget.call()

    @property
    def relay(self) -> Relay | SharedRelay:
        """Where the events come out, shared where the call has a request id; closing it stops the completion."""
        return self._relay

    def stop(self, cause: StopCause) -> None:
        """Stops the completion as soon as its attempt can be settled; only the first cause counts."""
        self._stop.give(cause)

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
            ended = await self._attempt(candidate, tally)
            if ended is None:
                return await self._finish(reservation, candidate, tally)
            step = self._next_step(ended, candidate)
            made = tally.dispatched or isinstance(ended, ProviderFailure)
            booked = self._book(candidate, tally, ended) if made else None
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
        first, *others = (room(self._completion, self._number, candidate) for candidate in candidates)
        try:
            if failed is None or booked is None:
                reservation = await reserve_first(
                    self._ledger, self._claims, self._completion, first, others=tuple(others)
                )
            else:
                reservation = await self._move_on(failed, booked, first, tuple(others))
        except GenerationsChanged as outdated:
            if failed is not None:  # else the call is planned anew, and its caller knows nothing of this
                outdated.failure = self._describe_failure()
                await self._record_refusal(outdated)
            raise
        except BudgetExhausted as refused:
            refused.failure = self._describe_failure()
            await self._record_refusal(refused)
            raise
        self._walk.take(reservation.request.model_id)
        self._candidate = admitted(candidates, reservation)
        self._reservation = reservation
        return reservation

    async def _record_refusal(self, refused: PointsmanError) -> None:
        """Stores what became of the decision. The caller is told of the refusal, whatever becomes of the record."""
        outcome = self._narrator.outcome(refused.status, "")

        async def write() -> None:
            await self._ledger.record(self._completion.decision, outcome, admission=False)

        try:
            await write()
        except StoreUnavailable:
            _log.error("refusal_waits", completion_id=self._completion.completion_id)
            self._relay.end(refused)
            await persistently(write, patience_s=math.inf)

    async def _refuse_new_prices(self, failed: Reservation | None, booked: Settlement | None) -> PointsmanError:
        """Ends a completion whose models have become too dear for it while it ran; returns what to tell the caller."""
        refused = failures.too_dear_now(self._describe_failure())
        if failed is None or booked is None:
            await self._record_refusal(refused)
        else:
            await self._settle(failed, booked, self._narrator.outcome(refused.status, ""))
        return refused

    async def _attempt(self, candidate: Candidate, tally: Tally) -> ProviderFailure | StopCause | None:
        """Makes one attempt; ``None``: the answer is whole."""
        try:
            work = self._attempts.run(
                self._completion.specification,
                Target(candidate.provider, candidate.model, candidate.max_output_tokens),
                self._limits(),
                tally,
                self._deliver,
            )
            return await self._stop.race(work, self._remaining_s(), self._read_on)
        except ProviderFailure as failure:
            return failure
        except Exception as defect:  # noqa: BLE001  # whatever it was, the attempt must be settled
            _log.error("attempt_defect", completion_id=self._completion.completion_id, exception=frames(defect))
            return ProviderFailure(FAILURE_KIND_INTERNAL)

    async def _pause(self, seconds: float) -> StopCause | None:
        return await self._stop.race(asyncio.sleep(seconds), self._remaining_s())

    async def _read_on(self, answer: asyncio.Task[None]) -> None:
        """Reads the answer to its end for nobody, where it is billed anyway. The caller's stream ends at once."""
        cause = self._stop.cause
        if cause is None or cause is StopCause.SHUTDOWN or not bills_on(self._candidate):
            return
        with self._reading_on.place(self._completion.charge.tenant_id) as found:
            if found:
                self._relay.end(failures.stopped(cause, self._describe_so_far(cause)))
                await self._stop.outlast(answer, self._reading_on.longest_s)
        if not answer.done():
            _log.warning("answer_cut_off", completion_id=self._completion.completion_id, attempt=self._number)

    async def _deliver(self, deltas: list[CompletionEvent]) -> None:
        if self._stop.cause is not None:  # they are counted, and for nobody
            return
        if events := self._narrator.deltas(deltas, self._number, self._candidate, self._tally):
            try:
                await self._relay.send(events)
            except ReaderStalled:
                self.stop(StopCause.STALLED)

    async def _finish(self, reservation: Reservation, candidate: Candidate, tally: Tally) -> None:
        booked = self._book(candidate, tally, None)
        outcome = self._narrator.outcome(Status.OK, candidate.model.id)
        tightest = await self._settle(reservation, booked, outcome)
        try:
            await self._relay.send(self._narrator.finished(self._number, candidate, tally, booked, tightest))
        except ReaderStalled:
            _log.info("reader_stalled", completion_id=self._completion.completion_id)

    def _next_step(self, ended: ProviderFailure | StopCause, candidate: Candidate) -> Step | None:
        kind = _outcome_of(ended)[1]
        if isinstance(ended, StopCause):
            if ended is StopCause.DEADLINE:
                self._failed.append(FailedAttempt(candidate.provider.id, candidate.model.id, kind))
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
        self._failed.append(failed)
        step = None if self._relay.sent_count else self._walk.after(ended, longest_wait_s=self._share_s())
        if step is not None:
            self._narrator.reroute(self._number, failed)
        return step

    async def _move_on(
        self, failed: Reservation, booked: Settlement, first: ReserveRequest, others: tuple[ReserveRequest, ...]
    ) -> Reservation:
        return await self._persistently(lambda: self._ledger.settle_and_reserve(failed, booked, first, others=others))

    async def _settle(self, reservation: Reservation, booked: Settlement, outcome: OutcomeEntry) -> Balance | None:
        return await self._persistently(lambda: self._ledger.settle(reservation, booked, outcome))

    async def _persistently(self, write: Callable[[], Awaitable[T]]) -> T:
        """Writes however long the store is away; the caller waits no longer than for ``PATIENCE_S``."""
        try:
            return await persistently(write, patience_s=persistence.PATIENCE_S)
        except StoreUnavailable as away:
            _log.error("settlement_waits", completion_id=self._completion.completion_id)
            self._relay.end(away)
            self.stop(StopCause.CANCELLED)
            return await persistently(write, patience_s=math.inf)

    async def _give_up(
        self, reservation: Reservation, booked: Settlement | None, ended: ProviderFailure | StopCause
    ) -> None:
        failure = self._describe_failure()
        if isinstance(ended, StopCause):
            error = failures.stopped(ended, failure)
        elif self._relay.sent_count:
            error = failures.broken(self._failed[-1], failure)
        else:
            error = failures.all_failed(self._failed, failure)
        outcome = self._narrator.outcome(error.status, "")
        if booked is not None:
            await self._settle(reservation, booked, outcome)
        else:
            await self._persistently(lambda: self._ledger.void(reservation, outcome))
        raise error

    def _book(self, candidate: Candidate, tally: Tally, ended: ProviderFailure | StopCause | None) -> Settlement:
        outcome, kind = _outcome_of(ended)
        booked = settlement(
            tally,
            candidate,
            outcome,
            kind,
            ended_monotonic=self._clock.monotonic(),
        )
        tell_oddities(self._completion.charge, self._number, candidate, tally, booked)
        self._learn(candidate, tally, booked)
        add(self._usage, booked.usage)
        self._narrator.booked(self._number, candidate, booked)
        return booked

    def _learn(self, candidate: Candidate, tally: Tally, booked: Settlement) -> None:
        """Takes what the provider counted of the input, where its count is whole and nothing else about it is odd."""
        odd = frozenset(booked.usage_flags) - {USAGE_FLAG_OVERRUN}
        if tally.reported.whole and not booked.usage.estimated and not odd:
            only_text = self._completion.plan.facts.only_text
            counted = input_total(booked.usage)
            self._calibration.learn(candidate.model.id, candidate.input_tokens_bound, counted, only_text=only_text)

    def _describe_so_far(self, cause: StopCause) -> CompletionFailure:
        """What to tell of an attempt that goes on for nobody: the most that it can come to."""
        candidate, usage = self._candidate, TokenUsage()
        outcome, kind = _outcome_of(cause)
        tally = replace(self._tally, hung_up=True)
        now = self._clock.monotonic()
        at_most = settlement(tally, candidate, outcome, kind, ended_monotonic=now)
        for used in (self._usage, at_most.usage):
            add(usage, used)
        failed = list(self._failed)
        if kind == FAILURE_KIND_TIMEOUT:
            failed.append(FailedAttempt(candidate.provider.id, candidate.model.id, kind))
        costs = (self._narrator.cost_nanos, at_most.cost_nanos)
        cost = None if None in costs else min(sum(filter(None, costs)), MAX_COST_NANOS)
        return failures.describe(self._completion, failed, usage, cost, self._relay.sent_count)

    def _describe_failure(self) -> CompletionFailure:
        return failures.describe(
            self._completion, self._failed, self._usage, self._narrator.cost_nanos, self._relay.sent_count
        )

    def _relay_for(self, means: Means) -> Relay | SharedRelay:
        stalled_ms = self._settings.stalled_reader_ms
        if self._completion.claim is None:
            return Relay(stalled_reader_ms=stalled_ms, on_close=lambda: self.stop(StopCause.CANCELLED))
        return SharedRelay(
            stalled_reader_ms=stalled_ms, on_close=lambda: self.stop(StopCause.CANCELLED), room=means.repeats
        )

    def _limits(self) -> Limits:
        """How long the steps of the next attempt may take.

        While another model could still serve, one attempt has its share at the most. Otherwise it ends with the
        completion.
        """
        share_s = self._share_s() if self._walk.has_alternative else math.inf
        first_token_s = min(self._settings.first_token_ms / 1000, share_s)
        timeouts = Timeouts(
            connect_ms=round(min(self._settings.connect_ms, share_s * 1000)) or 1,
            first_byte_ms=round(first_token_s * 1000) or 1,
            chunk_ms=self._settings.chunk_ms,
            # The completion's own deadline ends it first; this one only guards against its loss.
            total_ms=round((self._remaining_s() + self._reading_on.longest_s) * 1000) + _GUARD_MS,
        )
        return Limits(timeouts, first_token_s)

    def _share_s(self) -> float:
        """How long the current model may keep the caller waiting: half of the time, so that the next has enough."""
        return self._remaining_s() / 2 if self._walk.has_alternative else self._remaining_s()

    def _remaining_s(self) -> float:
        return max(0.0, self._completion.deadline - self._clock.monotonic())


def _outcome_of(ended: ProviderFailure | StopCause | None) -> tuple[AttemptOutcome, FailureKind.ValueType]:
    if ended is None:
        return AttemptOutcome.SUCCEEDED, FAILURE_KIND_UNSPECIFIED
    if isinstance(ended, ProviderFailure):
        return AttemptOutcome.FAILED, ended.kind
    if ended is StopCause.DEADLINE:
        return AttemptOutcome.FAILED, FAILURE_KIND_TIMEOUT
    return AttemptOutcome.CANCELLED, FAILURE_KIND_CANCELLED
