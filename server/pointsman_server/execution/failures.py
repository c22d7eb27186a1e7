"""From failed attempts to the one error that the caller gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from pointsman.v1.completion_pb2 import AttemptFailure, CompletionFailure, FailureKind
from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.errors import (
    AllProvidersFailed,
    CallCancelled,
    DeadlineExceeded,
    NoEligibleModel,
    PointsmanError,
    ProviderKeyRejected,
    ProviderRefusedRequest,
    ShuttingDown,
    StreamBroken,
)
from pointsman_server.execution.accounts import kind_name
from pointsman_server.execution.content import refusal
from pointsman_server.execution.model import Completion, StopCause
from pointsman_server.policy.checks.model import Refused
from pointsman_server.policy.kill_switch import KillSwitch

_MAX_ATTEMPTS_TOLD = 10
_DEFAULT_RETRY_AFTER = timedelta(seconds=1)
_KEY = frozenset({FailureKind.FAILURE_KIND_KEY_REJECTED, FailureKind.FAILURE_KIND_KEY_MISSING})
_REQUEST = frozenset(
    {
        FailureKind.FAILURE_KIND_INVALID_REQUEST,
        FailureKind.FAILURE_KIND_CONTEXT_EXCEEDED,
        FailureKind.FAILURE_KIND_CONTENT_FILTERED,
        FailureKind.FAILURE_KIND_MODEL_NOT_FOUND,
    }
)


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """An attempt that did not succeed, in the words that a caller may hear."""

    provider_id: str
    model_id: str
    kind: FailureKind.ValueType
    retry_after: timedelta | None = None


def describe(
    completion: Completion,
    failed: Sequence[FailedAttempt],
    usage: TokenUsage,
    cost_nanos: int | None,
    sent_count: int,
) -> CompletionFailure:
    """The detail that goes with the status of a failed completion."""
    failure = CompletionFailure(
        completion_id=completion.completion_id,
        decision_id=completion.charge.decision_id,
        usage=usage,
        cost_nanos=cost_nanos,
        last_sequence=sent_count - 1 if sent_count else None,
    )
    for attempt in failed[:_MAX_ATTEMPTS_TOLD]:
        failure.attempts.append(_attempt_failure(attempt))
    return failure


def all_failed(failed: Sequence[FailedAttempt], failure: CompletionFailure) -> PointsmanError:
    """The error when no attempt brought content to the caller."""
    kinds = {attempt.kind for attempt in failed}
    last = failed[-1]
    metadata = {"decision_id": failure.decision_id, "provider": last.provider_id, "kind": kind_name(last.kind)}
    if kinds <= _KEY:
        return ProviderKeyRejected(
            f"Provider {last.provider_id} does not accept its key; an operator must set a valid one.",
            metadata=metadata,
            failure=failure,
        )
    if kinds <= _REQUEST:
        return ProviderRefusedRequest(
            f"Provider {last.provider_id} refuses this request ({kind_name(last.kind)}); change the request.",
            metadata=metadata,
            failure=failure,
        )
    told = ", ".join(f"{attempt.model_id}: {kind_name(attempt.kind)}" for attempt in failed[:_MAX_ATTEMPTS_TOLD])
    waits = [attempt.retry_after for attempt in failed if attempt.retry_after is not None]
    return AllProvidersFailed(
        f"Every attempt failed ({told}); try again later.",
        metadata={"decision_id": failure.decision_id},
        retry_after=min(waits, default=_DEFAULT_RETRY_AFTER),
        failure=failure,
    )


def too_dear_now(failure: CompletionFailure) -> PointsmanError:
    """The error when prices changed between the choice of models and an attempt, and no model fits the ceiling now."""
    return NoEligibleModel(
        "Prices have just changed, and every model left for this call may now cost more than hints.max_cost_nanos "
        "allows. Ask again, or allow more.",
        metadata={"decision_id": failure.decision_id},
        failure=failure,
    )


def broken(last: FailedAttempt, failure: CompletionFailure) -> PointsmanError:
    """The error when the stream broke after content had reached the caller."""
    return StreamBroken(
        f"The stream from {last.model_id} broke ({kind_name(last.kind)}) after event {failure.last_sequence}.",
        metadata={"decision_id": failure.decision_id, "provider": last.provider_id, "kind": kind_name(last.kind)},
        failure=failure,
    )


def stopped(
    cause: StopCause, failure: CompletionFailure, refused: Refused | None = None, killed: KillSwitch | None = None
) -> PointsmanError:
    """The error when the completion was stopped from outside, or by a content check."""
    metadata = {"decision_id": failure.decision_id}
    if killed is not None and cause is StopCause.KILLED:
        return _killed(killed, failure)
    if refused is not None and cause is StopCause.REFUSED:
        return refusal(refused, "the answer", failure)
    if cause is StopCause.DEADLINE:
        message = "The time for this call is over; allow more, or set hints.max_latency."
        return DeadlineExceeded(message, metadata=metadata, failure=failure)
    if cause is StopCause.SHUTDOWN:
        message = "The server shuts down; try again."
        return ShuttingDown(message, metadata=metadata, retry_after=_DEFAULT_RETRY_AFTER, failure=failure)
    if cause is StopCause.STALLED:
        message = "The stream was left unread for too long and was ended."
        return StreamBroken(message, metadata=metadata, failure=failure)
    return CallCancelled("The caller went away.", metadata=metadata, failure=failure)


def _killed(switch: KillSwitch, failure: CompletionFailure) -> PointsmanError:
    error = switch.refusal()
    error.metadata = {**error.metadata, "decision_id": failure.decision_id}
    error.failure = failure
    return error


def _attempt_failure(attempt: FailedAttempt) -> AttemptFailure:
    told = AttemptFailure(provider_id=attempt.provider_id, model_id=attempt.model_id, kind=attempt.kind)
    if attempt.retry_after is not None:
        wait = Duration()
        wait.FromTimedelta(attempt.retry_after)
        told.retry_after.CopyFrom(wait)
    return told
