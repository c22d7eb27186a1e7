"""Policy rules as rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from pointsman.v1 import policy_service_pb2 as pb

from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.identity.times import Times
from pointsman_server.policy.rule import Rule
from pointsman_server.policy.rule_messages import read_rule, rule_message
from pointsman_server.storage.changes import Kind
from pointsman_server.storage.times import from_micros, to_micros

RULE: Final[Kind[Rule]] = Kind(
    "policy_rule",
    lambda rule: rule.rule_id,
    rule_message,
    lambda data: read_rule(pb.PolicyRule.FromString(data)),
)


def owner_of(rule: Rule) -> str:
    """The tenant that the row's key begins with."""
    return rule.tenant_id or PLATFORM_TENANT


def rule_bytes(rule: Rule) -> bytes:
    """What is kept of a rule beside its times."""
    return rule_message(replace(rule, times=None)).SerializeToString(deterministic=True)


def rule_row(rule: Rule, version: int) -> dict[str, object]:
    """The row that holds a rule."""
    assert rule.times is not None, "what is kept has its times"
    return {
        "tenant_id": owner_of(rule),
        "policy_rule_id": rule.rule_id,
        "version": version,
        "scope": rule.scope.name.lower(),
        "scope_id": rule_message(rule).scope_id,
        "task_code": rule.task_code,
        "key": rule.key,
        "rule": rule_bytes(rule),
        "created_at": to_micros(rule.times.created_at),
        "updated_at": to_micros(rule.times.updated_at),
    }


class RuleRow(NamedTuple):
    """A row of the table, its columns in their order."""

    tenant_id: str
    policy_rule_id: str
    version: int
    scope: str
    scope_id: str
    task_code: str
    key: str
    rule: bytes
    created_at: int
    updated_at: int

    def read(self) -> Rule:
        """The rule that it holds."""
        times = Times(from_micros(self.created_at), from_micros(self.updated_at))
        return replace(read_rule(pb.PolicyRule.FromString(bytes(self.rule))), times=times)
