"""Drops models whose context window is not likely to hold the input and one token of output.

Half as much again as expected counts as likely, the bound where that is lower. The expectation alone would let inputs
through that some servers cut without a word; the bound alone, a token for each byte, would refuse a small model inputs
that take a quarter of its window.
"""

from __future__ import annotations

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.model import Facts
from pointsman_server.router.problem import Problem


def likely_tokens(facts: Facts) -> int:
    """The input's tokens, overhead excluded, that a window must hold."""
    return min(facts.input_tokens_bound, -(-facts.input_tokens_expected * 3 // 2))


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    return problem.index.room_tokens > likely_tokens(problem.facts)


def _detail(problem: Problem, row: int) -> str:
    overhead = int(problem.index.overhead_tokens[row])
    return (
        f"its window holds {problem.model(row).context_window_tokens} tokens; the input may well have "
        f"{likely_tokens(problem.facts)}, its overhead {overhead}, and the output needs at least 1"
    )


CONTEXT_WINDOW = Filter("context_window", _keep, _detail)
