"""Reads how much of budgets is used: one statement for whatever is asked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.book import Book
from pointsman_server.ledger.meters import Meter
from pointsman_server.ledger.shares import ShareKey, percent_of
from pointsman_server.ledger.windows import CALENDAR, bucket_of
from pointsman_server.storage.database import ReadNow, reading
from pointsman_server.storage.rows import counters_of, meter_of
from pointsman_server.storage.tables import METER_COUNTERS, METERS
from pointsman_server.storage.times import to_micros

_WANTED: Final = {
    "sqlite": """
        SELECT key AS number, json_extract(value, '$[0]') AS tenant_id, json_extract(value, '$[1]') AS scope,
            json_extract(value, '$[2]') AS scope_id, json_extract(value, '$[3]') AS budget_id
        FROM json_each(:wanted)
    """,
    "postgresql": """
        SELECT number - 1 AS number, value->>0 AS tenant_id, value->>1 AS scope, value->>2 AS scope_id,
            value->>3 AS budget_id
        FROM json_array_elements(CAST(:wanted AS json)) WITH ORDINALITY AS each (value, number)
    """,
}
_METER: Final = ", ".join(f"meters.{column.name}" for column in METERS.columns)
_COUNTER: Final = ", ".join(f"held.{column.name}" for column in METER_COUNTERS.columns)


def _statement(wanted: str) -> TextClause:
    return text(f"""
        WITH wanted AS ({wanted}), found AS (
            SELECT wanted.number, {_METER} FROM wanted
            JOIN meters ON meters.tenant_id IN (wanted.tenant_id, '{PLATFORM_TENANT}')
                AND meters.meter_id = wanted.budget_id
            UNION ALL
            SELECT wanted.number, {_METER} FROM wanted
            JOIN meters ON meters.tenant_id = wanted.tenant_id AND meters.scope = wanted.scope
                AND meters.scope_id = wanted.scope_id AND meters.unit = 'nanos' AND wanted.budget_id = ''
        )
        SELECT found.*, {_COUNTER} FROM found
        LEFT JOIN meter_counters AS held ON held.tenant_id = found.tenant_id AND held.meter_id = found.meter_id
            AND held.bucket >= CASE found.kind WHEN 'month' THEN :month WHEN 'day' THEN :day WHEN 'hour' THEN :hour
                WHEN 'rolling' THEN :now - found.period_s * {_ROLLING_MICROS} ELSE 0 END
    """)  # noqa: S608  # our own names


# A second of a rolling window, and more than the sixtieth that its oldest part adds.
_ROLLING_MICROS: Final = 1_100_000
_STATEMENTS: Final = {name: _statement(wanted) for name, wanted in _WANTED.items()}


class SqlShares:
    """Implements ``ledger.shares.ShareStore``."""

    def __init__(self, readers: AsyncEngine, read_now: ReadNow) -> None:
        self._readers = readers
        self._read_now = read_now
        self._statement = _STATEMENTS[readers.dialect.name]

    async def shares(self, keys: Collection[ShareKey]) -> Mapping[ShareKey, int]:
        wanted = list(keys)
        async with reading(self._readers) as connection:
            now = await self._read_now(connection)
            windows = {kind.value: bucket_of(kind, 0, now) for kind in CALENDAR}
            asked = {"wanted": json.dumps(wanted), "now": to_micros(now), **windows}
            rows = (await connection.execute(self._statement, asked)).all()
        found = _percents(rows, now)
        nothing = {key: 0 for key in wanted if not key.budget_id}
        return nothing | {wanted[number]: max(percents) for number, percents in found.items()}


def _percents(rows: Sequence[Sequence[Any]], now: datetime) -> Mapping[int, list[int]]:
    """By the number of what was asked for."""
    width = 1 + len(METERS.columns)
    meters: defaultdict[int, set[Meter]] = defaultdict(set)
    for row in rows:
        meters[row[0]].add(meter_of(row[1:width]))
    counters = counters_of(row[width:] for row in rows if row[width] is not None)
    book = Book({meter.key: meter for each in meters.values() for meter in each}.values(), counters)
    return {number: [percent_of(book.balance(meter, now)) for meter in each] for number, each in meters.items()}
