"""Checks what is asked of budgets."""

from __future__ import annotations

from typing import Any

from pointsman.v1 import budget_service_pb2 as pb

from pointsman_server.ledger.meters import NamedUnit
from pointsman_server.services.validate import limits
from pointsman_server.services.validate.violations import Violations

UPDATABLE = ("name", "limit", "frozen")

_SCOPES_WITH_ID = frozenset(
    {
        pb.BUDGET_SCOPE_PROJECT,
        pb.BUDGET_SCOPE_USER,
        pb.BUDGET_SCOPE_AGENT,
        pb.BUDGET_SCOPE_PROVIDER,
    }
)
_PLATFORM_SCOPES = frozenset({pb.BUDGET_SCOPE_GLOBAL, pb.BUDGET_SCOPE_PROVIDER})
_KINDS_WITH_PERIOD = frozenset({pb.BUDGET_KIND_ROLLING, pb.BUDGET_KIND_RATE})
_MADE_BY_SERVER = ("budget_id", "state", "create_time", "update_time", "source")


def create(request: pb.CreateBudgetRequest, violations: Violations) -> None:
    """Checks a budget that is to be made."""
    budget = request.budget
    owner(request, violations)
    if request.tenant_id and budget.scope in _PLATFORM_SCOPES:
        violations.add("tenant_id", "belongs to no such scope; leave it unset")
    for field in _MADE_BY_SERVER:
        if getattr(budget, field) != getattr(pb.Budget(), field):
            violations.add(f"budget.{field}", "is the server's to set; leave it unset")
    violations.text(budget.name, "budget.name", limits.MAX_NAME_CHARACTERS, required=True)
    for field in ("scope", "unit", "kind"):
        violations.enum(budget, field, f"budget.{field}", required=True)
    if budget.scope == pb.BUDGET_SCOPE_POLICY:
        violations.add("budget.scope", "is that of plans and rules alone; use UpdatePlan or CreatePolicyRule")
    _unit_name(budget, violations)
    _scope_id(budget, violations)
    _period(budget, violations)
    _limit(budget.limit, violations)
    if budget.kind == pb.BUDGET_KIND_SLOTS and budget.unit != pb.BUDGET_UNIT_REQUESTS:
        violations.add("budget.unit", "is not what slots count; use BUDGET_UNIT_REQUESTS")


def update(request: pb.UpdateBudgetRequest, violations: Violations) -> None:
    """Checks a change."""
    owner(request, violations)
    identifier(request.budget.budget_id, "budget.budget_id", violations)
    paths = request.update_mask.paths
    if not paths:
        violations.add("update_mask", f"names nothing; name some of {', '.join(UPDATABLE)}")
    for index, path in enumerate(paths):
        if path not in UPDATABLE:
            violations.add(f"update_mask.paths[{index}]", f"cannot be changed; use {', '.join(UPDATABLE)}")
    if "name" in paths:
        violations.text(request.budget.name, "budget.name", limits.MAX_NAME_CHARACTERS, required=True)
    if "limit" in paths:
        _limit(request.budget.limit, violations)


def listing(request: pb.ListBudgetsRequest, violations: Violations) -> None:
    """Checks what budgets are asked for."""
    owner(request, violations)
    violations.enum(request, "scope", "scope")
    violations.text(request.scope_id, "scope_id", limits.MAX_ID_CHARACTERS)
    violations.page(request)


def resolve(request: pb.ResolveUnknownRequest, violations: Violations) -> None:
    """Checks how a reservation is to end."""
    identifier(request.reservation_id, "reservation_id", violations)
    owner(request, violations)
    if request.HasField("cost_nanos"):
        violations.number(request.cost_nanos, "cost_nanos", 0, None)
    elif request.HasField("usage"):
        violations.add("cost_nanos", "is not set, but usage is; say what that cost, or unset both")
    for field, value in request.usage.ListFields():
        violations.number(value, f"usage.{field.name}", 0, None)


def owner(request: Any, violations: Violations) -> None:  # noqa: ANN401  # every request of the service
    """Checks whose budgets are asked for."""
    violations.identifier(request.tenant_id, "tenant_id")


def identifier(value: str, path: str, violations: Violations) -> None:
    """Checks the id of a budget or a reservation."""
    violations.identifier(value, path, required=True)


def _unit_name(budget: pb.Budget, violations: Violations) -> None:
    if budget.unit != pb.BUDGET_UNIT_NAMED:
        if budget.unit_name:
            violations.add("budget.unit_name", "belongs to BUDGET_UNIT_NAMED alone; leave it unset")
    elif budget.unit_name not in NamedUnit.__members__.values():
        violations.add("budget.unit_name", f"is nothing that is counted; use one of {', '.join(NamedUnit)}")


def _scope_id(budget: pb.Budget, violations: Violations) -> None:
    if budget.scope in _SCOPES_WITH_ID:
        violations.text(budget.scope_id, "budget.scope_id", limits.MAX_ID_CHARACTERS, required=True)
    elif budget.scope_id:
        violations.add("budget.scope_id", "belongs to no such scope; leave it unset")


def _period(budget: pb.Budget, violations: Violations) -> None:
    if budget.kind not in _KINDS_WITH_PERIOD:
        if budget.HasField("period"):
            violations.add("budget.period", "is given by the kind; leave it unset")
    elif budget.period.nanos or not 1 <= budget.period.seconds <= limits.MAX_PERIOD_SECONDS:
        violations.add("budget.period", f"is not 1 to {limits.MAX_PERIOD_SECONDS} whole seconds; give so many")


def _limit(limit: int, violations: Violations) -> None:
    violations.number(limit, "budget.limit", 0, limits.MAX_BUDGET_LIMIT)
