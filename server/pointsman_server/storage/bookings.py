"""Reads what was booked at a provider, of all tenants together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.ledger.comparison import Booked, Figure
from pointsman_server.storage.database import reading
from pointsman_server.storage.tables import USAGE_ENTRIES
from pointsman_server.storage.times import to_micros
from pointsman_server.storage.usage_query import MEASURED, measures, sum_of

_OUTPUT = ("output_tokens", "reasoning_tokens", "output_audio_tokens")
_INPUT = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_long_tokens", "input_audio_tokens")
_SUMMED = {
    Figure.INPUT_TOKENS: _INPUT,
    Figure.CACHE_READ_TOKENS: ("cache_read_tokens",),
    Figure.OUTPUT_TOKENS: _OUTPUT,
    Figure.COST_NANOS: ("cost_nanos",),
}


class SqlBookings:
    """Implements ``ledger.comparison.Bookings``."""

    def __init__(self, readers: AsyncEngine) -> None:
        self._readers = readers

    async def by_model(self, provider_id: str, start: datetime, end: datetime) -> list[Booked]:
        columns = USAGE_ENTRIES.c
        entries = (
            select(columns.model_id, *(columns[name] for name in MEASURED))
            .where(columns.provider_id == provider_id)
            .where(columns.ended_at >= to_micros(start), columns.ended_at < to_micros(end))
            .subquery("entries")
        )
        grouped = select(entries.c.model_id, *measures(entries)).group_by(entries.c.model_id)
        async with reading(self._readers) as connection:
            rows = (await connection.execute(grouped.order_by(entries.c.model_id))).mappings().all()
        return [_booked(row) for row in rows]


def _booked(row: RowMapping) -> Booked:
    return Booked(
        model_id=row["model_id"],
        figures={figure: sum(sum_of(row, name) for name in names) for figure, names in _SUMMED.items()},
        estimated_attempts=int(row["estimated"]),
        unpriced_attempts=int(row["unpriced"]),
    )
