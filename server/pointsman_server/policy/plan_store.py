"""What keeps plans, features and tasks, and what must hold between them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pointsman_server.errors import FieldViolation
from pointsman_server.identity.origin import Origin
from pointsman_server.policy.plans import Offer, Plan

ThingT = TypeVar("ThingT")


@dataclass(frozen=True, slots=True)
class OfferQuery:
    """What of the offer to list.

    Attributes:
        feature_id: only tasks of this feature; empty: all.
        after: the id after which the page begins.
    """

    feature_id: str = ""
    after: str = ""
    page_size: int = 100


class OfferStore(Protocol[ThingT]):
    """Keeps the plans, the features or the tasks.

    Every change is checked, made, counted on and recorded in the platform's audit log in one transaction, and is made
    once under its request id. Every method raises ``StoreUnavailable``; every change ``RequestIdReused``.
    """

    async def create(self, thing: ThingT, origin: Origin) -> ThingT:
        """Makes one.

        Raises:
            NameTaken: there is one of this id.
            InvalidRequest: it names what there is not.
        """
        ...

    async def get(self, thing_id: str) -> ThingT:
        """Returns one.

        Raises:
            NotFound: there is none.
        """
        ...

    async def page(self, query: OfferQuery) -> tuple[list[ThingT], int]:
        """Returns those of one page ordered by id, and how many there are on all pages."""
        ...

    async def update(self, thing: ThingT, fields: Collection[str], origin: Origin) -> ThingT:
        """Sets the named fields.

        Raises:
            NotFound: there is none.
            InvalidRequest: it names what there is not.
            InUse: what uses it would not be sound any more.
        """
        ...

    async def delete(self, thing_id: str, origin: Origin) -> None:
        """Removes one.

        Raises:
            NotFound: there is none.
            InUse: something uses it.
        """
        ...


class OfferReader(Protocol):
    """Reads everything at once."""

    async def offer(self) -> Offer:
        """All plans, features and tasks, of one state of the store.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        ...


def plan_problems(plan: Plan, features: Collection[str], feature_of: Mapping[str, str]) -> Iterator[FieldViolation]:
    """What a plan names that there is not, or that it has not itself.

    Args:
        plan: the plan.
        features: all that there are.
        feature_of: of each task that there is, its feature.
    """
    had = {feature.feature_id for feature in plan.features}
    for index, feature in enumerate(plan.features):
        if feature.feature_id not in features:
            path = f"plan.features[{index}].feature_id"
            yield FieldViolation(path, "names no feature that there is; ListFeatures lists them")
    for index, task in enumerate(plan.tasks):
        path = f"plan.tasks[{index}].task_code"
        owner = feature_of.get(task.task_code)
        if owner is None:
            yield FieldViolation(path, "names no task that there is; ListTasks lists them")
        elif owner not in had:
            yield FieldViolation(path, f"is a task of {owner}, which the plan does not have; add it to plan.features")
