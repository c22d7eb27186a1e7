"""Writes budgets and what a check of the ledger finds as the contract's messages, and reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import budget_service_pb2 as pb
from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.ledger.audit import Difference, Finding, Summary, Unknown
from pointsman_server.ledger.budget_messages import definition
from pointsman_server.ledger.budgets import Budget
from pointsman_server.ledger.meters import MAX_AMOUNT
from pointsman_server.ledger.model import Checkpoint, Reservation
from pointsman_server.ledger.windows import TIMELESS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    message = definition(meter)
    message.state.CopyFrom(state)
    message.create_time.CopyFrom(_timestamp(budget.created_at))
    message.update_time.CopyFrom(_timestamp(budget.updated_at))
    return message


def finding_message(finding: Finding) -> pb.VerifyLedgerResponse:
    """Writes what a check found."""
    match finding:
        case Difference():
            return pb.VerifyLedgerResponse(difference=_difference(finding))
        case Unknown():
            return pb.VerifyLedgerResponse(unknown=unknown_message(finding.reservation))
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


def unknown_message(reservation: Reservation) -> pb.UnknownReservation:
    """Writes a reservation whose server went away."""
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
