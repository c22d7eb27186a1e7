"""``pointsman access-token``: what tenants sign up with, and have their plan from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman.cli.administration.options import PAGE_SIZE, AsJson, DisplayName, Expires, State, changed
from pointsman.cli.administration.sheet import Sheet, show_secret
from pointsman.cli.figures import NONE, moment
from pointsman.cli.names import choose, name_of
from pointsman.cli.session import session_of
from pointsman.cli.times import ahead
from pointsman.v1.tenant_service_pb2 import AccessToken, CredentialState, ListAccessTokensRequest

TokenId = Annotated[str, typer.Argument(metavar="ID", help="The access token's id, with which it begins.")]

_SHEET = Sheet[AccessToken](
    "access tokens",
    ("access token", "name", "plan", "tenant", "state", "expires", "+since"),
    lambda token: (
        token.access_token_id,
        token.display_name or NONE,
        token.plan_id,
        token.tenant_id or NONE,
        name_of(CredentialState, token.state),
        moment(token.expire_time) if token.HasField("expire_time") else NONE,
        moment(token.create_time),
    ),
)


def access_token_list(
    context: typer.Context,
    *,
    plan: Annotated[str, typer.Option("--plan", metavar="ID", help="Only those of this plan.")] = "",
    state: State = "",
    as_json: AsJson = False,
) -> None:
    """List access tokens, without their secrets."""
    chosen = choose(CredentialState, state, "--state")
    request = ListAccessTokensRequest(plan_id=plan, state=chosen, page_size=PAGE_SIZE)
    session = session_of(context)
    with session.client() as client:
        found = list(client.access_tokens.list(request))
    _SHEET.many(session.terminal, found, as_json=as_json)


def access_token_create(
    context: typer.Context,
    *,
    plan: Annotated[str, typer.Option("--plan", metavar="ID", help="The plan that it gives.")],
    name: DisplayName = None,
    expires: Expires = "",
    as_json: AsJson = False,
) -> None:
    """Issue an access token, and print it once. One tenant can sign up with it."""
    token = AccessToken(
        display_name=name or plan, plan_id=plan, expire_time=ahead(expires, "--expires", datetime.now(UTC))
    )
    session = session_of(context)
    with session.client() as client:
        made = client.access_tokens.create(token)
    if as_json:
        session.terminal.data(MessageToDict(made))
    else:
        remark = f"{made.access_token.access_token_id}, with the plan {plan}, shown once:"
        show_secret(session.terminal, made.token, remark)


def access_token_set(
    context: typer.Context,
    *,
    token_id: TokenId,
    plan: Annotated[str | None, typer.Option("--plan", metavar="ID", help="The plan that it gives.")] = None,
    name: DisplayName = None,
    expires: Expires = "",
    as_json: AsJson = False,
) -> None:
    """Change an access token; its tenant has the plan at once."""
    paths = changed({"plan_id": plan, "display_name": name, "expire_time": expires or None})
    token = AccessToken(
        access_token_id=token_id,
        plan_id=plan or "",
        display_name=name or "",
        expire_time=ahead(expires, "--expires", datetime.now(UTC)),
    )
    session = session_of(context)
    with session.client() as client:
        updated = client.access_tokens.update(token, paths)
    _SHEET.one(session.terminal, updated, as_json=as_json)


def access_token_revoke(context: typer.Context, *, token_id: TokenId) -> None:
    """End an access token: nobody can sign up with it, and its tenant has no plan any more."""
    session = session_of(context)
    with session.client() as client:
        client.access_tokens.revoke(token_id)
    session.terminal.line(f"{token_id}: revoked")
