"""The tenant's default model: it goes first where the scores cannot decide, and serves where they cannot be made."""

from __future__ import annotations

import numpy as np

from pointsman_server.router.arrays import Positions
from pointsman_server.router.contest import Contest
from pointsman_server.router.field import Field, Term
from pointsman_server.router.problem import Problem
from pointsman_server.router.strategies.base import Scores


def default_first(contest: Contest, scores: Scores) -> Scores:
    """Puts the tenant's default model before what equals it in everything else, instead of the seed's choice."""
    positions = _positions(contest.problem, contest.field)
    if not len(positions):
        return scores
    others = np.ones(len(contest.rows), dtype=np.bool_)
    others[positions] = False
    return Scores(scores.terms, scores.total, ties=lambda: (*scores.ties(), others))


def default_alone(problem: Problem, field: Field) -> Field | None:
    """The row of the tenant's default model alone, the first of several; ``None``: none passed every filter."""
    positions = _positions(problem, field)
    return Field(field.index, field.rows[positions[:1]]) if len(positions) else None


def by_default(contest: Contest) -> Scores:
    """What stands for scores where those could not be made."""
    chosen = np.ones(len(contest.rows))
    return Scores((Term("default_model", chosen, 1.0),), chosen, ties=tuple)


def _positions(problem: Problem, field: Field) -> Positions:
    """Where rows of the default model stand: one that no filter dropped is there."""
    name = problem.facts.default_model
    return field.positions(problem.snapshot.resolve(name)) if name else field.positions(())
