"""Lets SQLite write to a disk in memory, through the SQLite that apsw brings, under the driver's surface."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import apsw

from tests.power.disk import Disk, PowerCut, VolatileFile

_numbers = itertools.count(1)

# What the classes of the standard library's driver say is what the store goes by.
_KINDS: Final = ((apsw.ConstraintError, sqlite3.IntegrityError), (apsw.CorruptError, sqlite3.DatabaseError))


class DiskFile:
    """A file as SQLite uses it. Nobody else has it open, so that no lock is needed."""

    def __init__(self, disk: Disk, name: str | None) -> None:
        self._disk = disk
        self._name = name
        self._file = disk.open(name) if name else VolatileFile()

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802  # SQLite's names, here and below
        with _powered():
            return self._disk.read(self._file, amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        with _powered():
            self._disk.write(self._file, offset, bytes(data))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        with _powered():
            self._disk.write(self._file, size, None)

    def xSync(self, flags: int) -> None:  # noqa: N802
        del flags  # all kinds of sync reach the medium
        with _powered():
            self._disk.sync(self._name or "", self._file)

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._file.current)

    def xClose(self) -> None:  # noqa: N802
        pass

    def xLock(self, level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:  # noqa: N802
        del op, pointer
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return 4096

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE  # as SQLite takes for granted of any disk


class DiskFileSystem(apsw.VFS):
    """Registers a disk with SQLite for as long as it lives."""

    def __init__(self, disk: Disk) -> None:
        self.name = f"disk{next(_numbers)}"
        self._disk = disk
        super().__init__(self.name, base="")

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> DiskFile:  # type: ignore[override]  # noqa: N802
        flags[1] = flags[0]
        with _powered():
            return DiskFile(self._disk, name.filename() if isinstance(name, apsw.URIFilename) else name)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001
        with _powered():
            self._disk.delete(filename, durable=syncdir)

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: N802
        del flags
        return pathname in self._disk.files

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return name


class DiskConnection:
    """What the store uses of ``sqlite3.Connection``."""

    def __init__(self, path: Path, file_system: DiskFileSystem, *, checkpoint_pages: int) -> None:
        with _translated():
            self._connection = apsw.Connection(str(path), vfs=file_system.name)
            # Without shared memory, which no disk of ours has, a log needs its connection to be the only one. It is.
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._checkpoint_pages = checkpoint_pages

    @property
    def in_transaction(self) -> bool:
        return bool(self._connection.in_transaction)

    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> DiskCursor:
        with _translated():
            cursor = self._connection.execute(statement, parameters)
            if statement.startswith("PRAGMA journal_mode"):  # sooner than in production, so that each round has some
                self._connection.execute(f"PRAGMA wal_autocheckpoint = {self._checkpoint_pages}")
            return DiskCursor(cursor)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        with _translated():
            self._connection.executemany(statement, rows)

    def close(self) -> None:
        with suppress(apsw.Error):  # the standard library's driver does not tell either
            self._connection.close()


class DiskCursor:
    """What the store uses of ``sqlite3.Cursor``."""

    def __init__(self, cursor: apsw.Cursor) -> None:
        self._cursor = cursor

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.fetchall())

    def fetchall(self) -> list[tuple[Any, ...]]:
        with _translated():
            return self._cursor.fetchall()

    def fetchone(self) -> Any:
        with _translated():
            return self._cursor.fetchone()


@contextmanager
def _powered() -> Iterator[None]:
    """Tells SQLite of a power cut as of any error of a disk."""
    try:
        yield
    except PowerCut as cut:
        raise apsw.IOError("the power is gone") from cut


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        kinds = (kind for theirs, kind in _KINDS if isinstance(error, theirs))
        raise next(kinds, sqlite3.OperationalError)(str(error)) from error
