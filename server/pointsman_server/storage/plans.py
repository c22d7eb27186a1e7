"""Keeps plans, features and tasks: the platform's rows, all changed under one name, since they refer to each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any, Final, Generic

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.errors import FieldViolation, InUse, InvalidRequest, NameTaken, NotFound
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.identity.origin import Origin
from pointsman_server.identity.times import Times
from pointsman_server.ledger.generations import Generation
from pointsman_server.policy.plan_store import OfferQuery, plan_problems
from pointsman_server.policy.plans import Feature, Offer, Plan, Task
from pointsman_server.policy.rule import PolicyScope
from pointsman_server.storage.changes import Changes, Changing
from pointsman_server.storage.control import Execute
from pointsman_server.storage.database import reading
from pointsman_server.storage.offer_rows import FEATURE, PLAN, TASK, Form, OfferT, statements
from pointsman_server.storage.pages import page_of
from pointsman_server.storage.tables import ACCESS_TOKENS, FEATURES, PLANS, POLICY_RULES, TASKS
from pointsman_server.storage.times import to_micros

PLANS_ALONE: Final = "plans"
"""The name under which everything runs that changes plans, or lets something refer to one."""

_MOST_NAMED = 5

_ALL_PLANS: Final = select(PLANS).where(PLANS.c.tenant_id == PLATFORM_TENANT).order_by(PLANS.c.plan_id)
_ALL_FEATURES: Final = select(FEATURES).where(FEATURES.c.tenant_id == PLATFORM_TENANT).order_by(FEATURES.c.feature_id)
_ALL_TASKS: Final = select(TASKS).where(TASKS.c.tenant_id == PLATFORM_TENANT).order_by(TASKS.c.task_code)
_PLAN_IDS: Final = select(PLANS.c.plan_id).where(
    PLANS.c.tenant_id == PLATFORM_TENANT, PLANS.c.plan_id == bindparam("id")
)
_TOKENS_OF_PLAN: Final = (
    select(func.count())
    .select_from(ACCESS_TOKENS)
    .where(
        ACCESS_TOKENS.c.tenant_id == PLATFORM_TENANT,
        ACCESS_TOKENS.c.plan_id == bindparam("id"),
        ACCESS_TOKENS.c.revoked_at.is_(None),
    )
)
_RULES_OF_PLAN: Final = (
    select(func.count())
    .select_from(POLICY_RULES)
    .where(
        POLICY_RULES.c.tenant_id == PLATFORM_TENANT,
        POLICY_RULES.c.scope == PolicyScope.PLAN.name.lower(),
        POLICY_RULES.c.scope_id == bindparam("id"),
    )
)
_RULES_OF_TASK: Final = (
    select(func.count()).select_from(POLICY_RULES).where(POLICY_RULES.c.task_code == bindparam("id"))
)


def plan_exists(execute: Execute, plan_id: str) -> bool:
    """Whether there is such a plan; it stays while the write runs under ``PLANS_ALONE``."""
    return bool(execute(_PLAN_IDS, {"id": plan_id}))


class SqlOfferStore(Generic[OfferT]):
    """Implements ``policy.plan_store.OfferStore``.

    Args:
        form: what is kept.
        check: refuses what must not be written; called before with what is to be.
        free: refuses what must not be removed.
    """

    def __init__(
        self,
        readers: AsyncEngine,
        changes: Changes,
        form: Form[OfferT],
        check: Callable[[Changing, OfferT], None],
        free: Callable[[Changing, str], None],
    ) -> None:
        self._readers = readers
        self._changes = changes
        self._form = form
        self._statements = statements(form)
        self._check = check
        self._free = free

    async def create(self, thing: OfferT, origin: Origin) -> OfferT:
        form = self._form
        thing_id = form.kind.id_of(thing)

        def work(changing: Changing) -> OfferT:
            if changing.execute(self._statements.one, {"id": thing_id}):
                raise NameTaken(
                    f"There is a {form.kind.name} {thing_id} already.", metadata={"resource": form.kind.name}
                )
            self._check(changing, thing)
            kept = replace(thing, times=Times(changing.at, changing.at))
            changing.execute(self._statements.insert, form.row(kept, changing.now, changing.now))
            _note(changing, form, None, kept)
            return kept

        return await self._changes.once(origin, form.kind, work, alone=PLANS_ALONE)

    async def get(self, thing_id: str) -> OfferT:
        async with reading(self._readers) as connection:
            row = (await connection.execute(self._statements.one, {"id": thing_id})).one_or_none()
        if row is None:
            raise self._none(thing_id)
        return self._form.read(row)

    async def page(self, query: OfferQuery) -> tuple[list[OfferT], int]:
        table = self._form.table
        matching = select(table).where(table.c.tenant_id == PLATFORM_TENANT)
        if query.feature_id:
            matching = matching.where(table.c.feature_id == query.feature_id)
        async with reading(self._readers) as connection:
            rows, total = await page_of(connection, matching, table.c[self._form.key], query.after, query.page_size)
        return [self._form.read(row) for row in rows], total

    async def update(self, thing: OfferT, fields: Collection[str], origin: Origin) -> OfferT:
        form = self._form
        thing_id = form.kind.id_of(thing)

        def work(changing: Changing) -> OfferT:
            before = self._one(changing, thing_id)
            assert before.times is not None, "what is kept has its times"
            times = Times(before.times.created_at, changing.at)
            after = replace(before, times=times, **{name: getattr(thing, name) for name in fields})
            self._check(changing, after)
            row = form.row(after, to_micros(times.created_at), changing.now)
            values = {f"new_{name}": row[name] for name in self._statements.changing}
            changing.execute(self._statements.update, {"id": thing_id, **values})
            _note(changing, form, before, after)
            return after

        return await self._changes.once(origin, form.kind, work, alone=PLANS_ALONE)

    async def delete(self, thing_id: str, origin: Origin) -> None:
        def work(changing: Changing) -> None:
            before = self._one(changing, thing_id)
            self._free(changing, thing_id)
            changing.execute(self._statements.delete, {"id": thing_id})
            _note(changing, self._form, before, None)

        await self._changes.make(origin, work, alone=PLANS_ALONE)

    def _one(self, changing: Changing, thing_id: str) -> OfferT:
        rows = changing.execute(self._statements.one, {"id": thing_id})
        if not rows:
            raise self._none(thing_id)
        return self._form.read(rows[0])

    def _none(self, thing_id: str) -> NotFound:
        name = self._form.kind.name
        return NotFound(
            f"There is no {name} {thing_id}; {self._form.lister} lists what there is.", metadata={"resource": name}
        )


class SqlOffer:
    """The three stores, and all that they keep at once.

    Attributes:
        plans, features, tasks: one store each.
    """

    def __init__(self, readers: AsyncEngine, changes: Changes) -> None:
        self._readers = readers
        self.plans = SqlOfferStore[Plan](readers, changes, PLAN, _check_plan, _free_plan)
        self.features = SqlOfferStore[Feature](readers, changes, FEATURE, lambda *_: None, _free_feature)
        self.tasks = SqlOfferStore[Task](readers, changes, TASK, _check_task, _free_task)

    async def offer(self) -> Offer:
        """Implements ``policy.plan_store.OfferReader``."""
        async with reading(self._readers) as connection:
            plans = [PLAN.read(row) for row in (await connection.execute(_ALL_PLANS)).all()]
            features = [FEATURE.read(row) for row in (await connection.execute(_ALL_FEATURES)).all()]
            tasks = [TASK.read(row) for row in (await connection.execute(_ALL_TASKS)).all()]
        return Offer(
            {plan.plan_id: plan for plan in plans},
            {feature.feature_id: feature for feature in features},
            {task.task_code: task for task in tasks},
        )


def _note(changing: Changing, form: Form[OfferT], before: OfferT | None, after: OfferT | None) -> None:
    changing.count_on(Generation.POLICY)
    changing.record(PLATFORM_TENANT, form.kind, before, after)


def _features(changing: Changing) -> set[str]:
    return {FEATURE.read(row).feature_id for row in changing.execute(_ALL_FEATURES, {})}


def _plans(changing: Changing) -> list[Plan]:
    return [PLAN.read(row) for row in changing.execute(_ALL_PLANS, {})]


def _check_plan(changing: Changing, plan: Plan) -> None:
    tasks = [TASK.read(row) for row in changing.execute(_ALL_TASKS, {})]
    feature_of = {task.task_code: task.feature_id for task in tasks}
    _refuse(plan_problems(plan, _features(changing), feature_of))


def _check_task(changing: Changing, task: Task) -> None:
    if task.feature_id not in _features(changing):
        _refuse([FieldViolation("task.feature_id", "names no feature that there is; ListFeatures lists them")])
    without = [
        plan.plan_id
        for plan in _plans(changing)
        if any(each.task_code == task.task_code for each in plan.tasks)
        and all(feature.feature_id != task.feature_id for feature in plan.features)
    ]
    _in_use("task", task.task_code, [f"plan {plan_id}, which has not its feature" for plan_id in without])


def _free_plan(changing: Changing, plan_id: str) -> None:
    tokens = _counted(changing, _TOKENS_OF_PLAN, plan_id, "access token")
    _in_use("plan", plan_id, [*tokens, *_counted(changing, _RULES_OF_PLAN, plan_id, "policy rule")])


def _counted(changing: Changing, statement: Select[Any], thing_id: str, what: str) -> list[str]:
    """How many use it; nothing where none does."""
    ((count,),) = changing.execute(statement, {"id": thing_id})
    return [f"{count} {what}{'s' if count > 1 else ''}"] if count else []


def _free_feature(changing: Changing, feature_id: str) -> None:
    tasks = [TASK.read(row) for row in changing.execute(_ALL_TASKS, {})]
    users = [f"task {task.task_code}" for task in tasks if task.feature_id == feature_id]
    users += [
        f"plan {plan.plan_id}"
        for plan in _plans(changing)
        if any(each.feature_id == feature_id for each in plan.features)
    ]
    _in_use("feature", feature_id, users)


def _free_task(changing: Changing, task_code: str) -> None:
    plans = [plan for plan in _plans(changing) if any(each.task_code == task_code for each in plan.tasks)]
    rules = _counted(changing, _RULES_OF_TASK, task_code, "policy rule")
    _in_use("task", task_code, [*(f"plan {plan.plan_id}" for plan in plans), *rules])


def _in_use(resource: str, thing_id: str, users: list[str]) -> None:
    if not users:
        return
    more = len(users) - _MOST_NAMED
    used_by = ", ".join(users[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    raise InUse(
        f"The {resource} {thing_id} is used by {used_by}; end that first.",
        metadata={"resource": resource, "used_by": used_by},
    )


def _refuse(problems: Iterable[FieldViolation]) -> None:
    found = tuple(problems)
    if found:
        more = f" ({len(found) - 1} more in the details)" if len(found) > 1 else ""
        raise InvalidRequest(f"{found[0].field}: {found[0].description}{more}", fields=found)
