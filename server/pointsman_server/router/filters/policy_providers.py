"""Drops models of providers that the rules deny, or do not allow."""

from __future__ import annotations

import numpy as np

from pointsman_server.policy.model import ModelLimits
from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter, is_denied
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    limits = problem.verdict.models
    if limits.allowed_providers is None and not limits.denied_providers:
        return None
    fits = np.array([_fits(limits, provider_id) for provider_id in problem.snapshot.provider_ids], dtype=np.bool_)
    return fits[problem.columns.provider_index]


def _fits(limits: ModelLimits, provider_id: str) -> bool:
    allowed = limits.allowed_providers is None or provider_id in limits.allowed_providers
    return allowed and not is_denied(provider_id, limits.denied_providers)


def _detail(problem: Problem, row: int) -> str:
    limits, provider_id = problem.verdict.models, problem.model(row).provider_id
    if is_denied(provider_id, limits.denied_providers):
        return f"a rule denies the provider {provider_id} (denied_providers)"
    allowed = ", ".join(sorted(limits.allowed_providers or ())) or "none"
    return f"its provider is {provider_id}; the rules allow {allowed}"


POLICY_PROVIDERS = Filter("policy_providers", _keep, _detail)
