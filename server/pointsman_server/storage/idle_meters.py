"""Removes meters of plans and rules that stand idle, each under its lock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, case, delete, exists, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.ledger.idle import IDLE, IDLE_TOTAL, Idle
from pointsman_server.ledger.meters import MeterKey
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.control import ControlWriter, Execute
from pointsman_server.storage.database import ReadNow, reading
from pointsman_server.storage.rows import counters_of, meter_of
from pointsman_server.storage.tables import METER_COUNTERS, METERS
from pointsman_server.storage.times import from_micros, to_micros

AT_ONCE: Final = 100
"""How many meters one transaction looks at, so that no other waits long for it."""

_KEY: Final = (METERS.c.tenant_id, METERS.c.meter_id)
_THIS: Final = and_(METERS.c.tenant_id == bindparam("owner"), METERS.c.meter_id == bindparam("id"))
_ITS: Final = and_(METER_COUNTERS.c.tenant_id == bindparam("owner"), METER_COUNTERS.c.meter_id == bindparam("id"))

_SINCE: Final = case((METERS.c.kind == MeterKind.TOTAL.value, bindparam("since_total")), else_=bindparam("since"))
_IN_USE: Final = exists().where(
    METER_COUNTERS.c.tenant_id == METERS.c.tenant_id,
    METER_COUNTERS.c.meter_id == METERS.c.meter_id,
    or_(METER_COUNTERS.c.reserved > 0, METER_COUNTERS.c.decided_at > _SINCE),
)
_IDLE: Final = (
    select(*_KEY)
    # Literal: the index of these meters serves only where the scope is no parameter.
    .where(text("meters.scope = 'policy'"), tuple_(*_KEY) > tuple_(bindparam("owner"), bindparam("id")))
    .where(METERS.c.updated_at <= _SINCE, ~_IN_USE)
    .order_by(*_KEY)
    .limit(AT_ONCE)
)
_LOCK: Final = select(METERS).where(_THIS).with_for_update()
_COUNTERS: Final = select(METER_COUNTERS).where(_ITS)
_DELETE: Final = delete(METERS).where(_THIS)
_DELETE_COUNTERS: Final = delete(METER_COUNTERS).where(_ITS)


class SqlIdleMeters:
    """Implements ``ledger.idle.IdleMeters``."""

    def __init__(self, readers: AsyncEngine, writer: ControlWriter, read_now: ReadNow) -> None:
        self._readers = readers
        self._writer = writer
        self._read_now = read_now

    async def forget(self, after: MeterKey | None) -> MeterKey | None:
        async with reading(self._readers) as connection:
            now = await self._read_now(connection)
            since = {"since": to_micros(now - IDLE), "since_total": to_micros(now - IDLE_TOTAL)}
            asked = {**_named(after or MeterKey("", "")), **since}
            found = [MeterKey(*row) for row in await connection.execute(_IDLE, asked)]
        if found:
            await self._writer.control(lambda execute: _forget(execute, found, now))
        return found[-1] if len(found) == AT_ONCE else None


def _forget(execute: Execute, keys: Sequence[MeterKey], now: datetime) -> None:
    """Removes them in the order in which the ledger locks them. What has come into use meanwhile stays."""
    for key in keys:
        named = _named(key)
        for row in execute(_LOCK, named):
            if _idle(row, execute(_COUNTERS, named)).may_go(now):
                execute(_DELETE_COUNTERS, named)
                execute(_DELETE, named)


def _idle(row: Sequence[Any], counters: Sequence[Sequence[Any]]) -> Idle:
    updated_at = row[METERS.columns.keys().index("updated_at")]
    return Idle(meter_of(row), counters_of(counters), from_micros(updated_at))


def _named(key: MeterKey) -> dict[str, object]:
    return {"owner": key.tenant_id, "id": key.meter_id}
