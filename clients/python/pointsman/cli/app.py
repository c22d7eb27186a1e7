"""The command line's frame: the global options, and the table of commands."""

from __future__ import annotations

import io
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from pointsman.channel import ADDRESS_VARIABLE, DEFAULT_ADDRESS
from pointsman.cli.administration.commands import GROUPS
from pointsman.cli.budgets import budget_create, budget_delete, budget_set, budgets
from pointsman.cli.catalog import models, providers
from pointsman.cli.chat import chat
from pointsman.cli.compare import ledger_compare
from pointsman.cli.complete import complete
from pointsman.cli.contexts import context_list, context_use
from pointsman.cli.feedback import feedback
from pointsman.cli.ledger import ledger_resolve, ledger_verify
from pointsman.cli.login import login, logout, whoami
from pointsman.cli.route import route
from pointsman.cli.session import Session
from pointsman.cli.terminal import Terminal
from pointsman.cli.usage import usage

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Pointsman on the command line: chat, complete, and see what was routed, used and paid.",
)
budget_group = typer.Typer(no_args_is_help=True, help="Set limits, and see what is left of them.")
ledger_group = typer.Typer(no_args_is_help=True, help="Prove the ledger, and end what crashes left open.")
context_group = typer.Typer(no_args_is_help=True, help="Choose among the servers that `login` stored.")
budget_group.command("list")(budgets)
budget_group.command("create")(budget_create)
budget_group.command("set")(budget_set)
budget_group.command("delete")(budget_delete)
ledger_group.command("verify")(ledger_verify)
ledger_group.command("compare")(ledger_compare)
ledger_group.command("resolve")(ledger_resolve)
context_group.command("list")(context_list)
context_group.command("use")(context_use)
app.add_typer(budget_group, name="budget")
app.add_typer(context_group, name="context")
app.add_typer(ledger_group, name="ledger")
for command in (chat, complete, route, models, providers, usage, feedback, login, logout, whoami):
    app.command()(command)

for group_name, (purpose, members) in GROUPS.items():
    group = typer.Typer(no_args_is_help=True, help=purpose)
    for name, member in members.items():
        group.command(name)(member)
    app.add_typer(group, name=group_name)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  # the shape of a Typer callback
    if wanted:
        typer.echo(f"pointsman {_version()}")
        raise typer.Exit


def _version() -> str:
    try:
        return version("pointsman")
    except PackageNotFoundError:
        return "from a source tree"


@app.callback()
def start(
    context: typer.Context,
    *,
    address: Annotated[
        str | None,
        typer.Option(
            "--address",
            metavar="ADDRESS",
            help=f"host:port, https://host or unix:/path. Else {ADDRESS_VARIABLE}, the current context, or"
            f" {DEFAULT_ADDRESS}.",
        ),
    ] = None,
    stored: Annotated[
        str, typer.Option("--context", metavar="NAME", help="A server and token that `login` stored.")
    ] = "",
    timeout: Annotated[
        float | None, typer.Option("--timeout", metavar="SECONDS", min=0.001, help="How long a call may take.")
    ] = None,
    show_version: Annotated[  # noqa: ARG001  # its callback does the work
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Opens the session that every command uses."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an answer may hold what the terminal's encoding lacks
    if address and stored:
        raise typer.BadParameter("give --address or --context, not both")
    context.obj = Session(address, timeout, Terminal(sys.stdout, sys.stderr), stored)
