"""When a counter last changed: the time of a meter never goes back, even where the database's clock does."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds the column."""
    op.add_column(
        "meter_counters", sa.Column("decided_at", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
