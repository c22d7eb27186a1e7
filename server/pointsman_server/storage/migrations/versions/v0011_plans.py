"""Plans with their features and tasks, and the first ones: rows that an operator edits like any other."""

import json
import time
from typing import Any

import sqlalchemy as sa
from alembic import op

from pointsman_server.storage.migrations.types import TEXT

revision = "0011"
down_revision = "0010"

_PLATFORM = "platform"

_FEATURES = (
    ("DIAGRAM_GENERATION", "Diagrams"),
    ("PATENT_DRAFTING", "Patent drafting"),
    ("PRIOR_ART_SEARCH", "Prior art search"),
)
_TASKS = (
    ("LLM1_PRIOR_ART", "PRIOR_ART_SEARCH", "Search for prior art"),
    ("LLM2_DRAFT", "PATENT_DRAFTING", "Draft a patent"),
    ("LLM3_DIAGRAM", "DIAGRAM_GENERATION", "Draw a diagram"),
)
_FEATURE_OF = {task: feature for task, feature, _ in _TASKS}
_AT_ONCE = {"LLM1_PRIOR_ART": 3, "LLM2_DRAFT": 2, "LLM3_DIAGRAM": 5}
"""How many calls of each task one tenant may have running."""

_SEARCH = {"LLM1_PRIOR_ART": ["BASE_S", "BASE_M"]}
_DIAGRAMS = {"LLM3_DIAGRAM": ["BASE_M", "PRO_M"]}
_PLANS: tuple[tuple[str, str, dict[str, list[str]], bool], ...] = (
    ("FREE", "Free", _SEARCH, False),
    ("BASIC", "Basic", {**_SEARCH, **_DIAGRAMS}, False),
    ("PRO", "Pro", {**_SEARCH, "LLM2_DRAFT": ["PRO_M", "PRO_L"], **_DIAGRAMS}, False),
    ("ENTERPRISE", "Enterprise", {**_SEARCH, "LLM2_DRAFT": ["PRO_M", "PRO_L", "ADVANCED"], **_DIAGRAMS}, True),
)
"""Each with the classes that its tasks may use, and whether calls without a task may use every model."""


def upgrade() -> None:
    """Makes the tables and their first rows."""
    features = _make("features", "feature_id", "display_name")
    tasks = _make("tasks", "task_code", "feature_id", "display_name")
    op.create_index("ix_tasks_tenant_id_feature_id", "tasks", ["tenant_id", "feature_id"])
    plans = _make("plans", "plan_id", "display_name", "terms")
    now = time.time_ns() // 1_000
    common = {"tenant_id": _PLATFORM, "created_at": now, "updated_at": now}
    op.bulk_insert(features, [{**common, "feature_id": key, "display_name": name} for key, name in _FEATURES])
    op.bulk_insert(
        tasks,
        [{**common, "task_code": key, "feature_id": feature, "display_name": name} for key, feature, name in _TASKS],
    )
    op.bulk_insert(
        plans,
        [
            {**common, "plan_id": key, "display_name": name, "terms": json.dumps(_terms(classes, general=general))}
            for key, name, classes, general in _PLANS
        ],
    )


def _make(name: str, key: str, *texts: str) -> sa.Table:
    return op.create_table(
        name,
        *(sa.Column(column, TEXT, nullable=False) for column in ("tenant_id", key, *texts)),
        *(sa.Column(column, sa.BigInteger(), nullable=False) for column in ("created_at", "updated_at")),
        sa.PrimaryKeyConstraint("tenant_id", key, name=op.f(f"pk_{name}")),
    )


def _terms(classes: dict[str, list[str]], *, general: bool) -> dict[str, Any]:
    return {
        "features": [{"feature_id": _FEATURE_OF[task], "quotas": []} for task in classes],
        "tasks": [_task(task, allowed) for task, allowed in classes.items()],
        "general_access": {"model_classes": [], "any_class": True} if general else None,
        "quotas": [],
    }


def _task(task: str, classes: list[str]) -> dict[str, Any]:
    slots = {"holder": "tenant", "unit": "requests", "kind": "slots", "limit": _AT_ONCE[task], "period_s": 0}
    return {"task_code": task, "access": {"model_classes": classes, "any_class": False}, "quotas": [slots]}
