"""``pointsman budget``: limits, and what is left of them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import MessageToDict

from pointsman.cli.administration.options import AsJson, TenantId
from pointsman.cli.figures import NONE, dollars, moment
from pointsman.cli.names import choose, name_of, names
from pointsman.cli.session import session_of
from pointsman.cli.terminal import Column
from pointsman.v1.budget_service_pb2 import (
    BUDGET_SCOPE_POLICY,
    BUDGET_UNIT_NAMED,
    BUDGET_UNIT_NANOS,
    BUDGET_UNIT_UNSPECIFIED,
    Budget,
    BudgetKind,
    BudgetScope,
    BudgetUnit,
    ListBudgetsRequest,
    UpdateBudgetRequest,
)

_PAGE_SIZE = 1_000
_DOLLAR_NANOS = 1_000_000_000
_UNITS = {name: value for name, value in names(BudgetUnit).items() if value != BUDGET_UNIT_NAMED}
_COLUMNS = (
    Column("budget"),
    Column("name"),
    Column("scope"),
    Column("holds for"),
    Column("unit"),
    Column("limit", right=True),
    Column("used", right=True),
    Column("held", right=True),
    Column("left", right=True),
    Column("until"),
)

BudgetId = Annotated[str, typer.Argument(metavar="ID", help="The budget's id.")]


def budgets(
    context: typer.Context,
    *,
    scope: Annotated[
        str, typer.Option("--scope", metavar="|".join(names(BudgetScope)), help="Only those at this scope.")
    ] = "",
    scope_id: Annotated[
        str, typer.Option("--of", metavar="ID", help="Only those of this project, user, agent or provider.")
    ] = "",
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """List budgets, and what is left of them."""
    request = ListBudgetsRequest(
        scope=choose(BudgetScope, scope, "--scope"), scope_id=scope_id, tenant_id=tenant, page_size=_PAGE_SIZE
    )
    session = session_of(context)
    with session.client() as client:
        found = list(client.list_budgets(request))
    if as_json:
        session.terminal.data([MessageToDict(budget) for budget in found])
        return
    if found:
        session.terminal.table(_COLUMNS, [_row(budget) for budget in found])
    session.terminal.note(f"budgets: {len(found):,}")


def budget_create(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    limit: Annotated[str, typer.Option("--limit", metavar="AMOUNT", help="Dollars as $12.50, else a whole number.")],
    unit: Annotated[
        str, typer.Option("--unit", metavar="|".join([*_UNITS, "images|…"]), help="What it counts; dollars are nanos.")
    ] = "",
    kind: Annotated[
        str, typer.Option("--kind", metavar="|".join(names(BudgetKind)), help="What the limit holds for.")
    ] = "month",
    period: Annotated[
        int, typer.Option("--period", metavar="SECONDS", min=0, help="How long, for rolling and rate.")
    ] = 0,
    scope: Annotated[
        str, typer.Option("--scope", metavar="|".join(names(BudgetScope)), help="Whose use it counts.")
    ] = "tenant",
    scope_id: Annotated[str, typer.Option("--of", metavar="ID", help="The project, user, agent or provider.")] = "",
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Make a budget."""
    amount, money = _amount(limit)
    counted, unit_name = _unit(unit)
    if money and counted not in {BUDGET_UNIT_UNSPECIFIED, BUDGET_UNIT_NANOS}:
        raise typer.BadParameter("dollars are counted in nanos", param_hint="--unit")
    budget = Budget(
        name=name,
        scope=choose(BudgetScope, scope, "--scope"),
        scope_id=scope_id,
        unit=BUDGET_UNIT_NANOS if money else counted,
        kind=choose(BudgetKind, kind, "--kind"),
        period=Duration(seconds=period) if period else None,
        limit=amount,
        unit_name=unit_name,
    )
    session = session_of(context)
    with session.client() as client:
        made = client.create_budget(budget, tenant_id=tenant)
    _show(context, made, as_json=as_json)


