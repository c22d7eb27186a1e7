"""What keeps rules, and whose rules one may see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from pointsman_server.identity.origin import Origin
from pointsman_server.policy.rule import PolicyScope, Rule


@dataclass(frozen=True, slots=True)
class RuleView:
    """Whose rules one may see, and which of them change.

    Attributes:
        tenant_id: the tenant whose they are.
        plan_id: that of the tenant; rules of other plans are not its to see.
        of_platform: whether one may change the platform's rules, and see those of every plan.
    """

    tenant_id: str
    plan_id: str = ""
    of_platform: bool = False


@dataclass(frozen=True, slots=True)
class RuleQuery:
    """Which rules to list; what is empty or ``None`` does not filter.

    Attributes:
        scope_id: the plan, project, user or agent.
        after: the id after which the page begins.
    """

    view: RuleView
    scope: PolicyScope | None = None
    scope_id: str = ""
    task_code: str = ""
    key: str = ""
    after: str = ""
    page_size: int = 100


MAX_RULES_FOR_KEY = 8
"""How many rules of one key may be about the same calls: each is asked of every call."""

MAX_RULES_OF_TENANT = 10_000
"""How many rules may be about the calls of one tenant: every server holds all of them in memory."""


class RuleStore(Protocol):
    """Keeps rules, and all that they ever were.

    Every change is checked against the other rules, made, counted on and recorded in the audit log in one transaction.
    Every method raises ``StoreUnavailable``; every change ``RequestIdReused``.
    """

    async def create(self, rule: Rule, origin: Origin) -> Rule:
        """Makes a rule.

        Raises:
            InvalidRequest: it names a task, plan, tenant, project or user that there is not.
            RulesContradict: it contradicts another rule.
        """
        ...

    async def get(self, view: RuleView, rule_id: str) -> Rule:
        """Returns a rule.

        Raises:
            NotFound: there is none, or it is another's.
        """
        ...

    async def page(self, query: RuleQuery) -> tuple[list[Rule], int]:
        """Returns the rules of one page ordered by id, and how many there are on all pages."""
        ...

    async def update(self, view: RuleView, rule: Rule, fields: Collection[str], origin: Origin) -> Rule:
        """Sets the named fields.

        Raises:
            NotFound: there is none, or it is another's.
            RoleRequired: it is the platform's.
            InvalidRequest: the value is not of the form that the key takes.
            RulesContradict: it would contradict another rule.
        """
        ...

    async def delete(self, view: RuleView, rule_id: str, origin: Origin) -> None:
        """Removes a rule.

        Raises:
            NotFound: there is none, or it is another's.
            RoleRequired: it is the platform's.
        """
        ...
