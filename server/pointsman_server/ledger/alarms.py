"""Alarms: what an operator must hear of, one line in the log each, told once it is durable."""

from __future__ import annotations

import structlog

from pointsman_server.ledger.adjustments import Resolver
from pointsman_server.ledger.batch import Changes, key_of
from pointsman_server.ledger.meters import Line
from pointsman_server.ledger.model import ReserveRequest

_log = structlog.get_logger(__name__)


def tell(changes: Changes) -> None:
    """Raises the alarms that a batch gives cause for."""
    _tell_overruns(changes)
    _tell_unknown(changes)
    _tell_resolutions(changes)
    _tell_adjustments(changes)


def _tell_overruns(changes: Changes) -> None:
    """A provider billed more than the bound that it was given."""
    requests = {key_of(entry.reservation): entry.reservation.request for entry in changes.entries}
    for key, lines in changes.lines.items():
        for line in lines:
            if line.posted is not None and line.posted > _most(line, requests.get(key)):
                _log.error(
                    "ledger_overrun",
                    reservation_id=key.reservation_id,
                    meter_id=line.meter_id,
                    held=line.amount,
                    posted=line.posted,
                )


def _most(line: Line, request: ReserveRequest | None) -> int:
    """What the line may come to within the attempt's bounds. A rate that held an estimate may pass that by design."""
    if request is None or request.input_tokens_estimate is None or not line.span_nanos:
        return line.amount
    return line.amount + request.input_tokens_bound - request.input_tokens_estimate


def _tell_unknown(changes: Changes) -> None:
    """Nobody knows what an attempt used: its server is gone, or it hangs there."""
    for lost, _ in changes.orphaned.values():
        charge = lost.request.charge
        _log.error(
            "reservation_unknown",
            tenant_id=charge.tenant_id,
            reservation_id=lost.reservation_id,
            completion_id=charge.completion_id,
            provider=lost.request.provider_id,
            replica_id=lost.replica_id,
            held_nanos=lost.request.worst_case_cost_nanos,
        )


def _tell_resolutions(changes: Changes) -> None:
    """Somebody else than an attempt's own server said what it used."""
    costs = {key_of(entry.reservation): entry.settlement.cost_nanos for entry in changes.entries}
    for key, ending in changes.ended.items():
        if ending.resolver is not Resolver.OWNER:
            _log.warning(
                "reservation_resolved",
                tenant_id=key.tenant_id,
                reservation_id=key.reservation_id,
                resolver=ending.resolver.value,
                state=ending.state.value,
                cost_nanos=costs.get(key),
            )


def _tell_adjustments(changes: Changes) -> None:
    """An attempt's own server settled it after somebody else had ended it."""
    for late in changes.adjusted:
        _log.warning(
            "ledger_adjusted",
            reservation_id=late.reservation.reservation_id,
            resolver=late.before.resolver.value,
            cost_nanos_before=late.before.cost_nanos,
            cost_nanos_after=late.settlement.cost_nanos,
        )
