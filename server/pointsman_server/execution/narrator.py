"""Tells the story of a completion: its events to the caller, its outcome to the record."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from pointsman.v1.completion_pb2 import (
    FINISH_REASON_OTHER,
    CompletionEvent,
    CompletionFailure,
    Finished,
    MeterBalance,
    RouteChanged,
    Started,
    Warning,  # noqa: A004  # the contract's word
    WarningCode,
)
from pointsman.v1.decision_pb2 import AttemptRecord, DecisionOutcome
from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.clock import Clock
from pointsman_server.errors import Status
from pointsman_server.execution.accounts import add
from pointsman_server.execution.answer_guard import AnswerGuard
from pointsman_server.execution.attempts import Tally
from pointsman_server.execution.content import answer_warnings, findings
from pointsman_server.execution.failures import FailedAttempt
from pointsman_server.execution.message import MessageBuilder
from pointsman_server.execution.model import Completion
from pointsman_server.ledger.claims import ClaimEnd
from pointsman_server.ledger.ledger import MAX_COST_NANOS
from pointsman_server.ledger.meters import Balance
from pointsman_server.ledger.model import OutcomeEntry, Settlement
from pointsman_server.router.model import Candidate
from pointsman_server.router.record import summary
from pointsman_server.router.tables import PURPOSES


class Narrator:
    """Makes the events of one completion. ``Started`` travels with the first content, never before it."""

    def __init__(self, completion: Completion, clock: Clock) -> None:
        self._completion = completion
        self._clock = clock
        self._changes: list[tuple[int, FailedAttempt]] = []
        self._records: list[AttemptRecord] = []
        self._builder = MessageBuilder()
        self._building_attempt = 0
        self._started = False
        self._first_token_at: float | None = None
        self._usage = TokenUsage()
        self._guard: AnswerGuard | None = None

    @property
    def cost_nanos(self) -> int | None:
        """What all attempts so far cost together; ``None``: one of them has no known price."""
        if not all(record.HasField("cost_nanos") for record in self._records):
            return None
        return min(sum(record.cost_nanos for record in self._records), MAX_COST_NANOS)

    def guarded(self, guard: AnswerGuard | None) -> None:
        """Remembers what the answer of the attempt that begins goes through."""
        self._guard = guard

    def reroute(self, attempt: int, failed: FailedAttempt) -> None:
        """Remembers that another attempt takes over; the caller hears it with the first content."""
        self._changes.append((attempt, failed))
        self._first_token_at = None  # what came was never part of the answer

    def booked(self, attempt: int, candidate: Candidate, booked: Settlement) -> None:
        """Remembers what was booked for an attempt."""
        if self._completion.claim is not None:
            add(self._usage, booked.usage)
        self._records.append(
            AttemptRecord(
                attempt=attempt,
                model_id=candidate.model.id,
                outcome=booked.outcome.value,
                failure_kind=booked.failure_kind,
                cost_nanos=booked.cost_nanos,
                ceiling_price=booked.at_ceiling,
                usage_flags=booked.usage_flags,
            )
        )

    def deltas(
        self, deltas: list[CompletionEvent], attempt: int, candidate: Candidate, tally: Tally
    ) -> list[CompletionEvent]:
        """What the caller gets for deltas that arrived together; nothing yet where it wants the whole answer."""
        if self._first_token_at is None:
            self._first_token_at = self._clock.monotonic()
        for event in deltas:
            event.attempt = attempt
        if self._completion.whole:
            self._build(deltas, attempt)
            return []
        return [*self._opening(attempt, candidate, tally), *deltas]

    def finished(
        self, attempt: int, candidate: Candidate, tally: Tally, booked: Settlement, tightest: Balance | None
    ) -> list[CompletionEvent]:
        """The last events of a completion that succeeded and is settled."""
        now = self._clock.monotonic()
        self._build([], attempt)
        finished = Finished(
            finish_reason=tally.finish_reason or FINISH_REASON_OTHER,
            usage=booked.usage,
            cost_nanos=self.cost_nanos,
            latency=self._since_arrival(now),
            time_to_first_token=self._since_arrival(now if self._first_token_at is None else self._first_token_at),
            tightest_meter=None if tightest is None else _meter_balance(tightest),
            message=self._builder.message() if self._completion.whole else None,
            model_id=candidate.model.id,
            warnings=answer_warnings(self._guard),
        )
        return [*self._opening(attempt, candidate, tally), CompletionEvent(attempt=attempt, finished=finished)]

    def outcome(self, status: Status, model_id: str) -> OutcomeEntry:
        """What becomes of the decision's record."""
        charge = self._completion.charge
        outcome = DecisionOutcome(
            completion_id=charge.completion_id,
            status=status.name,
            model_id=model_id,
            cost_nanos=self.cost_nanos,
            attempts=self._records,
            latency=self._since_arrival(self._clock.monotonic()),
            content_findings=findings(self._guard.counts) if self._guard else None,
        )
        return OutcomeEntry(charge.tenant_id, charge.decision_id, outcome, self._claim_end(status))

    def _claim_end(self, status: Status) -> ClaimEnd | None:
        """What becomes of the claim on the request id: it is free again where the caller neither paid nor got
        anything.
        """
        claim = self._completion.claim
        if claim is None:
            return None
        if status is not Status.OK and self.cost_nanos == 0 and not self._started:
            return ClaimEnd(claim, status.name, None)
        told = CompletionFailure(
            completion_id=claim.completion_id,
            decision_id=claim.decision_id,
            usage=self._usage,
            cost_nanos=self.cost_nanos,
        )
        return ClaimEnd(claim, status.name, told)

    def _opening(self, attempt: int, candidate: Candidate, tally: Tally) -> list[CompletionEvent]:
        """``Started`` and the changes of route so far; only once."""
        if self._started:
            return []
        self._started = True
        started = Started(
            completion_id=self._completion.completion_id,
            decision=summary(self._completion.plan, self._completion.charge.decision_id, candidate),
            warnings=[
                *tally.warnings,
                *self._completion.content.warnings(),
                *self._unmet_preferences(),
                *self._overridden_hints(),
                *self._clamped(candidate),
            ],
        )
        return [CompletionEvent(attempt=attempt, started=started), *self._route_changes(attempt, candidate)]

    def _route_changes(self, attempt: int, candidate: Candidate) -> list[CompletionEvent]:
        takeovers = [(number, failed.model_id) for number, failed in self._changes[1:]]
        takeovers.append((attempt, candidate.model.id))
        return [
            CompletionEvent(
                attempt=taking_over,
                route_changed=RouteChanged(
                    failed_attempt=number,
                    failed_model_id=failed.model_id,
                    kind=failed.kind,
                    model_id=model_id,
                    continues=False,
                ),
            )
            for (number, failed), (taking_over, model_id) in zip(self._changes, takeovers, strict=False)
        ]

    def _unmet_preferences(self) -> list[Warning]:
        return [
            Warning(
                code=WarningCode.WARNING_CODE_PREFERENCE_NOT_MET,
                field=f"specification.hints.{skipped.source}",
                message=f"{skipped.name}: {skipped.reason}",
            )
            for skipped in self._completion.plan.skipped_preferences
            if skipped.source.startswith("preferred_")
        ]

    def _overridden_hints(self) -> list[Warning]:
        """The hints that had nothing to decide, because the pins left a single model."""
        plan, preferences = self._completion.plan, self._completion.plan.facts.preferences
        if not preferences.pinned_models or plan.eligible_count != 1:
            return []
        hints = {"purpose": plan.facts.purpose in PURPOSES, "hints.profile": preferences.profile is not None}
        return [
            Warning(
                code=WarningCode.WARNING_CODE_HINT_OVERRIDDEN,
                field=f"specification.{name}",
                message="chose nothing: the pinned models left one that may serve",
            )
            for name, would_count in hints.items()
            if would_count
        ]

    def _clamped(self, candidate: Candidate) -> list[Warning]:
        """Says that the output cap is lower than planned, so that the ledger could hold it."""
        cap = candidate.max_output_tokens
        planned = (each.max_output_tokens for each in self._completion.plan.attempts if each.model is candidate.model)
        if cap >= max(planned, default=cap):
            return []
        return [
            Warning(
                code=WarningCode.WARNING_CODE_OUTPUT_CLAMPED,
                field="specification.max_output_tokens",
                message=f"lowered to {cap} to fit a budget",
            )
        ]

    def _build(self, deltas: list[CompletionEvent], attempt: int) -> None:
        if attempt != self._building_attempt:
            self._builder, self._building_attempt = MessageBuilder(), attempt
        for event in deltas:
            self._builder.add(event)

    def _since_arrival(self, moment: float) -> Duration:
        duration = Duration()
        duration.FromNanoseconds(max(0, round((moment - self._completion.received_at) * 1_000_000_000)))
        return duration


def _meter_balance(balance: Balance) -> MeterBalance:
    meter = balance.meter
    return MeterBalance(meter=meter.name, unit=meter.unit.value, limit=meter.limit, remaining=balance.remaining)
