"""How rules become limits. Pure: what a rule does follows from the set of rules, never from their order.

A rule takes part where its scope, its task and its condition match. Among those that do, for one key:

1. A rule that ``overrides`` displaces every wider one that is not mandatory; a tenant's rule displaces only that
   tenant's own.
2. What is left, with what the plan and the server set, merges to the tightest: the least amount, what all allow-lists
   have in common, what any deny-list names, the hours that lie in all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pointsman_server.policy.rule import PolicyScope, Rule, Value
from pointsman_server.policy.rules.table import AnyKind


class Effect(StrEnum):
    """What became of what somebody asked for."""

    SET = "set"
    LOOSER = "looser"
    OVERRIDDEN = "overridden"
    NOT_NOW = "not_now"


_STANDING = frozenset({Effect.SET, Effect.LOOSER})


@dataclass(frozen=True, slots=True)
class Demand:
    """What one rule, plan, setting or request asks for.

    Attributes:
        source: ``rule``, ``plan``, ``server`` or ``request``.
        source_id: the rule, plan, setting or field.
        scope: the rule's; ``None``: it is no rule.
    """

    source: str
    source_id: str
    value: Value
    scope: PolicyScope | None = None
    scope_id: str = ""


@dataclass(frozen=True, slots=True)
class Contribution:
    """A demand, and what became of it."""

    demand: Demand
    effect: Effect

    @property
    def stands(self) -> bool:
        """Whether it holds, though another one may be tighter."""
        return self.effect in _STANDING


@dataclass(frozen=True, slots=True)
class MergedLimit:
    """What all demands for a key come to.

    Attributes:
        limit: as the kind merges it; ``None``: nothing stands.
        contributions: everything that was asked, what set the limit first.
    """

    kind: AnyKind
    limit: Any
    contributions: tuple[Contribution, ...]

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """The rules that set it."""
        return tuple(
            each.demand.source_id
            for each in self.contributions
            if each.effect is Effect.SET and each.demand.source == "rule"
        )


def displaces(rule: Rule, other: Rule) -> bool:
    """Whether a rule takes another one's place; both are of one key and take part."""
    return (
        rule.overrides
        and not other.mandatory
        and rule.specificity > other.specificity
        and (rule.of_platform or not other.of_platform)
    )


def standing(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules that none displaces, of those of one key that take part."""
    overriding = [rule for rule in rules if rule.overrides]
    return tuple(rule for rule in rules if not any(displaces(one, rule) for one in overriding))


def demand_of(rule: Rule) -> Demand:
    """What a rule asks for."""
    return Demand("rule", rule.rule_id, rule.value, rule.scope, rule.scope_id)


def merged(kind: AnyKind, fixed: Sequence[Demand], rules: Sequence[Rule], not_now: Iterable[Rule]) -> MergedLimit:
    """What a key comes to.

    Args:
        kind: of the key.
        fixed: what stands in any case.
        rules: those that take part.
        not_now: those whose condition is not met.
    """
    stands = standing(rules)
    demands = (*fixed, *map(demand_of, stands))
    values = [demand.value for demand in demands]
    contributions = [
        *(Contribution(demand, _effect(kind, demand.value, values)) for demand in demands),
        *(Contribution(demand_of(rule), Effect.OVERRIDDEN) for rule in rules if rule not in stands),
        *(Contribution(demand_of(rule), Effect.NOT_NOW) for rule in not_now),
    ]
    return MergedLimit(kind, kind.merge(values) if values else None, tuple(sorted(contributions, key=_order)))


def _effect(kind: AnyKind, value: Value, values: Sequence[Value]) -> Effect:
    return Effect.LOOSER if any(kind.tighter(other, value) for other in values) else Effect.SET


_EFFECTS = tuple(Effect)


def _order(contribution: Contribution) -> tuple[int, str, str]:
    demand = contribution.demand
    return _EFFECTS.index(contribution.effect), demand.source, demand.source_id
