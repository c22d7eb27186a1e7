"""Drops models whose class neither the plan nor the rules allow. A model without a class is of none that they name."""

from __future__ import annotations

import numpy as np

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    allowed = problem.verdict.models.allowed_classes
    if allowed is None:
        return None
    # The last one is at UNKNOWN, which is the slot of models without a class.
    by_slot = np.array([name in allowed for name in (*problem.index.classes, "")], dtype=np.bool_)
    keep: BoolArray = by_slot[problem.index.class_slot]
    return keep


def _detail(problem: Problem, row: int) -> str:
    allowed = ", ".join(sorted(problem.verdict.models.allowed_classes or ())) or "none"
    return f"its class is {problem.model(row).model_class or 'not known'}; the plan and the rules allow {allowed}"


POLICY_CLASSES = Filter("policy_classes", _keep, _detail)
