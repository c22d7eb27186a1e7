"""``pointsman context list|use``: the servers that ``login`` stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from pointsman import contexts
from pointsman.cli.session import session_of
from pointsman.cli.terminal import Column
from pointsman.errors import CredentialUnusable

_COLUMNS = (Column("current"), Column("context"), Column("address"), Column("root certificates", extra=True))


def context_list(
    context: typer.Context, *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the servers that `login` stored, without their tokens."""
    session = session_of(context)
    with session.complaining():
        known = contexts.load()
    rows = [
        ("*" if name == known.current else "", name, stored.address, stored.root_certificates)
        for name, stored in sorted(known.contexts.items())
    ]
    if as_json:
        titles = ("current", "name", "address", "rootCertificates")
        session.terminal.data([dict(zip(titles, (bool(row[0]), *row[1:]), strict=True)) for row in rows])
        return
    if rows:
        session.terminal.table(_COLUMNS, rows)
    session.terminal.note(f"contexts: {len(rows)}")


def context_use(
    context: typer.Context, *, name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")]
) -> None:
    """Make a stored server the one that commands ask where they name none."""
    session = session_of(context)
    with session.complaining():
        known = contexts.load()
        if name not in known.contexts:
            raise CredentialUnusable(f"there is no context {name!r}: `pointsman context list` shows them")
        contexts.save(replace(known, current=name))
    session.terminal.line(f"{name}: {known.contexts[name].address}")
