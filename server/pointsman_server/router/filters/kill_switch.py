"""Drops models that a kill switch stops, themselves or with their provider."""

from __future__ import annotations

import numpy as np

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    limits, snapshot = problem.verdict.models, problem.snapshot
    if not (limits.killed_providers or limits.killed_models):
        return None
    runs = np.array([each not in limits.killed_providers for each in snapshot.provider_ids], dtype=np.bool_)
    keep = standing & runs[problem.columns.provider_index]
    for model_id in limits.killed_models:
        rows = [row for row in snapshot.resolve(model_id) if snapshot.models[row].id == model_id]
        keep[rows] = False
    return keep


def _detail(problem: Problem, row: int) -> str:
    model = problem.model(row)
    stopped = model.provider_id if model.provider_id in problem.verdict.models.killed_providers else model.id
    return f"a kill switch stops {stopped}"


KILL_SWITCH = Filter("kill_switch", _keep, _detail)
