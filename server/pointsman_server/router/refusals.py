"""From a plan without attempts to the error that explains it."""

import difflib
from collections.abc import Iterable, Sequence

from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.errors import NoEligibleModel, PinNotEligible, PointsmanError, PreconditionViolation, UnknownPin
from pointsman_server.router.model import Exclusion, Plan, Preferences

_MAX_EXAMPLES_TOLD = 3
_MAX_SUGGESTIONS = 3


def check_pins(snapshot: Snapshot, preferences: Preferences) -> None:
    """Refuses pinned names that the catalog does not have.

    Raises:
        UnknownPin: names the field, the name, and the nearest ones.
    """
    for index, name in enumerate(preferences.pinned_models):
        if not snapshot.resolve(name):
            raise _unknown("model", f"specification.hints.pinned_models[{index}]", name, snapshot.names)
    for index, name in enumerate(preferences.pinned_providers):
        if name not in snapshot.providers:
            raise _unknown("provider", f"specification.hints.pinned_providers[{index}]", name, snapshot.providers)


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
            subject=f"{exclusion.count} models",
            description="; ".join(
                f"{example.model_id}: {example.detail}" for example in exclusion.examples[:_MAX_EXAMPLES_TOLD]
            ),
        )
        for exclusion in exclusions
    )


def _unknown(kind: str, field: str, name: str, known: Iterable[str]) -> UnknownPin:
    near = difflib.get_close_matches(name, known, n=_MAX_SUGGESTIONS)
    hint = f"; the nearest are {', '.join(near)}" if near else f"; List{kind.capitalize()}s tells which there are"
    return UnknownPin(
        f"{field}: there is no {kind} {name!r} in the catalog{hint}.", metadata={"field": field, "name": name}
    )
