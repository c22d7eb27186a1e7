"""The first administrator: made by a server that finds no key in its store, and made anew where its key was lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from pointsman_server.errors import ConfigurationError
from pointsman_server.identity.token_file import TokenFile
from pointsman_server.identity.tokens import Digests, Token, TokenKind, mint
from pointsman_server.ids import NewId

_log = structlog.get_logger(__name__)
_RULE = "─" * 78


class AdministratorStore(Protocol):
    """Keeps the first administrator. All raise ``StoreUnavailable``."""

    async def has_keys(self) -> bool:
        """Whether any key was ever made."""
        ...

    async def knows(self, digest: bytes) -> bool:
        """Whether a key with this digest is valid."""
        ...

    async def make_first(self, api_key_id: str, digest: bytes) -> bool:
        """Makes the first tenant with its administrator and the key; whether it did: not where any key is there."""
        ...

    async def replace(self, api_key_id: str, digest: bytes) -> None:
        """Makes a key for the first administrator, who is made where it is gone, and revokes those made like this."""
        ...


@dataclass(frozen=True, slots=True)
class FirstRun:
    """Makes the first administrator's key and says where it is.

    Attributes:
        say: where the key is shown, once; never the log.
    """

    store: AdministratorStore
    digests: Digests
    file: TokenFile
    new_id: NewId
    say: Callable[[str], object]

    async def ensure(self) -> None:
        """Makes the first key, unless there is one.

        The file is written first: a server that dies in between finds it at its next start, and takes the key from it.

        Raises:
            ConfigurationError: the file is not one that we wrote, or its directory is open to everybody.
            StoreUnavailable: the store cannot be used.
        """
        if await self.store.has_keys():
            await self._compare()
            return
        token, written = self._first_token()
        if await self.store.make_first(token.token_id, self.digests.of(token)):
            self._show(token)
        elif written:
            self.file.remove()  # another server was faster, and has its own

    async def renew(self) -> None:
        """Makes another key, in the place of one that was lost.

        Raises:
            ConfigurationError: the file cannot be written.
            StoreUnavailable: the store cannot be used.
        """
        token = mint(self.new_id(TokenKind.API_KEY.value))
        await self.store.replace(token.token_id, self.digests.of(token))
        try:
            self.file.replace(token)
        except OSError as error:
            self._not_written(error)
        self._show(token)

    def _first_token(self) -> tuple[Token, bool]:
        """The file's key, or a new one; and whether it was written into the file just now."""
        if (found := self.file.read()) is not None:
            return found, False
        made = mint(self.new_id(TokenKind.API_KEY.value))
        try:
            written = self.file.create(made)
        except OSError as error:
            self._not_written(error)
            return made, False
        if not written and (found := self.file.read()) is not None:
            return found, False  # another server in the same directory was faster
        return made, written

    def _not_written(self, error: OSError) -> None:
        _log.warning("admin_token_not_written", path=str(self.file.path), cause=error.strerror)

    async def _compare(self) -> None:
        """Says so where the file's key would not be let in, so that nobody wonders why the command line is refused."""
        try:
            token = self.file.read()
        except ConfigurationError as error:
            _log.warning("admin_token_unusable", detail=str(error))
            return
        if token is not None and not await self.store.knows(self.digests.of(token)):
            detail = "its key is not valid in this database: remove it, or run pointsman-server admin-token"
            _log.warning("admin_token_stale", path=str(self.file.path), detail=detail)

    def _show(self, token: Token) -> None:
        self.say(
            f"{_RULE}\nThe first administrator's key, shown this once:\n\n    {token.reveal()}\n\n"
            f"The command line on this machine finds it in {self.file.path}\n{_RULE}\n"
        )
