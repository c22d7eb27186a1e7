"""Which usage entries are booked at a ceiling price."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds the column."""
    op.add_column(
        "usage_entries", sa.Column("at_ceiling", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
