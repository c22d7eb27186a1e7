"""Eligible rows as the candidates of a plan: every term, every figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pointsman_server.catalog.snapshot import UNKNOWN
from pointsman_server.router.arrays import Positions
from pointsman_server.router.contest import Contest
from pointsman_server.router.model import Candidate, ScoreTerm
from pointsman_server.router.strategies.base import Scores


def candidates(contest: Contest, scores: Scores, positions: Sequence[int], leaders: set[int]) -> list[Candidate]:
    """Makes the candidates at the positions. ``leaders`` tie for the first place, each as likely as the other."""
    # A slice costs a third of a selection, and a call often pins its model.
    at = slice(None) if len(contest.rows) == 1 else np.array(positions, dtype=np.intp)
    rows = contest.rows[at]
    problem = contest.problem
    caps, bounds = contest.max_output_tokens[at], contest.input_tokens_bound[at]
    columns = zip(
        positions,
        rows.tolist(),
        scores.total[at].tolist(),
        _terms(scores, at),
        caps.tolist(),
        bounds.tolist(),
        contest.expected_cost_nanos[at].tolist(),
        problem.index.prices.worst_case(rows, bounds, caps).tolist(),
        strict=True,
    )
    return [
        Candidate(
            model=problem.model(row),
            provider=problem.provider(row),
            score=score,
            terms=terms,
            probability=1 / len(leaders) if position in leaders else 0.0,
            max_output_tokens=cap,
            input_tokens_bound=bound,
            expected_cost_nanos=_known(expected),
            worst_case_cost_nanos=_known(worst),
            input_tokens_estimate=problem.input_tokens_estimate(row, bound),
        )
        for position, row, score, terms, cap, bound, expected, worst in columns
    ]


def _terms(scores: Scores, at: slice | Positions) -> list[tuple[ScoreTerm, ...]]:
    columns = [
        [ScoreTerm(term.name, value, term.weight) for value in term.values[at].tolist()] for term in scores.terms
    ]
    return list(zip(*columns, strict=True))


def _known(nanos: int) -> int | None:
    return None if nanos == UNKNOWN else nanos
