"""Drops models that need a higher tier than the account with their provider has."""

from __future__ import annotations

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    return problem.index.within_account


def _detail(problem: Problem, row: int) -> str:
    model, provider = problem.model(row), problem.provider(row)
    return f"it needs an account of the tier {model.tier}; the one with {provider.id} is {provider.account_tier}"


ACCOUNT_TIER = Filter("account_tier", _keep, _detail)
