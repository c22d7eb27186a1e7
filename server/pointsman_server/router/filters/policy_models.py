"""Drops models that a rule denies, or that are not on every list of those that it allows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem

_ALL_OF_PROVIDER = "/*"


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    limits = problem.verdict.models
    if not (limits.allowed_models or limits.denied_models):
        return None
    keep = np.ones_like(standing)
    for names in limits.allowed_models:
        keep &= _named(problem, names)
    return keep & ~_named(problem, limits.denied_models)


def _named(problem: Problem, names: Iterable[str]) -> BoolArray:
    """The rows that ids, aliases and ``provider/*`` mean."""
    columns, snapshot = problem.columns, problem.snapshot
    found = np.zeros(len(snapshot.models), dtype=np.bool_)
    for name in names:
        provider_id = name.removesuffix(_ALL_OF_PROVIDER)
        if provider_id != name and provider_id in snapshot.providers:
            found |= columns.provider_index == snapshot.provider_ids.index(provider_id)
        found[list(snapshot.resolve(name))] = True
    return found


def _detail(problem: Problem, row: int) -> str:
    if _named(problem, problem.verdict.models.denied_models)[row]:
        return "a rule denies it (denied_models)"
    return "it is not among those that the rules allow (allowed_models)"


POLICY_MODELS = Filter("policy_models", _keep, _detail)
