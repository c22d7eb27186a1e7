"""The ledger's statements on PostgreSQL. Each takes whole columns as arrays, so that a batch is one row or many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, Table, Text

from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.storage.tables import (
    DECISIONS,
    METER_COUNTERS,
    METERS,
    RESERVATIONS,
    USAGE_ENTRIES,
    USAGE_LABELS,
)

_ARRAYS: Final[Mapping[type, str]] = {
    Text: "text[]",
    BigInteger: "bigint[]",
    Boolean: "boolean[]",
    LargeBinary: "bytea[]",
}


def _names(columns: Iterable[Column[object]], prefix: str = "") -> str:
    return ", ".join(prefix + column.name for column in columns)


def _insert(table: Table, conflict: str = "") -> str:
    """The statement that inserts rows, one array for each column in the order of the table's."""
    arrays = ", ".join(f"%s::{_ARRAYS[type(column.type)]}" for column in table.columns)
    return f"INSERT INTO {table.name} ({_names(table.columns)}) SELECT * FROM unnest({arrays}) {conflict}"  # noqa: S608  # our own names


# Every server holds a share of this lock for as long as its connection stands; whoever can have it whole is alone.
# Keepalives let the database notice within half a minute that a server's machine is gone.
_PRESENCE: Final = 2_946_018_577_310_442
ENTER: Final = f"""
    SELECT set_config('tcp_keepalives_idle', '10', false),
        set_config('tcp_keepalives_interval', '5', false),
        set_config('tcp_keepalives_count', '3', false),
        set_config('lock_timeout', '10s', true),
        pg_advisory_lock_shared({_PRESENCE})
"""
TRY_ALONE: Final = f"SELECT pg_try_advisory_lock({_PRESENCE})"
END_ALONE: Final = f"SELECT pg_advisory_unlock({_PRESENCE})"

# For this transaction alone. A server that is paused while it holds rows loses them after two seconds. The
# transaction's number tells later what became of it.
BEGIN: Final = f"""
    SELECT pg_current_xact_id()::text,
        (SELECT state FROM replicas WHERE tenant_id = '{PLATFORM_TENANT}' AND replica_id = %s::text),
        set_config('lock_timeout', '2s', true),
        set_config('statement_timeout', '2s', true),
        set_config('idle_in_transaction_session_timeout', '2s', true),
        CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END
"""  # noqa: S608  # a constant

FATE: Final = "SELECT pg_xact_status(%s::text::xid8)"

# A decision never changes, so one that is there already is the same.
INSERT_DECISIONS: Final = _insert(DECISIONS, "ON CONFLICT DO NOTHING")
INSERT_RESERVATIONS: Final = _insert(RESERVATIONS)
INSERT_ENTRIES: Final = _insert(USAGE_ENTRIES)
INSERT_LABELS: Final = _insert(USAGE_LABELS)

CLAIM: Final = """
    INSERT INTO completion_claims
        (tenant_id, user_id, request_id, completion_id, decision_id, body_digest, created_at)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    ON CONFLICT DO NOTHING
    RETURNING completion_id
"""

END_CLAIMS: Final = """
    UPDATE completion_claims AS held SET status = ended.status, told = ended.told
    FROM unnest(%s::text[], %s::bytea[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS ended (status, told, tenant_id, user_id, request_id, completion_id)
    WHERE held.tenant_id = ended.tenant_id AND held.user_id = ended.user_id AND held.request_id = ended.request_id
        AND held.completion_id = ended.completion_id
"""

RELEASE_CLAIMS: Final = """
    DELETE FROM completion_claims AS held
    USING unnest(%s::text[], %s::text[], %s::text[], %s::text[])
        AS freed (tenant_id, user_id, request_id, completion_id)
    WHERE held.tenant_id = freed.tenant_id AND held.user_id = freed.user_id AND held.request_id = freed.request_id
        AND held.completion_id = freed.completion_id
"""

SET_COUNTERS: Final = _insert(
    METER_COUNTERS,
    """
    ON CONFLICT (tenant_id, meter_id, bucket) DO UPDATE
    SET posted = excluded.posted, reserved = excluded.reserved, arrival_nanos = excluded.arrival_nanos,
        decided_at = excluded.decided_at
    """,
)

END_RESERVATIONS: Final = """
    UPDATE reservations AS held SET state = ended.state, ended_at = ended.ended_at, resolved_by = ended.resolved_by
    FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])
        AS ended (state, ended_at, resolved_by, tenant_id, reservation_id)
    WHERE held.tenant_id = ended.tenant_id AND held.reservation_id = ended.reservation_id
        AND held.state IN ('open', 'unknown')
"""

