"""Meters of plans and rules, beside those that people make."""

import sqlalchemy as sa
from alembic import op

from pointsman_server.storage.migrations.types import TEXT

revision = "0012"
down_revision = "0011"

_OF_POLICY = sa.text("scope = 'policy'")


def upgrade() -> None:
    """Makes the column, and the index that lets one limit have one meter."""
    op.add_column("meters", sa.Column("source", TEXT, nullable=False, server_default=sa.text("'budget'")))
    op.create_index(
        "ix_meters_policy",
        "meters",
        ["tenant_id", "scope_id"],
        unique=True,
        sqlite_where=_OF_POLICY,
        postgresql_where=_OF_POLICY,
    )
