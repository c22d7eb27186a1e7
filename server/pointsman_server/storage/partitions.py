"""The months of the usage entries on PostgreSQL: a partition for each, made ahead, so that no entry waits for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from psycopg import Connection, sql

from pointsman_server.storage.times import to_micros

MONTHS_AHEAD: Final = 3
"""How many months after the current one have their partition already."""

_A_MONTH_OR_MORE: Final = timedelta(days=32)

# Any number that nobody else takes. Of the servers that tend at once, one makes all that is missing: if they took it
# for each partition, every one of them could find it taken for one, which then nobody would make.
_TAKE: Final = "SELECT pg_try_advisory_lock(7302551948163304)"
_GIVE_BACK: Final = "SELECT pg_advisory_unlock(7302551948163304)"

# What is waited for here makes others wait too, so it is given up soon; the default partition takes entries meanwhile.
_PATIENCE: Final = "SET LOCAL lock_timeout = '500ms'"

_MADE: Final = """
    SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'usage_entries'::regclass
"""

_STRAYED: Final = """
    SELECT DISTINCT date_trunc('month', to_timestamp(ended_at / 1000000), 'UTC') FROM usage_entries_default
"""


def tend(connection: Connection[Any], now: datetime) -> list[str]:
    """Makes the partitions that are missing of this month and the next ones; returns their names.

    Entries that found no partition lie in the default one: their months get one too, and they move there. Each
    partition is a transaction of its own. Where another server tends now, nothing is done.

    Args:
        connection: commits by itself.
        now: the store's time.

    Raises:
        psycopg.Error: one could not be made; those before it are.
    """
    with _alone(connection) as alone:
        return _make_missing(connection, now) if alone else []


@contextmanager
def _alone(connection: Connection[Any]) -> Iterator[bool]:
    with connection.transaction():
        ((alone,),) = connection.execute(_TAKE).fetchall()
    try:
        yield alone
    finally:
        if alone and not connection.closed:  # a lost connection has given it back
            with connection.transaction():
                connection.execute(_GIVE_BACK)


def _make_missing(connection: Connection[Any], now: datetime) -> list[str]:
    with connection.transaction():
        made = {name for (name,) in connection.execute(_MADE)}
        strayed = [month.astimezone(UTC) for (month,) in connection.execute(_STRAYED)]
    missing = [month for month in sorted({*_months(now), *strayed}) if name_of(month) not in made]
    for month in missing:
        _make(connection, month)
    return [name_of(month) for month in missing]


def name_of(month: datetime) -> str:
    """The partition's name."""
    return f"usage_entries_{month:%Y_%m}"


def _months(now: datetime) -> Iterator[datetime]:
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(MONTHS_AHEAD + 1):
        yield month
        month = _next(month)


def _next(month: datetime) -> datetime:
    return (month + _A_MONTH_OR_MORE).replace(day=1)


def _make(connection: Connection[Any], month: datetime) -> None:
    name = sql.Identifier(name_of(month))
    start, end = sql.Literal(to_micros(month)), sql.Literal(to_micros(_next(month)))
    with connection.transaction():
        connection.execute(_PATIENCE)
        # Attaching locks out neither readers nor writers of the other months, as making it in its place would.
        connection.execute(sql.SQL("CREATE TABLE {} (LIKE usage_entries INCLUDING DEFAULTS)").format(name))
        connection.execute("LOCK TABLE usage_entries_default IN ACCESS EXCLUSIVE MODE")
        moving = sql.SQL("""
            WITH strayed AS (DELETE FROM usage_entries_default WHERE ended_at >= {} AND ended_at < {} RETURNING *)
            INSERT INTO {} SELECT * FROM strayed
        """)
        connection.execute(moving.format(start, end, name))
        attaching = sql.SQL("ALTER TABLE usage_entries ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})")
        connection.execute(attaching.format(name, start, end))
