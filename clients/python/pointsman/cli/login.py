"""``pointsman login``, ``logout`` and ``whoami``: which token speaks for this user, and as whom."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman import contexts
from pointsman.address import Target, target
from pointsman.channel import ROOT_CERTIFICATES_VARIABLE, resolve, tls_credentials
from pointsman.cli.names import name_of
from pointsman.cli.session import Session, session_of
from pointsman.cli.tokens import handed_in
from pointsman.client import Client
from pointsman.contexts import Context
from pointsman.credentials import TOKEN_VARIABLE, Credential
from pointsman.errors import CredentialUnusable
from pointsman.v1.principal_pb2 import Principal, PrincipalRole
from pointsman.v1.tenant_service_pb2 import WhoAmIResponse

ContextName = Annotated[str, typer.Option("--name", metavar="NAME", help="What to call it. Else user@tenant.")]


def login(
    context: typer.Context,
    *,
    address: Annotated[str | None, typer.Option("--address", metavar="ADDRESS", help="The server.")] = None,
    name: ContextName = "",
    token: Annotated[
        str, typer.Option("--token", metavar="-", help="Read the token from standard input instead of asking for it.")
    ] = "",
    root_certificates: Annotated[
        Path | None,
        typer.Option("--root-certificates", metavar="FILE", help="The authorities that vouch for the server, as PEM."),
    ] = None,
) -> None:
    """Store a token for a server, after the server took it. Its context becomes the current one."""
    if token not in {"", "-"}:
        raise typer.BadParameter(
            "a token on the command line stays in the shell's history, and every user sees it in the list of"
            f" processes: pipe it in with `--token -`, set {TOKEN_VARIABLE}, or type it when asked",
            param_hint="--token",
        )
    session = session_of(context)
    server = resolve(address or session.address)
    authorities = _authorities(root_certificates)
    with session.complaining():
        credential = Credential(_read_token(server, piped=bool(token)), "what was typed")
    with session.complaining((server, credential)):
        seen = _check(session, server, credential, authorities)
        chosen = name or _free_name(seen.principal, target(server))
        stored = Context(server, credential.reveal(), authorities)
        contexts.save(contexts.load().with_context(chosen, stored))
    session.terminal.line(f"{chosen}: {_who(seen)} at {server}")
    if not target(server).tls and not target(server).is_local:
        session.terminal.note("the token travels unencrypted to this address; https:// encrypts it")


def logout(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Which one. Else the current one.")] = "",
) -> None:
    """Forget the token of a server. It stays valid; `pointsman key revoke` ends it."""
    session = session_of(context)
    with session.complaining():
        known = contexts.load()
        chosen = name or session.context or known.current
        if chosen not in known.contexts:
            raise CredentialUnusable(
                f"there is no context {chosen!r}: `pointsman context list` shows them"
                if chosen
                else "no context is current: say which with --name"
            )
        contexts.save(known.without(chosen))
    session.terminal.line(f"{chosen}: forgotten; the token itself stays valid until it is revoked")


def whoami(
    context: typer.Context, *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Say who the server takes the caller for."""
    session = session_of(context)
    with session.client() as client:
        seen, source, address = client.who_am_i(), client.token_source, client.address
    if as_json:
        session.terminal.data(MessageToDict(seen))
        return
    session.terminal.line(f"{_who(seen)} at {address}")
    for title, text in _details(seen, source):
        if text:
            session.terminal.line(f"  {title}: {text}")


def _read_token(server: str, *, piped: bool) -> str:
    token = sys.stdin.readline() if piped else handed_in()
    if not token and not piped and sys.stdin.isatty():
        token = getpass.getpass(f"token for {server}: ")
    if not token.strip():
        raise CredentialUnusable("no token was given")
    return token


def _check(session: Session, server: str, credential: Credential, authorities: str) -> WhoAmIResponse:
    """Who the server says that the token speaks for."""
    tls = tls_credentials(target(server), authorities)
    with Client(server, token=credential, timeout=session.timeout, tls=tls) as client:
        return client.who_am_i()


def _authorities(file: Path | None) -> str:
    chosen = str(file or os.environ.get(ROOT_CERTIFICATES_VARIABLE) or "")
    return str(Path(chosen).absolute()) if chosen else ""


def _free_name(principal: Principal, server: Target) -> str:
    """``user@tenant``, with a number where a context of another server has that name."""
    known = contexts.load().contexts
    name, number = f"{principal.user_id}@{principal.tenant_id}", 1
    while name in known and target(known[name].address) != server:
        number += 1
        name = f"{principal.user_id}@{principal.tenant_id}-{number}"
    return name


def _who(seen: WhoAmIResponse) -> str:
    principal = seen.principal
    roles = ", ".join(name_of(PrincipalRole, role) for role in principal.roles)
    return f"{principal.user_id} of {principal.tenant_id} ({roles})"


def _details(seen: WhoAmIResponse, source: str) -> list[tuple[str, str]]:
    principal = seen.principal
    return [
        ("tenant", seen.tenant_display_name),
        ("agent", principal.agent_id),
        ("plan", principal.plan_id),
        ("projects", ", ".join(principal.project_ids)),
        ("credential", principal.credential_id),
        ("token from", source),
    ]
