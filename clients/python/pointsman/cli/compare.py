"""``pointsman ledger compare``: what a provider billed against what was booked."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman.cli.accounts import Account, AccountError, read_account
from pointsman.cli.figures import NONE, dollars
from pointsman.cli.names import name_of
from pointsman.cli.session import session_of
from pointsman.cli.terminal import Column, Terminal
from pointsman.cli.times import timestamp
from pointsman.v1.budget_service_pb2 import (
    USAGE_FIGURE_COST_NANOS,
    CompareUsageRequest,
    CompareUsageResponse,
    UsageComparison,
    UsageFigure,
)

_PPM_PER_PERCENT = 10_000

_COLUMNS = (
    Column("model"),
    Column("figure"),
    Column("billed", right=True),
    Column("booked", right=True),
    Column("difference", right=True),
    Column("share", right=True),
    Column("alert"),
)


def ledger_compare(
    context: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The provider's export: CSV or JSON; - is stdin.")],
    provider: Annotated[str, typer.Option("--provider", metavar="NAME", help="Whose account it is.")],
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="The start of its period. Else: as its rows say.")
    ] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="The end, exclusive. Else: likewise.")] = "",
    tolerance: Annotated[
        float, typer.Option("--tolerance", metavar="PERCENT", min=0, max=100, help="How much may differ.")
    ] = 0.1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare a provider's own account with the ledger; exit with 1 where they differ by more than the tolerance."""
    account = _read(file)
    request = CompareUsageRequest(
        provider_id=provider,
        start_time=timestamp(since or _edge(account.start, "--since"), "--since", datetime.now(UTC)),
        end_time=timestamp(until or _edge(account.end, "--until"), "--until", datetime.now(UTC)),
        rows=account.rows,
        tolerance_ppm=round(Decimal(str(tolerance)) * _PPM_PER_PERCENT),
    )
    session = session_of(context)
    with session.client() as client:
        compared = client.compare_usage(request)
    if as_json:
        session.terminal.data(MessageToDict(compared))
    else:
        _show(session.terminal, request, compared)
    if compared.alert_count:
        raise typer.Exit(1)


def _read(file: Path) -> Account:
    try:
        text = typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
        return read_account(text)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise typer.BadParameter(f"{file} cannot be read: {why}", param_hint="FILE") from error
    except AccountError as error:
        raise typer.BadParameter(f"{file}: {error}", param_hint="FILE") from error


def _edge(moment: datetime | None, option: str) -> str:
    if moment is None:
        raise typer.BadParameter("the file names no times; say which period it is of", param_hint=option)
    return moment.isoformat()


def _show(terminal: Terminal, request: CompareUsageRequest, compared: CompareUsageResponse) -> None:
    period = " to ".join(stamp.ToJsonString() for stamp in (request.start_time, request.end_time))
    terminal.table(_COLUMNS, [_line(row) for row in compared.rows], title=f"{request.provider_id}, {period}")
    if compared.estimated_attempts:
        terminal.note(f"attempts with estimated usage, booked at a safe bound: {compared.estimated_attempts:,}")
    if compared.unpriced_attempts:
        terminal.note(f"attempts without a known price, not in the cost: {compared.unpriced_attempts:,}")
    terminal.line(f"{len(compared.rows):,} figures compared: {compared.alert_count:,} differ too much")


def _line(row: UsageComparison) -> tuple[str, ...]:
    difference = row.booked - row.billed
    return (
        row.model or "all",
        name_of(UsageFigure, row.figure).removesuffix("-nanos").replace("-", " "),
        _amount(row, row.billed),
        _amount(row, row.booked),
        _amount(row, difference),
        f"{Decimal(100 * difference) / row.billed:.2f}%" if row.billed else NONE,
        "yes" if row.alert else "",
    )


def _amount(row: UsageComparison, amount: int) -> str:
    return dollars(amount) if row.figure == USAGE_FIGURE_COST_NANOS else f"{amount:,}"
