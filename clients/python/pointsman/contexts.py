"""The servers that ``pointsman login`` knows: for each a name, its address and a token, in one file of the user's."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pointsman.address import Target, target
from pointsman.errors import CredentialUnusable
from pointsman.private_files import read_private, write_private


@dataclass(frozen=True, slots=True)
class Context:
    """A server, and who one is there.

    Attributes:
        address: as ``Client`` takes it.
        token: goes to this address alone.
        root_certificates: the file of the authorities that vouch for the server; empty: those that everybody trusts.
    """

    address: str
    token: str = field(repr=False)
    root_certificates: str = ""


@dataclass(frozen=True, slots=True)
class Contexts:
    """All of them by name, and the current one's name; empty: none."""

    current: str = ""
    contexts: Mapping[str, Context] = field(default_factory=dict)

    def named_for(self, wanted: Target) -> str:
        """The name of the context of a server: the current one where it is, else the first by name; empty: none."""
        names = [self.current, *sorted(self.contexts)]
        fitting = (name for name in names if name in self.contexts and target(self.contexts[name].address) == wanted)
        return next(fitting, "")

    def with_context(self, name: str, context: Context) -> Contexts:
        """These, and one that is current from now on."""
        return Contexts(name, {**self.contexts, name: context})

    def without(self, name: str) -> Contexts:
        """These without one."""
        left = {kept: context for kept, context in self.contexts.items() if kept != name}
        return Contexts("" if name == self.current else self.current, left)


def contexts_file() -> Path:
    """``pointsman/contexts.json`` in ``XDG_CONFIG_HOME``, else in ``~/.config``."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111  # Path's raises where a user has no home
    return Path(home, "pointsman", "contexts.json")


def load() -> Contexts:
    """What is stored.

    Raises:
        CredentialUnusable: the file is open to others, or is not what ``save`` writes.
    """
    path = contexts_file()
    text = read_private(path)
    if text is None:
        return Contexts()
    try:
        document = json.loads(text)
        contexts = {str(name): Context(**fields) for name, fields in document["contexts"].items()}
        return Contexts(str(document["current"]), contexts)
    except (ValueError, KeyError, TypeError, AttributeError):
        # Without the cause: it may quote the file.
        raise CredentialUnusable(f"{path} is not what `pointsman login` writes: mend it, or remove it") from None


def save(contexts: Contexts) -> None:
    """Stores them."""
    document = {
        "current": contexts.current,
        "contexts": {name: asdict(context) for name, context in contexts.contexts.items()},
    }
    write_private(contexts_file(), json.dumps(document, indent=2) + "\n")
