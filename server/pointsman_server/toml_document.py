"""A TOML file with its places: what it says, and on which line it says it."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pointsman_server.errors import ConfigurationError

Place = tuple[str | int, ...]
"""Where a value stands: keys, and indices into arrays of tables."""

_NOTHING = object()
"""What stands where nothing does."""


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """A file that was read. ``name`` is what messages call it."""

    name: str
    text: str
    values: Mapping[str, object]

    def error(self, place: Place, message: str) -> ConfigurationError:
        """An error that begins with the file and the line of ``place``."""
        return ConfigurationError(f"{self.name}:{self.line(place)}: {message}")

    def holds(self, place: Place) -> bool:
        """Whether something stands at ``place``."""
        return _at(self.values, place) is not _NOTHING

    def at(self, place: Place) -> object:
        """What stands at ``place``; ``None``: nothing does."""
        found = _at(self.values, place)
        return None if found is _NOTHING else found

    def line(self, place: Place) -> int:
        """The line on which the value at ``place`` begins; an enclosing table's where there is no such value.

        Finds it by parsing ever longer beginnings of the file: slow, but right for every way to write TOML, and only
        errors pay for it.
        """
        while place and not self.holds(place):
            place = place[:-1]
        lines = self.text.splitlines()
        whole = 0  # how many lines the longest beginning that parsed has
        for count in range(1, len(lines) + 1):
            try:
                beginning = tomllib.loads("\n".join(lines[:count]))
            except tomllib.TOMLDecodeError:
                continue  # the beginning ends inside a value
            if _at(beginning, place) is not _NOTHING:
                return whole + 1
            whole = count
        return 1


def read(path: Path) -> TomlDocument:
    """Reads a file.

    Raises:
        ConfigurationError: it cannot be read, or is not TOML; with the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not UTF-8, which TOML must be") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> TomlDocument:
    """Reads a text that messages call ``name``.

    Raises:
        ConfigurationError: it is not TOML; with the line.
    """
    try:
        return TomlDocument(name, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{name}:{_broken_line(text)}: is not valid TOML: {error}") from error


def suggestion(name: str, known: Iterable[str]) -> str:
    """`` Did you mean …?`` with the nearest known name; empty when none is near."""
    nearest = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean {nearest[0]}?" if nearest else ""


def _at(values: object, place: Place) -> object:
    for step in place:
        if isinstance(step, int):
            if not isinstance(values, list) or step >= len(values):
                return _NOTHING
            values = values[step]
        else:
            if not isinstance(values, dict) or step not in values:
                return _NOTHING
            values = values[step]
    return values


def _broken_line(text: str) -> int:
    """The first line after the longest beginning that parses: where the trouble starts."""
    lines = text.splitlines()
    whole = 0
    for count in range(1, len(lines) + 1):
        try:
            tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue
        whole = count
    return min(whole + 1, max(len(lines), 1))
