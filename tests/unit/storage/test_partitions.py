"""The months of the usage entries on PostgreSQL: made ahead, by whoever comes first, and in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from alembic import command
from pointsman_server.ids import new_id
from pointsman_server.ledger.reports import UsageQuery
from pointsman_server.storage import storage as storage_module
from pointsman_server.storage.migration import _alembic
from pointsman_server.storage.partitions import MONTHS_AHEAD, name_of, tend
from pointsman_server.storage.postgres import PostgresDatabase
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.times import to_micros
from pointsman_server.storage.usage_query import Period, entries_of
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.pool import NullPool

from tests.conformance.builders import TENANT, SetClock, request, settlement
from tests.postgres import PostgresServer

LATER = datetime(2031, 11, 30, 23, 59, tzinfo=UTC)
WHERE = "SELECT tableoid::regclass::text, count(*) FROM usage_entries GROUP BY 1 ORDER BY 1"


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    """A migrated database whose partitions nobody else changes."""
    return postgres.new_database("migrated")


@pytest.fixture
def asking(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def later() -> SetClock:
    clock = SetClock()
    clock.time = LATER
    return clock


async def settle(storage: Storage, count: int = 1) -> None:
    for _ in range(count):
        await storage.ledger.settle(await storage.ledger.reserve(request()), settlement())


def test_a_migrated_database_has_this_month_and_the_next_ones(asking: psycopg.Connection[tuple[object, ...]]) -> None:
    found = asking.execute("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'").fetchall()
    names = {str(name) for (name,) in found}
    assert len(names) == MONTHS_AHEAD + 2
    assert {"usage_entries_default", name_of(datetime.now(UTC))} <= names


def test_tending_twice_makes_nothing_twice(asking: psycopg.Connection[tuple[object, ...]]) -> None:
    made = tend(asking, LATER)
    assert made == [f"usage_entries_{month}" for month in ("2031_11", "2031_12", "2032_01", "2032_02")]
    assert tend(asking, LATER) == []


def test_of_servers_that_tend_at_once_one_makes_each_partition(url: str) -> None:
    def tending(_: int) -> list[str]:
        with psycopg.connect(url, autocommit=True) as connection:
            return tend(connection, LATER)

    with ThreadPoolExecutor(6) as pool:
        made = [name for names in pool.map(tending, range(6)) for name in names]
    assert len(made) == len(set(made)) == MONTHS_AHEAD + 1


async def test_entries_without_a_partition_are_kept_and_move_once_theirs_is_made(
    url: str, asking: psycopg.Connection[tuple[object, ...]]
) -> None:
    clock = SetClock()
    async with await Storage.open(url, clock=clock, new_id=new_id) as storage:
        clock.time = LATER
        await settle(storage, 2)
        clock.advance(days=1)
        await settle(storage, 3)
        assert asking.execute(WHERE).fetchall() == [("usage_entries_default", 5)]
        assert PostgresDatabase(url, clock).tend()
        assert asking.execute(WHERE).fetchall() == [("usage_entries_2031_11", 2), ("usage_entries_2031_12", 3)]
        assert (await storage.usage.report(TENANT, UsageQuery())).total.attempts == 3
        await settle(storage)
    assert asking.execute(WHERE).fetchall() == [("usage_entries_2031_11", 2), ("usage_entries_2031_12", 4)]


async def test_a_start_makes_what_is_missing(url: str, asking: psycopg.Connection[tuple[object, ...]]) -> None:
    async with await Storage.open(url, clock=later(), new_id=new_id) as storage:
        await settle(storage)
    assert asking.execute(WHERE).fetchall() == [("usage_entries_2031_11", 1)]


async def test_a_running_server_makes_what_comes_next(
    url: str, asking: psycopg.Connection[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_module, "TEND_SECONDS", 0.01)
    clock = SetClock()
    async with await Storage.open(url, clock=clock, new_id=new_id), asyncio.timeout(10):
        clock.time = LATER
        while not asking.execute("SELECT to_regclass('usage_entries_2032_02')").fetchall()[0][0]:  # noqa: ASYNC110  # the database tells no one
            await asyncio.sleep(0.01)


async def test_a_reader_in_the_way_stops_tending_soon_and_no_call(
    url: str, asking: psycopg.Connection[tuple[object, ...]]
) -> None:
    clock = SetClock()
    async with await Storage.open(url, clock=clock, new_id=new_id) as storage:
        with psycopg.connect(url) as reader:
            reader.execute("SELECT * FROM usage_entries")
            clock.time = LATER
            tending = asyncio.create_task(asyncio.to_thread(PostgresDatabase(url, clock).tend))
            await asyncio.wait_for(asyncio.gather(settle(storage, 20), tending), 5)
            assert not tending.result()
        assert PostgresDatabase(url, clock).tend()
    assert asking.execute(WHERE).fetchall() == [("usage_entries_2031_11", 20)]


def test_a_report_reads_the_months_of_its_period_alone(asking: psycopg.Connection[tuple[object, ...]]) -> None:
    tend(asking, LATER)
    november = Period(to_micros(datetime(2031, 11, 5, tzinfo=UTC)), to_micros(datetime(2031, 11, 20, tzinfo=UTC)))
    statement = (
        entries_of(TENANT, november, UsageQuery())
        .select()
        .compile(
            dialect=postgresql.dialect(),
            compile_kwargs={"literal_binds": True},  # type: ignore[no-untyped-call]  # SQLAlchemy's dialects have no types
        )
    )
    plan = "\n".join(str(line) for (line,) in asking.execute(f"EXPLAIN {statement}".encode()))
    assert "usage_entries_2031_11" in plan
    assert "usage_entries_2031_12" not in plan
    assert "usage_entries_default" not in plan


def test_the_migration_moves_every_entry_into_its_month(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    months = [datetime(2025, 12, 31, 23, 59, 59, 999_999, UTC), datetime(2026, 1, 1, tzinfo=UTC), LATER]
    with engine.begin() as connection:
        command.upgrade(_alembic(connection), "0005")
        for number, moment in enumerate(months):
            key = f"'{TENANT}', 'rsv_{number}'"
            texts = ", ".join(["''"] * 9)
            connection.exec_driver_sql(f"""
                INSERT INTO usage_entries VALUES ({key}, {texts}, 1, '', '', 'succeeded', '', 1, 0, 0, 0, 0, 1, 0, 0,
                    false, 5, 1, NULL, {to_micros(moment)});
                INSERT INTO usage_labels VALUES ({key}, 'team', 'blue');
            """)
    PostgresDatabase(url).upgrade()
    with psycopg.connect(url) as connection:
        assert connection.execute(WHERE).fetchall() == [
            ("usage_entries_2025_12", 1),
            ("usage_entries_2026_01", 1),
            ("usage_entries_2031_11", 1),
        ]
        joined = "SELECT count(*) FROM usage_labels JOIN usage_entries USING (tenant_id, reservation_id)"
        assert connection.execute(joined).fetchall() == [(3,)]
