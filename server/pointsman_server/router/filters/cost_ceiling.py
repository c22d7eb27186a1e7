"""Drops models whose worst-case cost is above the caller's ceiling, or not known."""

from __future__ import annotations

import numpy as np

from pointsman_server.catalog.snapshot import UNKNOWN
from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    ceiling = problem.preferences.max_cost_nanos
    if ceiling is None:
        return None
    rows = np.flatnonzero(standing)
    costs = problem.worst_case_nanos(rows)
    keep = np.zeros_like(standing)
    keep[rows] = (costs != UNKNOWN) & (costs <= ceiling)
    return keep


def _detail(problem: Problem, row: int) -> str:
    ceiling = problem.preferences.max_cost_nanos
    cost = int(problem.worst_case_nanos(np.array([row], dtype=np.intp))[0])
    if cost == UNKNOWN:
        return f"no price is known; the ceiling is {ceiling} nano-dollars"
    return f"may cost {cost} nano-dollars; the ceiling is {ceiling}"


COST_CEILING = Filter("cost_ceiling", _keep, _detail)
