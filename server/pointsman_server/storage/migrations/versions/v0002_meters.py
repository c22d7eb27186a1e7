"""Meters, their counters, and what reservations hold on them."""

import sqlalchemy as sa
from alembic import op

from pointsman_server.storage.migrations.types import TEXT

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the tables and the column."""
    op.add_column("reservations", sa.Column("lines", TEXT, nullable=False, server_default=sa.text("'[]'")))
    op.create_table(
        "meters",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("meter_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("scope_id", TEXT, nullable=False),
        sa.Column("unit", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("period_s", sa.BigInteger(), nullable=False),
        sa.Column("limit_amount", sa.BigInteger(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "meter_id", name=op.f("pk_meters")),
    )
    op.create_index(
        op.f("ix_meters_tenant_id_scope_scope_id"), "meters", ["tenant_id", "scope", "scope_id"], unique=False
    )
    op.create_table(
        "meter_counters",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("meter_id", TEXT, nullable=False),
        sa.Column("bucket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("posted", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("arrival_nanos", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "meter_id", "bucket", name=op.f("pk_meter_counters")),
    )
