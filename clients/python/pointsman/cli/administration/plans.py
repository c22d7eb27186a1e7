"""``pointsman plan``: what tenants buy, kept as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman.cli.administration.options import PAGE_SIZE, AsJson
from pointsman.cli.administration.quotas import quota_text
from pointsman.cli.administration.sheet import Sheet
from pointsman.cli.documents import read_message
from pointsman.cli.figures import NONE, moment
from pointsman.cli.session import session_of
from pointsman.cli.terminal import Column, Terminal
from pointsman.client import Client
from pointsman.errors import NotFound
from pointsman.v1.plan_pb2 import ModelAccess, Plan
from pointsman.v1.tenant_service_pb2 import ListPlansRequest

PlanId = Annotated[str, typer.Argument(metavar="ID", help="The plan's id.")]

_CHANGEABLE = ("display_name", "features", "tasks", "general_access", "quotas")
_SHEET = Sheet[Plan](
    "plans",
    ("plan", "name", "features", "tasks", "+changed"),
    lambda plan: (
        plan.plan_id,
        plan.display_name,
        ", ".join(feature.feature_id for feature in plan.features) or NONE,
        ", ".join(task.task_code for task in plan.tasks) or NONE,
        moment(plan.update_time),
    ),
)


def plan_list(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List plans."""
    session = session_of(context)
    with session.client() as client:
        found = list(client.plans.list(ListPlansRequest(page_size=PAGE_SIZE)))
    _SHEET.many(session.terminal, found, as_json=as_json)


def plan_show(context: typer.Context, *, plan_id: PlanId, as_json: AsJson = False) -> None:
    """Show a plan: its features, its tasks with their models, and its quotas. `apply` takes the JSON."""
    session = session_of(context)
    with session.client() as client:
        plan = client.plans.get(plan_id)
    if as_json:
        session.terminal.data(MessageToDict(plan))
    else:
        _show(session.terminal, plan)


def plan_apply(
    context: typer.Context,
    *,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="TOML or JSON, one plan in each.")],
) -> None:
    """Make the plans of files, or change those that exist to what the files say."""
    plans = [read_message(file, Plan) for file in files]
    for file, plan in zip(files, plans, strict=True):
        if not plan.plan_id:
            raise typer.BadParameter(f"{file}: plan_id is missing", param_hint="FILE")
    session = session_of(context)
    with session.client() as client:
        for plan in plans:
            session.terminal.line(f"{plan.plan_id}: {_apply(client, plan)}")


def plan_delete(context: typer.Context, *, plan_id: PlanId) -> None:
    """Remove a plan that no access token gives."""
    session = session_of(context)
    with session.client() as client:
        client.plans.delete(plan_id)
    session.terminal.line(f"{plan_id}: deleted")


def _apply(client: Client, plan: Plan) -> str:
    for field in ("create_time", "update_time"):  # they come with what `show --json` printed
        plan.ClearField(field)
    try:
        client.plans.get(plan.plan_id)
    except NotFound:
        client.plans.create(plan)
        return "created"
    client.plans.update(plan, _CHANGEABLE)
    return "changed, for all tenants on it"


def _show(terminal: Terminal, plan: Plan) -> None:
    terminal.line(f"{plan.plan_id}: {plan.display_name}")
    general = _models(plan.general_access) if plan.HasField("general_access") else "no: every call must name a task"
    terminal.line(f"calls without a task: {general}")
    for quota in plan.quotas:
        terminal.line(f"quota: {quota_text(quota)}")
    features = [(feature.feature_id, "; ".join(map(quota_text, feature.quotas)) or NONE) for feature in plan.features]
    if features:
        terminal.table((Column("feature"), Column("quotas")), features, title="features")
    tasks = [
        (task.task_code, _models(task.access), "; ".join(map(quota_text, task.quotas)) or NONE) for task in plan.tasks
    ]
    if tasks:
        terminal.table((Column("task"), Column("models"), Column("quotas")), tasks, title="tasks")


def _models(access: ModelAccess) -> str:
    return "any model" if access.any_class else ", ".join(access.model_classes) or "no model"
