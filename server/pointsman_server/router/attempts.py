"""The order in which eligible models are tried: the leader, then who takes over when it fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pointsman_server.router.arrays import FloatArray
from pointsman_server.router.contest import Contest
from pointsman_server.router.strategies.preference import Preferred

DIVERSITY_MARGIN = 0.2
"""How much a model of a provider not tried yet may score below the next best and still go first: what makes one
model fail often makes its whole provider fail."""


@dataclass(frozen=True)
class Ranked:
    """The eligible rows in order of rank.

    Attributes:
        order: positions of the highest-ranked, best first.
        merit: every row's score without the caller's preferences.
        total: every row's score.
    """

    contest: Contest
    order: list[int]
    merit: FloatArray
    total: FloatArray
    wishes: Preferred | None

    def provider_index(self, position: int) -> int:
        """The position's provider."""
        return int(self.contest.problem.columns.provider_index[self.contest.rows[position]])


def attempt_order(ranked: Ranked, chain: Sequence[str], limit: int) -> list[int]:
    """Returns the positions to try, at most ``limit``.

    First the leader; then the caller's preferred models in their order, and the best of each preferred provider;
    then the best of each name in the fallback chain; then by score, but providers not tried yet first, within
    ``DIVERSITY_MARGIN``. A chain that would spend every attempt on one provider leaves the last to another.
    """
    limit = min(limit, len(ranked.order))
    if limit == 1:
        return ranked.order[:1]
    wished = _distinct((ranked.order[0], *_preferred(ranked)))
    chosen = _distinct((*wished, *_in_chain(ranked, chain)))[:limit]
    if len(wished) < len(chosen) == limit and len({ranked.provider_index(position) for position in chosen}) == 1:
        fresh = _elsewhere(ranked, chosen, chosen[-1])
        chosen[-1] = chosen[-1] if fresh is None else fresh
    while len(chosen) < limit:
        chosen.append(_next(ranked, chosen))
    return chosen


def _preferred(ranked: Ranked) -> Iterator[int]:
    if ranked.wishes is None:
        return
    met: set[int] = set()
    for position in ranked.order:
        if not ranked.wishes.levels[position]:
            return
        provider = ranked.provider_index(position)
        if ranked.wishes.by_model[position] or provider not in met:
            yield position
        met.add(provider)


def _in_chain(ranked: Ranked, chain: Sequence[str]) -> Iterator[int]:
    for name in chain:
        positions = ranked.contest.field.positions(ranked.contest.problem.snapshot.resolve(name))
        if len(positions):
            yield int(positions[np.argmax(ranked.total[positions])])


def _distinct(positions: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(positions))


def _next(ranked: Ranked, chosen: list[int]) -> int:
    best = next(position for position in ranked.order if position not in chosen)
    fresh = _elsewhere(ranked, chosen, best)
    return best if fresh is None else fresh


def _elsewhere(ranked: Ranked, chosen: list[int], rival: int) -> int | None:
    """The best position of a provider not tried yet; ``None``: there is none, or the rival is too much better."""
    fresh = _best_of_others(ranked, {ranked.provider_index(position) for position in chosen})
    return fresh if fresh is not None and ranked.merit[fresh] >= ranked.merit[rival] - DIVERSITY_MARGIN else None


def _best_of_others(ranked: Ranked, tried: set[int]) -> int | None:
    for position in ranked.order:
        if ranked.provider_index(position) not in tried:
            return position
    if len(ranked.order) == len(ranked.contest.rows):
        return None
    # The highest-ranked all share the providers that were tried: look at everyone.
    owners = ranked.contest.problem.columns.provider_index[ranked.contest.rows]
    others = np.flatnonzero(~np.isin(owners, list(tried)))
    return int(others[np.argmax(ranked.total[others])]) if len(others) else None
