"""``pointsman tenant``: the customers of a platform."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman.cli.administration.options import PAGE_SIZE, AsJson, DisplayName, changed
from pointsman.cli.administration.sheet import Sheet, show_secret
from pointsman.cli.figures import NONE, moment
from pointsman.cli.names import choose, name_of, names
from pointsman.cli.session import session_of
from pointsman.cli.tokens import handed_in
from pointsman.client import Client
from pointsman.credentials import TOKEN_VARIABLE, Credential
from pointsman.v1.tenant_service_pb2 import ListTenantsRequest, SignUpRequest, SignUpResponse, Tenant, TenantState

TenantArgument = Annotated[str, typer.Argument(metavar="[ID]", help="Its id; without it one's own.")]
PlanId = Annotated[str | None, typer.Option("--plan", metavar="ID", help="The plan.")]
DefaultModel = Annotated[
    str | None, typer.Option("--default-model", metavar="NAME", help="What serves where routing cannot decide.")
]
StateName = Annotated[
    str | None, typer.Option("--state", metavar="|".join(names(TenantState)), help="Whether it may ask.")
]

_SHEET = Sheet[Tenant](
    "tenants",
    ("tenant", "name", "state", "plan", "+default model", "+access token", "+since"),
    lambda tenant: (
        tenant.tenant_id,
        tenant.display_name,
        name_of(TenantState, tenant.state),
        tenant.plan_id or NONE,
        tenant.default_model or NONE,
        tenant.access_token_id or NONE,
        moment(tenant.create_time),
    ),
)


def tenant_list(
    context: typer.Context, *, state: StateName = None, plan: PlanId = None, as_json: AsJson = False
) -> None:
    """List tenants: all for a platform administrator, else one's own."""
    chosen = choose(TenantState, state or "", "--state")
    request = ListTenantsRequest(state=chosen, plan_id=plan or "", page_size=PAGE_SIZE)
    session = session_of(context)
    with session.client() as client:
        found = list(client.tenants.list(request))
    _SHEET.many(session.terminal, found, as_json=as_json)


def tenant_create(
    context: typer.Context,
    *,
    tenant_id: Annotated[str, typer.Argument(metavar="ID", help="A chosen id.")],
    name: DisplayName = None,
    default_model: DefaultModel = None,
    as_json: AsJson = False,
) -> None:
    """Make a tenant without a sign-up; no plan limits it."""
    tenant = Tenant(tenant_id=tenant_id, display_name=name or tenant_id, default_model=default_model or "")
    session = session_of(context)
    with session.client() as client:
        made = client.tenants.create(tenant)
    _SHEET.one(session.terminal, made, as_json=as_json)


def tenant_show(context: typer.Context, *, tenant_id: TenantArgument = "", as_json: AsJson = False) -> None:
    """Show a tenant."""
    session = session_of(context)
    with session.client() as client:
        found = client.tenants.get(tenant_id)
    _SHEET.one(session.terminal, found, as_json=as_json)


def tenant_set(
    context: typer.Context,
    *,
    tenant_id: TenantArgument = "",
    name: DisplayName = None,
    state: StateName = None,
    plan: PlanId = None,
    default_model: DefaultModel = None,
    as_json: AsJson = False,
) -> None:
    """Change a tenant. Its state and plan are for platform administrators to change."""
    paths = changed({"display_name": name, "state": state, "plan_id": plan, "default_model": default_model})
    session = session_of(context)
    with session.client() as client:
        tenant = Tenant(
            tenant_id=tenant_id or client.who_am_i().principal.tenant_id,
            display_name=name or "",
            state=choose(TenantState, state or "", "--state"),
            plan_id=plan or "",
            default_model=default_model or "",
        )
        updated = client.tenants.update(tenant, paths)
    _SHEET.one(session.terminal, updated, as_json=as_json)


def tenant_sign_up(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call the tenant.")],
    admin: Annotated[str, typer.Option("--admin", metavar="NAME", help="What people call its first administrator.")],
    email: Annotated[str, typer.Option("--email", metavar="ADDRESS", help="Where the administrator is reached.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a tenant and its administrator with an access token, from standard input or POINTSMAN_TOKEN."""
    token = handed_in()
    if not token:
        raise typer.BadParameter(f"pipe the access token in, or set {TOKEN_VARIABLE}")
    request = SignUpRequest(tenant_display_name=name, admin_display_name=admin, admin_email=email)
    session = session_of(context)
    with session.complaining():
        server = (session.server_address(), Credential(token, "what was handed in"))
    with session.complaining(server), Client(server[0], token=server[1], timeout=session.timeout) as client:
        signed = client.tenants.sign_up(request)
    if as_json:
        session.terminal.data(MessageToDict(signed))
    else:
        show_secret(session.terminal, signed.key, _remark(signed))


def _remark(signed: SignUpResponse) -> str:
    tenant, user = signed.tenant, signed.user
    plan = f" on the plan {tenant.plan_id}" if tenant.plan_id else ""
    return (
        f"{tenant.tenant_id}: {tenant.display_name}{plan}. The key of its administrator {user.user_id} follows, once;"
        " `pointsman login` stores it"
    )
