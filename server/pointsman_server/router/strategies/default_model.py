"""The default model of each provider: it goes first among its own, and no provider gains or loses by it."""

from __future__ import annotations

import numpy as np

from pointsman_server.router.contest import Contest
from pointsman_server.router.field import Term
from pointsman_server.router.strategies.base import Scores


def defaults_first(contest: Contest, scores: Scores) -> Scores:
    """Lifts each default model to the score of the best of its own provider, and before what equals it.

    Not where the purpose prefers a model of that provider: the purpose says what this call is for. The term
    ``default_model`` is the lift.
    """
    marked = contest.field.default_positions
    if not marked:
        return scores
    owners = contest.problem.columns.provider_index[contest.rows]
    claimed = set(owners[contest.field.positions(contest.field.purpose_rows)].tolist())
    total, first = scores.total.copy(), np.zeros(len(owners), dtype=np.bool_)
    for position in marked:
        if owners[position] not in claimed:
            total[position] = scores.total[owners == owners[position]].max()
            first[position] = True
    lift = Term("default_model", total - scores.total, 1.0)
    return Scores((*scores.terms, lift), total, ties=lambda: (~first, *scores.ties()))
