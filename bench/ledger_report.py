"""The page of the ledger's benchmark."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass

PER_SECOND = 60
"""How many completions a second go through the whole server."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table; a pair is a reserve and its settle."""

    database: str
    meters: str
    callers: int
    pairs_per_second: float
    reserve_ms: list[float]
    settle_ms: list[float]


@dataclass(frozen=True, slots=True)
class Share:
    """What the ledger took of completions."""

    database: str
    reserve_ms: list[float]
    settle_ms: list[float]
    writer_cpu_ms: float


def table(rows: list[Measured]) -> str:
    """The rows as Markdown."""
    lines = [
        "| database | meters | callers | reserve + settle /s | reserve p50 ms | p99 ms | settle p50 ms | p99 ms |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        figures = [f"{percentile(times, at):.1f}" for times in (row.reserve_ms, row.settle_ms) for at in (0.5, 0.99)]
        lines.append(
            f"| {row.database} | {row.meters} | {row.callers} | {row.pairs_per_second:,.0f} | {' | '.join(figures)} |"
        )
    return "\n".join(lines)


def share_table(shares: list[Share]) -> str:
    """The shares as Markdown."""
    lines = [
        "| database | completions | reserve p50 ms | p99 ms | settle p50 ms | p99 ms | CPU ms each |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in shares:
        figures = [f"{percentile(times, at):.1f}" for times in (each.reserve_ms, each.settle_ms) for at in (0.5, 0.99)]
        count = len(each.reserve_ms)
        lines.append(f"| {each.database} | {count} | {' | '.join(figures)} | {each.writer_cpu_ms / count:.2f} |")
    return "\n".join(lines)


def percentile(times: list[float], at: float) -> float:
    """The time that this share of them does not pass."""
    return sorted(times)[int(at * (len(times) - 1))]


def report(rows: list[Measured], shares: list[Share], sync: float, seconds: float) -> str:
    """The page: where it ran, how, and the tables."""
    return (
        "# Ledger\n\n"
        f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, Python {platform.python_version()}. "
        f"The callers, the ledger and PostgreSQL share the machine. {seconds:.0f} seconds for each line. The meters "
        "are shared by all calls: money in a month, tokens in a day, a rate of requests, and slots. "
        f"The disk syncs a page in {sync:.2f} ms (median); every commit waits for it on both databases.\n\n"
        f"{table(rows)}\n\n## What it adds to a completion\n\n"
        f"{PER_SECOND} completions a second at random moments through the whole server, held on all four meters; each "
        "waits for one reserve before the provider is asked, and for one settle before its end is told. Processor time "
        "is that of the ledger's thread, PostgreSQL's own not with it.\n\n"
        f"{share_table(shares)}\n"
    )
