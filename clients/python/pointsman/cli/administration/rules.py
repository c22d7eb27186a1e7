"""``pointsman policy list|add|set|delete``: the rules that limit calls."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.administration.conditions import Always, BudgetId, During, Outside, Purposes, UsedTo, condition_of
from pointsman.cli.administration.options import PAGE_SIZE, AsJson, TenantId, changed
from pointsman.cli.administration.rule_values import VALUE_HELP, condition_text, set_value, value_text
from pointsman.cli.administration.sheet import Sheet
from pointsman.cli.figures import NONE
from pointsman.cli.names import choose, name_of, names
from pointsman.cli.session import session_of
from pointsman.v1.policy_service_pb2 import ListPolicyRulesRequest, PolicyRule, PolicyScope

RuleId = Annotated[str, typer.Argument(metavar="ID", help="The rule's id.")]
Scope = Annotated[str, typer.Option("--scope", metavar="|".join(names(PolicyScope)), help="For whom it holds.")]
ScopeId = Annotated[str, typer.Option("--of", metavar="ID", help="The plan, tenant, project, user or agent.")]
TaskCode = Annotated[str, typer.Option("--task", metavar="CODE", help="The task that it holds for.")]
Overrides = Annotated[
    bool | None, typer.Option("--overrides/--no-overrides", help="It takes the place of wider rules for its key.")
]
Mandatory = Annotated[
    bool | None, typer.Option("--mandatory/--no-mandatory", help="It holds whatever more specific rules say.")
]
Disabled = Annotated[bool | None, typer.Option("--disable/--enable", help="It is left out.")]
Description = Annotated[str | None, typer.Option("--description", metavar="TEXT", help="What it is for.")]


def scope_text(scope: PolicyScope.ValueType, scope_id: str, task_code: str = "") -> str:
    """For whom a rule holds."""
    holder = " ".join(filter(None, (name_of(PolicyScope, scope), scope_id)))
    return f"{holder}, {task_code}" if task_code else holder


def _notes(rule: PolicyRule) -> str:
    flags = {"overrides": rule.overrides, "mandatory": rule.mandatory, "disabled": rule.disabled}
    return ", ".join(flag for flag, is_set in flags.items() if is_set)


_SHEET = Sheet[PolicyRule](
    "rules",
    ("rule", "holds for", "key", "value", "when", "how", "+of", "+what for"),
    lambda rule: (
        rule.policy_rule_id,
        scope_text(rule.scope, rule.scope_id, rule.task_code),
        rule.key,
        value_text(rule),
        condition_text(rule.condition) or "always",
        _notes(rule) or NONE,
        rule.tenant_id or "the platform",
        rule.description or NONE,
    ),
)


def policy_list(
    context: typer.Context,
    *,
    scope: Scope = "",
    scope_id: ScopeId = "",
    task: TaskCode = "",
    key: Annotated[str, typer.Option("--key", metavar="KEY", help="Only those of this key.")] = "",
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """List rules: those of the tenant, and those of the platform that hold for it."""
    request = ListPolicyRulesRequest(
        tenant_id=tenant,
        scope=choose(PolicyScope, scope, "--scope"),
        scope_id=scope_id,
        task_code=task,
        key=key,
        page_size=PAGE_SIZE,
    )
    session = session_of(context)
    with session.client() as client:
        found = list(client.policy.list(request))
    _SHEET.many(session.terminal, found, as_json=as_json)


def policy_add(
    context: typer.Context,
    *,
    key: Annotated[str, typer.Argument(metavar="KEY", help="What it limits, such as max_tokens_out.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help=VALUE_HELP)],
    scope: Scope = "tenant",
    scope_id: ScopeId = "",
    task: TaskCode = "",
    during: During = "",
    outside: Outside = "",
    purposes: Purposes = None,
    used_to: UsedTo = None,
    budget: BudgetId = "",
    overrides: Overrides = None,
    mandatory: Mandatory = None,
    disabled: Disabled = None,
    description: Description = None,
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Make a rule. It holds everywhere within a second."""
    rule = PolicyRule(
        scope=choose(PolicyScope, scope, "--scope"),
        scope_id=scope_id,
        task_code=task,
        key=key,
        condition=condition_of(during, outside, purposes, used_to, budget),
        overrides=bool(overrides),
        mandatory=bool(mandatory),
        disabled=bool(disabled),
        description=description or "",
    )
    set_value(rule, value)
    session = session_of(context)
    with session.client() as client:
        made = client.policy.create(rule, tenant_id=tenant)
    _SHEET.one(session.terminal, made, as_json=as_json)


def policy_set(
    context: typer.Context,
    *,
    rule_id: RuleId,
    value: Annotated[str, typer.Argument(metavar="[VALUE]", help=VALUE_HELP)] = "",
    during: During = "",
    outside: Outside = "",
    purposes: Purposes = None,
    used_to: UsedTo = None,
    budget: BudgetId = "",
    always: Always = False,
    overrides: Overrides = None,
    mandatory: Mandatory = None,
    disabled: Disabled = None,
    description: Description = None,
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Change a rule: its value, when it holds, or how it weighs."""
    rule = PolicyRule(
        policy_rule_id=rule_id,
        condition=condition_of(during, outside, purposes, used_to, budget),
        overrides=bool(overrides),
        mandatory=bool(mandatory),
        disabled=bool(disabled),
        description=description or "",
    )
    if always and rule.HasField("condition"):
        raise typer.BadParameter("it contradicts the conditions", param_hint="--always")
    fields: dict[str, object] = {set_value(rule, value): value} if value else {}
    fields["condition"] = True if always or rule.HasField("condition") else None
    fields |= {"overrides": overrides, "mandatory": mandatory, "disabled": disabled, "description": description}
    paths = changed(fields)
    session = session_of(context)
    with session.client() as client:
        updated = client.policy.update(rule, paths, tenant_id=tenant)
    _SHEET.one(session.terminal, updated, as_json=as_json)


def policy_delete(context: typer.Context, *, rule_id: RuleId, tenant: TenantId = "") -> None:
    """Remove a rule."""
    session = session_of(context)
    with session.client() as client:
        client.policy.delete(rule_id, tenant_id=tenant)
    session.terminal.line(f"{rule_id}: deleted")
