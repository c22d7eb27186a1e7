"""``pointsman usage``: what was used and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman.cli.asking import labels as read_labels
from pointsman.cli.figures import NONE, dollars, input_tokens, milliseconds, moment, output_tokens
from pointsman.cli.names import choose, names
from pointsman.cli.session import session_of
from pointsman.cli.terminal import Column, Terminal
from pointsman.cli.times import timestamp
from pointsman.v1.router_service_pb2 import (
    USAGE_DIMENSION_LABEL,
    UsageDimension,
    UsageFilter,
    UsageRequest,
    UsageResponse,
    UsageRow,
)

_PAGE_SIZE = 1_000
_LABEL = "label"

_FIGURES = (
    Column("completions", right=True),
    Column("attempts", right=True, extra=True),
    Column("failed", right=True),
    Column("cancelled", right=True, extra=True),
    Column("tokens in", right=True),
    Column("tokens out", right=True),
    Column("cost", right=True),
    Column("unpriced", right=True, extra=True),
    Column("mean time", right=True, extra=True),
)

_DIMENSIONS = ", ".join(f"{name}:KEY" if name == _LABEL else name for name in names(UsageDimension))


def usage(
    context: typer.Context,
    *,
    by: Annotated[
        list[str] | None, typer.Option("--by", metavar="DIMENSION", help=f"Split by {_DIMENSIONS}. May be repeated.")
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="A day, a time (UTC), or 7d, 24h, 30m ago. Else: this month.")
    ] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="As --since. Else: now.")] = "",
    labels: Annotated[
        list[str] | None, typer.Option("--label", metavar="KEY=VALUE", help="Only entries with this label.")
    ] = None,
    provider: Annotated[str, typer.Option("--provider", metavar="NAME", help="Only this provider's.")] = "",
    model: Annotated[str, typer.Option("--model", "-m", metavar="NAME", help="Only this model's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Report tokens, cost and time."""
    dimensions, label_key = _dimensions(by or ())
    now = datetime.now(UTC)
    request = UsageRequest(
        start_time=timestamp(since, "--since", now),
        end_time=timestamp(until, "--until", now),
        group_by=dimensions,
        label_key=label_key,
        filter=UsageFilter(provider_id=provider, model_id=model, labels=read_labels(labels or ())),
        page_size=_PAGE_SIZE,
    )
    session = session_of(context)
    with session.client() as client:
        report = client.usage(request)
    if as_json:
        session.terminal.data(MessageToDict(report))
    else:
        _show(session.terminal, report, by or [])


def _show(terminal: Terminal, report: UsageResponse, by: Sequence[str]) -> None:
    period = f"{moment(report.start_time)} to {moment(report.end_time)}"
    if by:
        _show_rows(terminal, report, by, period)
    else:
        terminal.table(_FIGURES, [_figures(report.total)], title=period)
    if unpriced := report.total.unpriced_attempts:
        terminal.note(f"attempts without a known price, not in the cost: {unpriced:,}")


def _show_rows(terminal: Terminal, report: UsageResponse, by: Sequence[str], period: str) -> None:
    columns = (*(Column(name.removeprefix(f"{_LABEL}:")) for name in by), *_FIGURES)
    rows = [(*(key or NONE for key in row.keys), *_figures(row)) for row in report.rows]
    footer = ("total", *[""] * (len(by) - 1), *_figures(report.total))
    terminal.table(columns, rows, title=period, footer=footer)


def _figures(row: UsageRow) -> tuple[str, ...]:
    return (
        f"{row.completions:,}",
        f"{row.attempts:,}",
        f"{row.failed_attempts:,}",
        f"{row.cancelled_attempts:,}",
        f"{input_tokens(row.tokens):,}",
        f"{output_tokens(row.tokens):,}",
        dollars(row.cost_nanos),
        f"{row.unpriced_attempts:,}",
        milliseconds(row.mean_latency_ms) if row.HasField("mean_latency_ms") else NONE,
    )


def _dimensions(by: Sequence[str]) -> tuple[list[UsageDimension.ValueType], str]:
    """The dimensions, and the key of the label among them."""
    chosen = [choose(UsageDimension, name.partition(":")[0], "--by") for name in by]
    keys = [name.partition(":")[2] for name, value in zip(by, chosen, strict=True) if value == USAGE_DIMENSION_LABEL]
    if not all(keys) or len(keys) > 1:
        raise typer.BadParameter("one label, with its key: label:team", param_hint="--by")
    return chosen, "".join(keys)
