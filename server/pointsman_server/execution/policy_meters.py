"""From what a verdict charges a call on to meters of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from pointsman_server.ledger.meters import UNITS, Meter, MeterKey, Scope
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.policy.model import PolicyMeter

_KEPT = 20_000


def policy_meters(limits: Iterable[PolicyMeter]) -> tuple[Meter, ...]:
    """The meters of the limits, one for each name."""
    return tuple({meter.scope_id: meter for meter in map(_meter, limits)}.values())


@lru_cache(_KEPT)
def _meter(limit: PolicyMeter) -> Meter:
    """What the unit, the kind and the period say of a count is part of its name: with others it is another count."""
    return Meter(
        key=MeterKey(limit.tenant_id, ""),
        name=_name(limit),
        scope=Scope.POLICY,
        scope_id=f"{limit.meter_id} {limit.unit} {limit.kind} {limit.period_s}",
        unit=UNITS[limit.unit],
        kind=MeterKind(limit.kind),
        period_s=limit.period_s,
        limit=limit.limit,
        source=f"{limit.source}:{limit.source_id}",
    )


def _name(limit: PolicyMeter) -> str:
    """What is limited and whose use counts, such as ``concurrent calls of task LLM2_DRAFT``."""
    what = "concurrent calls" if limit.kind == MeterKind.SLOTS else limit.name
    return f"{what} of {limit.holder.removeprefix('tenant, ')}"
