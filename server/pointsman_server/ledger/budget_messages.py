"""What a budget is, as the contract's message: read from requests, and written for answers and the audit log."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from pointsman.v1 import budget_service_pb2 as pb

from pointsman_server.ledger.meters import Meter, MeterKey, NamedUnit, Scope, Unit
from pointsman_server.ledger.windows import MeterKind

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


def definition(meter: Meter) -> pb.Budget:
    """Writes what a budget is, without its state."""
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
        source=meter.source,
    )
