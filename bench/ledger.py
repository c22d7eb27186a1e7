"""What the ledger does in a second and what it adds: on each database, with few callers and many.

``python -m bench.ledger`` prints tables; ``--write`` also writes them to bench/results/ledger.md. First reserve and
settle by themselves, as fast as they go: without meters, with a rate and slots, and with four meters that all calls
share (money in a month and tokens in a day too). Then completions at a fixed rate through the whole server, with the
four meters. PostgreSQL is the development lock's, on the same machine and disk, with its defaults: every commit is
synced on both databases.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvloop
from google.protobuf.duration_pb2 import Duration
from pointsman import Client
from pointsman.v1.budget_service_pb2 import BUDGET_SCOPE_TENANT, Budget, BudgetKind, BudgetUnit
from pointsman.v1.completion_pb2 import Delivery
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.identity.model import SERVER
from pointsman_server.ids import new_id
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import AttemptOutcome, Charge, ReserveRequest, Settlement
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.database import Address
from pointsman_server.storage.storage import Storage

from bench.calls import completing, is_answer
from bench.ledger_report import PER_SECOND, Measured, Share, report
from bench.load import Open
from bench.processes import pointsman, upstream
from tests.postgres import PostgresServer

RESULTS = Path(__file__).parent / "results" / "ledger.md"
CALLERS = (1, 64, 512)
TENANT = "acme"
PLENTY = 10**15

SETTINGS = "max_connections = 50\n"
SYNCS = 200

RATE_AND_SLOTS = (
    ("rate", Unit.REQUESTS, MeterKind.RATE, 60),
    ("slots", Unit.REQUESTS, MeterKind.SLOTS, 0),
)
ALL_FOUR = (("money", Unit.NANOS, MeterKind.MONTH, 0), ("tokens", Unit.TOKENS, MeterKind.DAY, 0), *RATE_AND_SLOTS)
METERS = {"none": (), "rate and slots": RATE_AND_SLOTS, "all four": ALL_FOUR}


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
    )


async def caller(storage: Storage, end: float, reserves: list[float], settles: list[float]) -> None:
    """Reserves and settles, one after the other, until the end."""
    while (began := time.perf_counter()) < end:
        reservation = await storage.ledger.reserve(request())
        held = time.perf_counter()
        await storage.ledger.settle(reservation, settlement())
        reserves.append((held - began) * 1e3)
        settles.append((time.perf_counter() - held) * 1e3)


async def load(database: str, address: Address, meters: str, callers: int, seconds: float) -> Measured:
    """Loads a database that is new or was used before."""
    async with await Storage.open(address, new_id=new_id) as storage:
        names = [
            await storage.budgets.create(
                Meter(MeterKey(TENANT, new_id("bud")), name, Scope.TENANT, "", unit, kind, period_s, PLENTY), SERVER
            )
            for name, unit, kind, period_s in METERS[meters]
        ]
        await asyncio.gather(*(caller(storage, time.perf_counter() + seconds / 4, [], []) for _ in range(callers)))
        reserves: list[float] = []
        settles: list[float] = []
        began = time.perf_counter()
        await asyncio.gather(*(caller(storage, began + seconds, reserves, settles) for _ in range(callers)))
        elapsed = time.perf_counter() - began
        for made in names:
            await storage.budgets.delete((TENANT,), made.balance.meter.key.meter_id, SERVER)
    return Measured(database, meters, callers, len(reserves) / elapsed, reserves, settles)


@contextmanager
def databases(directory: Path) -> Iterator[dict[str, Address]]:
    """Both, empty."""
    server = PostgresServer(directory, SETTINGS)
    try:
        yield {"SQLite": directory / "pointsman.db", "PostgreSQL": server.new_database()}
    finally:
        server.stop()


def share(database: str, address: Address, seconds: float) -> Share:
    """Loads the whole server with completions that four meters count."""
    at = {"POINTSMAN_DATABASE_URL": address} if isinstance(address, str) else {}
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = directory / "seen.json"
        base_url = stack.enter_context(upstream()).address
        with pointsman(directory, base_url, command=("bench.timed_server", str(file)), **at) as server:
            with Client(server.address, token=server.token) as client:
                for name, unit, kind, period_s in ALL_FOUR:
                    client.create_budget(budget(name, unit, kind, period_s))
            calls = completing(server.address, Delivery.DELIVERY_STREAM, is_answer, token=server.token)
            uvloop.run(Open(PER_SECOND).run(calls, round(PER_SECOND * seconds)))
        seen = json.loads(file.read_text("utf-8"))
    return Share(database, seen["reserve_ms"], seen["settle_ms"], sum(seen["writer_cpu_ms"]))


def budget(name: str, unit: Unit, kind: MeterKind, period_s: int) -> Budget:
    """A budget of the caller's tenant that lets everything through."""
    return Budget(
        name=name,
        scope=BUDGET_SCOPE_TENANT,
        unit=BudgetUnit.Value(f"BUDGET_UNIT_{unit.name}"),
        kind=BudgetKind.Value(f"BUDGET_KIND_{kind.name}"),
        period=Duration(seconds=period_s) if period_s else None,
        limit=PLENTY,
    )


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
            uvloop.run(load(database, address, meters, callers, options.seconds))
            for database, address in found.items()
            for meters in METERS
            for callers in options.callers
        ]
        shares = [share(database, address, options.seconds) for database, address in found.items()]
    page = report(rows, shares, sync, options.seconds)
    print(page)
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
