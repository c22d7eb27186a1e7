"""Kinds of rules that the ledger counts: each rule that stands is a meter of its own."""

from __future__ import annotations

from dataclasses import dataclass

from pointsman_server.policy.model import PolicyMeter
from pointsman_server.policy.rule import PolicyScope, Rule
from pointsman_server.policy.rules.amounts import AmountKind


@dataclass(frozen=True, kw_only=True)
class MeteredKind(AmountKind):
    """Limits what is used in a time, or at once.

    Attributes:
        meter_unit, meter_kind, period_s: as the ledger stores them.
        of_run: whether each run of an agent is counted by itself.
    """

    meter_unit: str
    meter_kind: str
    period_s: int = 0
    of_run: bool = False
    least: int = 1

    def meter(self, rule: Rule, tenant_id: str, run_id: str = "") -> PolicyMeter:
        """The counter of a rule, for calls of a tenant: rules of plans and of the platform count each by itself."""
        assert isinstance(rule.value, int), "an amount, as its form says"
        return PolicyMeter(
            tenant_id=tenant_id,
            meter_id=f"{rule.rule_id}/{run_id}" if self.of_run else rule.rule_id,
            name=self.key,
            source="rule",
            source_id=rule.rule_id,
            holder=f"run {run_id}" if self.of_run else holder_of(rule),
            unit=self.meter_unit,
            kind=self.meter_kind,
            period_s=self.period_s,
            limit=rule.value,
        )


def holder_of(rule: Rule) -> str:
    """Whose use a rule's meter counts, for people."""
    of_tenant = rule.scope <= PolicyScope.TENANT
    holder = "tenant" if of_tenant else f"{rule.scope.name.lower()} {rule.scope_id}"
    return f"{holder}, task {rule.task_code}" if rule.task_code else holder
