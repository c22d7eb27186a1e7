"""From a plan without attempts to the error that explains it."""

from collections.abc import Sequence

from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.errors import (
    FieldViolation,
    NoEligibleModel,
    PinNotEligible,
    PointsmanError,
    PreconditionViolation,
    UnknownPin,
)
from pointsman_server.router.model import Exclusion, Plan, Preferences
from pointsman_server.router.names import UnknownName, unknown_pins

_MAX_EXAMPLES_TOLD = 3


def check_pins(snapshot: Snapshot, preferences: Preferences) -> None:
    """Refuses pinned names that the catalog does not have.

    Raises:
        UnknownPin: names each field, the name in it, and the nearest ones.
    """
    unknown = unknown_pins(snapshot, preferences)
    if unknown:
        told = [_tell(name) for name in unknown]
        raise UnknownPin(
            f"{unknown[0].field}: {told[0]}",
            metadata={"field": unknown[0].field, "name": unknown[0].name},
            fields=tuple(FieldViolation(name.field, text) for name, text in zip(unknown, told, strict=True)),
        )


def not_eligible(plan: Plan, decision_id: str) -> PointsmanError:
    """The error for a plan without attempts: which filters dropped how many models, and which."""
    metadata = {"decision_id": decision_id}
    if plan.pinned_exclusions:
        first = plan.pinned_exclusions[0]
        told = "; ".join(f"{example.model_id}: {example.detail}" for example in first.examples[:_MAX_EXAMPLES_TOLD])
        return PinNotEligible(
            f"No pinned model may serve this call. {told}. Pin another model or change what the request needs.",
            metadata=metadata,
            preconditions=_violations(plan.pinned_exclusions),
        )
    reasons = ", ".join(f"{exclusion.reason} ({exclusion.count})" for exclusion in plan.exclusions)
    return NoEligibleModel(
        f"None of {plan.considered_count} models may serve this call; dropped by: {reasons or 'an empty catalog'}. "
        "Loosen what the violations name, or configure a provider.",
        metadata=metadata,
        preconditions=_violations(plan.exclusions),
    )


def _violations(exclusions: Sequence[Exclusion]) -> tuple[PreconditionViolation, ...]:
    return tuple(
        PreconditionViolation(
            type=exclusion.reason,
            subject=f"{exclusion.count} {'model' if exclusion.count == 1 else 'models'}",
            description="; ".join(
                f"{example.model_id}: {example.detail}" for example in exclusion.examples[:_MAX_EXAMPLES_TOLD]
            ),
        )
        for exclusion in exclusions
    )


def _tell(unknown: UnknownName) -> str:
    near = unknown.nearest
    listing = f"List{unknown.kind.capitalize()}s (pointsman {unknown.kind}s) tells which there are"
    hint = f"the nearest {'is' if len(near) == 1 else 'are'} {', '.join(near)}" if near else listing
    return f"there is no {unknown.kind} {unknown.name!r} in the catalog; {hint}."
