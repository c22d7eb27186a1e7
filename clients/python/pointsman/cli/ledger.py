"""``pointsman ledger``: the proof of the ledger, and what crashes left open."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman.cli.administration.options import AsJson, TenantId
from pointsman.cli.figures import NONE, cost, moment
from pointsman.cli.session import session_of
from pointsman.cli.terminal import Column, Terminal
from pointsman.v1.budget_service_pb2 import (
    LedgerDifference,
    ResolveUnknownRequest,
    UnknownReservation,
    VerifyLedgerResponse,
)
from pointsman.v1.usage_pb2 import TokenUsage

_DIFFERENCES = (
    Column("budget"),
    Column("since"),
    Column("used", right=True),
    Column("by entries", right=True),
    Column("held", right=True),
    Column("by reservations", right=True),
)
_UNKNOWN = (
    Column("reservation"),
    Column("tenant"),
    Column("completion"),
    Column("model"),
    Column("at most", right=True),
    Column("last known", right=True),
    Column("since"),
)


def ledger_verify(context: typer.Context, *, tenant: TenantId = "", as_json: AsJson = False) -> None:
    """Recompute every counter from entries and open reservations; exit with 1 where one differs."""
    session = session_of(context)
    with session.client() as client:
        found = list(client.verify_ledger(tenant_id=tenant))
    differences = [each.difference for each in found if each.HasField("difference")]
    if as_json:
        session.terminal.data([MessageToDict(each) for each in found])
    else:
        _show(session.terminal, found, differences)
    if differences:
        raise typer.Exit(1)


def ledger_resolve(
    context: typer.Context,
    *,
    reservation_id: Annotated[str, typer.Argument(metavar="ID", help="The unknown reservation.")],
    cost_nanos: Annotated[
        int | None, typer.Option("--cost-nanos", metavar="N", min=0, help="What it cost; else it is voided.")
    ] = None,
    input_tokens: Annotated[int, typer.Option("--input-tokens", metavar="N", min=0, help="What it read.")] = 0,
    output_tokens: Annotated[int, typer.Option("--output-tokens", metavar="N", min=0, help="What it wrote.")] = 0,
    tenant: TenantId = "",
) -> None:
    """End a reservation whose server went away, with what it used, or without."""
    request = ResolveUnknownRequest(reservation_id=reservation_id, cost_nanos=cost_nanos, tenant_id=tenant)
    if input_tokens or output_tokens:
        request.usage.CopyFrom(TokenUsage(input_tokens=input_tokens, output_tokens=output_tokens))
    session = session_of(context)
    with session.client() as client:
        client.resolve_unknown(request)
    session.terminal.line(f"{reservation_id}: {'voided' if cost_nanos is None else 'settled'}")


def _show(terminal: Terminal, found: list[VerifyLedgerResponse], differences: list[LedgerDifference]) -> None:
    unknown = [each.unknown for each in found if each.HasField("unknown")]
    if unknown:
        terminal.table(_UNKNOWN, [_unknown(each) for each in unknown], title="unknown")
    if differences:
        terminal.table(_DIFFERENCES, [_difference(each) for each in differences], title="different")
    summary = found[-1].summary
    terminal.line(
        f"{summary.counter_count:,} counters against {summary.reservation_count:,} reservations: "
        f"{summary.difference_count:,} differ, {summary.unknown_count:,} unknown"
    )


def _unknown(unknown: UnknownReservation) -> tuple[str, ...]:
    return (
        unknown.reservation_id,
        unknown.tenant_id,
        unknown.completion_id,
        unknown.model_id,
        cost(unknown, "worst_case_cost_nanos"),
        cost(unknown.checkpoint, "cost_nanos") if unknown.HasField("checkpoint") else NONE,
        moment(unknown.create_time),
    )


def _difference(difference: LedgerDifference) -> tuple[str, ...]:
    since = moment(difference.bucket_start_time) if difference.HasField("bucket_start_time") else NONE
    figures = (difference.posted, difference.expected_posted, difference.reserved, difference.expected_reserved)
    return (difference.budget_id, since, *(f"{figure:,}" for figure in figures))
