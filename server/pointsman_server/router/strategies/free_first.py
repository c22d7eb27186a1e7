"""What costs nothing, then the cheapest."""

import numpy as np

from pointsman_server.router.contest import Contest
from pointsman_server.router.field import Term, weighted_sum
from pointsman_server.router.strategies.base import Scores


def free_first(contest: Contest) -> Scores:
    """Scores whether a model is free, then its expected cost; the better of equal models goes first.

    A model that its provider lists as free is free, also where it has no price list.
    """
    terms = (Term("free", contest.field.is_free.astype(np.float64), 0.5), Term("cost", contest.cost_value(), 0.5))
    return Scores(
        terms,
        weighted_sum(terms),
        ties=lambda: (-contest.field.quality, contest.field.has_large_context, contest.expected_time_ms()),
    )
