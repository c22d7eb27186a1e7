"""All rules and plans at one moment, indexed by whose calls they are about. Swapped whole, never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pointsman_server.policy.plans import Plan
from pointsman_server.policy.rule import PolicyScope, Rule


class Subject(NamedTuple):
    """All that the choice of rules depends on; a field is empty where there is none."""

    tenant_id: str
    plan_id: str
    project_id: str
    user_id: str
    agent_id: str
    task_code: str
    plan_required: bool = False


@dataclass(frozen=True, slots=True)
class PolicyData:
    """What a store holds, of one moment.

    Attributes:
        generation: how often policy had changed.
        features: the feature that each task belongs to.
    """

    generation: int = 0
    rules: Sequence[Rule] = ()
    plans: Sequence[Plan] = ()
    features: Mapping[str, str] = field(default_factory=dict)


_About = tuple[str, PolicyScope, str, str]


class PolicySnapshot:
    """Finds what applies to a subject.

    Attributes:
        generation: how often policy had changed.
        features: the feature that each task belongs to.
    """

    def __init__(self, data: PolicyData) -> None:
        self.generation = data.generation
        self.features = data.features
        self._plans = {plan.plan_id: plan for plan in data.plans}
        self._rules = _by_about(data.rules)
        self._holders = {(rule.tenant_id, rule.scope, rule.scope_id) for rule in data.rules}
        self._tasks = {*data.features, *(rule.task_code for rule in data.rules)}

    def plan(self, plan_id: str) -> Plan | None:
        """The plan; ``None``: there is none of that name."""
        return self._plans.get(plan_id)

    def narrowed(self, subject: Subject) -> Subject:
        """The subject without the names on which nothing depends: callers choose them, and could choose any number."""
        tenant_id, project_id, agent_id = subject.tenant_id, subject.project_id, subject.agent_id
        return subject._replace(
            project_id=project_id if (tenant_id, PolicyScope.PROJECT, project_id) in self._holders else "",
            agent_id=agent_id if (tenant_id, PolicyScope.AGENT, agent_id) in self._holders else "",
            task_code=subject.task_code if subject.plan_id or subject.task_code in self._tasks else "",
        )

    def has_task(self, task_code: str) -> bool:
        """Whether there is such a task."""
        return task_code in self.features

    def is_known(self, subject: Subject) -> bool:
        """Whether its task is one that a rule or the platform names."""
        return not subject.task_code or subject.task_code in self._tasks

    def rules_for(self, subject: Subject) -> list[Rule]:
        """The rules whose scope and task match, ordered by id."""
        found: list[Rule] = []
        tasks = ("", subject.task_code) if subject.task_code else ("",)
        for tenant_id, scope, scope_id in _scopes(subject):
            for task_code in tasks:
                found += self._rules.get((tenant_id, scope, scope_id, task_code), ())
        return sorted(found, key=_rule_id)


def _by_about(rules: Iterable[Rule]) -> dict[_About, list[Rule]]:
    indexed: defaultdict[_About, list[Rule]] = defaultdict(list)
    for rule in rules:
        if not rule.disabled:
            indexed[rule.about].append(rule)
    return dict(indexed)


def _scopes(subject: Subject) -> Iterable[tuple[str, PolicyScope, str]]:
    tenant_id = subject.tenant_id
    yield "", PolicyScope.PLATFORM, ""
    if subject.plan_id:
        yield "", PolicyScope.PLAN, subject.plan_id
    yield tenant_id, PolicyScope.TENANT, ""
    if subject.project_id:
        yield tenant_id, PolicyScope.PROJECT, subject.project_id
    if subject.user_id:
        yield tenant_id, PolicyScope.USER, subject.user_id
    if subject.agent_id:
        yield tenant_id, PolicyScope.AGENT, subject.agent_id


def _rule_id(rule: Rule) -> str:
    return rule.rule_id
