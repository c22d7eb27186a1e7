"""The first tables: decisions, reservations, usage entries with their labels, feedback, request ids."""

import sqlalchemy as sa
from alembic import op

from pointsman_server.storage.migrations.types import TEXT

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables."""
    _decisions()
    _reservations()
    _usage_entries()
    _usage_labels()
    _feedback()
    _request_ids()


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("decision_id", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("completion_id", TEXT, nullable=True),
        sa.Column("model_id", TEXT, nullable=False),
        sa.Column("agent_id", TEXT, nullable=False),
        sa.Column("task_type", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("decision", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "decision_id", name=op.f("pk_decisions")),
    )
    op.create_index(
        op.f("ix_decisions_tenant_id_completion_id"), "decisions", ["tenant_id", "completion_id"], unique=False
    )
    op.create_index(op.f("ix_decisions_tenant_id_created_at"), "decisions", ["tenant_id", "created_at"], unique=False)


def _reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("reservation_id", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("completion_id", TEXT, nullable=False),
        sa.Column("decision_id", TEXT, nullable=False),
        sa.Column("project_id", TEXT, nullable=False),
        sa.Column("agent_id", TEXT, nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("task_code", TEXT, nullable=False),
        sa.Column("task_type", TEXT, nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", TEXT, nullable=False),
        sa.Column("model_id", TEXT, nullable=False),
        sa.Column("worst_case_cost_nanos", sa.BigInteger(), nullable=True),
        sa.Column("labels", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "reservation_id", name=op.f("pk_reservations")),
    )
    op.create_index(
        "ix_reservations_open",
        "reservations",
        ["tenant_id", "created_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _usage_entries() -> None:
    op.create_table(
        "usage_entries",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("reservation_id", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("completion_id", TEXT, nullable=False),
        sa.Column("decision_id", TEXT, nullable=False),
        sa.Column("project_id", TEXT, nullable=False),
        sa.Column("agent_id", TEXT, nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("task_code", TEXT, nullable=False),
        sa.Column("task_type", TEXT, nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", TEXT, nullable=False),
        sa.Column("model_id", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("failure_kind", TEXT, nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_read_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_write_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_write_long_tokens", sa.BigInteger(), nullable=False),
        sa.Column("input_audio_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_audio_tokens", sa.BigInteger(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("cost_nanos", sa.BigInteger(), nullable=True),
        sa.Column("latency_ms", sa.BigInteger(), nullable=False),
        sa.Column("time_to_first_token_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "reservation_id", name=op.f("pk_usage_entries")),
    )
    op.create_index(
        op.f("ix_usage_entries_tenant_id_ended_at"), "usage_entries", ["tenant_id", "ended_at"], unique=False
    )


def _usage_labels() -> None:
    op.create_table(
        "usage_labels",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("reservation_id", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reservation_id"],
            ["usage_entries.tenant_id", "usage_entries.reservation_id"],
            name=op.f("fk_usage_labels_usage_entries"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "reservation_id", "key", name=op.f("pk_usage_labels")),
    )


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("feedback_id", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("decision_id", TEXT, nullable=False),
        sa.Column("completion_id", TEXT, nullable=False),
        sa.Column("model_id", TEXT, nullable=False),
        sa.Column("task_type", TEXT, nullable=False),
        sa.Column("agent_id", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("rating", sa.Double(), nullable=False),
        sa.Column("signal", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "feedback_id", name=op.f("pk_feedback")),
    )
    op.create_index(
        op.f("ix_feedback_tenant_id_decision_id_created_at"),
        "feedback",
        ["tenant_id", "decision_id", "created_at"],
        unique=False,
    )


def _request_ids() -> None:
    op.create_table(
        "request_ids",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("method", TEXT, nullable=False),
        sa.Column("request_id", TEXT, nullable=False),
        sa.Column("body_digest", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "method", "request_id", name=op.f("pk_request_ids")),
    )
