"""Plans, features and tasks as rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pointsman.v1 import plan_pb2 as pb
from sqlalchemy import Delete, Insert, Select, Table, Update, bindparam, delete, insert, select, update

from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.identity.times import Times
from pointsman_server.policy.plan_messages import (
    feature_message,
    plan_message,
    read_feature,
    read_plan,
    read_task,
    task_message,
)
from pointsman_server.policy.plans import Feature, Plan, Task
from pointsman_server.storage.changes import Kind
from pointsman_server.storage.plan_terms import plan_of, terms_json
from pointsman_server.storage.tables import FEATURES, PLANS, TASKS
from pointsman_server.storage.times import from_micros

OfferT = TypeVar("OfferT", bound=Plan | Feature | Task)


@dataclass(frozen=True, slots=True)
class Form(Generic[OfferT]):
    """How one kind of them is kept.

    Attributes:
        key: the column with its id.
        values: what the columns between id and times hold, in their order.
        thing: reads those, the id first.
        lister: the method that lists what there is.
    """

    kind: Kind[OfferT]
    table: Table
    key: str
    values: Callable[[OfferT], tuple[str, ...]]
    thing: Callable[[Sequence[str], Times], OfferT]
    lister: str

    def read(self, row: Sequence[Any]) -> OfferT:
        """The thing that a row holds."""
        _, *texts, created_at, updated_at = row
        return self.thing(texts, Times(from_micros(created_at), from_micros(updated_at)))

    def row(self, thing: OfferT, created_at: int, updated_at: int) -> Mapping[str, object]:
        """The row that holds a thing."""
        values = (PLATFORM_TENANT, self.kind.id_of(thing), *self.values(thing), created_at, updated_at)
        return dict(zip((column.name for column in self.table.columns), values, strict=True))


@dataclass(frozen=True, slots=True)
class Statements:
    """What is done to one table. Each is compiled once.

    Attributes:
        changing: the columns that ``update`` sets, each with the parameter ``new_…``.
    """

    changing: tuple[str, ...]
    one: Select[Any]
    insert: Insert
    update: Update
    delete: Delete


def statements(form: Form[OfferT]) -> Statements:
    """Those for a form's table."""
    table = form.table
    this = (table.c.tenant_id == PLATFORM_TENANT, table.c[form.key] == bindparam("id"))
    fixed = {"tenant_id", form.key, "created_at"}
    changing = tuple(column.name for column in table.columns if column.name not in fixed)
    return Statements(
        changing=changing,
        one=select(table).where(*this),
        insert=insert(table),
        update=update(table).where(*this).values({name: bindparam(f"new_{name}") for name in changing}),
        delete=delete(table).where(*this),
    )


PLAN: Final[Form[Plan]] = Form(
    Kind("plan", lambda plan: plan.plan_id, plan_message, lambda data: read_plan(pb.Plan.FromString(data))),
    PLANS,
    "plan_id",
    lambda plan: (plan.display_name, terms_json(plan)),
    plan_of,
    "ListPlans",
)
FEATURE: Final[Form[Feature]] = Form(
    Kind(
        "feature",
        lambda feature: feature.feature_id,
        feature_message,
        lambda data: read_feature(pb.Feature.FromString(data)),
    ),
    FEATURES,
    "feature_id",
    lambda feature: (feature.display_name,),
    lambda texts, times: Feature(texts[0], texts[1], times),
    "ListFeatures",
)
TASK: Final[Form[Task]] = Form(
    Kind("task", lambda task: task.task_code, task_message, lambda data: read_task(pb.Task.FromString(data))),
    TASKS,
    "task_code",
    lambda task: (task.feature_id, task.display_name),
    lambda texts, times: Task(texts[0], texts[1], texts[2], times),
    "ListTasks",
)
