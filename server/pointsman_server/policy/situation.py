"""The moment at which policy is asked about a call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pointsman_server.identity.model import Principal
from pointsman_server.policy.model import CallFacts
from pointsman_server.policy.rule import Condition, PolicyScope, Rule


class UsageView(Protocol):
    """Knows, without waiting, how much of budgets is used."""

    def percent(self, tenant_id: str, scope: PolicyScope, scope_id: str, budget_id: str) -> int | None:
        """How much of a budget is posted and held, in whole percent of its limit, rounded down; ``None``: not known.

        Args:
            tenant_id: whose call it is.
            scope: whose budgets of money are asked where none is named; never ``PLATFORM`` or ``PLAN``.
            scope_id: the project, user or agent; empty for ``TENANT``.
            budget_id: the budget; empty: of those at the scope the one that is used most. 0 where there is none.
        """
        ...


class NothingKnown:
    """Knows of no budget: every throttle holds."""

    def percent(self, tenant_id: str, scope: PolicyScope, scope_id: str, budget_id: str) -> int | None:
        """Knows nothing."""
        del tenant_id, scope, scope_id, budget_id
        return None


@dataclass(frozen=True, slots=True)
class Situation:
    """A call, who makes it, when, and what was used before."""

    principal: Principal
    facts: CallFacts
    now: datetime
    usage: UsageView


def is_met(rule: Rule, at: Situation) -> bool | None:
    """Whether all that the rule's condition asks for is so; ``None``: but for a usage that is not known."""
    condition = rule.condition
    otherwise = (
        (condition.hours is None or condition.hours.include(at.now))
        and (condition.outside_hours is None or not condition.outside_hours.include(at.now))
        and (not condition.purposes or at.facts.purpose in condition.purposes)
    )
    return otherwise and _is_used(rule, condition, at)


def _is_used(rule: Rule, condition: Condition, at: Situation) -> bool | None:
    usage = condition.usage
    if usage is None:
        return True
    of_tenant = rule.scope <= PolicyScope.TENANT
    scope, scope_id = (PolicyScope.TENANT, "") if of_tenant else (rule.scope, rule.scope_id)
    percent = at.usage.percent(at.principal.tenant_id, scope, scope_id, usage.budget_id)
    return None if percent is None else percent >= usage.at_least_percent
