"""Drops what the catalog lists but does not serve: embeddings, retired and unconfirmed models."""

from __future__ import annotations

from pointsman.v1.model_pb2 import LifeCycle, ModelType

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    return problem.columns.routable


def _detail(problem: Problem, row: int) -> str:
    model = problem.model(row)
    if model.type != ModelType.MODEL_TYPE_CHAT:
        return f"its type is {_word(ModelType.Name(model.type), 'MODEL_TYPE_')}, not chat"
    return f"its life cycle is {_word(LifeCycle.Name(model.life_cycle), 'LIFE_CYCLE_')}"


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower()


NOT_ROUTABLE = Filter("not_routable", _keep, _detail)
