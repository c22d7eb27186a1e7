"""When a rule holds: the options that say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from pointsman.cli.administration.rule_values import hours
from pointsman.v1.policy_service_pb2 import PolicyCondition, UsageCondition

During = Annotated[
    str, typer.Option("--during", metavar="HOURS", help="Only in these hours: 'mon-fri 09:00-17:00 Europe/Berlin'.")
]
Outside = Annotated[str, typer.Option("--outside", metavar="HOURS", help="Only outside of these hours.")]
Purposes = Annotated[
    list[str] | None, typer.Option("--purpose", metavar="NAME", help="Only for calls for this; may be repeated.")
]
UsedTo = Annotated[
    int | None,
    typer.Option("--used-to", metavar="PERCENT", min=1, max=100, help="Only while so much of a budget is used."),
]
BudgetId = Annotated[str, typer.Option("--budget", metavar="ID", help="The budget that --used-to means; else any.")]
Always = Annotated[bool, typer.Option("--always", help="Whenever; takes the conditions away.")]


def condition_of(
    during: str, outside: str, purposes: Sequence[str] | None, used_to: int | None, budget_id: str
) -> PolicyCondition | None:
    """The condition that the options say; ``None``: none."""
    if budget_id and used_to is None:
        raise typer.BadParameter("say with --used-to how much of it", param_hint="--budget")
    if not (during or outside or purposes or used_to):
        return None
    return PolicyCondition(
        hours=hours(during, "--during") if during else None,
        outside_hours=hours(outside, "--outside") if outside else None,
        purposes=purposes or (),
        usage=UsageCondition(budget_id=budget_id, at_least_percent=used_to) if used_to else None,
    )
