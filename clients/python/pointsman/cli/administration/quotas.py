"""Quotas and meters in words: how much of what, for how long, and whose use counts."""

from __future__ import annotations

from pointsman.cli.figures import dollars
from pointsman.cli.names import name_of
from pointsman.v1.budget_service_pb2 import BUDGET_UNIT_NAMED, BUDGET_UNIT_NANOS, BudgetKind, BudgetUnit
from pointsman.v1.plan_pb2 import Quota, QuotaHolder
from pointsman.v1.policy_service_pb2 import ChargedMeter

_ONCE = {"slots": "at once", "total": "in all"}


def quota_text(quota: Quota) -> str:
    """A quota: ``200,000 tokens a day for each user``."""
    holder = "the tenant" if name_of(QuotaHolder, quota.holder) == "tenant" else "each user"
    return f"{amount_text(quota, quota.limit)} {window_text(quota)} for {holder}"


def amount_text(meter: Quota | ChargedMeter, amount: int) -> str:
    """An amount in the meter's unit."""
    if meter.unit == BUDGET_UNIT_NANOS:
        return dollars(amount)
    unit = meter.unit_name if meter.unit == BUDGET_UNIT_NAMED else name_of(BudgetUnit, meter.unit)
    return f"{amount:,} {unit.replace('_', '-')}"


def window_text(meter: Quota | ChargedMeter) -> str:
    """What the limit holds for: ``a month``, ``in 60 s``, ``at once``."""
    kind = name_of(BudgetKind, meter.kind)
    if meter.period_seconds:
        return f"in {meter.period_seconds:,} s" if kind == "rolling" else f"per {meter.period_seconds:,} s"
    if kind in _ONCE:
        return _ONCE[kind]
    return f"an {kind}" if kind == "hour" else f"a {kind}"
