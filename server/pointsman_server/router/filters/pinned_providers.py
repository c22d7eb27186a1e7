"""Where providers are pinned, only their models may serve."""

from __future__ import annotations

import numpy as np

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    pinned = problem.preferences.pinned_providers
    if not pinned:
        return None
    allowed = np.fromiter((provider_id in pinned for provider_id in problem.snapshot.provider_ids), np.bool_)
    return allowed[problem.columns.provider_index]


def _detail(problem: Problem, row: int) -> str:
    provider_id = problem.model(row).provider_id
    return f"its provider is {provider_id}; only {', '.join(problem.preferences.pinned_providers)} may serve"


PINNED_PROVIDERS = Filter("pinned_providers", _keep, _detail)
