"""Files that hold tokens: only their owner may read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pointsman.errors import CredentialUnusable

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_private(path: Path) -> str | None:
    """The text of a file; ``None`` where there is none.

    Raises:
        CredentialUnusable: others may read it too, or this user may not.
    """
    try:
        with path.open(encoding="utf-8") as file:
            _refuse_others(path, os.fstat(file.fileno()).st_mode)
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialUnusable(f"{path} cannot be read: {_why(error)}") from None  # a decode error quotes the file


def write_private(path: Path, text: str) -> None:
    """Writes a file that only this user can read; who reads it meanwhile sees the old one or the new one.

    Raises:
        CredentialUnusable: it cannot be written.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123  # a descriptor, so that it is never open to others
            file.write(text)
        beside.replace(path)
    except OSError as error:
        raise CredentialUnusable(f"{path} cannot be written: {_why(error)}") from error


def _refuse_others(path: Path, mode: int) -> None:
    # Elsewhere than on POSIX these bits say nothing.
    if os.name == "posix" and mode & _OTHERS:
        raise CredentialUnusable(
            f"{path} holds a token and is open to others (mode {stat.S_IMODE(mode):04o}): chmod 600 {path}"
        )


def _why(error: Exception) -> str:
    return error.strerror or "input or output failed" if isinstance(error, OSError) else "it is not UTF-8 text"
