"""Keeps addresses in the content from providers on private networks, which could be made to fetch them."""

from __future__ import annotations

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    return ~problem.columns.private if problem.facts.remote_uri_count else None


def _detail(problem: Problem, row: int) -> str:
    return (
        f"the content gives {problem.facts.remote_uri_count} images or documents by address, "
        f"and {problem.model(row).provider_id} is on a private network"
    )


PRIVATE_URI = Filter("private_uri", _keep, _detail)
