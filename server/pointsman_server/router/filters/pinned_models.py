"""Where models are pinned, only these may serve. A name that the catalog does not know means no model."""

from __future__ import annotations

import numpy as np

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    names = problem.preferences.pinned_models
    if not names:
        return None
    keep = np.zeros_like(standing)
    for name in names:
        keep[list(problem.snapshot.resolve(name))] = True
    return keep


def _detail(problem: Problem, row: int) -> str:
    del row  # the same for every model
    return f"only {', '.join(problem.preferences.pinned_models)} may serve"


PINNED_MODELS = Filter("pinned_models", _keep, _detail)
