"""What providers' own counts teach about the input: how many tokens a bound really comes to, and where it was too low.

Kept in memory, for this server alone, and bounded: of each model and order of size the shares of the last calls, and a
figure for each model whose bound was passed. Money, windows and slots never see an estimate; rates of tokens may.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import structlog

_log = structlog.get_logger(__name__)

WHOLE = 1_024
"""Shares are in so many parts."""

CALLS_KEPT = 64
LEAST_CALLS = 20
"""Of so many calls, the last count; with fewer than the least, rates hold the bound."""

PASSED_BY = 16
"""One call in so many may have had a higher share than the one that counts."""

MARGIN = 8
"""That share is raised by one part in so many."""

MOST_GROUPS = 8_192
"""Of so many models and orders of size the calls are kept; the longest not called is forgotten first."""

MOST_OVERHEAD_TOKENS = 32_768
"""No template adds more; a provider whose count says so counts something else."""

_LEAST_OVERHEAD_TOKENS = 16
_NO_OVERHEADS: Mapping[str, int] = MappingProxyType({})


class Calibration:
    """Learns from counts and tells what they suggest. Not for several threads."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, int], _Shares] = {}
        self._overheads = _NO_OVERHEADS

    @property
    def overheads(self) -> Mapping[str, int]:
        """By model, what its chat template adds beyond what its row or its dialect says. Replaced, never changed."""
        return self._overheads

    def learn(self, model_id: str, bound_tokens: int, counted_tokens: int, *, only_text: bool) -> None:
        """Takes what a provider counted of an input and the bound that it had.

        A share tells of the model's vocabulary only where the input is text: what media cost has rules of its own.
        """
        if counted_tokens > bound_tokens:
            self._raise_overhead(model_id, counted_tokens - bound_tokens)
        if only_text and bound_tokens > 0 and counted_tokens > 0:
            self._group(model_id, bound_tokens).add(min(WHOLE, -(-counted_tokens * WHOLE // bound_tokens)))

    def estimate(self, model_id: str, bound_tokens: int) -> int | None:
        """What an input of text comes to, at least 1 and at most its bound; ``None``: too little is known."""
        group = self._groups.get((model_id, _size(bound_tokens)))
        share = None if group is None else group.high
        return None if share is None else max(1, min(bound_tokens, -(-bound_tokens * share // WHOLE)))

    def _group(self, model_id: str, bound_tokens: int) -> _Shares:
        key = (model_id, _size(bound_tokens))
        group = self._groups.pop(key, None) or _Shares()
        self._groups[key] = group
        if len(self._groups) > MOST_GROUPS:
            del self._groups[next(iter(self._groups))]
        return group

    def _raise_overhead(self, model_id: str, by_tokens: int) -> None:
        before = self._overheads.get(model_id, 0)
        # Doubled, since what must be derived anew from a raise takes time: a dozen raises reach the most.
        after = min(MOST_OVERHEAD_TOKENS, max(before + by_tokens, 2 * before, _LEAST_OVERHEAD_TOKENS))
        if after == before or (not before and len(self._overheads) >= MOST_GROUPS):
            return
        if not before:
            _log.warning("input_bound_passed", model=model_id, by_tokens=by_tokens, overhead_added=after)
        self._overheads = MappingProxyType({**self._overheads, model_id: after})


UNTAUGHT: Final = Calibration()
"""Nobody teaches this one: what is known before any call."""


class _Shares:
    """The shares of a bound that the last calls came to."""

    __slots__ = ("_last", "_ranked")

    def __init__(self) -> None:
        self._last: deque[int] = deque()
        self._ranked: list[int] = []

    def add(self, share: int) -> None:
        if len(self._last) == CALLS_KEPT:
            del self._ranked[bisect_left(self._ranked, self._last.popleft())]
        self._last.append(share)
        insort(self._ranked, share)

    @property
    def high(self) -> int | None:
        """The share that few of the calls passed, with the margin; ``None``: the calls are too few."""
        if len(self._ranked) < LEAST_CALLS:
            return None
        share = self._ranked[-1 - len(self._ranked) // PASSED_BY]
        return min(WHOLE, share + -(-share // MARGIN))


def _size(bound_tokens: int) -> int:
    """The order of size, each four times the one below: short inputs are mostly template, long ones mostly text."""
    return bound_tokens.bit_length() // 2
