"""What a plan says of a call: whether it has the task, which classes may serve it, and what is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pointsman_server.policy.merge import Demand
from pointsman_server.policy.model import PolicyMeter, PolicyRefusal
from pointsman_server.policy.plans import ModelAccess, Plan, Quota, QuotaHolder
from pointsman_server.policy.rules.allowed_classes import ALLOWED_CLASSES
from pointsman_server.policy.snapshot import PolicySnapshot, Subject

PLAN_KEY = "plan"
"""Stands for the plan where a refusal names its key."""


@dataclass(frozen=True, slots=True)
class Bought:
    """What follows from a plan for one subject."""

    refusals: tuple[PolicyRefusal, ...] = ()
    demands: tuple[tuple[str, Demand], ...] = ()
    meters: tuple[PolicyMeter, ...] = ()


_EVERYTHING = Bought()
_NO_PLAN = "the access token that the tenant signed up with gives no plan any more; ask the platform's administrator."


def bought(snapshot: PolicySnapshot, subject: Subject) -> Bought:
    """What the subject's plan says; a tenant that an administrator made without one is not limited."""
    if not subject.plan_id:
        return _refused(_NO_PLAN) if subject.plan_required else _EVERYTHING
    plan = snapshot.plan(subject.plan_id)
    if plan is None:
        return _refused(f"there is no plan {subject.plan_id}; ask the platform's administrator for another.")
    access = _access(plan, subject.task_code)
    if access is None:
        return _refused(_not_in(plan, subject.task_code))
    demands = () if access.any_class else ((ALLOWED_CLASSES.key, _classes(plan, access)),)
    return Bought(demands=demands, meters=tuple(_meters(snapshot, plan, subject)))


def _refused(message: str) -> Bought:
    return Bought(refusals=(PolicyRefusal(PLAN_KEY, message),))


def _access(plan: Plan, task_code: str) -> ModelAccess | None:
    if not task_code:
        return plan.general_access
    return next((task.access for task in plan.tasks if task.task_code == task_code), None)


def _not_in(plan: Plan, task_code: str) -> str:
    known = ", ".join(sorted(task.task_code for task in plan.tasks)) or "none"
    wrong = f"does not have the task {task_code}" if task_code else "needs every call to name a task"
    return f"the plan {plan.plan_id} {wrong}; its tasks are: {known}."


def _classes(plan: Plan, access: ModelAccess) -> Demand:
    return Demand(PLAN_KEY, plan.plan_id, frozenset(access.model_classes))


def _meters(snapshot: PolicySnapshot, plan: Plan, subject: Subject) -> Iterator[PolicyMeter]:
    for quota in plan.quotas:
        yield _meter(plan, quota, subject, "")
    if not subject.task_code:
        return
    feature_id = snapshot.features.get(subject.task_code, "")
    for feature in plan.features:
        if feature.feature_id == feature_id:
            for quota in feature.quotas:
                yield _meter(plan, quota, subject, f"feature {feature_id}")
    for task in plan.tasks:
        if task.task_code == subject.task_code:
            for quota in task.quotas:
                yield _meter(plan, quota, subject, f"task {task.task_code}")


def _meter(plan: Plan, quota: Quota, subject: Subject, part: str) -> PolicyMeter:
    """Named by what it counts, not by the plan: with a change of plan the limit changes, and the count goes on."""
    user = f"user {subject.user_id}" if quota.holder is QuotaHolder.USER else ""
    holder = user or "tenant"
    what = f"{quota.unit}/{quota.kind}/{quota.period_s}"
    return PolicyMeter(
        tenant_id=subject.tenant_id,
        meter_id=f"quota/{part.replace(' ', '/') or 'all'}/{what}/{holder.replace(' ', '/', 1)}",
        name=f"{plan.plan_id} {quota.unit}",
        source=PLAN_KEY,
        source_id=plan.plan_id,
        holder=f"{holder}, {part}" if part else holder,
        unit=quota.unit,
        kind=quota.kind,
        period_s=quota.period_s,
        limit=quota.limit,
    )
