"""Drops models whose context window is not likely to hold the input and one token of output.

Half as much again as expected counts as likely, the bound where that is lower. The expectation alone would let inputs
through that some servers cut without a word; the bound alone, a token for each byte, would refuse a small model inputs
that take a quarter of its window.
"""

from __future__ import annotations

import numpy as np

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    index = problem.index
    if not problem.facts.counted:
        return index.lengths.room_tokens > problem.likely_tokens("")
    likely = np.array([problem.likely_tokens(tokenizer) for tokenizer in (*index.tokenizers, "")])
    return index.lengths.room_tokens > likely[index.lengths.tokenizer_slot]


def _detail(problem: Problem, row: int) -> str:
    model, overhead = problem.model(row), int(problem.index.lengths.overhead_tokens[row])
    return (
        f"its window holds {model.context_window_tokens} tokens; the input may well have "
        f"{problem.likely_tokens(model.tokenizer)}, its overhead {overhead}, and the output needs at least 1"
    )


CONTEXT_WINDOW = Filter("context_window", _keep, _detail)
