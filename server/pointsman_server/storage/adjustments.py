"""Reads and corrects what was booked for reservations that somebody else than their own servers has ended.

That is rare, so that the same statements serve every database, one reservation after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pointsman.v1.usage_pb2 import TokenUsage
from sqlalchemy import and_, bindparam, func, insert, select, update

from pointsman_server.ledger.adjustments import Adjustment, Resolved, Resolver
from pointsman_server.ledger.batch import Entry, ReservationKey, ReservationState
from pointsman_server.storage.control import Execute
from pointsman_server.storage.rows import entry_row
from pointsman_server.storage.tables import RESERVATIONS, USAGE_ADJUSTMENTS, USAGE_ENTRIES
from pointsman_server.storage.times import to_micros

_CLASSES: Final = tuple(field.name for field in TokenUsage.DESCRIPTOR.fields)
_CORRECTED: Final = (
    "outcome",
    "failure_kind",
    *_CLASSES,
    "cost_nanos",
    "latency_ms",
    "time_to_first_token_ms",
    "at_ceiling",
    "usage_flags",
)
"""What a settlement says but for its time: an entry stays in the month that reports have counted it in."""

_RESERVATION: Final = and_(
    RESERVATIONS.c.tenant_id == bindparam("tenant"), RESERVATIONS.c.reservation_id == bindparam("name")
)
_ENTRY: Final = and_(
    USAGE_ENTRIES.c.tenant_id == RESERVATIONS.c.tenant_id,
    USAGE_ENTRIES.c.reservation_id == RESERVATIONS.c.reservation_id,
)
_COUNT: Final = (
    select(func.count())
    .where(
        USAGE_ADJUSTMENTS.c.tenant_id == RESERVATIONS.c.tenant_id,
        USAGE_ADJUSTMENTS.c.reservation_id == RESERVATIONS.c.reservation_id,
    )
    .scalar_subquery()
)
_READ: Final = (
    select(
        RESERVATIONS.c.resolved_by,
        _COUNT,
        USAGE_ENTRIES.c.reservation_id,
        USAGE_ENTRIES.c.cost_nanos,
        *(USAGE_ENTRIES.c[name] for name in _CLASSES),
    )
    .select_from(RESERVATIONS.outerjoin(USAGE_ENTRIES, _ENTRY))
    .where(_RESERVATION, RESERVATIONS.c.resolved_by != "")
)
_CORRECT: Final = (
    update(USAGE_ENTRIES)
    .where(USAGE_ENTRIES.c.tenant_id == bindparam("tenant"), USAGE_ENTRIES.c.reservation_id == bindparam("name"))
    .values({USAGE_ENTRIES.c[name]: bindparam(f"new_{name}") for name in _CORRECTED})
)
_KEEP: Final = insert(USAGE_ADJUSTMENTS)
_SETTLE: Final = update(RESERVATIONS).where(_RESERVATION).values(state=ReservationState.SETTLED.value, resolved_by="")


def read(execute: Execute, keys: Iterable[ReservationKey]) -> dict[ReservationKey, Resolved]:
    """What was booked for those of the reservations that somebody else has ended."""
    found = {}
    for key in keys:
        for row in execute(_READ, {"tenant": key.tenant_id, "name": key.reservation_id}):
            found[key] = _resolved(*row)
    return found


def write(execute: Execute, adjustments: Iterable[Adjustment]) -> None:
    """Corrects the entries that there are, keeps what stood before, and ends the reservations for good."""
    for adjustment in adjustments:
        values = _values(adjustment)
        if adjustment.before.has_entry:
            execute(_CORRECT, values)
        execute(_KEEP, _row(adjustment))
        execute(_SETTLE, {"tenant": values["tenant"], "name": values["name"]})


def _resolved(resolver: str, count: int, entry: str | None, cost_nanos: int | None, *classes: Any) -> Resolved:  # noqa: ANN401  # token counts, or nothing
    if entry is None:
        return Resolved(Resolver(resolver), TokenUsage(), 0, has_entry=False, adjustment_count=count)
    usage = TokenUsage(**dict(zip(_CLASSES, classes, strict=True)))
    return Resolved(Resolver(resolver), usage, cost_nanos, has_entry=True, adjustment_count=count)


def _values(adjustment: Adjustment) -> Mapping[str, object]:
    columns = (column.name for column in USAGE_ENTRIES.columns)
    entry = Entry(adjustment.reservation, adjustment.settlement, adjustment.at)
    row = dict(zip(columns, entry_row(entry), strict=True))
    corrected = {f"new_{name}": row[name] for name in _CORRECTED}
    return {"tenant": row["tenant_id"], "name": row["reservation_id"], **corrected}


def _row(adjustment: Adjustment) -> Mapping[str, object]:
    before, after = adjustment.before, adjustment.settlement
    return {
        "tenant_id": adjustment.reservation.request.charge.tenant_id,
        "reservation_id": adjustment.reservation.reservation_id,
        "number": adjustment.number,
        "reason": adjustment.reason,
        "created_at": to_micros(adjustment.at),
        "usage_before": before.usage.SerializeToString(),
        "usage_after": after.usage.SerializeToString(),
        "cost_nanos_before": before.cost_nanos,
        "cost_nanos_after": after.cost_nanos,
    }
