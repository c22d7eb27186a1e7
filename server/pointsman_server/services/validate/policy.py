"""Checks what is asked of rules. Each function returns when its request is sound.

What a rule names must be there too, and it must contradict no other one: the store checks that in the transaction of
the change.

Raises:
    InvalidRequest: names each wrong field, what is wrong and what to do.
"""

from __future__ import annotations

from typing import Final

from pointsman.v1 import policy_service_pb2 as pb

from pointsman_server.policy.hours import DAY_MINUTES, time_zones
from pointsman_server.policy.rule_messages import read_value
from pointsman_server.policy.rules.table import KINDS
from pointsman_server.services.validate import limits
from pointsman_server.services.validate.violations import Violations
from pointsman_server.toml_document import suggestion

VALUES: Final = ("amount", "names", "hours", "content_check")
RULE_FIELDS: Final = (*VALUES, "condition", "overrides", "mandatory", "disabled", "description")

_BY_SERVER = ("policy_rule_id", "tenant_id", "create_time", "update_time", "of_platform")
_OF_PLATFORM = frozenset({pb.POLICY_SCOPE_PLATFORM, pb.POLICY_SCOPE_PLAN})
_MAX_PURPOSES = 64
_MAX_AMOUNT = 10**18
_RULE = "policy_rule"


