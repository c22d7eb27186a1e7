"""The database as the server sees it: opened once, closed once, one store for each concern."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.clock import Clock
from pointsman_server.errors import ConfigurationError, StoreUnavailable
from pointsman_server.ids import NewId
from pointsman_server.ledger.ledger import GroupCommitLedger
from pointsman_server.ledger.writer import GroupCommitWriter
from pointsman_server.storage.control import Execute
from pointsman_server.storage.database import open_readers, upgrade
from pointsman_server.storage.decisions import SqlDecisionStore
from pointsman_server.storage.feedback import SqlFeedbackStore
from pointsman_server.storage.ledger_sqlite import SqliteLedgerStore
from pointsman_server.storage.lock import DatabaseLock
from pointsman_server.storage.usage import SqlUsageReports

_log = structlog.get_logger(__name__)


class Storage:
    """Holds the database's lock, the writer's thread and the readers' connections.

    Attributes:
        ledger: accounts for attempts.
        feedback: keeps ratings.
        usage: reports what was used.
        decisions: reads decisions back.
        orphans: how many reservations an earlier run left open. They stay, since no one knows what they used.
    """

    def __init__(
        self, lock: DatabaseLock, store: SqliteLedgerStore, readers: AsyncEngine, *, clock: Clock, new_id: NewId
    ) -> None:
        self.orphans = store.open_count()
        self._lock = lock
        self._readers = readers
        self._writer = GroupCommitWriter[Execute](store)
        self._closed = False
        self.ledger = GroupCommitLedger(self._writer, clock=clock, new_id=new_id)
        self.feedback = SqlFeedbackStore(readers, self._writer, clock=clock, new_id=new_id)
        self.usage = SqlUsageReports(readers, clock=clock)
        self.decisions = SqlDecisionStore(readers)

    @classmethod
    async def open(cls, path: Path, *, clock: Clock, new_id: NewId) -> Self:
        """Locks and migrates the database file, made where it is missing, and starts the writer.

        Raises:
            ConfigurationError: another server uses it, a newer version wrote it, or it cannot be read or written.
        """
        lock = await asyncio.to_thread(DatabaseLock, path)
        try:
            await asyncio.to_thread(upgrade, path)
            store = await asyncio.to_thread(SqliteLedgerStore, path)
            storage = cls(lock, store, open_readers(path), clock=clock, new_id=new_id)
        except StoreUnavailable as error:
            lock.release()
            raise ConfigurationError(f"{path} cannot be opened: {error.__cause__}.") from error
        except BaseException:
            lock.release()
            raise
        if storage.orphans:
            _log.warning("reservations_left_open", count=storage.orphans)
        return storage

    async def close(self) -> None:
        """Writes what is waiting and closes everything. The writer goes last: its close folds the log into the file."""
        if self._closed:
            return
        self._closed = True
        await self._readers.dispose()
        await self._writer.close()
        self._lock.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
