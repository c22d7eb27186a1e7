"""Keeps kill switches, and reads those in force. A row is made when one is pulled and changed when it is released."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final, NamedTuple

from pointsman.v1 import budget_service_pb2 as pb
from sqlalchemy import ColumnElement, and_, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.errors import FieldViolation, InvalidRequest, NotFound, Overloaded, RoleRequired
from pointsman_server.identity.model import PLATFORM_ADMIN, PLATFORM_TENANT
from pointsman_server.identity.origin import Origin
from pointsman_server.ids import NewId
from pointsman_server.ledger.generations import Generation
from pointsman_server.policy.kill_messages import kill_switch_message, read_kill_switch, shown_to_tenant
from pointsman_server.policy.kill_store import MAX_KILL_SWITCHES_OF_TENANT, MAX_PULLED_A_MINUTE, KillQuery, KillView
from pointsman_server.policy.kill_switch import Act, KillSwitch, KillSwitches
from pointsman_server.storage.changes import Changes, Changing, Kind
from pointsman_server.storage.database import reading
from pointsman_server.storage.pages import page_of
from pointsman_server.storage.tables import GENERATIONS, KILL_SWITCHES, TENANTS
from pointsman_server.storage.times import to_micros

_ALONE: Final = "kill_switches"
_IN_FORCE: Final = 0
"""In the place of the time of a release."""

_ROWS: Final = KILL_SWITCHES.c
_INSERT: Final = insert(KILL_SWITCHES)
_OF_ID: Final = select(KILL_SWITCHES).where(
    _ROWS.tenant_id.in_((bindparam("owner"), PLATFORM_TENANT)), _ROWS.kill_switch_id == bindparam("id")
)
_RELEASE: Final = (
    update(KILL_SWITCHES)
    .where(and_(_ROWS.tenant_id == bindparam("owner"), _ROWS.kill_switch_id == bindparam("id")))
    .values(switch=bindparam("new_switch"), released_at=bindparam("now"))
)
_COUNT: Final = (
    select(func.count())
    .select_from(KILL_SWITCHES)
    .where(_ROWS.tenant_id == bindparam("owner"), _ROWS.released_at == _IN_FORCE)
)
_LATELY: Final = (
    select(func.count())
    .select_from(KILL_SWITCHES)
    .where(_ROWS.tenant_id == bindparam("owner"), _ROWS.pulled_at > bindparam("since"))
)
_MINUTE: Final = timedelta(minutes=1)
_A_TENANT: Final = select(func.count()).where(TENANTS.c.tenant_id == bindparam("owner"))
_ALL_IN_FORCE: Final = select(KILL_SWITCHES).where(_ROWS.released_at == _IN_FORCE).order_by(_ROWS.kill_switch_id)
_GENERATION: Final = select(GENERATIONS.c.value).where(
    GENERATIONS.c.tenant_id == PLATFORM_TENANT, GENERATIONS.c.name == Generation.KILL.value
)

KILL_SWITCH: Final[Kind[KillSwitch]] = Kind(
    "kill_switch",
    lambda switch: switch.kill_switch_id,
    kill_switch_message,
    lambda data: read_kill_switch(pb.KillSwitch.FromString(data)),
)
_AS_TENANT_SEES_IT: Final = replace(KILL_SWITCH, message=shown_to_tenant)


class _Row(NamedTuple):
    """A row of the table, its columns in their order."""

    tenant_id: str
    kill_switch_id: str
    switch: bytes
    pulled_at: int
    released_at: int

    def read(self) -> KillSwitch:
        return read_kill_switch(pb.KillSwitch.FromString(bytes(self.switch)))


class SqlKillStore:
    """Implements ``policy.kill_store.KillStore``, and ``policy.kill_keeper.KillReader``."""

    def __init__(self, readers: AsyncEngine, changes: Changes, *, new_id: NewId) -> None:
        self._readers = readers
        self._changes = changes
        self._new_id = new_id

    async def pull(self, switch: KillSwitch, origin: Origin) -> KillSwitch:
        named = replace(switch, kill_switch_id=self._new_id("kil"))

        def work(changing: Changing) -> KillSwitch:
            made = replace(named, pull=replace(named.pull, at=changing.at))
            _check(changing, made)
            changing.execute(
                _INSERT,
                {
                    "tenant_id": _owner(made),
                    "kill_switch_id": made.kill_switch_id,
                    "switch": _bytes(made),
                    "pulled_at": changing.now,
                    "released_at": _IN_FORCE,
                },
            )
            _note(changing, None, made)
            return made

        return await self._changes.once(origin, KILL_SWITCH, work, alone=_ALONE)

    async def release(self, view: KillView, kill_switch_id: str, justification: str, origin: Origin) -> KillSwitch:
        def work(changing: Changing) -> KillSwitch:
            before = _releasable(changing, view, kill_switch_id)
            if before.release is not None:
                return before
            act = Act(origin.actor.tenant_id, origin.actor.user_id, changing.at, justification)
            after = replace(before, release=act)
            key = {"owner": _owner(after), "id": kill_switch_id}
            changing.execute(_RELEASE, {**key, "new_switch": _bytes(after), "now": changing.now})
            _note(changing, before, after)
            return after

        return await self._changes.once(origin, KILL_SWITCH, work, alone=_ALONE)

    async def page(self, query: KillQuery) -> tuple[list[KillSwitch], int]:
        matching = select(KILL_SWITCHES).where(*_filters(query))
        async with reading(self._readers) as connection:
            rows, total = await page_of(connection, matching, _ROWS.kill_switch_id, query.after, query.page_size)
        return [_Row._make(row).read() for row in rows], total

    async def load(self) -> KillSwitches:
        # One transaction: both are of one state.
        async with reading(self._readers) as connection:
            generation: int = (await connection.execute(_GENERATION)).scalar_one_or_none() or 0
            rows = (await connection.execute(_ALL_IN_FORCE)).all()
        return KillSwitches(generation, tuple(_Row._make(row).read() for row in rows))


def _filters(query: KillQuery) -> Iterator[ColumnElement[bool]]:
    if query.view.tenant_id is not None:
        yield _ROWS.tenant_id.in_((query.view.tenant_id, PLATFORM_TENANT))
    if not query.with_released:
        yield _ROWS.released_at == _IN_FORCE


def _owner(switch: KillSwitch) -> str:
    """The tenant that the row's key begins with."""
    return switch.tenant_id or PLATFORM_TENANT


