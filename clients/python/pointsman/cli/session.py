"""What every command has: the terminal, and a client whose errors end the command with one clear complaint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer

from pointsman import contexts
from pointsman.address import target
from pointsman.channel import resolve
from pointsman.cli.failures import explain
from pointsman.cli.terminal import Terminal
from pointsman.client import Client
from pointsman.credentials import Credential, find, of_context
from pointsman.errors import CredentialUnusable, PointsmanError

Server = tuple[str, Credential]
"""A server's address, and the token that goes there."""


@dataclass(frozen=True, slots=True)
class Session:
    """One run of the command line.

    Attributes:
        address: the server that was named; ``None``: the default one.
        context: the name of the stored server that was named; empty: none.
    """

    address: str | None
    timeout: float | None
    terminal: Terminal
    context: str = ""

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A client for one command.

        Raises:
            typer.Exit: with code 1 after a call failed; what a person must know is on standard error.
        """
        with self.complaining(), self._opened() as client:
            yield client

    @contextmanager
    def complaining(self, server: Server | None = None) -> Iterator[None]:
        """Ends the command where a call of the block fails, as ``client`` does; ``server``: another one is called."""
        try:
            yield
        except PointsmanError as error:
            self.complain(error, server)
            raise typer.Exit(1) from error

    def complain(self, error: PointsmanError, server: Server | None = None) -> None:
        """Says what failed."""
        if isinstance(error, CredentialUnusable):
            self.terminal.complain(error.message)
        else:
            address, credential = server or self._server()
            self.terminal.complain(explain(error, address, credential.source))

    def server_address(self) -> str:
        """The server that commands ask."""
        return self._server()[0]

    def _opened(self) -> Client:
        address, credential = self._server()
        return Client(address, token=credential, timeout=self.timeout)

    def _server(self) -> Server:
        """The address, and the token that goes there."""
        if not self.context:
            address = resolve(self.address)
            return address, find(target(address))
        context = contexts.load().contexts.get(self.context)
        if context is None:
            raise CredentialUnusable(f"there is no context {self.context!r}: `pointsman context list` shows them")
        return context.address, of_context(self.context, context)


def session_of(context: typer.Context) -> Session:
    """The session that the global options made."""
    session = context.obj
    assert isinstance(session, Session)
    return session
