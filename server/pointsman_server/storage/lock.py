"""The lock on a data directory: two servers on one database would break the rule of the one writer."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from pointsman_server.errors import ConfigurationError


class DatabaseLock:
    """Held from construction to ``release``. The system frees it when the process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        """Takes the lock.

        Raises:
            ConfigurationError: another process holds it, or the directory cannot be written.
        """
        path = database.with_name(database.name + ".lock")
        try:
            database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigurationError(
                f"{database.parent} cannot be written ({error.strerror}). Give the server's user the right to write "
                "there, or set POINTSMAN_DATA_DIR to another directory."
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace") or "unknown"
            os.close(self._descriptor)
            raise ConfigurationError(
                f"{database} is in use by another server (process {holder}). Stop that one, or set "
                "POINTSMAN_DATA_DIR to another directory."
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Frees the lock. The file stays: to delete it would let two processes lock two files of one name."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
