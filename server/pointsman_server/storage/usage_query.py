"""The SQL of usage reports.

A sum of 64-bit integers may overflow, which is an error in SQLite. So columns are summed in two halves, which cannot:
the upper bits, and the lower 31.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pointsman.v1.router_service_pb2 import UsageDimension, UsageFilter
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Label,
    RowMapping,
    Select,
    Subquery,
    and_,
    cast,
    distinct,
    exists,
    func,
    literal,
    select,
    tuple_,
)

from pointsman_server.ledger.model import AttemptOutcome
from pointsman_server.ledger.reports import UsageQuery
from pointsman_server.storage.tables import USAGE_ENTRIES, USAGE_LABELS

HALF_BITS = 31
_LOW_MASK = (1 << HALF_BITS) - 1
_SHIFT = literal(HALF_BITS, Integer)  # PostgreSQL shifts by no bigint

TOKEN_CLASSES = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_long_tokens",
    "input_audio_tokens",
    "output_tokens",
    "reasoning_tokens",
    "output_audio_tokens",
)
_SUMMED = (*TOKEN_CLASSES, "cost_nanos", "latency_ms")
MEASURED = (*_SUMMED, "completion_id", "outcome", "estimated", "at_ceiling")

WIDTHS_MICROS = {
    UsageDimension.USAGE_DIMENSION_DAY: 86_400_000_000,
    UsageDimension.USAGE_DIMENSION_HOUR: 3_600_000_000,
}
_COLUMNS = {
    UsageDimension.USAGE_DIMENSION_PROVIDER: "provider_id",
    UsageDimension.USAGE_DIMENSION_MODEL: "model_id",
    UsageDimension.USAGE_DIMENSION_TASK_TYPE: "task_type",
    UsageDimension.USAGE_DIMENSION_PURPOSE: "purpose",
    UsageDimension.USAGE_DIMENSION_TASK_CODE: "task_code",
    UsageDimension.USAGE_DIMENSION_PROJECT: "project_id",
    UsageDimension.USAGE_DIMENSION_AGENT: "agent_id",
}
_FILTERED = (*_COLUMNS.values(), "run_id")

_GROUP_LABEL = USAGE_LABELS.alias("group_label")


class Period(NamedTuple):
    """A period in microseconds since 1970; the end is exclusive."""

    start: int
    end: int


def entries_of(tenant_id: str, period: Period, query: UsageQuery) -> Subquery:
    """The entries that count, with the dimensions' values as ``key_0``, ``key_1`` and so on."""
    columns = USAGE_ENTRIES.c
    keys = [_key(dimension).label(f"key_{place}") for place, dimension in enumerate(query.group_by)]
    return (
        select(*keys, *(columns[name] for name in MEASURED))
        .select_from(_source(query))
        .where(columns.tenant_id == tenant_id, columns.ended_at >= period.start, columns.ended_at < period.end)
        .where(*_conditions(query.filters))
        .subquery("entries")
    )


def measures(entries: FromClause) -> list[Label[Any]]:
    """What is counted and summed of the entries; sums as ``…_high`` and ``…_low``."""
    columns = entries.c
    counts = {
        "completions": func.count(distinct(columns.completion_id)),
        "attempts": func.count(),
        "failed": func.count().filter(columns.outcome == AttemptOutcome.FAILED.value),
        "cancelled": func.count().filter(columns.outcome == AttemptOutcome.CANCELLED.value),
        "unpriced": func.count().filter(columns.cost_nanos.is_(None)),
        "estimated": func.count().filter(columns.estimated),
        "ceiling": func.count().filter(columns.at_ceiling),
    }
    halves = {
        f"{name}_{half}": cast(func.coalesce(func.sum(bits), 0), BigInteger)
        for name in _SUMMED
        for half, bits in (
            ("high", columns[name].bitwise_rshift(_SHIFT)),
            ("low", columns[name].bitwise_and(_LOW_MASK)),
        )
    }
    return [measure.label(name) for name, measure in (counts | halves).items()]


def sum_of(sums: RowMapping, name: str) -> int:
    """Joins the halves that were summed apart."""
    return (int(sums[f"{name}_high"]) << HALF_BITS) + int(sums[f"{name}_low"])


def groups_of(entries: FromClause, key_count: int) -> Subquery:
    """One row a group, with what a page is sorted by beside the measures."""
    keys = [entries.c[f"key_{place}"] for place in range(key_count)]
    sums = select(*keys, *measures(entries)).group_by(*keys).subquery("sums")
    carried = sums.c.cost_nanos_low.bitwise_rshift(_SHIFT)
    return select(
        sums,
        (-(sums.c.cost_nanos_high + carried)).label("dearest"),
        (-sums.c.cost_nanos_low.bitwise_and(_LOW_MASK)).label("dearest_low"),
    ).subquery("grouped")


def sort_names(query: UsageQuery) -> tuple[str, ...]:
    """The columns of a group that give it its place: times, then cost, then the other keys, all ascending."""
    names = {f"key_{place}": dimension in WIDTHS_MICROS for place, dimension in enumerate(query.group_by)}
    times = (name for name, is_time in names.items() if is_time)
    others = (name for name, is_time in names.items() if not is_time)
    return (*times, "dearest", "dearest_low", *others)


def count_groups(grouped: Subquery) -> Select[int]:
    """How many groups there are."""
    return select(func.count()).select_from(grouped)


def page_of(grouped: Subquery, query: UsageQuery, after: tuple[str | int, ...]) -> Select[Any]:
    """The groups that follow ``after``, one more than a page holds."""
    order = [grouped.c[name] for name in sort_names(query)]
    page = select(grouped).order_by(*order).limit(query.page_size + 1)
    return page.where(tuple_(*order) > after) if after else page


def _source(query: UsageQuery) -> FromClause:
    if UsageDimension.USAGE_DIMENSION_LABEL not in query.group_by:
        return USAGE_ENTRIES
    of_entry = and_(
        _GROUP_LABEL.c.tenant_id == USAGE_ENTRIES.c.tenant_id,
        _GROUP_LABEL.c.reservation_id == USAGE_ENTRIES.c.reservation_id,
        _GROUP_LABEL.c.key == query.label_key,
    )
    return USAGE_ENTRIES.outerjoin(_GROUP_LABEL, of_entry)


def _key(dimension: UsageDimension.ValueType) -> ColumnElement[Any]:
    if dimension == UsageDimension.USAGE_DIMENSION_LABEL:
        return func.coalesce(_GROUP_LABEL.c.value, "")
    if dimension in WIDTHS_MICROS:
        return USAGE_ENTRIES.c.ended_at // WIDTHS_MICROS[dimension]
    return USAGE_ENTRIES.c[_COLUMNS[dimension]]


def _conditions(filters: UsageFilter) -> list[ColumnElement[bool]]:
    values = {name: getattr(filters, name) for name in _FILTERED}
    matching = [USAGE_ENTRIES.c[name] == value for name, value in values.items() if value]
    return matching + [_has_label(*label) for label in filters.labels.items()]


def _has_label(key: str, value: str) -> ColumnElement[bool]:
    return exists().where(
        USAGE_LABELS.c.tenant_id == USAGE_ENTRIES.c.tenant_id,
        USAGE_LABELS.c.reservation_id == USAGE_ENTRIES.c.reservation_id,
        USAGE_LABELS.c.key == key,
        USAGE_LABELS.c.value == value,
    )
