"""Checks a provider's account that is to be compared."""

from __future__ import annotations

from pointsman.v1.budget_service_pb2 import BilledUsage, CompareUsageRequest

from pointsman_server.services.validate import limits
from pointsman_server.services.validate.violations import Violations

_FIGURES = ("input_tokens", "cache_read_tokens", "output_tokens", "cost_nanos")


def comparison(request: CompareUsageRequest, violations: Violations) -> None:
    """Checks every field of a comparison."""
    violations.text(request.provider_id, "provider_id", limits.MAX_MODEL_NAME_CHARACTERS, required=True)
    violations.period(request, required=True)
    if not 1 <= len(request.rows) <= limits.MAX_BILLED_ROWS:
        violations.add("rows", f"has {len(request.rows)} rows; give 1 to {limits.MAX_BILLED_ROWS}")
        return
    for index, row in enumerate(request.rows):
        _row(row, f"rows[{index}]", violations)
    if request.HasField("tolerance_ppm"):
        violations.number(request.tolerance_ppm, "tolerance_ppm", 0, limits.MAX_TOLERANCE_PPM)


def _row(row: BilledUsage, path: str, violations: Violations) -> None:
    violations.text(row.model, f"{path}.model", limits.MAX_MODEL_NAME_CHARACTERS)
    stated = [field.name for field, _ in row.ListFields() if field.name in _FIGURES]
    if not stated:
        violations.add(path, f"states nothing; set some of {', '.join(_FIGURES)}")
    for name in stated:
        violations.number(getattr(row, name), f"{path}.{name}", 0, None)
