"""Keeps budgets, and reads what proves their counters."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from pointsman.v1.usage_pb2 import TokenUsage
from sqlalchemy import BigInteger, Select, and_, bindparam, column, delete, func, insert, or_, select, update, values
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from pointsman_server.clock import Clock
from pointsman_server.errors import NotFound, TooManyBudgets
from pointsman_server.identity.audit import Change
from pointsman_server.identity.model import Actor
from pointsman_server.ledger.audit import Audit, Finding, Used
from pointsman_server.ledger.batch import ReservationState
from pointsman_server.ledger.book import Book
from pointsman_server.ledger.budget_messages import definition
from pointsman_server.ledger.budgets import MAX_BUDGETS_AT_SCOPE, Budget, BudgetChange, BudgetQuery
from pointsman_server.ledger.meters import Meter
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.refusals import no_unknown, set_elsewhere
from pointsman_server.ledger.windows import oldest
from pointsman_server.storage.audit_log import append
from pointsman_server.storage.control import ControlWriter, Execute
from pointsman_server.storage.database import ReadNow, reading
from pointsman_server.storage.migrations.types import TEXT
from pointsman_server.storage.rows import counters_of, meter_of, meter_row, reservation_of
from pointsman_server.storage.tables import METER_COUNTERS, METERS, RESERVATIONS, USAGE_ENTRIES
from pointsman_server.storage.times import from_micros, to_micros

_TOKEN_CLASSES = tuple(field.name for field in TokenUsage.DESCRIPTOR.fields if field.name != "estimated")
_AT_ONCE = 1_000

_THIS = (METERS.c.tenant_id == bindparam("owner"), METERS.c.meter_id == bindparam("id"))
_INSERT = insert(METERS)
_COUNT_AT_SCOPE = (
    select(func.count())
    .select_from(METERS)
    .where(
        METERS.c.tenant_id == bindparam("tenant_id"),
        METERS.c.scope == bindparam("scope"),
        METERS.c.scope_id == bindparam("scope_id"),
    )
)
_UPDATE = (
    update(METERS)
    .where(*_THIS)
    .values(
        name=func.coalesce(bindparam("new_name"), METERS.c.name),
        limit_amount=func.coalesce(bindparam("new_limit"), METERS.c.limit_amount),
        frozen=func.coalesce(bindparam("new_frozen"), METERS.c.frozen),
        updated_at=bindparam("now"),
    )
)
# SQLite has one writer and no such lock; there the words are left out.
_LOCK = select(METERS).where(*_THIS).with_for_update()
_DELETE = delete(METERS).where(*_THIS)
_DELETE_COUNTERS = delete(METER_COUNTERS).where(
    METER_COUNTERS.c.tenant_id == bindparam("owner"), METER_COUNTERS.c.meter_id == bindparam("id")
)


class SqlBudgetStore:
    """Implements ``ledger.budgets.BudgetStore``."""

    def __init__(self, readers: AsyncEngine, writer: ControlWriter, read_now: ReadNow, *, clock: Clock) -> None:
        self._readers = readers
        self._writer = writer
        self._read_now = read_now
        self._clock = clock

    async def create(self, meter: Meter, actor: Actor) -> Budget:
        now = self._clock.now()
        row = _row(meter, to_micros(now))

        def write(execute: Execute) -> bool:
            ((count,),) = execute(_COUNT_AT_SCOPE, row)
            if count < MAX_BUDGETS_AT_SCOPE:
                execute(_INSERT, row)
                append(execute, meter.key.tenant_id, actor, _change("CreateBudget", None, meter), now)
            return bool(count < MAX_BUDGETS_AT_SCOPE)

        if not await self._writer.control(write, alone="/".join(("budgets", *meter.scope_key))):
            raise _too_many(meter)
        return await self.get((meter.key.tenant_id,), meter.key.meter_id)

    async def get(self, owners: tuple[str, ...], budget_id: str) -> Budget:
        async with reading(self._readers) as connection:
            rows = (await connection.execute(_one(owners, budget_id))).all()
            if not rows:
                raise _not_found(budget_id)
            (budget,) = await self._live(connection, rows)
        return budget

    async def page(self, query: BudgetQuery) -> tuple[list[Budget], int]:
        matching = select(METERS).where(METERS.c.tenant_id.in_(query.owners))
        if query.scope is not None:
            matching = matching.where(METERS.c.scope == query.scope.value)
        if query.scope_id:
            matching = matching.where(METERS.c.scope_id == query.scope_id)
        page = matching.where(METERS.c.meter_id > query.after).order_by(METERS.c.meter_id).limit(query.page_size)
        async with reading(self._readers) as connection:
            size: int = (await connection.execute(select(func.count()).select_from(matching.subquery()))).scalar_one()
            return await self._live(connection, (await connection.execute(page)).all()), size

    async def update(self, owners: tuple[str, ...], budget_id: str, change: BudgetChange, actor: Actor) -> Budget:
        named, now = _named(await self._made_by_people(owners, budget_id)), self._clock.now()
        values = {
            **named,
            "new_name": change.name,
            "new_limit": change.limit,
            "new_frozen": change.frozen,
            "now": to_micros(now),
        }

        def write(execute: Execute) -> None:
            for before in map(meter_of, execute(_LOCK, named)):
                execute(_UPDATE, values)
                (after,) = map(meter_of, execute(_LOCK, named))
                append(execute, named["owner"], actor, _change("UpdateBudget", before, after), now)

        await self._writer.control(write)
        return await self.get(owners, budget_id)

    async def delete(self, owners: tuple[str, ...], budget_id: str, actor: Actor) -> None:
        named, now = _named(await self._made_by_people(owners, budget_id)), self._clock.now()

        def write(execute: Execute) -> None:
            for before in map(meter_of, execute(_LOCK, named)):
                execute(_DELETE, named)
                execute(_DELETE_COUNTERS, named)
                append(execute, named["owner"], actor, _change("DeleteBudget", before, None), now)

        await self._writer.control(write)

    async def unknown(self, tenant_id: str, reservation_id: str) -> Reservation:
        columns = RESERVATIONS.c
        statement = select(RESERVATIONS).where(
            columns.tenant_id == tenant_id,
            columns.reservation_id == reservation_id,
            columns.state == ReservationState.UNKNOWN.value,
        )
        async with reading(self._readers) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            raise no_unknown(reservation_id)
        return reservation_of(row)

    async def verify(self, tenant_id: str | None) -> AsyncGenerator[Finding, None]:
        # One transaction: every statement sees the same state, while the writer goes on.
        async with reading(self._readers) as connection:
            meters = (await connection.execute(_of(select(METERS), METERS.c.tenant_id, tenant_id))).all()
            audit = Audit(meter_of(row) for row in meters)
            held = select(RESERVATIONS, *_entry_columns()).outerjoin(
                USAGE_ENTRIES,
                and_(
                    USAGE_ENTRIES.c.tenant_id == RESERVATIONS.c.tenant_id,
                    USAGE_ENTRIES.c.reservation_id == RESERVATIONS.c.reservation_id,
                ),
            )
            matters = held.where(or_(RESERVATIONS.c.lines != "[]", RESERVATIONS.c.state == "unknown"))
            statement = _of(matters, RESERVATIONS.c.tenant_id, tenant_id)
            result = await connection.stream(statement.execution_options(yield_per=_AT_ONCE))
            async for row in result:
                for finding in audit.add(*_reservation(row)):
                    yield finding
            counters = _of(select(METER_COUNTERS), METER_COUNTERS.c.tenant_id, tenant_id)
            rows = (await connection.execute(counters)).all()
        for finding in audit.compare(counters_of(rows)):
            yield finding

    async def _made_by_people(self, owners: tuple[str, ...], budget_id: str) -> Meter:
        meter = (await self.get(owners, budget_id)).meter
        if meter.of_policy:
            raise set_elsewhere(meter)
        return meter

    async def _live(self, connection: AsyncConnection, rows: Sequence[Any]) -> list[Budget]:
        now = await self._read_now(connection)
        meters = [meter_of(row) for row in rows]
        if not meters:
            return []
        first = [(*meter.key, oldest(meter.kind, meter.period_s, now)) for meter in meters]
        book = Book(meters, counters_of((await connection.execute(_counters_from(first))).all()))
        return [
            Budget(
                book.balance(meter, now),
                meter.window(book.time_of(meter, now)),
                from_micros(row.created_at),
                from_micros(row.updated_at),
            )
            for meter, row in zip(meters, rows, strict=True)
        ]


def _counters_from(first: list[tuple[str, str, int]]) -> Select[Any]:
    """The counters of each meter, from the bucket that is named with it."""
    counters = METER_COUNTERS.c
    names = (column("tenant_id", TEXT), column("meter_id", TEXT), column("first", BigInteger))
    wanted = values(*names, name="wanted").data(first).cte("wanted")
    of_wanted = and_(
        counters.tenant_id == wanted.c.tenant_id,
        counters.meter_id == wanted.c.meter_id,
        counters.bucket >= wanted.c.first,
    )
    return select(METER_COUNTERS).join(wanted, of_wanted)


def _too_many(meter: Meter) -> TooManyBudgets:
    whose = f"{meter.scope.value} {meter.scope_id}".strip()
    return TooManyBudgets(
        f"The scope {whose} has {MAX_BUDGETS_AT_SCOPE} budgets already, and every call there is held on each of them. "
        f"Change one, or delete one that is not needed.",
        metadata={"scope": meter.scope.value, "scope_id": meter.scope_id, "limit": str(MAX_BUDGETS_AT_SCOPE)},
    )


def _one(owners: tuple[str, ...], budget_id: str) -> Select[Any]:
    return select(METERS).where(METERS.c.tenant_id.in_(owners), METERS.c.meter_id == budget_id)


def _of(statement: Select[Any], column: Any, tenant_id: str | None) -> Select[Any]:  # noqa: ANN401  # a column of any table
    return statement if tenant_id is None else statement.where(column == tenant_id)


def _entry_columns() -> list[Any]:
    columns = USAGE_ENTRIES.c
    return [columns.reservation_id.label("entry"), columns.cost_nanos, *(columns[name] for name in _TOKEN_CLASSES)]


def _reservation(row: Any) -> tuple[Reservation, ReservationState, Used | None]:  # noqa: ANN401  # a row of the join
    width = len(RESERVATIONS.columns)
    reservation = reservation_of(row[:width])
    entry_id, cost_nanos, *tokens = row[width:]
    entry = None
    if entry_id is not None:
        entry = Used(TokenUsage(**dict(zip(_TOKEN_CLASSES, tokens, strict=True))), cost_nanos)
    return reservation, ReservationState(row.state), entry


def _change(method: str, before: Meter | None, after: Meter | None) -> Change:
    meter = after or before
    assert meter is not None, "a change is of something"
    return Change(
        f"BudgetService/{method}",
        "budget",
        meter.key.meter_id,
        before=definition(before) if before is not None else None,
        after=definition(after) if after is not None else None,
    )


def _named(meter: Meter) -> dict[str, str]:
    return {"owner": meter.key.tenant_id, "id": meter.key.meter_id}


def _row(meter: Meter, now: int) -> dict[str, object]:
    return dict(zip((column.name for column in METERS.columns), meter_row(meter, now), strict=True))


def _not_found(budget_id: str) -> NotFound:
    return NotFound(
        f"There is no budget {budget_id}; ListBudgets lists what there is.", metadata={"resource": "budget"}
    )
