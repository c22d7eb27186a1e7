"""What every database gives to the server, and how its reading side is used."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from pointsman_server.errors import StoreUnavailable
from pointsman_server.ledger.store import LedgerStore
from pointsman_server.storage.control import ControlWriter, Execute

Address = Path | str
"""Where a database is: the path of an SQLite file, or a PostgreSQL URL."""

ReadNow = Callable[[AsyncConnection], Awaitable[datetime]]
"""Reads the store's time, in UTC."""

READERS = 4
"""How many reports may be read at once."""


class Database(Protocol):
    """One database, not yet open. All methods block but ``open_readers`` and ``control_writer``."""

    @property
    def name(self) -> str:
        """How messages name it; holds no password."""
        ...

    def claim(self) -> AbstractContextManager[object]:
        """Takes what one server alone may hold, if there is such a thing, and gives it back at the end.

        Raises:
            ConfigurationError: another server holds it.
        """
        ...

    def upgrade(self) -> str:
        """Brings it to this version's tables, all or nothing, and returns its revision. It is claimed.

        Raises:
            ConfigurationError: a newer version wrote it, or it cannot be opened or migrated.
        """
        ...

    def tend(self) -> bool:
        """Makes ready what will be needed soon. Said again whenever some time has passed; whether it succeeded."""
        ...

    def open_store(self) -> LedgerStore[Execute]:
        """Opens the connection of the ledger's writer.

        Raises:
            StoreUnavailable: it cannot be opened.
        """
        ...

    async def now(self, connection: AsyncConnection) -> datetime:
        """The store's time, on a reader's connection."""
        ...

    def open_readers(self) -> AsyncEngine:
        """Makes the pool of connections whose transactions cannot write and see one state."""
        ...

    def control_writer(self, ledger_writer: ControlWriter, readers: AsyncEngine) -> ControlWriter:
        """What runs control writes that touch nothing of the ledger's: its one writer, or transactions of their own."""
        ...


@asynccontextmanager
async def reading(readers: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection whose statements all see the same state of the database.

    Raises:
        StoreUnavailable: the database cannot be read.
    """
    try:
        async with readers.begin() as connection:
            yield connection
    except (DBAPIError, PoolTimeoutError) as error:
        raise StoreUnavailable("The store cannot be read now.") from error
