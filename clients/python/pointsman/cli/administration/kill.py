"""``pointsman kill pull|release|list``: stop calls at once, and let them in again."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.administration.options import PAGE_SIZE, AsJson, TenantId
from pointsman.cli.administration.sheet import Sheet
from pointsman.cli.figures import NONE, moment
from pointsman.cli.names import choose, name_of, names
from pointsman.cli.session import session_of
from pointsman.v1.budget_service_pb2 import (
    KillSwitch,
    KillSwitchAct,
    KillSwitchScope,
    ListKillSwitchesRequest,
    PullKillSwitchRequest,
)

Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for the record.")]


def _act(act: KillSwitchAct) -> str:
    return f"{moment(act.time)} {act.user_id}".strip()


_SHEET = Sheet[KillSwitch](
    "kill switches",
    ("switch", "stops", "of", "running ones", "pulled", "why", "released", "+whose"),
    lambda switch: (
        switch.kill_switch_id,
        " ".join(filter(None, (name_of(KillSwitchScope, switch.scope), switch.scope_id))),
        switch.tenant_id or "everybody",
        "cut" if switch.cut_running else "end",
        _act(switch.pull),
        switch.pull.justification or NONE,
        _act(switch.release) if switch.HasField("release") else NONE,
        "the platform" if switch.of_platform else "the tenant",
    ),
)


def kill_pull(
    context: typer.Context,
    *,
    scope: Annotated[str, typer.Argument(metavar="|".join(names(KillSwitchScope)), help="What to stop.")],
    scope_id: Annotated[str, typer.Argument(metavar="[ID]", help="The provider or the model.")] = "",
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for the record.")],
    cut: Annotated[bool, typer.Option("--cut", help="End what runs too.")] = False,
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Stop calls, on every server within a second."""
    request = PullKillSwitchRequest(
        scope=choose(KillSwitchScope, scope, "SCOPE"),
        scope_id=scope_id,
        tenant_id=tenant,
        cut_running=cut,
        justification=why,
    )
    session = session_of(context)
    with session.client() as client:
        pulled = client.kill_switches.pull(request)
    _SHEET.one(session.terminal, pulled, as_json=as_json)


def kill_release(
    context: typer.Context,
    *,
    kill_switch_id: Annotated[str, typer.Argument(metavar="ID", help="The switch's id.")],
    why: Why = "",
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """Let calls in again."""
    session = session_of(context)
    with session.client() as client:
        released = client.kill_switches.release(kill_switch_id, tenant_id=tenant, justification=why)
    _SHEET.one(session.terminal, released, as_json=as_json)


def kill_list(
    context: typer.Context,
    *,
    released: Annotated[bool, typer.Option("--released", help="Those that were released, too.")] = False,
    tenant: TenantId = "",
    as_json: AsJson = False,
) -> None:
    """List kill switches: what is stopped, by whom and why."""
    request = ListKillSwitchesRequest(tenant_id=tenant, with_released=released, page_size=PAGE_SIZE)
    session = session_of(context)
    with session.client() as client:
        found = list(client.kill_switches.list(request))
    _SHEET.many(session.terminal, found, as_json=as_json)
