"""``pointsman feature`` and ``pointsman task``: what is sold, and the kinds of calls that belong to it."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.administration.options import PAGE_SIZE, AsJson, DisplayName, changed
from pointsman.cli.administration.sheet import Sheet
from pointsman.cli.figures import moment
from pointsman.cli.session import session_of
from pointsman.v1.plan_pb2 import Feature, Task
from pointsman.v1.tenant_service_pb2 import ListFeaturesRequest, ListTasksRequest

FeatureId = Annotated[str, typer.Argument(metavar="ID", help="The feature's id.")]
TaskCode = Annotated[str, typer.Argument(metavar="CODE", help="The task's code.")]

_FEATURES = Sheet[Feature](
    "features",
    ("feature", "name", "+changed"),
    lambda feature: (feature.feature_id, feature.display_name, moment(feature.update_time)),
)
_TASKS = Sheet[Task](
    "tasks",
    ("task", "feature", "name", "+changed"),
    lambda task: (task.task_code, task.feature_id, task.display_name, moment(task.update_time)),
)


def feature_list(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List features."""
    session = session_of(context)
    with session.client() as client:
        found = list(client.features.list(ListFeaturesRequest(page_size=PAGE_SIZE)))
    _FEATURES.many(session.terminal, found, as_json=as_json)


def feature_create(
    context: typer.Context, *, feature_id: FeatureId, name: DisplayName = None, as_json: AsJson = False
) -> None:
    """Make a feature."""
    session = session_of(context)
    with session.client() as client:
        made = client.features.create(Feature(feature_id=feature_id, display_name=name or feature_id))
    _FEATURES.one(session.terminal, made, as_json=as_json)


def feature_set(
    context: typer.Context,
    *,
    feature_id: FeatureId,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What people call it.")],
    as_json: AsJson = False,
) -> None:
    """Change a feature's name."""
    session = session_of(context)
    with session.client() as client:
        updated = client.features.update(Feature(feature_id=feature_id, display_name=name), ["display_name"])
    _FEATURES.one(session.terminal, updated, as_json=as_json)


def feature_delete(context: typer.Context, *, feature_id: FeatureId) -> None:
    """Remove a feature that no plan and no task has."""
    session = session_of(context)
    with session.client() as client:
        client.features.delete(feature_id)
    session.terminal.line(f"{feature_id}: deleted")


def task_list(
    context: typer.Context,
    *,
    feature: Annotated[str, typer.Option("--feature", metavar="ID", help="Only those of this feature.")] = "",
    as_json: AsJson = False,
) -> None:
    """List tasks."""
    session = session_of(context)
    with session.client() as client:
        found = list(client.tasks.list(ListTasksRequest(feature_id=feature, page_size=PAGE_SIZE)))
    _TASKS.many(session.terminal, found, as_json=as_json)


def task_create(
    context: typer.Context,
    *,
    task_code: TaskCode,
    feature: Annotated[str, typer.Option("--feature", metavar="ID", help="The feature that it belongs to.")],
    name: DisplayName = None,
    as_json: AsJson = False,
) -> None:
    """Make a task."""
    task = Task(task_code=task_code, feature_id=feature, display_name=name or task_code)
    session = session_of(context)
    with session.client() as client:
        made = client.tasks.create(task)
    _TASKS.one(session.terminal, made, as_json=as_json)


def task_set(
    context: typer.Context,
    *,
    task_code: TaskCode,
    feature: Annotated[
        str | None, typer.Option("--feature", metavar="ID", help="The feature that it belongs to.")
    ] = None,
    name: DisplayName = None,
    as_json: AsJson = False,
) -> None:
    """Change a task."""
    paths = changed({"feature_id": feature, "display_name": name})
    task = Task(task_code=task_code, feature_id=feature or "", display_name=name or "")
    session = session_of(context)
    with session.client() as client:
        updated = client.tasks.update(task, paths)
    _TASKS.one(session.terminal, updated, as_json=as_json)


def task_delete(context: typer.Context, *, task_code: TaskCode) -> None:
    """Remove a task that no plan has."""
    session = session_of(context)
    with session.client() as client:
        client.tasks.delete(task_code)
    session.terminal.line(f"{task_code}: deleted")
