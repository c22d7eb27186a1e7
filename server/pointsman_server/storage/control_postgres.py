"""Control writes on PostgreSQL: each a transaction of its own, beside the ledger's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.errors import StoreUnavailable
from pointsman_server.storage.control import Execute, Statement

ResultT = TypeVar("ResultT")

_TRIES: Final = 3

_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")

_UNIQUE_VIOLATION: Final = "23505"


class PostgresControlWriter:
    """Implements ``ControlWriter``.

    Where another transaction wrote the same key meanwhile, the write runs once more, and sees what that one wrote.
    """

    def __init__(self, readers: AsyncEngine) -> None:
        self._readers = readers

    async def control(self, write: Callable[[Execute], ResultT], *, alone: str = "") -> ResultT:
        for tries_left in reversed(range(_TRIES)):
            try:
                return await self._once(write, alone)
            except IntegrityError as error:
                if not tries_left or getattr(error.orig, "sqlstate", None) != _UNIQUE_VIOLATION:
                    raise StoreUnavailable("The write was refused; nothing was recorded.") from error
            except (DBAPIError, PoolTimeoutError) as error:
                raise StoreUnavailable("The store cannot be written now.") from error
        raise AssertionError("the last try returns or raises")

    async def _once(self, write: Callable[[Execute], ResultT], alone: str) -> ResultT:
        async with self._readers.connect() as connection:
            await connection.execution_options(isolation_level="READ COMMITTED", postgresql_readonly=False)
            async with connection.begin():
                if alone:
                    await connection.execute(_ALONE, {"name": alone})
                return await connection.run_sync(lambda sync: write(_executing(sync)))


def _executing(connection: Connection) -> Execute:
    def execute(statement: Statement, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        result = connection.execute(statement, dict(parameters))
        return [tuple(row) for row in result] if result.returns_rows else []

    return execute
