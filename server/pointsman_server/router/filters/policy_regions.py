"""Drops models of providers in regions that the rules deny, or do not allow.

Where regions are allowed by name, a provider that does not say where it computes is in none of them.
"""

from __future__ import annotations

import numpy as np

from pointsman_server.policy.model import ModelLimits
from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter, is_denied
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    limits, snapshot = problem.verdict.models, problem.snapshot
    if limits.allowed_regions is None and not limits.denied_regions:
        return None
    regions = [snapshot.providers[provider_id].region for provider_id in snapshot.provider_ids]
    fits = np.array([_fits(limits, region) for region in regions], dtype=np.bool_)
    return fits[problem.columns.provider_index]


def _fits(limits: ModelLimits, region: str) -> bool:
    allowed = limits.allowed_regions is None or region in limits.allowed_regions
    return allowed and not is_denied(region, limits.denied_regions)


def _detail(problem: Problem, row: int) -> str:
    limits, provider = problem.verdict.models, problem.provider(row)
    where = f"its provider {provider.id} computes in {provider.region}" if provider.region else _unknown(provider.id)
    if is_denied(provider.region, limits.denied_regions):
        return f"{where}, which a rule denies (denied_regions)"
    return f"{where}; the rules allow {', '.join(sorted(limits.allowed_regions or ())) or 'none'}"


def _unknown(provider_id: str) -> str:
    return f"its provider {provider_id} does not say where it computes (region)"


POLICY_REGIONS = Filter("policy_regions", _keep, _detail)
