"""Writes plans, features and tasks as the contract's messages, and reads them."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import plan_pb2 as pb
from pointsman.v1.budget_service_pb2 import BUDGET_UNIT_NAMED, BudgetKind, BudgetUnit

from pointsman_server.identity.times import Times, times_of
from pointsman_server.policy.plans import (
    Feature,
    ModelAccess,
    Plan,
    PlanFeature,
    PlanTask,
    Quota,
    QuotaHolder,
    Task,
)

_HOLDERS = {pb.QUOTA_HOLDER_TENANT: QuotaHolder.TENANT, pb.QUOTA_HOLDER_USER: QuotaHolder.USER}
_HOLDER_VALUES = {holder: value for value, holder in _HOLDERS.items()}


def plan_message(plan: Plan) -> pb.Plan:
    """Writes a plan."""
    return pb.Plan(
        plan_id=plan.plan_id,
        display_name=plan.display_name,
        features=(pb.PlanFeature(feature_id=each.feature_id, quotas=_quotas(each.quotas)) for each in plan.features),
        tasks=(
            pb.PlanTask(task_code=each.task_code, access=_access(each.access), quotas=_quotas(each.quotas))
            for each in plan.tasks
        ),
        general_access=_access(plan.general_access) if plan.general_access else None,
        quotas=_quotas(plan.quotas),
        **_stamps(plan.times),
    )


def read_plan(message: pb.Plan) -> Plan:
    """The plan that a sound message describes."""
    return Plan(
        plan_id=message.plan_id,
        display_name=message.display_name,
        features=tuple(PlanFeature(each.feature_id, _read_quotas(each.quotas)) for each in message.features),
        tasks=tuple(
            PlanTask(each.task_code, _read_access(each.access), _read_quotas(each.quotas)) for each in message.tasks
        ),
        general_access=_read_access(message.general_access) if message.HasField("general_access") else None,
        quotas=_read_quotas(message.quotas),
        times=times_of(message),
    )


def feature_message(feature: Feature) -> pb.Feature:
    """Writes a feature."""
    return pb.Feature(feature_id=feature.feature_id, display_name=feature.display_name, **_stamps(feature.times))


def read_feature(message: pb.Feature) -> Feature:
    """The feature that a sound message describes."""
    return Feature(message.feature_id, message.display_name, times_of(message))


def task_message(task: Task) -> pb.Task:
    """Writes a task."""
    return pb.Task(
        task_code=task.task_code,
        feature_id=task.feature_id,
        display_name=task.display_name,
        **_stamps(task.times),
    )


def read_task(message: pb.Task) -> Task:
    """The task that a sound message describes."""
    return Task(message.task_code, message.feature_id, message.display_name, times_of(message))


def unit_of(quota: pb.Quota) -> str:
    """The unit by the ledger's name for it."""
    if quota.unit == BUDGET_UNIT_NAMED:
        return quota.unit_name
    return BudgetUnit.Name(quota.unit).removeprefix("BUDGET_UNIT_").lower()


def _access(access: ModelAccess) -> pb.ModelAccess:
    return pb.ModelAccess(model_classes=access.model_classes, any_class=access.any_class)


def _read_access(message: pb.ModelAccess) -> ModelAccess:
    return ModelAccess(tuple(message.model_classes), message.any_class)


def _quotas(quotas: Iterable[Quota]) -> list[pb.Quota]:
    return [_quota(quota) for quota in quotas]


def _quota(quota: Quota) -> pb.Quota:
    name = f"BUDGET_UNIT_{quota.unit.upper()}"
    known = name in BudgetUnit.keys()  # noqa: SIM118  # the wrapper is no mapping
    return pb.Quota(
        holder=_HOLDER_VALUES[quota.holder],
        unit=BudgetUnit.Value(name) if known else BUDGET_UNIT_NAMED,
        unit_name="" if known else quota.unit,
        kind=BudgetKind.Value(f"BUDGET_KIND_{quota.kind.upper()}"),
        period_seconds=quota.period_s,
        limit=quota.limit,
    )


def _read_quotas(messages: Iterable[pb.Quota]) -> tuple[Quota, ...]:
    return tuple(
        Quota(
            holder=_HOLDERS[each.holder],
            unit=unit_of(each),
            kind=BudgetKind.Name(each.kind).removeprefix("BUDGET_KIND_").lower(),
            limit=each.limit,
            period_s=each.period_seconds,
        )
        for each in messages
    )


def _stamps(times: Times | None) -> dict[str, Timestamp]:
    return times.stamps() if times else {}
