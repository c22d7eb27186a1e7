"""Policy rules, and all that they ever were."""

import sqlalchemy as sa
from alembic import op

from pointsman_server.storage.migrations.types import TEXT

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "policy_rules",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("policy_rule_id", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("scope", "scope_id", "task_code", "key")),
        sa.Column("rule", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "policy_rule_id", name=op.f("pk_policy_rules")),
    )
    op.create_index(op.f("ix_policy_rules_tenant_id_key"), "policy_rules", ["tenant_id", "key"])
    op.create_table(
        "policy_rule_versions",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("policy_rule_id", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.LargeBinary()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "policy_rule_id", "version", name=op.f("pk_policy_rule_versions")),
    )
