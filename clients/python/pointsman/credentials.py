"""Where a caller's token comes from, and how it travels.

The first of these that is there:

1. the client's argument ``token``,
2. the variable ``POINTSMAN_TOKEN``,
3. the context that ``pointsman login`` stored for the server's address (``contexts.py``); of several the current one,
4. for a server on this machine, the file ``admin-token`` that a new server writes into its data directory:
   ``POINTSMAN_DATA_DIR``, else ``./data``.

Without any, calls go out without a token, and the server says that one is missing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from pointsman import contexts
from pointsman.address import Target
from pointsman.errors import CredentialUnusable
from pointsman.private_files import read_private

TOKEN_VARIABLE = "POINTSMAN_TOKEN"  # noqa: S105  # a name, not a token
DATA_DIR_VARIABLE = "POINTSMAN_DATA_DIR"
DEFAULT_DATA_DIR = "data"
ADMIN_TOKEN_FILE = "admin-token"  # noqa: S105  # as above

# What the metadata of a call can carry; a line end at the end of a file is not part of a token.
_SANE_TOKEN = re.compile(r"[\x21-\x7e]+")

Token = str | Callable[[], str]
"""A token, or what gives the one of the moment: for those that live for a short time, such as JWTs."""

Metadata = tuple[tuple[str, str], ...]


def checked(token: str, source: str) -> str:
    """The token without white space around it.

    Raises:
        CredentialUnusable: it could not travel.
    """
    token = token.strip()
    if token and not _SANE_TOKEN.fullmatch(token):
        raise CredentialUnusable(f"the token from {source} is none: it must be one word of ASCII characters")
    return token


class Credential:
    """A token that nothing prints.

    Attributes:
        source: where it came from, in words; empty: there is none.
    """

    __slots__ = ("_token", "source")

    def __init__(self, token: Token, source: str) -> None:
        self._token = token if callable(token) else checked(token, source)
        self.source = source

    def __repr__(self) -> str:
        return f"Credential(source={self.source!r})"

    def reveal(self) -> str:
        """The token itself, for where it is stored."""
        return checked(self._token(), self.source) if callable(self._token) else self._token

    def metadata(self) -> Metadata:
        """What a call carries."""
        token = self.reveal()
        return (("authorization", f"Bearer {token}"),) if token else ()


NONE = Credential("", "")
"""No token at all."""


def find(wanted: Target, token: Token | Credential | None = None) -> Credential:
    """The credential for a server; one that was found before is taken as it is.

    Raises:
        CredentialUnusable: a file with a token is open to others or cannot be read, or a token is none.
    """
    if isinstance(token, Credential):
        return token
    if token is not None:
        return Credential(token, "the argument")
    if given := os.environ.get(TOKEN_VARIABLE):
        return Credential(given, TOKEN_VARIABLE)
    known = contexts.load()
    if name := known.named_for(wanted):
        return of_context(name, known.contexts[name])
    return _first_administrator() if wanted.is_local else NONE


def of_context(name: str, context: contexts.Context) -> Credential:
    """The credential that ``pointsman login`` stored."""
    return Credential(context.token, f"the context {name}")


def _first_administrator() -> Credential:
    path = Path(os.environ.get(DATA_DIR_VARIABLE) or DEFAULT_DATA_DIR, ADMIN_TOKEN_FILE)
    token = read_private(path)
    return NONE if token is None else Credential(token, str(path))
