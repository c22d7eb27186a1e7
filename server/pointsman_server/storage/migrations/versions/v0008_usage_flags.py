"""What was odd about a provider's count."""

import sqlalchemy as sa
from alembic import op

from pointsman_server.storage.migrations.types import TEXT

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Makes the column."""
    op.add_column("usage_entries", sa.Column("usage_flags", TEXT, nullable=False, server_default=sa.text("''")))
