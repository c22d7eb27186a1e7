"""What the ledger does in a second: reserve and settle on each database, with few callers and many.

``python -m bench.ledger`` prints a table; ``--write`` also writes it to bench/results/ledger.md. Every call is held on
four meters that all calls share: money in a month, tokens in a day, a rate of requests, and slots. PostgreSQL is the
development lock's, on the same machine and disk, with its defaults: every commit is synced on both databases.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.clock import SystemClock
from pointsman_server.ids import new_id
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import AttemptOutcome, Charge, ReserveRequest, Settlement
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.database import Address
from pointsman_server.storage.storage import Storage

from tests.postgres import PostgresServer

RESULTS = Path(__file__).parent / "results" / "ledger.md"
CALLERS = (1, 64, 512)
TENANT = "acme"
PLENTY = 10**15
SETTINGS = "max_connections = 50\n"
SYNCS = 200

METERS = (
    ("money", Unit.NANOS, MeterKind.MONTH, 0),
    ("tokens", Unit.TOKENS, MeterKind.DAY, 0),
    ("rate", Unit.REQUESTS, MeterKind.RATE, 60),
    ("slots", Unit.REQUESTS, MeterKind.SLOTS, 0),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table; a pair is a reserve and its settle."""

    database: str
    callers: int
    pairs_per_second: float
    reserve_ms: list[float]
    settle_ms: list[float]


def request() -> ReserveRequest:
    """A call's first attempt."""
    charge = Charge(tenant_id=TENANT, user_id="ada", completion_id=new_id("cmp"), decision_id=new_id("dec"))
    return ReserveRequest(
        charge=charge,
        attempt=1,
        provider_id="bench",
        model_id="bench/model",
        worst_case_cost_nanos=9_000,
        input_tokens_bound=200,
        max_output_tokens=100,
    )


def settlement() -> Settlement:
    """What it used."""
    return Settlement(
        outcome=AttemptOutcome.SUCCEEDED,
        failure_kind="",
        usage=TokenUsage(input_tokens=100, output_tokens=50),
        cost_nanos=4_000,
        latency_ms=5,
        time_to_first_token_ms=1,
        ended_at=datetime.now(UTC),
    )


async def caller(storage: Storage, end: float, reserves: list[float], settles: list[float]) -> None:
    """Reserves and settles, one after the other, until the end."""
    while (began := time.perf_counter()) < end:
        reservation = await storage.ledger.reserve(request())
        held = time.perf_counter()
        await storage.ledger.settle(reservation, settlement())
        reserves.append((held - began) * 1e3)
        settles.append((time.perf_counter() - held) * 1e3)


async def load(database: str, address: Address, callers: int, seconds: float) -> Measured:
    """Loads a database that is new or was used before."""
    clock = SystemClock()
    async with await Storage.open(address, clock=clock, new_id=new_id) as storage:
        names = [
            await storage.budgets.create(
                Meter(MeterKey(TENANT, new_id("bud")), name, Scope.TENANT, "", unit, kind, period_s, PLENTY)
            )
            for name, unit, kind, period_s in METERS
        ]
        await asyncio.gather(*(caller(storage, time.perf_counter() + seconds / 4, [], []) for _ in range(callers)))
        reserves: list[float] = []
        settles: list[float] = []
        began = time.perf_counter()
        await asyncio.gather(*(caller(storage, began + seconds, reserves, settles) for _ in range(callers)))
        elapsed = time.perf_counter() - began
        for budget in names:
            await storage.budgets.delete((TENANT,), budget.balance.meter.key.meter_id)
    return Measured(database, callers, len(reserves) / elapsed, reserves, settles)


@contextmanager
def databases(directory: Path) -> Iterator[dict[str, Address]]:
    """Both, empty."""
    server = PostgresServer(directory, SETTINGS)
    try:
        yield {"SQLite": directory / "pointsman.db", "PostgreSQL": server.new_database()}
    finally:
        server.stop()


def sync_ms(directory: Path) -> float:
    """How long the disk takes to sync a page, in the median."""
    times = []
    with (directory / "sync").open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1e3)
    return statistics.median(times)


def table(rows: list[Measured]) -> str:
    """The rows as Markdown."""
    lines = [
        "| database | callers | reserve + settle /s | reserve p50 ms | p99 ms | settle p50 ms | p99 ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        figures = [f"{percentile(times, at):.1f}" for times in (row.reserve_ms, row.settle_ms) for at in (0.5, 0.99)]
        lines.append(f"| {row.database} | {row.callers} | {row.pairs_per_second:,.0f} | {' | '.join(figures)} |")
    return "\n".join(lines)


def percentile(times: list[float], at: float) -> float:
    """The time that this share of them does not pass."""
    return sorted(times)[int(at * (len(times) - 1))]


def report(rows: list[Measured], sync: float, seconds: float) -> str:
    """The page: where it ran, how, and the table."""
    return (
        "# Ledger\n\n"
        f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, Python {platform.python_version()}. "
        f"The callers, the ledger and PostgreSQL share the machine. {seconds:.0f} seconds for each line. Every call is "
        "held on four meters that all calls share: money in a month, tokens in a day, a rate of requests, and slots. "
        f"The disk syncs a page in {sync:.2f} ms (median); every commit waits for it on both databases.\n\n"
        f"{table(rows)}\n"
    )


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each load runs (default 5)")
    parser.add_argument("--callers", type=int, nargs="*", default=CALLERS, help="how many at a time (default 1 64 512)")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name} too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pg") as name, databases(Path(name)) as found:
        sync = sync_ms(Path(name))
        rows = [
            uvloop.run(load(database, address, callers, options.seconds))
            for database, address in found.items()
            for callers in options.callers
        ]
    page = report(rows, sync, options.seconds)
    print(page)
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