def create_rule(request: pb.CreatePolicyRuleRequest, tenant_id: str) -> None:
    """Checks a new rule about calls of a tenant, or of all."""
    rule, violations = request.policy_rule, Violations()
    violations.unset(rule, _RULE, _BY_SERVER)
    violations.enum(rule, "scope", f"{_RULE}.scope", required=True)
    if rule.scope in _OF_PLATFORM and request.tenant_id:
        violations.add("tenant_id", "belongs to no rule of such a scope, which is the platform's; leave it unset")
    _scope_id(rule, tenant_id, violations)
    violations.chosen_id(rule.task_code, f"{_RULE}.task_code")
    _key_and_value(rule, violations)
    _rest(rule, frozenset(RULE_FIELDS), violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def update_rule(request: pb.UpdatePolicyRuleRequest) -> None:
    """Checks a change of a rule; whether the value is of the form that the key takes, the store knows."""
    rule, violations = request.policy_rule, Violations()
    violations.identifier(rule.policy_rule_id, f"{_RULE}.policy_rule_id", required=True)
    fields = violations.mask(request, RULE_FIELDS)
    named, given = fields.intersection(VALUES), rule.WhichOneof("value")
    if named and named != {given}:
        violations.add("update_mask", f"names {', '.join(sorted(named))}, and the rule's value is {given or 'not set'}")
    elif named:
        _form(rule, f"{_RULE}.{given}", violations)
    _rest(rule, fields, violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def named_rule(request: pb.GetPolicyRuleRequest | pb.DeletePolicyRuleRequest) -> None:
    """Checks a request that only names a rule."""
    violations = Violations()
    violations.identifier(request.policy_rule_id, "policy_rule_id", required=True)
    violations.raise_if_any()


def list_rules(request: pb.ListPolicyRulesRequest) -> None:
    """Checks a question for rules."""
    violations = Violations()
    violations.enum(request, "scope", "scope")
    violations.text(request.scope_id, "scope_id", limits.MAX_ID_CHARACTERS)
    violations.chosen_id(request.task_code, "task_code")
    if request.key and request.key not in KINDS:
        violations.add("key", f"is no key.{suggestion(request.key, KINDS)} docs/policy.md lists the keys")
    violations.page(request)
    violations.raise_if_any()


def evaluate(request: pb.EvaluateRequest) -> None:
    """Checks a question for what policy would make of a call."""
    violations, facts = Violations(), request.facts
    violations.identifier(request.user_id, "user_id")
    violations.identifier(request.agent_id, "agent_id")
    if request.user_id and request.agent_id:
        violations.add("agent_id", "cannot be set with user_id: a key is a user's or an agent's; unset one of them")
    for name in ("project_id", "run_id", "agent_id"):
        violations.identifier(getattr(facts, name), f"facts.{name}")
    for name in ("task_code", "purpose"):
        violations.text(getattr(facts, name), f"facts.{name}", limits.MAX_NAME_CHARACTERS)
    violations.text(facts.model, "facts.model", limits.MAX_MODEL_NAME_CHARACTERS)
    for name in ("input_tokens", "max_output_tokens", "request_bytes", "image_count", "document_count", "tool_count"):
        violations.number(getattr(facts, name), f"facts.{name}", 0, _MAX_AMOUNT)
    for key, amount in sorted(facts.amounts.items()):
        path = f"facts.amounts[{key!r}]"
        if key not in KINDS:
            violations.add(path, f"is no key.{suggestion(key, KINDS)} docs/policy.md lists the keys")
        violations.number(amount, path, 0, _MAX_AMOUNT)
    if facts.HasField("time"):
        violations.timestamp(facts.time, "facts.time")
    violations.raise_if_any()


def _scope_id(rule: pb.PolicyRule, tenant_id: str, violations: Violations) -> None:
    path = f"{_RULE}.scope_id"
    if rule.scope == pb.POLICY_SCOPE_PLATFORM and rule.scope_id:
        violations.add(path, "belongs to no rule of PLATFORM; leave it unset")
    elif rule.scope == pb.POLICY_SCOPE_TENANT and rule.scope_id not in {"", tenant_id}:
        violations.add(path, "is not the tenant; leave it unset, and name the tenant in tenant_id")
    elif rule.scope in {pb.POLICY_SCOPE_PLAN, pb.POLICY_SCOPE_PROJECT}:
        violations.chosen_id(rule.scope_id, path, required=True)
    elif rule.scope in {pb.POLICY_SCOPE_USER, pb.POLICY_SCOPE_AGENT}:
        violations.identifier(rule.scope_id, path, required=True)


def _key_and_value(rule: pb.PolicyRule, violations: Violations) -> None:
    kind = KINDS.get(rule.key)
    if kind is None:
        near = suggestion(rule.key, KINDS)
        violations.add(f"{_RULE}.key", f"is {rule.key or 'not set'}, which is no key.{near} docs/policy.md lists them")
        return
    given = rule.WhichOneof("value")
    if given != kind.form:
        violations.add(
            f"{_RULE}.value", f"is {given or 'not set'}; {rule.key} takes {kind.form}: set {_RULE}.{kind.form}"
        )
        return
    path = f"{_RULE}.{given}"
    before = len(violations)
    _form(rule, path, violations)
    problem = kind.problem(read_value(rule)) if len(violations) == before else None
    if problem is not None:
        violations.add(path, problem)


def _form(rule: pb.PolicyRule, path: str, violations: Violations) -> None:
    if rule.HasField("hours"):
        _hours(rule.hours, path, violations)
    elif rule.HasField("names"):
        violations.unique(rule.names.names, f"{path}.names")
    elif rule.HasField("content_check"):
        violations.enum(rule.content_check, "direction", f"{path}.direction", required=True)
        violations.enum(rule.content_check, "action", f"{path}.action", required=True)
        violations.unique(rule.content_check.kinds, f"{path}.kinds")


def _hours(hours: pb.PolicyHours, path: str, violations: Violations) -> None:
    for index, day in enumerate(hours.weekdays):
        if not pb.WEEKDAY_MONDAY <= day <= pb.WEEKDAY_SUNDAY:
            violations.add(f"{path}.weekdays[{index}]", "is no day of the week")
    violations.unique(hours.weekdays, f"{path}.weekdays")
    violations.number(hours.start_minute, f"{path}.start_minute", 0, DAY_MINUTES - 1)
    violations.number(hours.end_minute, f"{path}.end_minute", 1, DAY_MINUTES)
    if hours.time_zone and hours.time_zone not in time_zones():
        near = suggestion(hours.time_zone, time_zones())
        violations.add(f"{path}.time_zone", f"is no place that the IANA time zone database knows.{near}")


def _rest(rule: pb.PolicyRule, fields: frozenset[str], violations: Violations) -> None:
    if "description" in fields:
        violations.text(rule.description, f"{_RULE}.description", limits.MAX_DESCRIPTION_CHARACTERS)
    if "condition" not in fields:
        return
    condition, path = rule.condition, f"{_RULE}.condition"
    for name in ("hours", "outside_hours"):
        if condition.HasField(name):
            _hours(getattr(condition, name), f"{path}.{name}", violations)
    if len(condition.purposes) > _MAX_PURPOSES:
        violations.add(f"{path}.purposes", f"has {len(condition.purposes)} names; use at most {_MAX_PURPOSES}")
    for index, purpose in enumerate(condition.purposes[:_MAX_PURPOSES]):
        violations.text(purpose, f"{path}.purposes[{index}]", limits.MAX_NAME_CHARACTERS, required=True)
    if condition.HasField("usage"):
        violations.identifier(condition.usage.budget_id, f"{path}.usage.budget_id")
        violations.number(condition.usage.at_least_percent, f"{path}.usage.at_least_percent", 1, 100)
