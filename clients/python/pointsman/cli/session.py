"""What every command has: the terminal, and a client whose errors end the command with one clear complaint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer

from pointsman.channel import resolve
from pointsman.cli.failures import explain
from pointsman.cli.terminal import Terminal
from pointsman.client import Client
from pointsman.errors import PointsmanError


@dataclass(frozen=True, slots=True)
class Session:
    """One run of the command line."""

    address: str | None
    timeout: float | None
    terminal: Terminal

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A client for one command.

        Raises:
            typer.Exit: with code 1 after a call failed; what a person must know is on standard error.
        """
        with Client(self.address, timeout=self.timeout) as client:
            try:
                yield client
            except PointsmanError as error:
                self.complain(error)
                raise typer.Exit(1) from error

    def complain(self, error: PointsmanError) -> None:
        """Says what failed."""
        self.terminal.complain(explain(error, resolve(self.address)))


def session_of(context: typer.Context) -> Session:
    """The session that the global options made."""
    session = context.obj
    assert isinstance(session, Session)
    return session
