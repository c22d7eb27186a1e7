"""``pointsman key``: the keys of users and agents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict

from pointsman.cli.administration.options import (
    PAGE_SIZE,
    AsJson,
    DisplayName,
    Expires,
    Roles,
    State,
    TenantId,
    role_names,
    roles_of,
)
from pointsman.cli.administration.sheet import Sheet, show_secret
from pointsman.cli.figures import NONE, moment
from pointsman.cli.names import choose, name_of
from pointsman.cli.session import session_of
from pointsman.cli.times import ahead, span
from pointsman.v1.tenant_service_pb2 import ApiKey, CredentialState, ListApiKeysRequest, RotateApiKeyRequest

KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id, with which it begins.")]
User = Annotated[str, typer.Option("--user", metavar="ID", help="The user that it speaks for.")]
Agent = Annotated[str, typer.Option("--agent", metavar="ID", help="The agent that it speaks for.")]


def _holder(key: ApiKey) -> str:
    return f"agent {key.agent_id}" if key.agent_id else f"user {key.user_id}"


_SHEET = Sheet[ApiKey](
    "keys",
    ("key", "name", "speaks for", "roles", "state", "expires", "+replaced by", "+since"),
    lambda key: (
        key.api_key_id,
        key.display_name or NONE,
        _holder(key),
        role_names(key.roles) or "all",
        name_of(CredentialState, key.state),
        moment(key.expire_time) if key.HasField("expire_time") else NONE,
        key.replaced_by_api_key_id or NONE,
        moment(key.create_time),
    ),
)


def key_list(
    context: typer.Context,
    *,
    user: User = "",
    agent: Agent = "",
    state: State = "",
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """List keys, without their secrets: all for administrators and auditors, else one's own."""
    request = ListApiKeysRequest(
        tenant_id=tenant,
        user_id=user,
        agent_id=agent,
        state=choose(CredentialState, state, "--state"),
        page_size=PAGE_SIZE,
    )
    session = session_of(context)
    with session.client() as client:
        found = list(client.keys.list(request))
    _SHEET.many(session.terminal, found, as_json=as_json)


def key_create(
    context: typer.Context,
    *,
    user: User = "",
    agent: Agent = "",
    name: DisplayName = None,
    roles: Roles = None,
    expires: Expires = "",
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Make a key, and print it once. Without --user and --agent it is one's own."""
    if user and agent:
        raise typer.BadParameter("give --user or --agent, not both")
    key = ApiKey(
        display_name=name or agent or user or "of the command line",
        roles=roles_of(roles),
        expire_time=ahead(expires, "--expires", datetime.now(UTC)),
    )
    if user:
        key.user_id = user
    if agent:
        key.agent_id = agent
    session = session_of(context)
    with session.client() as client:
        made = client.keys.create(key, tenant_id=tenant)
    if as_json:
        session.terminal.data(MessageToDict(made))
    else:
        show_secret(session.terminal, made.key, f"{made.api_key.api_key_id}, for {_holder(made.api_key)}, shown once:")


def key_rotate(
    context: typer.Context,
    *,
    key_id: KeyId,
    overlap: Annotated[
        str, typer.Option("--overlap", metavar="SPAN", help="How long the old one stays valid: 0, 30m, 7d. Else 1h.")
    ] = "",
    expires: Expires = "",
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Make a new key in the place of one, and print it once."""
    request = RotateApiKeyRequest(
        tenant_id=tenant,
        api_key_id=key_id,
        overlap=Duration(seconds=int(span(overlap, "--overlap").total_seconds())) if overlap else None,
        expire_time=ahead(expires, "--expires", datetime.now(UTC)),
    )
    session = session_of(context)
    with session.client() as client:
        made = client.keys.rotate(request)
    if as_json:
        session.terminal.data(MessageToDict(made))
        return
    old, new = made.replaced_api_key, made.api_key
    until = (
        f" valid until {moment(old.expire_time)}"
        if old.HasField("expire_time")
        else name_of(CredentialState, old.state)
    )
    show_secret(
        session.terminal, made.key, f"{new.api_key_id} in the place of {old.api_key_id} ({until.strip()}), shown once:"
    )


def key_revoke(context: typer.Context, *, key_id: KeyId, tenant: TenantId = "") -> None:
    """End a key, everywhere within a second."""
    session = session_of(context)
    with session.client() as client:
        client.keys.revoke(key_id, tenant_id=tenant)
    session.terminal.line(f"{key_id}: revoked")
