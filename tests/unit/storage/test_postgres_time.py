"""On PostgreSQL the time is the database's, whatever the servers' clocks say, and is read once the rows are locked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import psycopg
import pytest
from pointsman_server.clock import SystemClock
from pointsman_server.identity.model import SERVER
from pointsman_server.ids import new_id
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.reports import UsageQuery
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import TENANT, request, settlement

WAITING = "SELECT pid FROM pg_locks WHERE NOT granted"
HOURLY = Meter(MeterKey(TENANT, "m"), "m", Scope.TENANT, "", Unit.NANOS, MeterKind.HOUR, 0, 20_000)


def database_time(connection: psycopg.Connection[tuple[datetime]]) -> datetime:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    return row[0].astimezone(UTC)


async def test_a_server_whose_clock_is_wrong_books_by_the_databases(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SystemClock, "now", lambda _: datetime(2001, 2, 3, tzinfo=UTC))
    with psycopg.connect(postgres_url, autocommit=True) as asking:
        async with await Storage.open(postgres_url, new_id=new_id) as storage:
            await storage.budgets.create(HOURLY, SERVER)
            before = database_time(asking)
            held = await storage.ledger.reserve(request())
            await storage.ledger.settle(held, settlement())
            after = database_time(asking)
            report = await storage.usage.report(TENANT, UsageQuery())
            budget = await storage.budgets.get((TENANT,), "m")
        assert before <= held.created_at <= after
        assert report.total.attempts == 1, "until now is until the database's now"
        assert budget.balance.posted == 4_321
        assert budget.window is not None
        assert budget.window[0].year == after.year


async def test_who_waits_for_a_row_decides_at_the_time_when_it_got_it(postgres_url: str) -> None:
    async with await Storage.open(postgres_url, new_id=new_id) as storage:
        await storage.budgets.create(HOURLY, SERVER)
        with psycopg.connect(postgres_url) as other, psycopg.connect(postgres_url, autocommit=True) as asking:
            other.execute("SELECT * FROM meters FOR NO KEY UPDATE")
            reserving = asyncio.create_task(storage.ledger.reserve(request()))
            async with asyncio.timeout(5):
                while not asking.execute(WAITING).fetchall():  # noqa: ASYNC110  # the database tells no one
                    await asyncio.sleep(0.005)
            released = database_time(asking)
            other.rollback()
            assert (await reserving).created_at >= released
