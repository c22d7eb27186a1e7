"""How control writes reach the database: SQLAlchemy expressions, run on the connection of the one writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol, TypeVar

from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.compiler import SQLCompiler

ResultT = TypeVar("ResultT")

Statement = Select[Any] | Insert | Update | Delete

# Named parameters: values are bound by the names of the statement, not by their places.
_DIALECT = SQLiteDialect_pysqlite(paramstyle="named")


class Execute(Protocol):
    """Runs one statement inside the writer's transaction and returns its rows."""

    def __call__(self, statement: Statement, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Statements are constants of their module, since each is compiled once and kept."""
        ...


class ControlWriter(Protocol):
    """What runs writes of the control side, one at a time and durably."""

    async def control(self, write: Callable[[Execute], ResultT]) -> ResultT:
        """Runs the write in a transaction under the one write lock; see ``GroupCommitWriter.control``."""
        ...


class SqliteExecute:
    """Implements ``Execute`` over a ``sqlite3`` connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __call__(self, statement: Statement, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        compiled = _compiled(statement)
        values = compiled.construct_params(dict(parameters))
        return self._connection.execute(compiled.string, values).fetchall()


@cache
def _compiled(statement: Statement) -> SQLCompiler:
    compiled = statement.compile(dialect=_DIALECT)
    assert isinstance(compiled, SQLCompiler), "a statement compiles to SQL"
    return compiled
