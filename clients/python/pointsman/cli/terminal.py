"""Where answers, tables and complaints go: standard output and standard error, plain where nobody watches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

# A pipe has no width: nothing is wrapped for it.
_UNLIMITED_COLUMNS = 10_000
_WIDE_COLUMNS = 110
_NAMES_PART = 0.4

# What would move the cursor or recolour the screen; a model's words must do neither.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        title: what stands above it.
        right: whether it holds figures; they stand to the right and are never broken.
        extra: whether it is only shown where there is room.
    """

    title: str
    right: bool = False
    extra: bool = False


def printable(text: str) -> str:
    """The text without control characters, line ends and tabs excepted."""
    return _CONTROLS.sub("", text)


class Terminal:
    """The two streams of a command."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = _console(out)
        self._err = _console(err)

    @property
    def watched(self) -> bool:
        """Whether a person reads standard output."""
        return self._out.is_terminal

    @property
    def _wide(self) -> bool:
        return self._out.width >= _WIDE_COLUMNS

    def _fits_whole(self, names: Sequence[Text]) -> bool:
        """Whether the first column, which people copy ids from, may stay unbroken and leave the others room."""
        return max((name.cell_len for name in names), default=0) <= self._out.width * _NAMES_PART

    def write(self, text: str, *, dim: bool = False) -> None:
        """Writes text as it comes, at once and unwrapped; into a pipe byte for byte."""
        if self.watched:
            text = f"\x1b[2m{printable(text)}\x1b[22m" if dim else printable(text)
        self._out.file.write(text)
        self._out.file.flush()

    def line(self, text: str = "", *, style: str = "") -> None:
        """Writes one line for a person."""
        self._out.print(Text(printable(text), style))

    def note(self, text: str) -> None:
        """Writes a remark to standard error, after what was written before it."""
        self._out.file.flush()
        self._err.print(Text(printable(text), "dim"))

    def complain(self, text: str) -> None:
        """Writes an error to standard error, its first line marked."""
        self._out.file.flush()
        first, newline, rest = printable(text).partition("\n")
        self._err.print(Text.assemble((first, "bold red"), newline, rest))

    def data(self, value: object) -> None:
        """Writes a value as JSON for a program."""
        self._out.file.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def record(self, value: object) -> None:
        """Writes a value as one line of JSON, at once."""
        self._out.file.write(json.dumps(value, ensure_ascii=False) + "\n")
        self._out.file.flush()

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[str]],
        *,
        title: str = "",
        footer: Sequence[str] | None = None,
    ) -> None:
        """Writes a table that fits the terminal."""
        if title:
            self.line()
            self.line(title, style="bold")
        table = Table(box=None, pad_edge=False, show_footer=footer is not None, footer_style="bold")
        shown = [number for number, column in enumerate(columns) if self._wide or not column.extra]
        cells = [[Text(printable(row[number])) for number in shown] for row in rows]
        whole = self._fits_whole([row[0] for row in cells])
        for number in shown:
            title, right, _ = columns[number]
            total = printable(footer[number]) if footer else ""
            unbroken = right or (whole and number == shown[0])
            table.add_column(title, total, justify="right" if right else "left", no_wrap=unbroken, overflow="fold")
        for row in cells:
            table.add_row(*row)
        with self._out.capture() as written:
            self._out.print(table)
        for line in written.get().splitlines():
            self._out.file.write((line if self.watched else line.rstrip()) + "\n")


def _console(stream: TextIO) -> Console:
    console = Console(file=stream, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _UNLIMITED_COLUMNS
    return console
