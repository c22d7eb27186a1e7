"""Writes budgets and what a check of the ledger finds as the contract's messages, and reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import budget_service_pb2 as pb
from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.ledger.audit import Difference, Finding, Summary, Unknown
from pointsman_server.ledger.budgets import Budget
from pointsman_server.ledger.meters import MAX_AMOUNT, Meter, MeterKey, NamedUnit, Scope, Unit
from pointsman_server.ledger.model import Checkpoint
from pointsman_server.ledger.windows import TIMELESS, MeterKind

SCOPES = {
    pb.BUDGET_SCOPE_GLOBAL: Scope.GLOBAL,
    pb.BUDGET_SCOPE_TENANT: Scope.TENANT,
    pb.BUDGET_SCOPE_PROJECT: Scope.PROJECT,
    pb.BUDGET_SCOPE_USER: Scope.USER,
    pb.BUDGET_SCOPE_AGENT: Scope.AGENT,
    pb.BUDGET_SCOPE_PROVIDER: Scope.PROVIDER,
    pb.BUDGET_SCOPE_POLICY: Scope.POLICY,
}
_UNITS = {
    pb.BUDGET_UNIT_NANOS: Unit.NANOS,
    pb.BUDGET_UNIT_TOKENS: Unit.TOKENS,
    pb.BUDGET_UNIT_INPUT_TOKENS: Unit.INPUT_TOKENS,
    pb.BUDGET_UNIT_OUTPUT_TOKENS: Unit.OUTPUT_TOKENS,
    pb.BUDGET_UNIT_REQUESTS: Unit.REQUESTS,
    pb.BUDGET_UNIT_CACHE_READ_TOKENS: Unit.CACHE_READ_TOKENS,
    pb.BUDGET_UNIT_CACHE_WRITE_TOKENS: Unit.CACHE_WRITE_TOKENS,
    pb.BUDGET_UNIT_INPUT_AUDIO_TOKENS: Unit.INPUT_AUDIO_TOKENS,
    pb.BUDGET_UNIT_REASONING_TOKENS: Unit.REASONING_TOKENS,
    pb.BUDGET_UNIT_OUTPUT_AUDIO_TOKENS: Unit.OUTPUT_AUDIO_TOKENS,
}
_KINDS = {
    pb.BUDGET_KIND_MONTH: MeterKind.MONTH,
    pb.BUDGET_KIND_DAY: MeterKind.DAY,
    pb.BUDGET_KIND_HOUR: MeterKind.HOUR,
    pb.BUDGET_KIND_ROLLING: MeterKind.ROLLING,
    pb.BUDGET_KIND_RATE: MeterKind.RATE,
    pb.BUDGET_KIND_SLOTS: MeterKind.SLOTS,
    pb.BUDGET_KIND_TOTAL: MeterKind.TOTAL,
}
_SCOPE_VALUES = {scope: value for value, scope in SCOPES.items()}
_UNIT_VALUES = {unit: value for value, unit in _UNITS.items()}
_KIND_VALUES = {kind: value for value, kind in _KINDS.items()}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_meter(budget: pb.Budget, owner: str, budget_id: str) -> Meter:
    """The meter that a sound new budget describes."""
    return Meter(
        key=MeterKey(owner, budget_id),
        name=budget.name,
        scope=SCOPES[budget.scope],
        scope_id=budget.scope_id,
        unit=NamedUnit(budget.unit_name) if budget.unit == pb.BUDGET_UNIT_NAMED else _UNITS[budget.unit],
        kind=_KINDS[budget.kind],
        period_s=budget.period.seconds,
        limit=budget.limit,
        frozen=budget.frozen,
    )


def budget_message(budget: Budget) -> pb.Budget:
    """Writes a budget."""
    meter, balance = budget.meter, budget.balance
    state = pb.BudgetState(
        # A sum over many parts of a window may pass what the contract carries.
        posted=min(MAX_AMOUNT, balance.posted),
        reserved=min(MAX_AMOUNT, balance.reserved),
        remaining=balance.remaining,
    )
    if budget.window is not None:
        state.window_start_time.CopyFrom(_timestamp(budget.window[0]))
        state.window_end_time.CopyFrom(_timestamp(budget.window[1]))
    return pb.Budget(
        budget_id=meter.key.meter_id,
        name=meter.name,
        scope=_SCOPE_VALUES[meter.scope],
        scope_id=meter.scope_id,
        unit=pb.BUDGET_UNIT_NAMED if isinstance(meter.unit, NamedUnit) else _UNIT_VALUES[meter.unit],
        unit_name=meter.unit.value if isinstance(meter.unit, NamedUnit) else "",
        kind=_KIND_VALUES[meter.kind],
        period=Duration(seconds=meter.period_s) if meter.period_s else None,
        limit=meter.limit,
        frozen=meter.frozen,
        state=state,
        create_time=_timestamp(budget.created_at),
        update_time=_timestamp(budget.updated_at),
        source=meter.source,
    )


def finding_message(finding: Finding) -> pb.VerifyLedgerResponse:
    """Writes what a check found."""
    match finding:
        case Difference():
            return pb.VerifyLedgerResponse(difference=_difference(finding))
        case Unknown():
            return pb.VerifyLedgerResponse(unknown=_unknown(finding))
        case Summary():
            summary = pb.LedgerSummary(
                counter_count=finding.counter_count,
                reservation_count=finding.reservation_count,
                difference_count=finding.difference_count,
                unknown_count=finding.unknown_count,
            )
            return pb.VerifyLedgerResponse(summary=summary)


def _difference(difference: Difference) -> pb.LedgerDifference:
    bucket = difference.key.bucket
    return pb.LedgerDifference(
        budget_id=difference.key.meter_id,
        bucket_start_time=None if bucket == TIMELESS else _timestamp(_EPOCH + timedelta(microseconds=bucket)),
        posted=difference.found.posted,
        expected_posted=difference.expected.posted,
        reserved=difference.found.reserved,
        expected_reserved=difference.expected.reserved,
    )


def _unknown(unknown: Unknown) -> pb.UnknownReservation:
    reservation = unknown.reservation
    return pb.UnknownReservation(
        reservation_id=reservation.reservation_id,
        tenant_id=reservation.request.charge.tenant_id,
        completion_id=reservation.request.charge.completion_id,
        model_id=reservation.request.model_id,
        worst_case_cost_nanos=reservation.request.worst_case_cost_nanos,
        create_time=_timestamp(reservation.created_at),
        checkpoint=_checkpoint(reservation.checkpoint) if reservation.checkpoint else None,
    )


def _checkpoint(checkpoint: Checkpoint) -> pb.ReservationCheckpoint:
    tokens = {"input_tokens": checkpoint.input_tokens, "output_tokens": checkpoint.output_tokens}
    return pb.ReservationCheckpoint(
        create_time=_timestamp(checkpoint.at),
        usage=TokenUsage(**tokens, estimated=True),
        cost_nanos=checkpoint.cost_nanos,
    )


def _timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