# Locked rows are left out: another server ends them, and nobody waits for a lock out of order.
MARK_RESERVATIONS: Final = """
    WITH marks AS (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[])
            AS mark (at, input_tokens, output_tokens, cost_nanos, tenant_id, reservation_id)
    ), free AS MATERIALIZED (
        SELECT tenant_id, reservation_id FROM reservations
        WHERE state = 'open' AND (tenant_id, reservation_id) IN (SELECT tenant_id, reservation_id FROM marks)
        FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE reservations AS held
    SET checkpoint_at = marks.at, checkpoint_input_tokens = marks.input_tokens,
        checkpoint_output_tokens = marks.output_tokens, checkpoint_cost_nanos = marks.cost_nanos
    FROM marks JOIN free USING (tenant_id, reservation_id)
    WHERE held.tenant_id = marks.tenant_id AND held.reservation_id = marks.reservation_id
"""

ORPHAN_RESERVATIONS: Final = """
    UPDATE reservations AS held SET state = 'unknown', unknown_at = lost.found_at
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS lost (found_at, tenant_id, reservation_id)
    WHERE held.tenant_id = lost.tenant_id AND held.reservation_id = lost.reservation_id AND held.state = 'open'
"""

SET_LINES: Final = """
    UPDATE reservations AS held SET lines = changed.lines
    FROM unnest(%s::text[], %s::text[], %s::text[]) AS changed (lines, tenant_id, reservation_id)
    WHERE held.tenant_id = changed.tenant_id AND held.reservation_id = changed.reservation_id
"""

# One by one: a later outcome of the same decision builds on the earlier.
SET_OUTCOME: Final = """
    UPDATE decisions
    SET status = %s, model_id = coalesce(nullif(%s, ''), model_id),
        completion_id = coalesce(completion_id, nullif(%s, '')), outcome = %s
    WHERE tenant_id = %s AND decision_id = %s
"""

# What is locked is locked in one order, so that servers wait for each other and never in a circle: first request ids,
# which the unique key of their claims locks, then reservations, then meters, each by key. Whoever comes second then
# sees what the first one wrote. A claim that ends later in the transaction is its own server's: the others only wait
# for it, and hold nothing then.
LOCK_RESERVATIONS: Final = """
    SELECT tenant_id, reservation_id, state, created_at, lines FROM reservations
    WHERE (tenant_id, reservation_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
    ORDER BY tenant_id, reservation_id
    FOR NO KEY UPDATE
"""

LOCK_METERS: Final = f"""
    SELECT {_names(METERS.columns)} FROM meters
    WHERE (tenant_id, meter_id) IN (
        SELECT tenant_id, meter_id
        FROM meters
        JOIN unnest(%s::text[], %s::text[], %s::text[]) AS wanted (tenant_id, scope, scope_id)
            USING (tenant_id, scope, scope_id)
        UNION
        SELECT * FROM unnest(%s::text[], %s::text[])
    )
    ORDER BY tenant_id, meter_id
    FOR NO KEY UPDATE
"""  # noqa: S608  # the names of columns are the table's

# Between reservations and meters, in the order of their names, come those of plans and rules that are missing. Here one
# waits for what another transaction makes, and locks nothing that is there; who locks meters sees none before it is
# committed. So nobody waits here for those who lock meters, and they for nobody here.
MAKE_METERS: Final = _insert(METERS, "ON CONFLICT DO NOTHING")

REDEFINE_METERS: Final = """
    UPDATE meters AS held
    SET name = now.name, limit_amount = now.limit_amount, source = now.source, updated_at = now.updated_at
    FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[])
        AS now (name, limit_amount, source, updated_at, tenant_id, meter_id)
    WHERE held.tenant_id = now.tenant_id AND held.meter_id = now.meter_id
"""

# Counters need no locks of their own: who writes one has locked its meter.
COUNTERS: Final = f"""
    SELECT {_names(METER_COUNTERS.columns, "held.")}
    FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS wanted (tenant_id, meter_id, first)
    JOIN meter_counters AS held
        ON held.tenant_id = wanted.tenant_id AND held.meter_id = wanted.meter_id AND held.bucket >= wanted.first
"""  # noqa: S608  # the names of columns are the table's

# Not the time at which the transaction or the statement began: those lie before the locks.
NOW: Final = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

OPEN: Final = f"SELECT {_names(RESERVATIONS.columns)} FROM reservations WHERE state = 'open'"  # noqa: S608  # as above

GENERATIONS: Final = "SELECT name, value FROM generations WHERE tenant_id = %s"

COUNT_OPEN: Final = "SELECT count(*) FROM reservations WHERE state IN ('open', 'unknown')"
