"""Kill switches."""

import sqlalchemy as sa
from alembic import op

from pointsman_server.storage.migrations.types import TEXT

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "kill_switches",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("kill_switch_id", TEXT, nullable=False),
        sa.Column("switch", sa.LargeBinary(), nullable=False),
        sa.Column("pulled_at", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kill_switch_id", name=op.f("pk_kill_switches")),
    )
    op.create_index(op.f("ix_kill_switches_released_at"), "kill_switches", ["released_at"])
