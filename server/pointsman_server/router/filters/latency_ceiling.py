"""Drops models whose usual time to first token is above the caller's ceiling.

A model of unknown latency stays only where no other is known to meet the ceiling: a promise goes before a hope, and
a hope before a refusal. This filter is the last, so that "no other" means no other that passed every filter.
"""

from __future__ import annotations

from pointsman_server.catalog.snapshot import UNKNOWN
from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    ceiling = problem.preferences.max_latency_ms
    if ceiling is None:
        return None
    latency = problem.columns.latency_ms
    within = latency <= ceiling
    known = within & (latency != UNKNOWN)
    return known if (known & standing).any() else within


def _detail(problem: Problem, row: int) -> str:
    latency, ceiling = problem.model(row).latency_ms, problem.preferences.max_latency_ms
    if latency is None:
        return f"its latency is not known, and others are known to meet {ceiling} ms"
    return f"its usual time to first token is {latency} ms; the ceiling is {ceiling} ms"


LATENCY_CEILING = Filter("latency_ceiling", _keep, _detail)
