"""Looking a claim up reads what runs, not all that ever ran."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from pointsman_server.ledger.claims import ClaimKey
from pointsman_server.storage import sqlite
from pointsman_server.storage.claims import FIND
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite


def test_open_reservations_are_found_by_their_index(tmp_path: Path) -> None:
    path = tmp_path / "pointsman.db"
    sqlite.upgrade(path)
    sql = FIND.compile(dialect=SQLiteDialect_pysqlite(paramstyle="named")).string
    key = ClaimKey("acme", "ada", "once")._asdict()
    with closing(sqlite3.connect(path)) as connection:
        steps = [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", key)]
    assert any("INDEX ix_reservations_open (tenant_id=?)" in step for step in steps)
    assert not [step for step in steps if step.startswith("SCAN")]
