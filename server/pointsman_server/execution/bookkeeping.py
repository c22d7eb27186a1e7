"""What a completion has used so far: every attempt is booked, what is odd about it told, and failures described."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pointsman.v1.completion_pb2 import (
    FAILURE_KIND_CANCELLED,
    FAILURE_KIND_TIMEOUT,
    FAILURE_KIND_UNSPECIFIED,
    CompletionFailure,
    FailureKind,
)
from pointsman.v1.usage_pb2 import USAGE_FLAG_OVERRUN, TokenUsage

from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.clock import Clock
from pointsman_server.execution import failures
from pointsman_server.execution.accounts import add, settlement
from pointsman_server.execution.attempts import Tally
from pointsman_server.execution.failures import FailedAttempt
from pointsman_server.execution.model import Completion, StopCause
from pointsman_server.execution.narrator import Narrator
from pointsman_server.execution.oddities import tell_oddities
from pointsman_server.execution.reported import input_total
from pointsman_server.ledger.ledger import MAX_COST_NANOS
from pointsman_server.ledger.model import AttemptOutcome, Settlement
from pointsman_server.router.calibration import Calibration
from pointsman_server.router.model import Candidate


class Bookkeeping:
    """The account of one completion."""

    def __init__(self, completion: Completion, narrator: Narrator, calibration: Calibration, clock: Clock) -> None:
        self._completion = completion
        self._narrator = narrator
        self._calibration = calibration
        self._clock = clock
        self._failed: list[FailedAttempt] = []
        self._usage = TokenUsage()

    @property
    def failed(self) -> Sequence[FailedAttempt]:
        """The attempts that failed, in order."""
        return self._failed

    def note(self, failed: FailedAttempt) -> None:
        """Remembers that an attempt failed."""
        self._failed.append(failed)

    def book(
        self, number: int, candidate: Candidate, tally: Tally, ended: ProviderFailure | StopCause | None
    ) -> Settlement:
        """What is booked for an attempt, however it ended; ``None``: it was whole."""
        booked = self._settlement(candidate, tally, ended)
        tell_oddities(self._completion.charge, number, candidate, tally, booked)
        self._learn(candidate, tally, booked)
        add(self._usage, booked.usage)
        self._narrator.booked(number, candidate, booked)
        return booked

    def failure(self, sent_count: int) -> CompletionFailure:
        """What to tell of a completion that failed after so many events."""
        return failures.describe(self._completion, self._failed, self._usage, self._narrator.cost_nanos, sent_count)

    def failure_at_most(
        self, candidate: Candidate, tally: Tally, cause: StopCause, sent_count: int
    ) -> CompletionFailure:
        """What to tell where the current attempt goes on for nobody: the most that it can come to."""
        at_most = self._settlement(candidate, replace(tally, hung_up=True), cause)
        usage = TokenUsage()
        for used in (self._usage, at_most.usage):
            add(usage, used)
        failed = list(self._failed)
        kind = outcome_of(cause)[1]
        if kind == FAILURE_KIND_TIMEOUT:
            failed.append(FailedAttempt(candidate.provider.id, candidate.model.id, kind))
        costs = (self._narrator.cost_nanos, at_most.cost_nanos)
        cost = None if None in costs else min(sum(filter(None, costs)), MAX_COST_NANOS)
        return failures.describe(self._completion, failed, usage, cost, sent_count)

    def _settlement(self, candidate: Candidate, tally: Tally, ended: ProviderFailure | StopCause | None) -> Settlement:
        outcome, kind = outcome_of(ended)
        return settlement(tally, candidate, outcome, kind, ended_monotonic=self._clock.monotonic())

    def _learn(self, candidate: Candidate, tally: Tally, booked: Settlement) -> None:
        """Takes what the provider counted of the input, where its count is whole and nothing else about it is odd."""
        odd = frozenset(booked.usage_flags) - {USAGE_FLAG_OVERRUN}
        if tally.reported.whole and not booked.usage.estimated and not odd:
            only_text = self._completion.plan.facts.only_text
            counted = input_total(booked.usage)
            self._calibration.learn(candidate.model.id, candidate.input_tokens_bound, counted, only_text=only_text)


def outcome_of(ended: ProviderFailure | StopCause | None) -> tuple[AttemptOutcome, FailureKind.ValueType]:
    """How an attempt that ended so stands in the records."""
    if ended is None:
        return AttemptOutcome.SUCCEEDED, FAILURE_KIND_UNSPECIFIED
    if isinstance(ended, ProviderFailure):
        return AttemptOutcome.FAILED, ended.kind
    if ended is StopCause.DEADLINE:
        return AttemptOutcome.FAILED, FAILURE_KIND_TIMEOUT
    return AttemptOutcome.CANCELLED, FAILURE_KIND_CANCELLED
