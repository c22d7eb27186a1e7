"""From who asks and what is asked to a verdict.

What applies to a subject (tenant, plan, project, user, agent and task) is found and merged with its first call and kept
with the snapshot; a call then costs a look-up, its conditions, and the checks of its own figures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from pointsman_server.identity.model import Principal
from pointsman_server.policy.applicable import Applicable, Check, Merged
from pointsman_server.policy.bought import bought
from pointsman_server.policy.limits import ServerLimits, verdict_of
from pointsman_server.policy.merge import Demand, MergedLimit
from pointsman_server.policy.model import MAX_METERS, CallFacts, PolicyMeter, PolicyRefusal, Verdict
from pointsman_server.policy.rules.max_tokens_out import MAX_TOKENS_OUT
from pointsman_server.policy.situation import NothingKnown, Situation, UsageView
from pointsman_server.policy.snapshot import PolicyData, PolicySnapshot, Subject
from pointsman_server.telemetry import frames

MOST_KEPT = 20_000
"""How many subjects are kept of one snapshot; the oldest goes first."""

PROJECT_KEY = "project"
AGENT_KEY = "agent"
TASK_KEY = "task"
METERS_KEY = "meters"
RULES_KEY = "rules"
"""Stand for what no rule limits where a refusal names its key."""

_TOO_MANY = (
    f"{{count}} limits of plans and rules count this call, and it can be held on {MAX_METERS} at the most; Evaluate "
    f"lists them under meters: have some removed."
)
_UNUSABLE = "the rules for this call cannot be used on this server, so nothing is let in; its log has the cause."
_log = structlog.get_logger(__name__)
_NO_RULES = PolicyData()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict and all that led to it.

    Attributes:
        limits: everything that was asked for, by key.
    """

    verdict: Verdict
    limits: tuple[MergedLimit, ...]


class PolicyEngine:
    """Gives verdicts under one snapshot at a time."""

    def __init__(self, server: ServerLimits, usage: UsageView | None = None) -> None:
        self._server = server
        self._usage: UsageView = usage or NothingKnown()
        self.use(PolicySnapshot(_NO_RULES))

    @property
    def generation(self) -> int:
        """The version of the rules that verdicts are given under."""
        return self._snapshot.generation

    def use(self, snapshot: PolicySnapshot) -> None:
        """Gives all later verdicts under this snapshot."""
        self._kept: dict[Subject, Applicable] = {}
        self._snapshot = snapshot

    def evaluate(self, principal: Principal, facts: CallFacts, now: datetime) -> Verdict:
        """Merges the limits of every rule that applies to the call. What cannot be evaluated refuses it."""
        try:
            at = Situation(principal, facts, now, self._usage)
            applicable = self._applicable(principal, facts)
            return self._verdict(applicable.merged(applicable.met(at)), at)
        except Exception as defect:  # noqa: BLE001  # whatever a rule or a condition raises must refuse, never let in
            return self._unusable(defect)

    def explain(self, principal: Principal, facts: CallFacts, now: datetime) -> Explanation:
        """The verdict, with everything that was asked for and what became of it."""
        try:
            return self._explain(principal, facts, now)
        except Exception as defect:  # noqa: BLE001  # as above
            return Explanation(self._unusable(defect), ())

    def _explain(self, principal: Principal, facts: CallFacts, now: datetime) -> Explanation:
        at = Situation(principal, facts, now, self._usage)
        applicable = self._applicable(principal, facts)
        met = applicable.met(at)
        asked = facts.max_output_tokens
        own = {} if asked is None else {MAX_TOKENS_OUT.key: Demand("request", "max_output_tokens", asked)}
        return Explanation(self._verdict(applicable.merged(met), at), tuple(applicable.limits(met, own).values()))

    def _verdict(self, merged: Merged, at: Situation) -> Verdict:
        refusals = [*merged.verdict.refusals, *_not_its_own(at), *self._no_task(at)]
        for check in merged.checks:
            message = _asked(check, at)
            if message is not None:
                refusals.append(PolicyRefusal(check.kind.key, message, check.rule_ids))
        meters = merged.verdict.meters
        if merged.of_run:
            meters = (*meters, *_of_run(merged, at))
        if len(meters) > MAX_METERS:
            refusals.append(PolicyRefusal(METERS_KEY, _TOO_MANY.format(count=len(meters))))
        if not refusals and not merged.of_run:
            return merged.verdict
        return replace(merged.verdict, refusals=tuple(refusals), meters=meters)

    def _no_task(self, at: Situation) -> list[PolicyRefusal]:
        """What is wrong with a task that does not exist: no rule for the one that was meant would hold."""
        task_code = at.facts.task_code
        if not task_code or at.principal.plan_id or self._snapshot.has_task(task_code):
            return []  # a plan tells its own tasks
        return [PolicyRefusal(TASK_KEY, f"there is no task {task_code}; ListTasks tells which there are.")]

    def _unusable(self, defect: Exception) -> Verdict:
        """The verdict where rules, together or one of them, cannot be used here."""
        _log.error("policy_rule_defect", exception=frames(defect))
        refusals = (PolicyRefusal(RULES_KEY, _UNUSABLE),)
        return verdict_of(self._server, {}, refusals, self._snapshot.generation, ())

    def _applicable(self, principal: Principal, facts: CallFacts) -> Applicable:
        snapshot, kept = self._snapshot, self._kept
        asked = Subject(
            principal.tenant_id,
            principal.plan_id,
            facts.project_id,
            principal.user_id,
            principal.agent_id or facts.agent_id,
            facts.task_code,
            principal.plan_required,
        )
        subject = snapshot.narrowed(asked)
        found = kept.get(subject)
        if found is None:
            plan = bought(snapshot, subject)
            found = Applicable(subject, snapshot.rules_for(subject), plan, self._server, snapshot.generation)
            if not snapshot.is_known(subject):
                return found  # its tenant's plan does not have it either, and there is no end of such names
            if len(kept) >= MOST_KEPT:
                del kept[next(iter(kept))]
            kept[subject] = found
        return found


def _asked(check: Check, at: Situation) -> str | None:
    try:
        return check.kind.refusal(check.limit, at)
    except Exception as defect:  # noqa: BLE001  # whatever a rule raises must refuse, never let in
        _log.error("policy_rule_defect", key=check.kind.key, exception=frames(defect))
        return f"{check.kind.key} could not be checked, so nothing is let in; the server's log has the cause."


def _not_its_own(at: Situation) -> list[PolicyRefusal]:
    principal, facts, found = at.principal, at.facts, []
    if facts.project_id and facts.project_id not in principal.project_ids:
        message = f"{facts.project_id} is no project that the caller may charge; name one that it is a member of."
        found.append(PolicyRefusal(PROJECT_KEY, message))
    if principal.agent_id and facts.agent_id not in {"", principal.agent_id}:
        message = f"the key is that of the agent {principal.agent_id}; leave agent_id unset."
        found.append(PolicyRefusal(AGENT_KEY, message))
    return found


def _of_run(merged: Merged, at: Situation) -> list[PolicyMeter]:
    run_id, tenant_id = at.facts.run_id, at.principal.tenant_id
    return [kind.meter(rule, tenant_id, run_id) for kind, rule in merged.of_run] if run_id else []
