"""How control writes reach the database: SQLAlchemy expressions, run in the ledger's transaction or in their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol, TypeVar

from sqlalchemy import Delete, Dialect, Insert, Select, Update
from sqlalchemy.sql.compiler import SQLCompiler

ResultT = TypeVar("ResultT")

Statement = Select[Any] | Insert | Update | Delete


class Execute(Protocol):
    """Runs one statement inside the write's transaction and returns its rows."""

    def __call__(self, statement: Statement, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Statements are constants of their module, since each is compiled once and kept."""
        ...


class ControlWriter(Protocol):
    """What runs writes of the control side, durably."""

    async def control(self, write: Callable[[Execute], ResultT], *, alone: str = "") -> ResultT:
        """Runs the write in one transaction and returns its result; see ``GroupCommitWriter.control``.

        Writes of one name in ``alone`` run one after the other, and each sees what those before it wrote.
        The write may run more than once, where another transaction stood in its way: it only calls ``execute``.
        """
        ...


@cache
def compiled(statement: Statement, dialect: Dialect) -> SQLCompiler:
    """The statement's SQL, compiled once and kept."""
    made = statement.compile(dialect=dialect)
    assert isinstance(made, SQLCompiler), "a statement compiles to SQL"
    return made
