"""Plans: which features and tasks a tenant bought, which models may serve each, and how much of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pointsman_server.identity.times import Times


class QuotaHolder(StrEnum):
    """Whose use a quota counts."""

    TENANT = "tenant"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit of a plan. Each holder has a meter of its own.

    Attributes:
        unit: what it counts, by the name of a ``ledger.meters.Unit`` or ``NamedUnit``.
        kind: what the limit holds for, by the name of a ``ledger.windows.MeterKind``.
        period_s: how long a rolling window or a rate's period is; 0 for the other kinds.
        limit: in the unit.
    """

    holder: QuotaHolder
    unit: str
    kind: str
    limit: int
    period_s: int = 0


@dataclass(frozen=True, slots=True)
class ModelAccess:
    """Which models may serve.

    Attributes:
        model_classes: any of these; empty where every model may.
        any_class: every model, those without a class too.
    """

    model_classes: tuple[str, ...] = ()
    any_class: bool = False


@dataclass(frozen=True, slots=True)
class PlanFeature:
    """A feature of a plan, with the quotas over the calls of its tasks."""

    feature_id: str
    quotas: tuple[Quota, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanTask:
    """A task that a plan allows, with the models that may serve it and the quotas over its calls."""

    task_code: str
    access: ModelAccess
    quotas: tuple[Quota, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What tenants on it may do, and how much of it.

    Attributes:
        features: those that it has.
        tasks: those that it allows, each of a feature that it has; a task that is missing is refused.
        general_access: what a call without a task may use; ``None``: every call must name a task.
        quotas: over all calls.
        times: ``None``: it is not kept yet.
    """

    plan_id: str
    display_name: str = ""
    features: tuple[PlanFeature, ...] = ()
    tasks: tuple[PlanTask, ...] = ()
    general_access: ModelAccess | None = None
    quotas: tuple[Quota, ...] = ()
    times: Times | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """What is sold: a group of tasks."""

    feature_id: str
    display_name: str = ""
    times: Times | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of call that plans allow and rules limit."""

    task_code: str
    feature_id: str
    display_name: str = ""
    times: Times | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """All plans, features and tasks at one moment, each by its id."""

    plans: Mapping[str, Plan]
    features: Mapping[str, Feature]
    tasks: Mapping[str, Task]
