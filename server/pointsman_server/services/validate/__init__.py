"""The one place where requests are checked: every field of each, all that is wrong at once.

Each function returns when its request is sound.

Raises:
    InvalidRequest: names each wrong field, what is wrong and what to do.
    FeatureNotAvailable: the request uses fields whose features are not served yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from pointsman.v1.audit_service_pb2 import (
    EraseAuditPayloadRequest,
    ExportAuditEntriesRequest,
    ListAuditEntriesRequest,
    VerifyAuditRequest,
)
from pointsman.v1.budget_service_pb2 import (
    CompareUsageRequest,
    CreateBudgetRequest,
    DeleteBudgetRequest,
    GetBudgetRequest,
    ListBudgetsRequest,
    ResolveUnknownRequest,
    UpdateBudgetRequest,
    VerifyLedgerRequest,
)
from pointsman.v1.catalog_service_pb2 import (
    GetModelRequest,
    GetProviderRequest,
    ListModelsRequest,
    ListProvidersRequest,
)
from pointsman.v1.router_service_pb2 import CompleteRequest, RecordFeedbackRequest, RouteRequest, UsageRequest

from pointsman_server.errors import FeatureNotAvailable, FieldViolation
from pointsman_server.services.validate import audit, budgets, catalog, comparison, feedback, specification, usage
from pointsman_server.services.validate.tools import schema_bytes
from pointsman_server.services.validate.violations import Violations

__all__ = [
    "compare_usage",
    "complete",
    "create_budget",
    "erase_audit_payload",
    "export_audit_entries",
    "get_model",
    "get_provider",
    "list_audit_entries",
    "list_budgets",
    "list_models",
    "list_providers",
    "named_budget",
    "record_feedback",
    "refuse_unavailable",
    "resolve_unknown",
    "route",
    "schema_bytes",
    "update_budget",
    "usage_report",
    "verify_audit",
    "verify_ledger",
]

_SPECIFICATION = "specification"


def route(request: RouteRequest) -> None:
    """Checks a question for Route."""
    refuse_unavailable(specification.unavailable(request.specification, _SPECIFICATION))
    violations = Violations()
    _specification(request, violations)
    violations.raise_if_any()


def complete(request: CompleteRequest) -> None:
    """Checks a completion."""
    own = ("resumable",) if request.resumable else ()
    refuse_unavailable((*own, *specification.unavailable(request.specification, _SPECIFICATION)))
    violations = Violations()
    _specification(request, violations)
    violations.enum(request, "delivery", "delivery")
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def record_feedback(request: RecordFeedbackRequest) -> None:
    """Checks a rating."""
    violations = Violations()
    feedback.feedback(request, violations)
    violations.raise_if_any()


def usage_report(request: UsageRequest) -> None:
    """Checks a question for usage."""
    violations = Violations()
    usage.usage(request, violations)
    violations.raise_if_any()


def get_provider(request: GetProviderRequest) -> None:
    """Checks a question for a provider."""
    violations = Violations()
    catalog.name(request.provider_id, "provider_id", violations)
    violations.raise_if_any()


def list_providers(request: ListProvidersRequest) -> None:
    """Checks a question for providers."""
    violations = Violations()
    catalog.providers(request, violations)
    violations.raise_if_any()


def get_model(request: GetModelRequest) -> None:
    """Checks a question for a model."""
    violations = Violations()
    catalog.name(request.model_id, "model_id", violations)
    violations.raise_if_any()


def list_models(request: ListModelsRequest) -> None:
    """Checks a question for models."""
    violations = Violations()
    catalog.models(request, violations)
    violations.raise_if_any()


def create_budget(request: CreateBudgetRequest) -> None:
    """Checks a budget that is to be made."""
    violations = Violations()
    budgets.create(request, violations)
    violations.raise_if_any()


def update_budget(request: UpdateBudgetRequest) -> None:
    """Checks a change of a budget."""
    violations = Violations()
    budgets.update(request, violations)
    violations.raise_if_any()


def named_budget(request: GetBudgetRequest | DeleteBudgetRequest) -> None:
    """Checks a request that only names a budget."""
    violations = Violations()
    budgets.owner(request, violations)
    budgets.identifier(request.budget_id, "budget_id", violations)
    violations.raise_if_any()


def list_budgets(request: ListBudgetsRequest) -> None:
    """Checks a question for budgets."""
    violations = Violations()
    budgets.listing(request, violations)
    violations.raise_if_any()


def verify_ledger(request: VerifyLedgerRequest) -> None:
    """Checks whose ledger is to be proven."""
    violations = Violations()
    budgets.owner(request, violations)
    violations.raise_if_any()


def resolve_unknown(request: ResolveUnknownRequest) -> None:
    """Checks how an unknown reservation is to end."""
    violations = Violations()
    budgets.resolve(request, violations)
    violations.raise_if_any()


def compare_usage(request: CompareUsageRequest) -> None:
    """Checks a provider's account that is to be compared."""
    violations = Violations()
    comparison.comparison(request, violations)
    violations.raise_if_any()


def list_audit_entries(request: ListAuditEntriesRequest) -> None:
    """Checks a question for entries of the audit log."""
    violations = Violations()
    audit.filtered(request, violations)
    violations.page(request)
    violations.raise_if_any()


def export_audit_entries(request: ExportAuditEntriesRequest) -> None:
    """Checks a question for all entries of the audit log."""
    violations = Violations()
    audit.filtered(request, violations)
    violations.raise_if_any()


def verify_audit(request: VerifyAuditRequest) -> None:
    """Checks which chain is to be proven."""
    violations = Violations()
    audit.verification(request, violations)
    violations.raise_if_any()


def erase_audit_payload(request: EraseAuditPayloadRequest) -> None:
    """Checks which payload is to be erased."""
    violations = Violations()
    audit.erasure(request, violations)
    violations.raise_if_any()


def refuse_unavailable(fields: Iterable[str]) -> None:
    """Refuses a request that uses fields or methods whose features are not served yet."""
    names = tuple(fields)
    if names:
        raise FeatureNotAvailable(
            f"{', '.join(names)}: not available on this server yet; leave it unset",
            metadata={"field": names[0]},
            fields=tuple(FieldViolation(name, "is not available on this server yet; leave it unset") for name in names),
        )


def _specification(request: RouteRequest | CompleteRequest, violations: Violations) -> None:
    if request.HasField("specification"):
        specification.specification(request.specification, _SPECIFICATION, violations)
    else:
        violations.add(_SPECIFICATION, "is not set; say what the completion needs")
