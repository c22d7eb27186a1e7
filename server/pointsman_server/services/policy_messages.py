"""Writes verdicts, and what led to them, as the contract's messages."""

from __future__ import annotations

from collections.abc import Iterable

from pointsman.v1 import policy_service_pb2 as pb
from pointsman.v1.budget_service_pb2 import BUDGET_UNIT_NAMED, BudgetKind, BudgetUnit

from pointsman_server.ledger.meters import Meter
from pointsman_server.policy.merge import Contribution, Effect, MergedLimit
from pointsman_server.policy.model import PolicyMeter, PolicyRefusal
from pointsman_server.policy.rules.table import AnyKind

_EFFECTS = {
    Effect.SET: pb.CONTRIBUTION_EFFECT_SET,
    Effect.LOOSER: pb.CONTRIBUTION_EFFECT_LOOSER,
    Effect.OVERRIDDEN: pb.CONTRIBUTION_EFFECT_OVERRIDDEN,
    Effect.NOT_NOW: pb.CONTRIBUTION_EFFECT_NOT_NOW,
}


def refusal_message(refusal: PolicyRefusal) -> pb.PolicyRefusal:
    """Writes why a call is refused."""
    return pb.PolicyRefusal(key=refusal.key, message=refusal.message, policy_rule_ids=refusal.rule_ids)


def limit_message(merged: MergedLimit) -> pb.PolicyLimit:
    """Writes a merged limit."""
    limit = merged.limit
    return pb.PolicyLimit(
        key=merged.kind.key,
        amount=limit if isinstance(limit, int) else None,
        names=sorted(limit) if isinstance(limit, frozenset) else (),
        text="no limit now" if limit is None else merged.kind.words(limit),
        contributions=[_contribution(merged.kind, each) for each in merged.contributions],
    )


def policy_meters(meters: Iterable[PolicyMeter]) -> list[pb.ChargedMeter]:
    """Writes the meters of plans and rules."""
    return [
        pb.ChargedMeter(
            meter_id=meter.meter_id,
            name=meter.name,
            source=meter.source,
            source_id=meter.source_id,
            unit=_unit(meter.unit),
            unit_name=_unit_name(meter.unit),
            kind=BudgetKind.Value(f"BUDGET_KIND_{meter.kind.upper()}"),
            period_seconds=meter.period_s,
            limit=meter.limit,
            holder=meter.holder,
        )
        for meter in meters
    ]


def budget_meter(meter: Meter) -> pb.ChargedMeter:
    """Writes a budget that a call would be charged on."""
    return pb.ChargedMeter(
        meter_id=meter.key.meter_id,
        name=meter.name,
        source="budget",
        unit=_unit(meter.unit.value),
        unit_name=_unit_name(meter.unit.value),
        kind=BudgetKind.Value(f"BUDGET_KIND_{meter.kind.value.upper()}"),
        period_seconds=meter.period_s,
        limit=meter.limit,
        holder=f"{meter.scope.value} {meter.scope_id}".strip(),
    )


def _contribution(kind: AnyKind, contribution: Contribution) -> pb.PolicyContribution:
    demand = contribution.demand
    return pb.PolicyContribution(
        source=demand.source,
        source_id=demand.source_id,
        scope=pb.PolicyScope.ValueType(demand.scope or 0),
        scope_id=demand.scope_id,
        text=kind.value_words(demand.value),
        effect=_EFFECTS[contribution.effect],
    )


def _unit(unit: str) -> BudgetUnit.ValueType:
    name = f"BUDGET_UNIT_{unit.upper()}"
    return BudgetUnit.Value(name) if name in BudgetUnit.keys() else BUDGET_UNIT_NAMED  # noqa: SIM118  # it is no mapping


def _unit_name(unit: str) -> str:
    return unit if _unit(unit) == BUDGET_UNIT_NAMED else ""
