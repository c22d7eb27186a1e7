"""Servers and what becomes of their reservations; adjustments of usage; generations."""

import sqlalchemy as sa
from alembic import op

from pointsman_server.storage.migrations.types import TEXT

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the tables, the columns and the index."""
    _reservations()
    _replicas()
    _usage_adjustments()
    _generations()


def _reservations() -> None:
    for name in ("replica_id", "resolved_by"):
        op.add_column("reservations", sa.Column(name, TEXT, nullable=False, server_default=sa.text("''")))
    for name in ("input_tokens_bound", "max_output_tokens", "expires_at"):
        op.add_column("reservations", sa.Column(name, sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    checkpoint = ("at", "input_tokens", "output_tokens", "cost_nanos")
    for name in ("unknown_at", *(f"checkpoint_{part}" for part in checkpoint)):
        op.add_column("reservations", sa.Column(name, sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_reservations_unknown",
        "reservations",
        ["tenant_id", "created_at"],
        unique=False,
        sqlite_where=sa.text("state = 'unknown'"),
        postgresql_where=sa.text("state = 'unknown'"),
    )


def _replicas() -> None:
    op.create_table(
        "replicas",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("replica_id", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("heartbeat_at", sa.BigInteger(), nullable=False),
        sa.Column("heartbeats", sa.BigInteger(), nullable=False),
        sa.Column("hostname", TEXT, nullable=False),
        sa.Column("process_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "replica_id", name=op.f("pk_replicas")),
    )


def _usage_adjustments() -> None:
    op.create_table(
        "usage_adjustments",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("reservation_id", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("usage_before", sa.LargeBinary(), nullable=False),
        sa.Column("usage_after", sa.LargeBinary(), nullable=False),
        sa.Column("cost_nanos_before", sa.BigInteger(), nullable=True),
        sa.Column("cost_nanos_after", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "reservation_id", "number", name=op.f("pk_usage_adjustments")),
    )


def _generations() -> None:
    op.create_table(
        "generations",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_generations")),
    )
