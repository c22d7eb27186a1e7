"""What a completion costs: Pointsman and a bare relay under the same load, in one run.

``python -m bench.completions`` prints a table; ``--write`` also writes it to bench/results/completions.md. The upstream
sends 20 deltas at once. CPU is that of the measured program's whole process tree, for each completion.
"""

import argparse
import os
import platform
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import uvloop
from pointsman.v1.completion_pb2 import Delivery

from bench.load import Check, Outcome, drive, is_answer, is_relayed, request
from bench.processes import PROVIDER, Program, logged, printed, program
from bench.upstream import MODEL

RESULTS = Path(__file__).parent / "results" / "completions.md"
WARM_UP = 200
LOADS = {"streamed": Delivery.DELIVERY_STREAM, "whole": Delivery.DELIVERY_WHOLE}


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table."""

    load: str
    name: str
    outcome: Outcome
    cpu_ms: float
    memory_mb: float


def measure(load: str, name: str, target: Program, check: Check, options: argparse.Namespace) -> Measured:
    """Warms one program up, loads it, and counts what it used."""
    asked = request(LOADS[load], f"bench/{MODEL}")
    uvloop.run(drive(target.address, asked, check, count=WARM_UP, concurrency=options.concurrency))
    before = target.cpu_seconds()
    outcome = uvloop.run(drive(target.address, asked, check, count=options.count, concurrency=options.concurrency))
    cpu_ms = (target.cpu_seconds() - before) * 1000 / options.count
    return Measured(load, name, outcome, cpu_ms, target.memory_bytes() / 1e6)


def run(options: argparse.Namespace) -> list[Measured]:
    """Starts the programs and measures each load on both, one after the other."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream = stack.enter_context(program("-m", "bench.upstream", address=printed)).address
        (data / "providers").mkdir()
        (data / "providers" / "bench.toml").write_text(PROVIDER.format(upstream=upstream, model=MODEL), "utf-8")
        floor = stack.enter_context(program("-m", "bench.floor", upstream, address=printed))
        pointsman = stack.enter_context(
            program(
                *("-m", "pointsman_server", "serve"),
                address=logged,
                POINTSMAN_DATA_DIR=str(data),
                POINTSMAN_GRPC_ADDRESS="127.0.0.1:0",
                POINTSMAN_HTTP_ADDRESS="127.0.0.1:0",
                POINTSMAN_LOCAL_DISCOVERY="false",
            )
        )
        targets: list[tuple[str, Program, Check]] = [
            ("bare relay", floor, is_relayed),
            ("Pointsman", pointsman, is_answer),
        ]
        return [measure(load, *target, options) for load in LOADS for target in targets]


def table(rows: list[Measured]) -> str:
    """The rows as Markdown, each with its CPU beside the bare relay's."""
    floors = {row.load: row.cpu_ms for row in rows if row.name == "bare relay"}
    lines = [
        "| load | program | completions/s | p50 ms | p99 ms | first p50 ms | first p99 ms | CPU ms each | ratio | MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        figures = [
            f"{row.outcome.per_second:.0f}",
            *(f"{row.outcome.total_ms(percent):.1f}" for percent in (50, 99)),
            *(f"{row.outcome.first_ms(percent):.1f}" for percent in (50, 99)),
            f"{row.cpu_ms:.2f}",
            f"{row.cpu_ms / floors[row.load]:.2f}",
            f"{row.memory_mb:.0f}",
        ]
        lines.append(f"| {row.load} | {row.name} | {' | '.join(figures)} |")
    return "\n".join(lines)


def report(rows: list[Measured], options: argparse.Namespace) -> str:
    """The page: where it ran, how, and the table."""
    return (
        "# Completions\n\n"
        f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, Python {platform.python_version()}. "
        f"{options.count} completions, {options.concurrency} at a time, after {WARM_UP} to warm up; load generator, "
        "program and upstream share the machine. The upstream sends 20 deltas at once. SQLite holds the records.\n\n"
        f"{table(rows)}\n\n"
        "CPU is the program's whole process tree. The ratio is to the bare relay (`bench/floor.py`) in the same run.\n"
    )


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=3000, help="completions per load (default 3000)")
    parser.add_argument("--concurrency", type=int, default=50, help="callers at a time (default 50)")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name} too")
    options = parser.parse_args()
    page = report(run(options), options)
    print(page)
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
