"""Quality first; where models are nearly as good as the best, the cheaper one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pointsman_server.router.arrays import FloatArray
from pointsman_server.router.contest import Contest
from pointsman_server.router.field import Field, Term
from pointsman_server.router.strategies.base import Scores

MARGIN = 0.05
"""Models whose quality is at most this much below the best count as equally good."""

COST_WEIGHT = 0.04
"""Less than what the margin weighs (0.96 x 0.05), so that cost never lifts a model over the margin."""

_QUALITY_WEIGHT = 1 - COST_WEIGHT
_ROUNDING = 1e-9


def balanced(contest: Contest) -> Scores:
    """Scores quality, levelled within the margin below the best, and cost, which thus decides there.

    The term ``near_best`` is what the levelling adds: 1 at the far edge of the margin, 0 for the best and for models
    outside. Where the cost is the same too, a window that is no larger than needed goes first, then the quicker.
    """
    levelled = contest.field.keep(_levelled)
    cost = Term("cost", contest.cost_value(), COST_WEIGHT)
    # Levelled before it is weighed: adding the terms one by one would leave rounding errors to break ties.
    total = levelled.quality + COST_WEIGHT * cost.values
    return Scores(
        (*levelled.terms, cost),
        total,
        ties=lambda: (contest.field.has_large_context, contest.expected_time_ms(), levelled.best_first),
    )


class _Levelled(NamedTuple):
    """Quality, levelled and weighed, and the terms that explain it."""

    quality: FloatArray
    terms: tuple[Term, ...]
    best_first: FloatArray


def _levelled(field: Field) -> _Levelled:
    quality = field.quality
    best = quality.max()
    near = quality >= best - MARGIN - _ROUNDING
    lift = np.where(near, np.minimum((best - quality) / MARGIN, 1.0), 0.0)
    terms = (
        *(term.scaled(_QUALITY_WEIGHT) for term in field.quality_terms),
        Term("near_best", lift, _QUALITY_WEIGHT * MARGIN),
    )
    return _Levelled(_QUALITY_WEIGHT * np.where(near, best, quality), terms, -quality)
