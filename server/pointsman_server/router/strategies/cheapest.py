"""The lowest expected cost."""

from pointsman_server.router.contest import Contest, Term
from pointsman_server.router.strategies.base import Scores


def cheapest(contest: Contest) -> Scores:
    """Scores the expected cost alone; the better of equally cheap models goes first."""
    ties = (-contest.quality, contest.has_large_context, contest.expected_time_ms)
    return Scores((Term("cost", contest.cost_value, 1.0),), contest.cost_value, ties)
