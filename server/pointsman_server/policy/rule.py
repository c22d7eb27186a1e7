"""Policy rules: one limit at a scope, and when it holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from pointsman_server.identity.times import Times
from pointsman_server.policy.hours import Hours


class PolicyScope(IntEnum):
    """For whom a rule holds, from the widest to the most specific."""

    PLATFORM = 1
    PLAN = 2
    TENANT = 3
    PROJECT = 4
    USER = 5
    AGENT = 6


PLATFORM_SCOPES = frozenset({PolicyScope.PLATFORM, PolicyScope.PLAN})
"""The scopes whose rules are about no single tenant, and are the platform's alone."""


class Direction(StrEnum):
    """What of a call a content check looks at."""

    INPUT = "input"
    OUTPUT = "output"
    BOTH = "both"


class Action(StrEnum):
    """What is done about content that was found, from the mildest to the hardest."""

    WARN = "warn"
    MASK = "mask"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class ContentCheck:
    """What content is looked for.

    Attributes:
        kinds: those that are looked for; empty: all of the key's.
    """

    direction: Direction
    action: Action
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UsageCondition:
    """While so much of a budget is used.

    Attributes:
        budget_id: empty: any budget of money at the rule's scope; the one that is used most counts.
        at_least_percent: 1 to 100 of its limit, posted and held.
    """

    budget_id: str
    at_least_percent: int


@dataclass(frozen=True, slots=True)
class Condition:
    """When a rule holds: where all that is set is so."""

    hours: Hours | None = None
    outside_hours: Hours | None = None
    purposes: frozenset[str] = frozenset()
    usage: UsageCondition | None = None

    @property
    def is_set(self) -> bool:
        """Whether it asks for anything."""
        return self != ALWAYS


ALWAYS = Condition()

Value = int | frozenset[str] | Hours | ContentCheck
"""What a rule says: an amount, names, when calls are let in, or what content is looked for."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit at a scope.

    Attributes:
        tenant_id: whose calls it is about; empty for the scopes ``PLATFORM`` and ``PLAN``.
        of_platform: whether the platform set it, so that the tenant can neither change nor displace it.
        scope_id: the plan, project, user or agent; empty for ``PLATFORM`` and ``TENANT``.
        task_code: the task that it holds for; empty: every call.
        overrides: whether it takes the place of wider rules for its key that are not mandatory.
        mandatory: whether it holds whatever more specific rules say.
        times: ``None``: it is not kept yet.
    """

    rule_id: str
    tenant_id: str
    of_platform: bool
    scope: PolicyScope
    scope_id: str
    key: str
    value: Value
    task_code: str = ""
    condition: Condition = ALWAYS
    overrides: bool = False
    mandatory: bool = False
    disabled: bool = False
    description: str = ""
    times: Times | None = None

    @property
    def specificity(self) -> tuple[PolicyScope, bool]:
        """How specific it is: by scope, and at one scope with a task more than without."""
        return self.scope, bool(self.task_code)

    @property
    def about(self) -> tuple[str, PolicyScope, str, str]:
        """Whose calls it is about, and of which task."""
        return self.tenant_id, self.scope, self.scope_id, self.task_code
