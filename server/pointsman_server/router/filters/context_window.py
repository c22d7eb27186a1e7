"""Drops models whose context window might not hold the input and one token of output.

The bound counts, not the expectation: some servers cut an input that is too long without a word.
"""

from __future__ import annotations

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    return problem.index.room_tokens > problem.facts.input_tokens_bound


def _detail(problem: Problem, row: int) -> str:
    overhead = int(problem.index.overhead_tokens[row])
    return (
        f"its window holds {problem.model(row).context_window_tokens} tokens; the input may have "
        f"{problem.facts.input_tokens_bound}, its overhead {overhead}, and the output needs at least 1"
    )


CONTEXT_WINDOW = Filter("context_window", _keep, _detail)
