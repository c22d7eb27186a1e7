"""Drops models whose provider cannot be called now: no key, not reachable, or turned off."""

from __future__ import annotations

from pointsman.v1.model_pb2 import ProviderState

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    return problem.columns.active


def _detail(problem: Problem, row: int) -> str:
    provider_id = problem.model(row).provider_id
    status = problem.snapshot.statuses[provider_id]
    state = ProviderState.Name(status.state).removeprefix("PROVIDER_STATE_").lower()
    return f"{provider_id} is not active ({state})" + (f": {status.state_reason}" if status.state_reason else "")


PROVIDER_INACTIVE = Filter("provider_inactive", _keep, _detail)
