"""``pointsman policy explain``: what policy would make of a call, and which rule says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman.cli.administration.options import AsJson, TenantId, role_names
from pointsman.cli.administration.quotas import amount_text, window_text
from pointsman.cli.administration.rules import scope_text
from pointsman.cli.figures import NONE
from pointsman.cli.session import session_of
from pointsman.cli.terminal import Column, Terminal
from pointsman.cli.times import ahead
from pointsman.v1.policy_service_pb2 import (
    CONTRIBUTION_EFFECT_LOOSER,
    CONTRIBUTION_EFFECT_NOT_NOW,
    CONTRIBUTION_EFFECT_OVERRIDDEN,
    CONTRIBUTION_EFFECT_SET,
    CallFacts,
    EvaluateRequest,
    EvaluateResponse,
    PolicyContribution,
    PolicyLimit,
)

_EFFECTS = {
    CONTRIBUTION_EFFECT_SET: "sets it",
    CONTRIBUTION_EFFECT_LOOSER: "looser",
    CONTRIBUTION_EFFECT_OVERRIDDEN: "overridden",
    CONTRIBUTION_EFFECT_NOT_NOW: "not now",
}
_LIMITS = (Column("limit"), Column("is"), Column("by"), Column("says"), Column("effect"))
_METERS = (Column("meter"), Column("counts"), Column("whose use"), Column("from"))
_REFUSALS = (Column("key"), Column("why"), Column("rules"))

Count = Annotated[int, typer.Option(metavar="N", min=0)]


def policy_explain(
    context: typer.Context,
    *,
    user: Annotated[str, typer.Option("--user", metavar="ID", help="Who would call; else the caller.")] = "",
    agent: Annotated[str, typer.Option("--agent", metavar="ID", help="The agent whose key would be used.")] = "",
    task: Annotated[str, typer.Option("--task", metavar="CODE", help="The task.")] = "",
    purpose: Annotated[str, typer.Option("--purpose", metavar="NAME", help="What it would be for.")] = "",
    project: Annotated[str, typer.Option("--project", metavar="ID", help="What it would be charged to.")] = "",
    run: Annotated[str, typer.Option("--run", metavar="ID", help="The run that it would be a step of.")] = "",
    behalf: Annotated[
        str, typer.Option("--on-behalf-of", metavar="ID", help="The agent on whose behalf a user would call.")
    ] = "",
    model: Annotated[str, typer.Option("--model", "-m", metavar="NAME", help="The model that it would pin.")] = "",
    input_tokens: Annotated[
        int | None, typer.Option("--input-tokens", metavar="N", min=0, help="The tokens of its input.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", metavar="N", min=1, help="The most tokens of its answer.")
    ] = None,
    request_bytes: Annotated[
        int | None, typer.Option("--request-bytes", metavar="N", min=0, help="The size of its request.")
    ] = None,
    images: Annotated[int, typer.Option("--images", metavar="N", min=0, help="How many images it would bring.")] = 0,
    documents: Annotated[int, typer.Option("--documents", metavar="N", min=0, help="How many documents.")] = 0,
    tools: Annotated[int, typer.Option("--tools", metavar="N", min=0, help="How many tools it would offer.")] = 0,
    amounts: Annotated[
        list[str] | None,
        typer.Option("--amount", metavar="KEY=N", help="What else it would use, such as retrieval_top_k=5."),
    ] = None,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="When it would come: a time, or 12h from now.")] = "",
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Say whether policy would let a call in, every limit, and which rule set it. Exits with 1 where it would not."""
    facts = CallFacts(
        task_code=task,
        purpose=purpose,
        project_id=project,
        run_id=run,
        agent_id=behalf,
        model=model,
        input_tokens=input_tokens,
        max_output_tokens=max_tokens,
        request_bytes=request_bytes,
        image_count=images,
        document_count=documents,
        tool_count=tools,
        amounts=_amounts(amounts or ()),
        time=ahead(at, "--at", datetime.now(UTC)),
    )
    session = session_of(context)
    with session.client() as client:
        verdict = client.policy.evaluate(EvaluateRequest(tenant_id=tenant, user_id=user, agent_id=agent, facts=facts))
    if as_json:
        session.terminal.data(MessageToDict(verdict))
    else:
        _show(session.terminal, verdict)
    if not verdict.allowed:
        raise typer.Exit(1)


def _amounts(typed: Sequence[str]) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for each in typed:
        key, _, number = each.partition("=")
        if not key or not number.isdecimal():
            raise typer.BadParameter(f"{each!r} is not KEY=N", param_hint="--amount")
        amounts[key] = int(number)
    return amounts


def _show(terminal: Terminal, verdict: EvaluateResponse) -> None:
    principal = verdict.principal
    who = principal.agent_id or principal.user_id
    plan = f" on {principal.plan_id}" if principal.plan_id else ""
    answer, style = ("allowed", "bold green") if verdict.allowed else ("refused", "bold red")
    terminal.line(answer, style=style)
    terminal.line(f"{who} of {principal.tenant_id} ({role_names(principal.roles)}){plan}")
    terminal.line(
        f"{verdict.allowed_model_count:,} of {verdict.model_count:,} models;"
        f" rules of generation {verdict.policy_generation}"
    )
    if verdict.refusals:
        refusals = [(one.key, one.message, ", ".join(one.policy_rule_ids) or NONE) for one in verdict.refusals]
        terminal.table(_REFUSALS, refusals, title="refused because")
    if verdict.limits:
        terminal.table(_LIMITS, [row for limit in verdict.limits for row in _limit(limit)], title="limits")
    if verdict.meters:
        meters = [
            (meter.name or meter.meter_id, f"{amount_text(meter, meter.limit)} {window_text(meter)}", meter.holder,
             " ".join(filter(None, (meter.source, meter.source_id))))
            for meter in verdict.meters
        ]  # fmt: skip
        terminal.table(_METERS, meters, title="charged on")


def _limit(limit: PolicyLimit) -> list[tuple[str, ...]]:
    """A line for everyone who said something; the limit itself stands in the first."""
    said = limit.contributions or [PolicyContribution()]
    first = [(limit.key, limit.text), *[("", "")] * (len(said) - 1)]
    return [
        (*start, _origin(one), one.text, _EFFECTS.get(one.effect, NONE)) for start, one in zip(first, said, strict=True)
    ]


def _origin(contribution: PolicyContribution) -> str:
    named = " ".join(filter(None, (contribution.source, contribution.source_id)))
    scope = scope_text(contribution.scope, contribution.scope_id)
    return f"{named} ({scope})" if scope else named
