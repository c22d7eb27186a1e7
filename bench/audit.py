"""What an entry of the audit log adds to a control write, and how fast a chain is proven: ``python -m bench.audit``.

On each database one writer after the other counts a generation on, with an entry and without one, in turns, so that
both meet the same disk. Every commit is synced. Then the chain that this made is proven.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pointsman.v1.budget_service_pb2 import Budget
from pointsman_server.clock import SystemClock
from pointsman_server.identity.audit import NO_ENTRIES, Change
from pointsman_server.identity.model import SERVER
from pointsman_server.ids import new_id
from pointsman_server.ledger.generations import Generation
from pointsman_server.storage.audit_log import append
from pointsman_server.storage.control import Execute
from pointsman_server.storage.database import Address
from pointsman_server.storage.generations import count_on
from pointsman_server.storage.storage import Storage

from tests.postgres import PostgresServer

WRITES = 500
TENANT = "acme"


def plain(execute: Execute) -> None:
    """A small control write."""
    count_on(execute, Generation.POLICY)


def recorded(execute: Execute) -> None:
    """The same with an entry."""
    plain(execute)
    before, after = Budget(name="monthly", limit=1), Budget(name="monthly", limit=2)
    change = Change("BudgetService/UpdateBudget", "budget", "bud_1", before, after)
    append(execute, TENANT, SERVER, change, SystemClock().now())


async def milliseconds(storage: Storage, write: Callable[[Execute], None]) -> float:
    """How long one write takes."""
    start = time.perf_counter()
    await storage._control.control(write)  # noqa: SLF001  # what stores are given
    return (time.perf_counter() - start) * 1000


async def measure(name: str, address: Address) -> None:
    """Prints one database's figures."""
    async with await Storage.open(address, new_id=new_id) as storage:
        without, with_entry = [], []
        for _ in range(WRITES):
            without.append(await milliseconds(storage, plain))
            with_entry.append(await milliseconds(storage, recorded))
        start = time.perf_counter()
        found = [finding async for finding in storage.audit.verify(TENANT, NO_ENTRIES)]
        proven = len(with_entry) / (time.perf_counter() - start)
    assert len(found) == 1, "the chain is whole"
    bare, full = statistics.median(without), statistics.median(with_entry)
    print(
        f"{name}: {bare:.2f} ms without, {full:.2f} ms with an entry (medians); {proven:,.0f} entries proven a second"
    )


def main() -> None:
    """Measures both databases."""
    with tempfile.TemporaryDirectory(prefix="pg") as directory:
        asyncio.run(measure("SQLite", Path(directory) / "p.db"))
        server = PostgresServer(Path(directory), "max_connections = 50\n")
        try:
            asyncio.run(measure("PostgreSQL", server.url()))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
