"""PostgreSQL as a database: migrations, connections, and what is said when it cannot be used."""

import asyncio
import builtins
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pointsman_server.errors import ConfigurationError, StoreUnavailable
from pointsman_server.ids import new_id
from pointsman_server.storage.database import reading
from pointsman_server.storage.databases import database_at, migrate
from pointsman_server.storage.postgres import PostgresDatabase
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import METADATA, RESERVATIONS
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.pool import NullPool

from tests.conformance.builders import TENANT, USER, SetClock, decision, request
from tests.postgres import PostgresServer

COUNT = select(func.count()).select_from(RESERVATIONS)
TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND NOT relispartition
"""


@pytest.fixture
def bare(postgres: PostgresServer) -> str:
    """The address of a database without tables."""
    return postgres.new_database()


def ask(url: str, query: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute(query.encode())]


def is_whole(name: str | None, kind: str, _parents: object) -> bool:
    """Whether it is not the partition of a table."""
    return kind != "table" or not (name or "").startswith("usage_entries_")


def test_the_migrations_make_the_tables(bare: str) -> None:
    migrate(bare)
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(bare), poolclass=NullPool)
    with engine.connect() as connection:
        opts = {"compare_type": True, "compare_server_default": True, "include_name": is_whole}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, METADATA) == []
    assert set(ask(bare, TABLES)) == {*METADATA.tables, "alembic_version"}


def test_every_text_sorts_by_code_points_whatever_the_locale(bare: str) -> None:
    migrate(bare)
    texts = "information_schema.columns WHERE data_type = 'text' AND table_schema = 'public'"
    assert ask(bare, f"SELECT DISTINCT collation_name FROM {texts}") == ["C"]


def test_servers_that_start_at_once_migrate_one_after_the_other(bare: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(migrate, [bare] * 4))) == 1


def test_a_newer_versions_database_is_refused(bare: str) -> None:
    migrate(bare)
    with psycopg.connect(bare) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigurationError, match=r"revision 9999.*newer version.*POINTSMAN_DATABASE_URL"):
        migrate(bare)


def test_a_migration_that_fails_leaves_nothing_behind(bare: str) -> None:
    with psycopg.connect(bare) as connection:
        connection.execute("CREATE TABLE request_ids (mine TEXT)")
    with pytest.raises(ConfigurationError, match="already exists"):
        migrate(bare)
    assert ask(bare, TABLES) == ["request_ids"]


async def test_servers_share_a_database(postgres_url: str) -> None:
    async with (
        await Storage.open(postgres_url, clock=SetClock(), new_id=new_id) as one,
        await Storage.open(postgres_url, clock=SetClock(), new_id=new_id) as other,
    ):
        await one.ledger.record(decision())
        assert (await other.decisions.get(TENANT, USER, "dec_1")).decision_id == "dec_1"


@pytest.mark.parametrize("url", ["postgresql://u:hun%zzter2@h/d", "postgresql://u:hunter2@h:port:1/d?x"])
def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match="POINTSMAN_DATABASE_URL") as caught:
        database_at(url)
    assert "hunter2" not in str(caught.value)
    assert "hun%" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    url = "postgresql://ada:hunter2@127.0.0.1:1/ledger"
    with pytest.raises(ConfigurationError, match=r"PostgreSQL \(host 127.0.0.1, port 1, dbname ledger\)") as caught:
        await Storage.open(url, clock=SetClock(), new_id=new_id)
    assert "hunter2" not in str(caught.value)


def test_a_store_that_cannot_connect_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        PostgresDatabase("postgresql://127.0.0.1:1/ledger").open_store()


def test_what_the_address_says_stands_before_the_defaults() -> None:
    parameters = PostgresDatabase("postgresql://h/d?connect_timeout=9&application_name=mine")._parameters
    assert (parameters["connect_timeout"], parameters["application_name"]) == ("9", "mine")
    assert parameters["tcp_user_timeout"] == "5000"


def test_without_the_driver_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name == "pointsman_server.storage.postgres":
            raise ImportError("No module named 'psycopg'")
        return genuine(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigurationError, match=r"pip install 'pointsman-server\[postgres\]'"):
        database_at("postgresql://h/d")


async def test_a_reader_cannot_write(postgres_url: str) -> None:
    async with await Storage.open(postgres_url, clock=SetClock(), new_id=new_id) as storage:
        with pytest.raises(StoreUnavailable) as caught:
            async with reading(storage._readers) as connection:
                await connection.execute(text("DELETE FROM reservations"))
        assert "read-only" in str(caught.value.__cause__)


async def test_a_reader_sees_one_state_while_others_write(postgres_url: str) -> None:
    async with await Storage.open(postgres_url, clock=SetClock(), new_id=new_id) as storage:
        async with reading(storage._readers) as connection:
            before = (await connection.execute(COUNT)).scalar_one()
            await storage.ledger.reserve(request())
            assert (await connection.execute(COUNT)).scalar_one() == before
        async with reading(storage._readers) as connection:
            assert (await connection.execute(COUNT)).scalar_one() == before + 1


async def test_reads_that_were_cancelled_leave_their_connections_free(postgres_url: str) -> None:
    async with await Storage.open(postgres_url, clock=SetClock(), new_id=new_id) as storage:
        await storage.ledger.record(decision())
        for ticks in range(30):
            task = asyncio.create_task(storage.decisions.get(TENANT, USER, "dec_1"))
            for _ in range(ticks % 10):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        assert (await storage.decisions.get(TENANT, USER, "dec_1")).decision_id == "dec_1"


def test_a_commit_is_on_the_disk_before_it_is_acknowledged(postgres: PostgresServer, postgres_url: str) -> None:
    postgres.run("ALTER DATABASE reused SET synchronous_commit = off")
    try:
        store = PostgresDatabase(postgres_url).open_store()
        store.begin()
        setting = store._connection.execute("SHOW synchronous_commit").fetchone()
        store.close()
    finally:
        postgres.run("ALTER DATABASE reused RESET synchronous_commit")
    assert setting == ("on",)
