"""Checks what a usage report is asked for."""

from __future__ import annotations

from pointsman.v1.router_service_pb2 import UsageDimension, UsageFilter, UsageRequest

from pointsman_server.services.validate import limits
from pointsman_server.services.validate.specification import labels
from pointsman_server.services.validate.violations import Violations


def usage(request: UsageRequest, violations: Violations) -> None:
    """Checks every field of a question for usage."""
    violations.period(request)
    violations.enums(request, "group_by", "group_by")
    _label_key(request, violations)
    _filter(request.filter, "filter", violations)
    violations.page(request)


def _label_key(request: UsageRequest, violations: Violations) -> None:
    by_label = UsageDimension.USAGE_DIMENSION_LABEL in request.group_by
    if by_label:
        violations.text(request.label_key, "label_key", limits.MAX_LABEL_CHARACTERS, required=True)
    elif request.label_key:
        violations.add("label_key", "is set without USAGE_DIMENSION_LABEL; add that to group_by or leave it out")


def _filter(wanted: UsageFilter, path: str, violations: Violations) -> None:
    for name in ("provider_id", "model_id", "task_type", "purpose", "task_code"):
        violations.text(getattr(wanted, name), f"{path}.{name}", limits.MAX_MODEL_NAME_CHARACTERS)
    for name in ("project_id", "agent_id", "run_id"):
        violations.identifier(getattr(wanted, name), f"{path}.{name}")
    labels(wanted.labels, f"{path}.labels", violations)
