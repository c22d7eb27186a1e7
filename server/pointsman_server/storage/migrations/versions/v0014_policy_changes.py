"""Finds the rules that have changed since a version of policy."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Makes the index."""
    op.create_index(op.f("ix_policy_rule_versions_generation"), "policy_rule_versions", ["generation"])