def budget_set(
    context: typer.Context,
    *,
    budget_id: BudgetId,
    limit: Annotated[
        str | None, typer.Option("--limit", metavar="AMOUNT", help="Dollars as $12.50, else a whole number.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="What people call it.")] = None,
    frozen: Annotated[bool | None, typer.Option("--freeze/--unfreeze", help="Admit nothing more, or go on.")] = None,
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Change a budget's limit or name, freeze or unfreeze it."""
    changed = {"limit": limit, "name": name, "frozen": frozen}
    mask = FieldMask(paths=[field for field, value in changed.items() if value is not None])
    if not mask.paths:
        raise typer.BadParameter("give at least one of --limit, --name, --freeze and --unfreeze")
    amount = None if limit is None else _amount(limit)[0]
    budget = Budget(budget_id=budget_id, limit=amount or 0, name=name or "", frozen=bool(frozen))
    session = session_of(context)
    with session.client() as client:
        updated = client.update_budget(UpdateBudgetRequest(budget=budget, update_mask=mask, tenant_id=tenant))
    _show(context, updated, as_json=as_json)


def budget_delete(context: typer.Context, *, budget_id: BudgetId, tenant: TenantId = "") -> None:
    """Remove a budget with its counters."""
    session = session_of(context)
    with session.client() as client:
        client.delete_budget(budget_id, tenant_id=tenant)
    session.terminal.line(f"{budget_id}: deleted")


def _show(context: typer.Context, budget: Budget, *, as_json: bool) -> None:
    terminal = session_of(context).terminal
    if as_json:
        terminal.data(MessageToDict(budget))
    else:
        terminal.table(_COLUMNS, [_row(budget)])


def _row(budget: Budget) -> tuple[str, ...]:
    state = budget.state
    kind = name_of(BudgetKind, budget.kind)
    return (
        budget.budget_id,
        f"{budget.name} (frozen)" if budget.frozen else budget.name,
        _holder(budget),
        f"{kind} {budget.period.seconds} s" if budget.HasField("period") else kind,
        _unit_shown(budget),
        *(_figure(budget, amount) for amount in (budget.limit, state.posted, state.reserved, state.remaining)),
        moment(state.window_end_time) if state.HasField("window_end_time") else NONE,
    )


def _holder(budget: Budget) -> str:
    """Whose use it counts; of a plan's or a rule's limit, which the name says, what sets it."""
    if budget.scope == BUDGET_SCOPE_POLICY:
        return budget.source.replace(":", " ", 1)
    scope = name_of(BudgetScope, budget.scope)
    return f"{scope} {budget.scope_id}" if budget.scope_id else scope


def _unit(typed: str) -> tuple[BudgetUnit.ValueType, str]:
    """The unit that a person means, and its name where it is a named one; the server knows which of those there are."""
    name = typed.lower().replace("_", "-")
    if not name:
        return BUDGET_UNIT_UNSPECIFIED, ""
    known = _UNITS.get(name)
    return (BUDGET_UNIT_NAMED, name.replace("-", "_")) if known is None else (known, "")


def _unit_shown(budget: Budget) -> str:
    if budget.unit == BUDGET_UNIT_NANOS:
        return "dollars"
    if budget.unit == BUDGET_UNIT_NAMED:
        return budget.unit_name.replace("_", "-")
    return name_of(BudgetUnit, budget.unit)


def _figure(budget: Budget, amount: int) -> str:
    return dollars(amount) if budget.unit == BUDGET_UNIT_NANOS else f"{amount:,}"


def _amount(typed: str) -> tuple[int, bool]:
    """The limit in its unit, and whether it was typed as dollars."""
    money = typed.startswith("$")
    wrong = typer.BadParameter(f"{typed!r} is no amount such as $12.50 or 1000", param_hint="--limit")
    try:
        amount = Decimal(typed.removeprefix("$").replace(",", "")) * (_DOLLAR_NANOS if money else 1)
    except InvalidOperation as error:
        raise wrong from error
    if not amount.is_finite() or amount % 1:
        raise wrong
    return int(amount), money
