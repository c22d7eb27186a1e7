"""From a verdict that refuses to the error that says why."""

from __future__ import annotations

from pointsman_server.errors import NotAMember, PointsmanError, PolicyRefused, PreconditionViolation
from pointsman_server.policy.engine import PROJECT_KEY
from pointsman_server.policy.model import PolicyRefusal, Verdict

_MOST_TOLD = 10
"""How many reasons an error names: what it travels in is small. Evaluate tells all."""


def refused(verdict: Verdict, decision_id: str) -> PointsmanError:
    """The error for a call that the verdict refuses: every reason, and which rules gave it."""
    metadata = {"decision_id": decision_id}
    for refusal in verdict.refusals:
        if refusal.key == PROJECT_KEY:
            return NotAMember(f"specification.project_id: {refusal.message}", metadata=metadata)
    first = verdict.refusals[0]
    more = len(verdict.refusals) - 1
    rule_id = {"policy_rule_id": first.rule_ids[0]} if first.rule_ids else {}
    return PolicyRefused(
        f"Policy refuses this call: {first.message}" + (f" ({more} more in the details)" if more else ""),
        metadata={**metadata, "key": first.key, **rule_id},
        preconditions=tuple(map(_violation, verdict.refusals[:_MOST_TOLD])),
    )


def _violation(refusal: PolicyRefusal) -> PreconditionViolation:
    return PreconditionViolation(refusal.key, ", ".join(refusal.rule_ids), refusal.message)
