"""Tenants, users, projects and the credentials that speak for them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from pointsman_server.storage.migrations.types import TEXT

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Makes the tables."""
    _make("tenants", "tenant_id", texts="display_name state access_token_id default_model")
    _make("users", "tenant_id user_id", texts="display_name email kind roles state")
    _make("projects", "tenant_id project_id", texts="display_name")
    _make("project_members", "tenant_id project_id user_id", stamped=False)
    op.create_index("ix_project_members_tenant_id_user_id", "project_members", ["tenant_id", "user_id"])
    _make(
        "api_keys",
        "tenant_id api_key_id",
        texts="display_name user_id agent_id roles replaced_by",
        others=_credential(),
    )
    op.create_index("ix_api_keys_digest", "api_keys", ["digest"], unique=True)
    op.create_index("ix_api_keys_tenant_id_user_id", "api_keys", ["tenant_id", "user_id"])
    _make(
        "access_tokens",
        "tenant_id access_token_id",
        texts="display_name plan_id bound_tenant_id",
        others=_credential(),
    )
    op.create_index("ix_access_tokens_digest", "access_tokens", ["digest"], unique=True)
    op.create_index("ix_access_tokens_tenant_id_plan_id", "access_tokens", ["tenant_id", "plan_id"])
    value = sa.Column("value", sa.LargeBinary(), nullable=False)
    made = sa.Column("created_at", sa.BigInteger(), nullable=False)
    _make("server_secrets", "tenant_id name", others=[value, made], stamped=False)


def _make(
    name: str, keys: str, *, texts: str = "", others: list[sa.Column[Any]] | None = None, stamped: bool = True
) -> None:
    stamps = ("created_at", "updated_at") if stamped else ()
    op.create_table(
        name,
        *(sa.Column(column, TEXT, nullable=False) for column in (*keys.split(), *texts.split())),
        *(others or ()),
        *(sa.Column(column, sa.BigInteger(), nullable=False) for column in stamps),
        sa.PrimaryKeyConstraint(*keys.split(), name=op.f(f"pk_{name}")),
    )


def _credential() -> list[sa.Column[Any]]:
    return [
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
    ]
