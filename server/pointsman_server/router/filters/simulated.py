"""Drops simulated models as soon as a real one can be called, unless they are asked for by name."""

from __future__ import annotations

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    if not problem.index.has_real:
        return None
    simulated = problem.columns.simulated
    keep = ~simulated
    for name in problem.preferences.pinned_models:
        rows = list(problem.snapshot.resolve(name))
        # A name that real models share does not ask for the simulated one.
        if simulated[rows].all():
            keep[rows] = True
    for position, provider_id in enumerate(problem.snapshot.provider_ids):
        if provider_id in problem.preferences.pinned_providers:
            keep |= problem.columns.provider_index == position
    return keep


def _detail(problem: Problem, row: int) -> str:
    return f"{problem.model(row).provider_id} is simulated, and a real model can be called; pin it to use it"


SIMULATED = Filter("simulated", _keep, _detail)
