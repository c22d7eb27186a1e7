"""What befalls a PostgreSQL that others use too: clean errors, the rest goes on within seconds, every counter holds."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pointsman_server.errors import StoreUnavailable
from pointsman_server.identity.model import SERVER
from pointsman_server.ids import new_id
from pointsman_server.ledger.audit import Summary
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import TENANT, request, settlement
from tests.postgres import PostgresServer, postgres_server

ROOT = Path(__file__).parents[3]
SECONDS = 8.0
"""Within this, everyone goes on: twice the two seconds of a time limit, and room for a slow machine."""

RECOVERY_SECONDS = 40.0
"""Within this, a server has recovered and everyone goes on."""

# Locks what a batch locks, says so, and commits once it is told to.
HOLDING = """
import sys
from pointsman_server.errors import StoreUnavailable
from pointsman_server.ledger.meters import MeterKey
from pointsman_server.storage.postgres import PostgresDatabase

store = PostgresDatabase(sys.argv[1]).open_store()
store.begin()
store.meters([], [MeterKey("acme", "a"), MeterKey("acme", "b")])
print("holding", flush=True)
sys.stdin.readline()
try:
    store.commit()
except StoreUnavailable:
    print("refused", flush=True)
"""


def meter(name: str) -> Meter:
    return Meter(MeterKey(TENANT, name), name, Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, 10**12)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Storage]:
    """A storage with two budgets, whose counters are proven at the end."""
    async with await Storage.open(url, new_id=new_id) as storage:
        for name in ("a", "b"):
            await storage.budgets.create(meter(name), SERVER)
        yield storage
        *found, summary = [finding async for finding in storage.budgets.verify(None)]
        assert (found, type(summary)) == ([], Summary)


async def pair(storage: Storage) -> str:
    held = await storage.ledger.reserve(request(completion_id=new_id("cmp")))
    await persisting(lambda: storage.ledger.settle(held, settlement()))
    return held.reservation_id


async def persisting(work: Callable[[], Awaitable[Any]]) -> Any:
    """Does it until the store is there; no other error comes."""
    async with asyncio.timeout(RECOVERY_SECONDS):
        while True:
            try:
                return await work()
            except StoreUnavailable:
                await asyncio.sleep(0.05)


def ask(url: str, query: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return [row[0] for row in cursor] if cursor.description else []


def writers_backend(storage: Storage) -> int:
    return int(storage.ledger._writer._store._connection.info.backend_pid)  # type: ignore[attr-defined]  # PostgreSQL's store has one


def grow(url: str, table_bytes: int) -> None:
    """Makes the table of reservations larger than a segment of the log, so that it meets a limit first."""
    key = "'filler', 'rsv_' || number"
    texts = ", ".join(["''"] * 9)
    rows = f"generate_series(1, {table_bytes // 2000}) AS number"
    filler = f"SELECT {key}, {texts}, 1, '', '', repeat('x', 1900), 'voided', 0 FROM {rows}"
    columns = (
        "tenant_id, reservation_id, user_id, completion_id, decision_id, project_id, agent_id, run_id, purpose, "
        "task_code, task_type, attempt, provider_id, model_id, labels, state, created_at"
    )
    ask(url, f"ALTER TABLE reservations ALTER labels SET STORAGE PLAIN; INSERT INTO reservations ({columns}) {filler}")


@pytest.fixture
def own() -> Iterator[PostgresServer]:
    """A server that a test may break."""
    with postgres_server() as server:
        yield server


async def test_a_table_that_cannot_grow_fails_what_needs_it_and_nothing_later(postgres: PostgresServer) -> None:
    url = postgres.new_database("migrated")
    await asyncio.to_thread(grow, url, 20_000_000)
    async with opened(url) as storage:
        (size,) = ask(url, "SELECT pg_relation_size('reservations')")
        first = await storage.ledger.reserve(request())
        assert await asyncio.to_thread(postgres.limit_files, writers_backend(storage), size)
        asked = [request(completion_id=f"cmp_{number}") for number in range(300)]
        results = await asyncio.gather(*map(storage.ledger.reserve, asked), return_exceptions=True)
        failed = [result for result in results if isinstance(result, BaseException)]
        assert {type(error) for error in failed} == {StoreUnavailable}
        assert await asyncio.to_thread(postgres.limit_files, writers_backend(storage))
        await storage.ledger.settle(first, settlement())
        await pair(storage)


async def test_a_deadlock_with_a_foreign_program_ends_one_batch_and_stops_none(postgres_url: str) -> None:
    async with opened(postgres_url) as storage:
        with psycopg.connect(postgres_url) as foreign:
            foreign.execute("SET deadlock_timeout = '20s'")  # the other side notices first
            foreign.execute("SELECT * FROM meters WHERE meter_id = 'b' FOR UPDATE")
            reserving = asyncio.create_task(storage.ledger.reserve(request()))
            async with asyncio.timeout(SECONDS):
                while not ask(postgres_url, "SELECT pid FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110  # the database tells no one
                    await asyncio.sleep(0.005)
            await asyncio.to_thread(foreign.execute, "SELECT * FROM meters WHERE meter_id = 'a' FOR UPDATE")
            with pytest.raises(StoreUnavailable) as refused:
                await reserving
            assert isinstance(refused.value.__cause__, StoreUnavailable)
            assert isinstance(refused.value.__cause__.__cause__, psycopg.errors.DeadlockDetected)
        await pair(storage)


def holding(url: str) -> subprocess.Popen[str]:
    """A process that has just locked what a batch locks."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", HOLDING, url], stdin=pipe, stdout=pipe, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


