"""Reads generations, and counts them on in the transaction of what they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.generations import Generation, Generations
from pointsman_server.storage.control import Execute
from pointsman_server.storage.database import reading
from pointsman_server.storage.tables import GENERATIONS

_THEIRS: Final = {"owner": PLATFORM_TENANT}
_READ: Final = select(GENERATIONS.c.name, GENERATIONS.c.value).where(GENERATIONS.c.tenant_id == bindparam("owner"))
_COUNT_ON: Final = (
    update(GENERATIONS)
    .where(GENERATIONS.c.tenant_id == bindparam("owner"), GENERATIONS.c.name == bindparam("which"))
    .values(value=GENERATIONS.c.value + 1)
    .returning(GENERATIONS.c.value)
)
_BEGIN: Final = insert(GENERATIONS)


def count_on(execute: Execute, name: Generation) -> None:
    """Says that something has changed; call it in the control write that changes it."""
    if not execute(_COUNT_ON, {**_THEIRS, "which": name.value}):
        execute(_BEGIN, {"tenant_id": PLATFORM_TENANT, "name": name.value, "value": 1})


class SqlGenerations:
    """Reads them for the poll."""

    def __init__(self, readers: AsyncEngine) -> None:
        self._readers = readers

    async def read(self) -> Generations:
        """The generations now.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        async with reading(self._readers) as connection:
            return generations_of((await connection.execute(_READ, _THEIRS)).all())


def generations_of(rows: Iterable[Sequence[Any]]) -> Generations:
    """The generations that the rows hold; names that a newer version wrote are passed over."""
    return Generations(**{name: value for name, value in rows if name in Generations._fields})