def _bytes(switch: KillSwitch) -> bytes:
    return kill_switch_message(switch).SerializeToString(deterministic=True)


def _check(changing: Changing, switch: KillSwitch) -> None:
    if not switch.tenant_id:
        return
    ((known,),) = changing.execute(_A_TENANT, {"owner": switch.tenant_id})
    if not known:
        raise _wrong("names no tenant that there is; ListTenants lists them")
    if not switch.of_platform:  # what an operator stops must be stopped, whatever a tenant has pulled itself
        _check_count(changing, switch.tenant_id)


def _check_count(changing: Changing, tenant_id: str) -> None:
    ((count,),) = changing.execute(_COUNT, {"owner": tenant_id})
    if count >= MAX_KILL_SWITCHES_OF_TENANT:
        raise _wrong(f"has {count} kill switches in force, which is as many as there may be; release some first")
    since = to_micros(changing.at - _MINUTE)
    ((lately,),) = changing.execute(_LATELY, {"owner": tenant_id, "since": since})
    if lately >= MAX_PULLED_A_MINUTE:
        message = f"The tenant has pulled {lately} kill switches within a minute; use TENANT, or wait."
        raise Overloaded(message, retry_after=_MINUTE)


def _wrong(description: str) -> InvalidRequest:
    problem = FieldViolation("tenant_id", description)
    return InvalidRequest(f"{problem.field}: {problem.description}", fields=(problem,))


def _releasable(changing: Changing, view: KillView, kill_switch_id: str) -> KillSwitch:
    owner = view.tenant_id or PLATFORM_TENANT
    for row in changing.execute(_OF_ID, {"owner": owner, "id": kill_switch_id}):
        found = _Row._make(row).read()
        if view.of_platform or not found.of_platform:
            return found
        message = f"The kill switch {kill_switch_id} is the platform's; only a platform administrator releases it."
        raise RoleRequired(message, metadata={"role": PLATFORM_ADMIN})
    raise NotFound(
        f"There is no kill switch {kill_switch_id}; ListKillSwitches lists what there is.",
        metadata={"resource": "kill_switch"},
    )


def _note(changing: Changing, before: KillSwitch | None, after: KillSwitch) -> None:
    """Counts the switch on, and records the change: a platform's in the platform's log, where the reasons stand, and in
    that of the tenant whose calls it stops, as the tenant may see it.
    """
    changing.count_on(Generation.KILL)
    if after.of_platform:
        changing.record(PLATFORM_TENANT, KILL_SWITCH, before, after)
    if after.tenant_id:
        changing.record(after.tenant_id, _AS_TENANT_SEES_IT, before, after)
