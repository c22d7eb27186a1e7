"""The shortest expected time."""

from pointsman_server.router.contest import Contest, Term
from pointsman_server.router.strategies.base import Scores


def fastest(contest: Contest) -> Scores:
    """Scores the expected time alone; the better of equally quick models goes first, then the cheaper.

    Models of unknown latency come last.
    """
    ties = (-contest.quality, contest.cost_order, contest.has_large_context)
    return Scores((Term("latency", contest.time_value, 1.0),), contest.time_value, ties)
