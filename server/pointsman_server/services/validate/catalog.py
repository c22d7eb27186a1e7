"""Checks what the catalog is asked for."""

from __future__ import annotations

from pointsman.v1.catalog_service_pb2 import ListModelsRequest, ListProvidersRequest

from pointsman_server.services.validate import limits
from pointsman_server.services.validate.violations import Violations


def name(value: str, path: str, violations: Violations) -> None:
    """Checks the name of a provider or a model."""
    violations.text(value, path, limits.MAX_MODEL_NAME_CHARACTERS, required=True)


def providers(request: ListProvidersRequest, violations: Violations) -> None:
    """Checks what providers are asked for."""
    violations.enum(request, "state", "state")
    violations.page(request)


def models(request: ListModelsRequest, violations: Violations) -> None:
    """Checks what models are asked for."""
    for field in ("provider_id", "model_class", "family", "query"):
        violations.text(getattr(request, field), field, limits.MAX_MODEL_NAME_CHARACTERS)
    violations.enum(request, "cost_tier", "cost_tier")
    violations.enums(request, "capabilities", "capabilities")
    violations.enum(request, "type", "type")
    violations.page(request)
