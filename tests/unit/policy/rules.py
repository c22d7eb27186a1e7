"""Rules, calls and engines for the tests of policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pointsman_server.identity.model import Principal, Role
from pointsman_server.policy.engine import PolicyEngine
from pointsman_server.policy.limits import ServerLimits
from pointsman_server.policy.plans import Plan
from pointsman_server.policy.rule import PolicyScope, Rule, Value
from pointsman_server.policy.situation import UsageView
from pointsman_server.policy.snapshot import PolicyData, PolicySnapshot
from pointsman_server.router.model import Facts

ANN = Principal(
    tenant_id="acme", user_id="ann", roles=frozenset({Role.USER}), plan_id="", project_ids=frozenset({"alpha"})
)
MONDAY_NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
SERVER = ServerLimits(default_output_tokens=1_000, max_output_tokens=None, max_attempts=3, allow_fallback=True)
CALL = Facts(
    input_tokens_bound=100,
    input_tokens_expected=30,
    token_counter="bytes",
    max_output_tokens=None,
    required_capabilities=frozenset(),
)

_OF_NOBODY = {PolicyScope.PLATFORM, PolicyScope.PLAN}
_IDS = {
    PolicyScope.PLAN: "PRO",
    PolicyScope.PROJECT: "alpha",
    PolicyScope.USER: "ann",
    PolicyScope.AGENT: "writer",
}


def rule(key: str, value: Value, scope: PolicyScope = PolicyScope.TENANT, rule_id: str = "pol_1", **more: Any) -> Rule:
    """A rule about Ann, her tenant, project, plan or agent; the platform's where the scope is."""
    about_nobody = scope in _OF_NOBODY
    made = Rule(
        rule_id=rule_id,
        tenant_id="" if about_nobody else "acme",
        of_platform=about_nobody,
        scope=scope,
        scope_id=_IDS.get(scope, ""),
        key=key,
        value=value,
    )
    return replace(made, **more)


def engine(
    *rules: Rule,
    plans: Sequence[Plan] = (),
    features: dict[str, str] | None = None,
    server: ServerLimits = SERVER,
    usage: UsageView | None = None,
) -> PolicyEngine:
    """An engine under these rules and plans."""
    made = PolicyEngine(server, usage)
    made.use(PolicySnapshot(PolicyData(7, rules, plans, features or {})))
    return made
