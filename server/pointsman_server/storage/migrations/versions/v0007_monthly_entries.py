"""Usage entries in monthly partitions on PostgreSQL; labels without a reference to them, which would need the month."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_MONTHS = """
    SELECT DISTINCT extract(year FROM month)::int, extract(month FROM month)::int
    FROM usage_entries_whole, LATERAL date_trunc('month', to_timestamp(ended_at / 1000000) AT TIME ZONE 'UTC') AS month
"""


def upgrade() -> None:
    """Takes the reference away; on PostgreSQL moves every entry into the partition of its month."""
    with op.batch_alter_table("usage_labels") as labels:
        labels.drop_constraint(op.f("fk_usage_labels_usage_entries"), type_="foreignkey")
    if op.get_bind().dialect.name == "postgresql":
        _partition()


def _partition() -> None:
    op.execute("ALTER TABLE usage_entries RENAME TO usage_entries_whole")
    op.execute("ALTER INDEX pk_usage_entries RENAME TO pk_usage_entries_whole")
    op.execute("ALTER INDEX ix_usage_entries_tenant_id_ended_at RENAME TO ix_usage_entries_whole")
    op.execute("CREATE TABLE usage_entries (LIKE usage_entries_whole INCLUDING DEFAULTS) PARTITION BY RANGE (ended_at)")
    # What splits a table must be part of its key.
    op.create_primary_key(op.f("pk_usage_entries"), "usage_entries", ["tenant_id", "reservation_id", "ended_at"])
    op.create_index(op.f("ix_usage_entries_tenant_id_ended_at"), "usage_entries", ["tenant_id", "ended_at"])
    op.execute("CREATE TABLE usage_entries_default PARTITION OF usage_entries DEFAULT")
    for year, month in op.get_bind().execute(sa.text(_MONTHS)).all():
        _make_month(year, month)
    op.execute("INSERT INTO usage_entries SELECT * FROM usage_entries_whole")
    op.execute("DROP TABLE usage_entries_whole")


def _make_month(year: int, month: int) -> None:
    start, end = (_micros(year + (each - 1) // 12, (each - 1) % 12 + 1) for each in (month, month + 1))
    name = f"usage_entries_{year:04}_{month:02}"
    op.execute(f"CREATE TABLE {name} PARTITION OF usage_entries FOR VALUES FROM ({start}) TO ({end})")


def _micros(year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1_000_000
