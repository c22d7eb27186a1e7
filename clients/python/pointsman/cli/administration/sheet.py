"""How things of one kind are shown: as a table, or as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from pointsman.cli.terminal import Column, Terminal

Thing = TypeVar("Thing", bound=Message)


class Sheet(Generic[Thing]):
    """The table of a kind of thing.

    Args:
        noun: what several are called.
        titles: of the columns; one that begins with ``+`` is only shown where there is room.
        row: what stands in them.
    """

    def __init__(self, noun: str, titles: Sequence[str], row: Callable[[Thing], Sequence[str]]) -> None:
        self._noun = noun
        self._columns = [Column(title.removeprefix("+"), extra=title.startswith("+")) for title in titles]
        self._row = row

    def many(self, terminal: Terminal, things: Iterable[Thing], *, as_json: bool) -> None:
        """Shows a list, and how long it is."""
        found = list(things)
        if as_json:
            terminal.data([MessageToDict(thing) for thing in found])
            return
        if found:
            terminal.table(self._columns, [self._row(thing) for thing in found])
        terminal.note(f"{self._noun}: {len(found):,}")

    def one(self, terminal: Terminal, thing: Thing, *, as_json: bool) -> None:
        """Shows one."""
        if as_json:
            terminal.data(MessageToDict(thing))
        else:
            terminal.table(self._columns, [self._row(thing)])


def show_secret(terminal: Terminal, secret: str, remark: str) -> None:
    """Writes a secret that is shown once: alone to standard output, so that it can be piped on; the rest beside it."""
    terminal.note(remark)
    terminal.write(f"{secret}\n")
