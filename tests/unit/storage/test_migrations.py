"""Migrations: they make exactly the tables, all or nothing, and refuse what they do not know."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import setuptools
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pointsman_server.errors import ConfigurationError
from pointsman_server.storage.databases import migrate
from pointsman_server.storage.tables import METADATA
from sqlalchemy import BigInteger, Boolean, Double, LargeBinary, Table, Text, create_engine

ROOT = Path(__file__).parents[3]


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_the_migrations_make_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    migrate(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()
    assert tables(path) == {*METADATA.tables, "alembic_version"}


def test_the_comparison_sees_a_difference(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    migrate(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE feedback DROP COLUMN signal")
        assert compare_metadata(MigrationContext.configure(connection), METADATA) != []
    engine.dispose()


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    revision = migrate(path)
    before = path.read_bytes()
    assert migrate(path) == revision
    assert path.read_bytes() == before


def test_the_directory_is_made_and_may_have_any_name(tmp_path: Path) -> None:
    path = tmp_path / "100% of it?" / "a#b" / "p.db"
    migrate(path)
    assert path.exists()


BY_CREDENTIAL = {"ix_api_keys_digest", "ix_access_tokens_digest"}
"""A credential is what says whose call it is, so it is found before the tenant is known."""

OF_ALL_TENANTS = {"ix_policy_rule_versions_generation", "ix_kill_switches_released_at"}
"""Every server reads what has changed in the rules of all tenants, and the kill switches in force."""


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=str)
def test_every_key_begins_with_the_tenant(table: Table) -> None:
    assert next(iter(table.primary_key)).name == "tenant_id"
    indexes = {str(index.name): next(iter(index.columns)).name for index in table.indexes}
    assert {name for name, first in indexes.items() if first != "tenant_id"} <= BY_CREDENTIAL | OF_ALL_TENANTS


def test_every_type_exists_in_postgresql_too() -> None:
    types = {type(column.type) for table in METADATA.sorted_tables for column in table.columns}
    assert types <= {Text, BigInteger, Boolean, Double, LargeBinary}


def test_a_newer_versions_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    migrate(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigurationError, match=r"revision 9999.*newer version"):
        migrate(path)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    path.write_bytes(b"these are my notes, not a database" * 100)
    with pytest.raises(ConfigurationError, match=r"p\.db cannot be migrated: file is not a database"):
        migrate(path)


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE request_ids (mine TEXT)")
    with pytest.raises(ConfigurationError, match="already exists"):
        migrate(path)
    assert tables(path) == {"request_ids"}


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match="POINTSMAN_DATA_DIR"):
        migrate(tmp_path / "file" / "p.db")


def test_the_migrations_are_packaged() -> None:
    packages = setuptools.find_namespace_packages(where=os.fspath(ROOT / "server"))
    assert "pointsman_server.storage.migrations.versions" in packages
