"""What was measured, as a page of Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.measure import Result

_HEADINGS = (
    "load",
    "program",
    "calls/s",
    "added p50 ms",
    "added p99 ms",
    "first p50 ms",
    "first p99 ms",
    "CPU ms each",
    "least to most",
    "ratio",
    "MB",
)


def page(
    title: str, results: Iterable[Result], *, rounds: int, idle_mb: Mapping[str, float], notes: Sequence[str]
) -> str:
    """The page: where it ran, how, and the table."""
    idle = ", ".join(f"{name} {megabytes:.0f} MB" for name, megabytes in idle_mb.items())
    lines = [
        f"# {title}",
        "",
        f"{machine()}. Load averages at the end: {' '.join(f'{load:.1f}' for load in os.getloadavg())}.",
        "",
        f"Medians of {rounds} rounds, the programs in turn. Memory before the first call: {idle}.",
        "",
        table(results),
        "",
        *notes,
        "",
    ]
    return "\n".join(lines)


def machine() -> str:
    """The machine in a sentence's beginning."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    parts = [
        f"{os.cpu_count()} processors ({_processor()})",
        f"{gigabytes:.0f} GB",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
    ]
    return ", ".join(parts)


def table(results: Iterable[Result]) -> str:
    """The results as rows."""
    rows = [_HEADINGS, tuple("---" for _ in _HEADINGS), *map(_row, results)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(result: Result) -> tuple[str, ...]:
    scenario = result.scenario
    added = [f"{result.added_ms(percent):.1f}" for percent in (50, 99)] if scenario.upstream else ["", ""]
    first = [f"{result.first_ms(percent):.1f}" for percent in (50, 99)]
    least, most = result.spread
    return (
        f"{scenario.name}, {scenario.load}",
        result.name,
        f"{result.median(lambda each: each.outcome.per_second):.0f}",
        *added,
        *first,
        f"{result.median(lambda each: each.cpu_ms):.2f}",
        f"{least:.2f} to {most:.2f}",
        f"{result.ratio:.2f}",
        f"{result.median(lambda each: each.memory_mb):.0f}",
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
