"""The file with the first administrator's key, which the command line on the same machine finds by itself."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pointsman_server.errors import ConfigurationError
from pointsman_server.identity.tokens import Token, parse

NAME: Final = "admin-token"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MOST_BYTES: Final = 1_024


class TokenFile:
    """``admin-token`` in the data directory: for its owner's eyes alone."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / NAME

    def read(self) -> Token | None:
        """The key that it holds; ``None``: there is no such file.

        Raises:
            ConfigurationError: it is not a file that we wrote, as far as one can see.
        """
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._refused("cannot be read") from error
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
                raise self._refused("is not a file of the server's own user")
            if found.st_mode & _OTHERS:
                raise self._refused("can be read by others than its owner")
            token = parse(file.read(_MOST_BYTES).decode(errors="replace").strip())
        if token is None:
            raise self._refused("holds no key")
        return token

    def create(self, token: Token) -> bool:
        """Writes the key into a new file, durably and whole; whether it did: not where one is there already.

        Raises:
            ConfigurationError: the directory is open to everybody.
            OSError: it cannot be written.
        """
        with self._written(token) as draft:
            try:
                os.link(draft, self.path)
            except FileExistsError:
                return False
        return True

    def replace(self, token: Token) -> None:
        """Writes the key, in the place of one that is there.

        Raises:
            ConfigurationError: the directory is open to everybody.
            OSError: it cannot be written.
        """
        with self._written(token) as draft:
            draft.replace(self.path)

    def remove(self) -> None:
        """Takes away what ``create`` made."""
        self.path.unlink(missing_ok=True)

    @contextmanager
    def _written(self, token: Token) -> Iterator[Path]:
        """A file beside it that holds the key and that nobody else can read; gone at the end, whatever it is then."""
        directory = self.path.parent
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = directory.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise ConfigurationError(f"{directory}, where keys are kept, can be written by everybody: chmod o-w it.")
        handle, name = tempfile.mkstemp(prefix=f".{NAME}-", dir=directory)
        draft = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"{token.reveal()}\n")
                file.flush()
                os.fsync(file.fileno())
            yield draft
            _sync(directory)
        finally:
            draft.unlink(missing_ok=True)

    def _refused(self, why: str) -> ConfigurationError:
        return ConfigurationError(
            f"{self.path} {why}: remove it, and have a new key made with pointsman-server admin-token."
        )


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
