"""The caller's preferred models and providers: they outweigh every other term, in the order that was given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pointsman_server.router.arrays import BoolArray, IntArray
from pointsman_server.router.contest import Contest
from pointsman_server.router.field import Term
from pointsman_server.router.strategies.base import Scores


@dataclass(frozen=True, slots=True)
class Preferred:
    """How the eligible rows stand in the caller's order.

    Attributes:
        levels: 0 for a row that is not preferred; a higher level goes first.
        most: the highest level that there can be.
        by_model: whether the row's model is preferred, not only its provider.
        term: what the term is called that it makes.
    """

    levels: IntArray
    most: int
    by_model: BoolArray
    term: str = "preference"


def preferred(contest: Contest) -> Preferred | None:
    """Reads the hints; ``None``: the caller prefers nothing. Models count before providers."""
    hints = contest.problem.preferences
    if not (hints.preferred_models or hints.preferred_providers):
        return None
    by_model = _model_levels(contest, hints.preferred_models)
    by_provider = _provider_levels(contest, hints.preferred_providers)
    step = len(hints.preferred_providers) + 1
    return Preferred(
        levels=by_model * step + by_provider,
        most=len(hints.preferred_models) * step + len(hints.preferred_providers),
        by_model=by_model > 0,
    )


def outweigh(scores: Scores, wishes: Preferred) -> Scores:
    """Adds a term for the order and shrinks the others.

    With ``n`` levels the term weighs ``(n + 1) / (n + 2)``, so that one level, ``(n + 1) / (n (n + 2))``, is more
    than all other terms together, ``1 / (n + 2)``.
    """
    weight = (wishes.most + 1) / (wishes.most + 2)
    term = Term(wishes.term, wishes.levels / wishes.most, weight)
    rest = 1 / (wishes.most + 2)
    return Scores(
        terms=(term, *(other.scaled(rest) for other in scores.terms)),
        total=term.values * weight + scores.total * rest,
        ties=scores.ties,
    )


def _model_levels(contest: Contest, names: tuple[str, ...]) -> IntArray:
    levels = np.zeros(len(contest.rows), dtype=np.int64)
    for level, name in enumerate(reversed(names), start=1):
        levels[contest.field.positions(contest.problem.snapshot.resolve(name))] = level
    return levels


def _provider_levels(contest: Contest, names: tuple[str, ...]) -> IntArray:
    ids = contest.problem.snapshot.provider_ids
    level_of = {name: len(names) - place for place, name in reversed(list(enumerate(names)))}
    by_provider = np.array([level_of.get(provider_id, 0) for provider_id in ids], dtype=np.int64)
    return by_provider[contest.problem.columns.provider_index[contest.rows]]
