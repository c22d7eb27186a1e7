"""Checks what is asked of plans, features and tasks. Each function returns when its request is sound.

What they name must be there too, which the store checks in the transaction of the change.

Raises:
    InvalidRequest: names each wrong field, what is wrong and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pointsman.v1 import plan_pb2 as plan_pb
from pointsman.v1 import tenant_service_pb2 as pb
from pointsman.v1.budget_service_pb2 import (
    BUDGET_KIND_RATE,
    BUDGET_KIND_ROLLING,
    BUDGET_KIND_SLOTS,
    BUDGET_UNIT_NAMED,
    BUDGET_UNIT_REQUESTS,
)

from pointsman_server.ledger.meters import NamedUnit
from pointsman_server.services.validate import limits
from pointsman_server.services.validate.violations import Violations

PLAN_FIELDS: Final = ("display_name", "features", "tasks", "general_access", "quotas")
FEATURE_FIELDS: Final = ("display_name",)
TASK_FIELDS: Final = ("display_name", "feature_id")

_STAMPS = ("create_time", "update_time")
_WITH_PERIOD = frozenset({BUDGET_KIND_ROLLING, BUDGET_KIND_RATE})


def create_plan(request: pb.CreatePlanRequest) -> None:
    """Checks a new plan."""
    violations = Violations()
    violations.chosen_id(request.plan.plan_id, "plan.plan_id", required=True)
    violations.unset(request.plan, "plan", _STAMPS)
    _plan(request.plan, PLAN_FIELDS, violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def update_plan(request: pb.UpdatePlanRequest) -> None:
    """Checks a change of a plan."""
    violations = Violations()
    violations.chosen_id(request.plan.plan_id, "plan.plan_id", required=True)
    _plan(request.plan, violations.mask(request, PLAN_FIELDS), violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def create_feature(request: pb.CreateFeatureRequest) -> None:
    """Checks a new feature."""
    violations = Violations()
    violations.chosen_id(request.feature.feature_id, "feature.feature_id", required=True)
    violations.unset(request.feature, "feature", _STAMPS)
    _display_name(request.feature, "feature", violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def update_feature(request: pb.UpdateFeatureRequest) -> None:
    """Checks a change of a feature."""
    violations = Violations()
    violations.chosen_id(request.feature.feature_id, "feature.feature_id", required=True)
    if violations.mask(request, FEATURE_FIELDS):
        _display_name(request.feature, "feature", violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def create_task(request: pb.CreateTaskRequest) -> None:
    """Checks a new task."""
    violations = Violations()
    violations.unset(request.task, "task", _STAMPS)
    _task(request.task, TASK_FIELDS, violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def update_task(request: pb.UpdateTaskRequest) -> None:
    """Checks a change of a task."""
    violations = Violations()
    _task(request.task, violations.mask(request, TASK_FIELDS), violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def named(value: str, path: str) -> None:
    """Checks the one id that a request has."""
    violations = Violations()
    violations.chosen_id(value, path, required=True)
    violations.raise_if_any()


def listing(request: Any) -> None:  # noqa: ANN401  # the three that ask for a page of the offer
    """Checks a question for plans, features or tasks."""
    violations = Violations()
    if isinstance(request, pb.ListTasksRequest):
        violations.chosen_id(request.feature_id, "feature_id")
    violations.page(request)
    violations.raise_if_any()


def _plan(plan: plan_pb.Plan, fields: Sequence[str] | frozenset[str], violations: Violations) -> None:
    if "display_name" in fields:
        _display_name(plan, "plan", violations)
    if "features" in fields:
        _features(plan.features, violations)
    if "tasks" in fields:
        _tasks(plan.tasks, violations)
    if "general_access" in fields and plan.HasField("general_access"):
        _access(plan.general_access, "plan.general_access", violations)
    if "quotas" in fields:
        _quotas(plan.quotas, "plan.quotas", violations)


def _task(task: plan_pb.Task, fields: Sequence[str] | frozenset[str], violations: Violations) -> None:
    violations.chosen_id(task.task_code, "task.task_code", required=True)
    if "display_name" in fields:
        _display_name(task, "task", violations)
    if "feature_id" in fields:
        violations.chosen_id(task.feature_id, "task.feature_id", required=True)


def _display_name(message: Any, path: str, violations: Violations) -> None:  # noqa: ANN401  # every message with one
    violations.text(message.display_name, f"{path}.display_name", limits.MAX_DISPLAY_NAME_CHARACTERS, required=True)


def _features(features: Sequence[plan_pb.PlanFeature], violations: Violations) -> None:
    if _too_many(features, "plan.features", limits.MAX_PLAN_FEATURES, violations):
        return
    for index, feature in enumerate(features):
        violations.chosen_id(feature.feature_id, f"plan.features[{index}].feature_id", required=True)
        _quotas(feature.quotas, f"plan.features[{index}].quotas", violations)
    violations.unique([feature.feature_id for feature in features], "plan.features")


def _tasks(tasks: Sequence[plan_pb.PlanTask], violations: Violations) -> None:
    if _too_many(tasks, "plan.tasks", limits.MAX_PLAN_TASKS, violations):
        return
    for index, task in enumerate(tasks):
        path = f"plan.tasks[{index}]"
        violations.chosen_id(task.task_code, f"{path}.task_code", required=True)
        _access(task.access, f"{path}.access", violations)
        _quotas(task.quotas, f"{path}.quotas", violations)
    violations.unique([task.task_code for task in tasks], "plan.tasks")


def _access(access: plan_pb.ModelAccess, path: str, violations: Violations) -> None:
    classes = access.model_classes
    if _too_many(classes, f"{path}.model_classes", limits.MAX_MODEL_CLASSES, violations):
        return
    if access.any_class and classes:
        violations.add(f"{path}.model_classes", "contradicts any_class; empty it, or unset any_class")
    if not access.any_class and not classes:
        violations.add(f"{path}.model_classes", "is empty, so that no model may serve; name some, or set any_class")
    for index, name in enumerate(classes):
        violations.chosen_id(name, f"{path}.model_classes[{index}]", required=True)
    violations.unique(classes, f"{path}.model_classes")


def _quotas(quotas: Sequence[plan_pb.Quota], path: str, violations: Violations) -> None:
    if _too_many(quotas, path, limits.MAX_QUOTAS, violations):
        return
    for index, quota in enumerate(quotas):
        _quota(quota, f"{path}[{index}]", violations)
    seen = [(each.holder, each.unit, each.unit_name, each.kind, each.period_seconds) for each in quotas]
    for index, about in enumerate(seen):
        if about in seen[:index]:
            violations.add(f"{path}[{index}]", "limits what an earlier one limits already; keep one of them")


def _quota(quota: plan_pb.Quota, path: str, violations: Violations) -> None:
    for field in ("holder", "unit", "kind"):
        violations.enum(quota, field, f"{path}.{field}", required=True)
    if quota.unit != BUDGET_UNIT_NAMED and quota.unit_name:
        violations.add(f"{path}.unit_name", "belongs to BUDGET_UNIT_NAMED alone; leave it unset")
    if quota.unit == BUDGET_UNIT_NAMED and quota.unit_name not in NamedUnit.__members__.values():
        violations.add(f"{path}.unit_name", f"is nothing that is counted; use one of {', '.join(NamedUnit)}")
    if quota.kind in _WITH_PERIOD:
        violations.number(quota.period_seconds, f"{path}.period_seconds", 1, limits.MAX_PERIOD_SECONDS)
    elif quota.period_seconds:
        violations.add(f"{path}.period_seconds", "is given by the kind; leave it unset")
    if quota.kind == BUDGET_KIND_SLOTS and quota.unit != BUDGET_UNIT_REQUESTS:
        violations.add(f"{path}.unit", "is not what slots count; use BUDGET_UNIT_REQUESTS")
    violations.number(quota.limit, f"{path}.limit", 0, limits.MAX_BUDGET_LIMIT)


def _too_many(values: Sequence[object], path: str, most: int, violations: Violations) -> bool:
    if len(values) > most:
        violations.add(path, f"has {len(values)} entries; use at most {most}")
    return len(values) > most
