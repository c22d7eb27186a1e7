"""Reports usage: sums over the entries of a period, split as asked, one page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pointsman.v1.router_service_pb2 import UsageDimension, UsageRow
from pointsman.v1.usage_pb2 import TokenUsage
from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.ledger.reports import UsagePage, UsageQuery
from pointsman_server.storage.database import ReadNow, reading
from pointsman_server.storage.times import from_micros, to_micros
from pointsman_server.storage.usage_query import (
    TOKEN_CLASSES,
    WIDTHS_MICROS,
    Period,
    count_groups,
    entries_of,
    groups_of,
    measures,
    page_of,
    sort_names,
    sum_of,
)
from pointsman_server.storage.usage_token import Position, read_token, write_token

_LARGEST = 2**63 - 1

_TIME_FORMATS = {
    UsageDimension.USAGE_DIMENSION_DAY: "%Y-%m-%d",
    UsageDimension.USAGE_DIMENSION_HOUR: "%Y-%m-%dT%H:00:00Z",
}


class SqlUsageReports:
    """Implements ``ledger.reports.UsageReports``."""

    def __init__(self, readers: AsyncEngine, read_now: ReadNow) -> None:
        self._readers = readers
        self._read_now = read_now

    async def report(self, tenant_id: str, query: UsageQuery) -> UsagePage:
        position = read_token(query) if query.page_token else None
        async with reading(self._readers) as connection:
            position = position or Position(_period(query, await self._read_now(connection)), ())
            entries = entries_of(tenant_id, position.period, query)
            total = (await connection.execute(select(*measures(entries)))).mappings().one()
            groups: Sequence[RowMapping] = ()
            size = 0
            if query.group_by:
                grouped = groups_of(entries, len(query.group_by))
                size = (await connection.execute(count_groups(grouped))).scalar_one()
                groups = (await connection.execute(page_of(grouped, query, position.after))).mappings().all()
        return _page(query, position.period, total, groups, size)


def _period(query: UsageQuery, now: datetime) -> Period:
    # The end is exclusive, and what ended this very microsecond belongs to "until now".
    end = now + timedelta(microseconds=1) if query.end is None else query.end
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) if query.start is None else query.start
    return Period(to_micros(start), to_micros(end))


def _page(query: UsageQuery, period: Period, total: RowMapping, groups: Sequence[RowMapping], size: int) -> UsagePage:
    shown = groups[: query.page_size]
    token = ""
    if len(groups) > len(shown):
        token = write_token(query, Position(period, tuple(shown[-1][name] for name in sort_names(query))))
    return UsagePage(
        start=from_micros(period.start),
        end=from_micros(period.end),
        total=_row(total, ()),
        rows=tuple(_row(group, _keys(query, group)) for group in shown),
        next_page_token=token,
        total_size=size,
    )


def _keys(query: UsageQuery, group: RowMapping) -> tuple[str, ...]:
    return tuple(_key(dimension, group[f"key_{place}"]) for place, dimension in enumerate(query.group_by))


def _key(dimension: UsageDimension.ValueType, value: str | int) -> str:
    if isinstance(value, str):
        return value
    return from_micros(value * WIDTHS_MICROS[dimension]).strftime(_TIME_FORMATS[dimension])


def _row(sums: RowMapping, keys: tuple[str, ...]) -> UsageRow:
    attempts = int(sums["attempts"])
    estimated = int(sums["estimated"])
    return UsageRow(
        keys=keys,
        completions=sums["completions"],
        attempts=attempts,
        failed_attempts=sums["failed"],
        cancelled_attempts=sums["cancelled"],
        tokens=TokenUsage(**{name: _sum(sums, name) for name in TOKEN_CLASSES}, estimated=estimated > 0),
        cost_nanos=_sum(sums, "cost_nanos"),
        unpriced_attempts=sums["unpriced"],
        mean_latency_ms=(_sum(sums, "latency_ms") + attempts // 2) // attempts if attempts else None,
        estimated_attempts=estimated,
        ceiling_attempts=sums["ceiling"],
    )


def _sum(sums: RowMapping, name: str) -> int:
    """A sum as the contract carries it; what no int64 holds is given as the largest."""
    return min(sum_of(sums, name), _LARGEST)