async def test_a_server_that_is_stopped_while_it_holds_rows_stops_nobody_for_long(postgres_url: str) -> None:
    async with opened(postgres_url) as storage:
        with await asyncio.to_thread(holding, postgres_url) as stopped:
            stopped.send_signal(signal.SIGSTOP)
            try:
                began = time.monotonic()
                await persisting(lambda: pair(storage))
                assert time.monotonic() - began < SECONDS
                await asyncio.gather(*(pair(storage) for _ in range(20)))
            finally:
                stopped.send_signal(signal.SIGCONT)
            assert stopped.communicate("\n", timeout=SECONDS)[0].endswith("refused\n")
            assert stopped.returncode == 0


@pytest.mark.full
async def test_a_restart_under_load_loses_and_doubles_nothing(own: PostgresServer) -> None:
    await under_load(own, own.restart)


@pytest.mark.full
async def test_a_full_disk_under_load_loses_and_doubles_nothing(own: PostgresServer) -> None:
    """Tables cannot grow, nor can the log be written, for which the server gives up and recovers, as it comes."""

    def fill_for_a_while() -> None:
        backends = own.run("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
        for size in (0, None):
            for (process_id,) in backends:
                assert isinstance(process_id, int)
                own.limit_files(process_id, size)
            time.sleep(1)

    await under_load(own, fill_for_a_while)


async def under_load(server: PostgresServer, strike: Callable[[], None]) -> None:
    """Strikes while callers reserve and settle; what was acknowledged is there, and all go on afterwards."""
    url = server.new_database()
    acknowledged: list[str] = []

    async def caller(storage: Storage, end: float) -> None:
        while time.monotonic() < end:
            acknowledged.append(await persisting(lambda: pair(storage)))

    async with opened(url) as storage:
        callers = [asyncio.create_task(caller(storage, time.monotonic() + 4)) for _ in range(16)]
        await asyncio.sleep(1.5)
        before = len(acknowledged)
        await asyncio.to_thread(strike)
        await asyncio.gather(*callers)
        assert len(acknowledged) > before > 0
        entries = ask(url, "SELECT reservation_id FROM usage_entries")
        assert set(acknowledged) <= set(entries)
        assert len(entries) == len(set(entries))
