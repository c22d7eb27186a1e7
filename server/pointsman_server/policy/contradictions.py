"""Which rule a rule contradicts: one that could never hold, or that leaves nothing, is refused when it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pointsman_server.policy.rule import PolicyScope, Rule
from pointsman_server.policy.rule_store import MAX_RULES_FOR_KEY
from pointsman_server.policy.rules.table import KINDS


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The rule that stands in the way, and why."""

    rule_id: str
    message: str


def contradiction(rule: Rule, others: Sequence[Rule]) -> Contradiction | None:
    """The first of the others that a rule contradicts, in the order of their ids; ``None``: none.

    Args:
        rule: the one that is to be written.
        others: those of its tenant and of the platform, for its key.
    """
    if rule.disabled:
        return None
    rivals = sorted((one for one in others if _may_meet(one, rule)), key=lambda one: one.rule_id)
    for other in rivals:
        why = _twice(rule, other) or _nothing(rule, other) or _never(rule, other)
        if why is not None:
            return Contradiction(other.rule_id, why)
    alike = [one for one in rivals if one.about == rule.about]
    if len(alike) >= MAX_RULES_FOR_KEY:
        return Contradiction(alike[0].rule_id, f"there are {len(alike)} rules of {rule.key} for the same calls already")
    return None


def _may_meet(other: Rule, rule: Rule) -> bool:
    return other.rule_id != rule.rule_id and other.key == rule.key and not other.disabled


def _twice(rule: Rule, other: Rule) -> str | None:
    both = rule.overrides and other.overrides
    if both and rule.about == other.about and rule.condition == other.condition:
        return "it overrides for the same calls already; change that one"
    return None


def _nothing(rule: Rule, other: Rule) -> str | None:
    """Neither gives way to the other: it is mandatory, both are, or the two are about the same calls."""
    both = rule.mandatory and other.mandatory and _always_covers(rule, other)
    alike = rule.about == other.about and not rule.condition.is_set
    if not ((_always_covers(other, rule) and (other.mandatory or alike)) or both):
        return None
    kind = KINDS[rule.key]
    if kind.contrary(other.value, rule.value):
        return f"it says {kind.value_words(other.value)}; the two together leave nothing"
    return None


def _never(rule: Rule, other: Rule) -> str | None:
    if not (rule.overrides and other.mandatory and _always_covers(other, rule)):
        return None
    kind = KINDS[rule.key]
    if kind.tighter(other.value, rule.value):
        return f"it is mandatory and says {kind.value_words(other.value)}; a looser rule can never hold"
    return None


def _always_covers(other: Rule, rule: Rule) -> bool:
    """Whether the other rule holds for every call that the rule is about, whatever the time and the call's purpose."""
    if other.condition.is_set or other.task_code not in {"", rule.task_code}:
        return False
    if other.scope is PolicyScope.PLATFORM:
        return True
    if other.scope is PolicyScope.TENANT:
        return other.tenant_id == rule.tenant_id
    return (other.tenant_id, other.scope, other.scope_id) == (rule.tenant_id, rule.scope, rule.scope_id)
