"""The audit log: the ends of the chains, their entries, and apart what those hold."""

import sqlalchemy as sa
from alembic import op

from pointsman_server.storage.migrations.types import TEXT

revision = "0010"
down_revision = "0009"

_TEXTS = (
    "actor_tenant_id actor_user_id actor_agent_id actor_credential_id actor_roles request_id source action resource "
    "resource_id payload_hash previous_hash hash"
)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "audit_heads",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in _TEXTS.split()),
        sa.PrimaryKeyConstraint("tenant_id", "sequence", name=op.f("pk_audit_entries")),
    )
    for columns in ("created_at", "actor_user_id sequence", "resource resource_id sequence"):
        named = ["tenant_id", *columns.split()]
        op.create_index(op.f(f"ix_audit_entries_{'_'.join(named)}"), "audit_entries", named)
    op.create_table(
        "audit_payloads",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "sequence", name=op.f("pk_audit_payloads")),
    )
