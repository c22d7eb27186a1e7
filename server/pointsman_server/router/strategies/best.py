"""The highest quality, whatever it costs."""

from pointsman_server.router.contest import Contest
from pointsman_server.router.strategies.base import Scores


def best(contest: Contest) -> Scores:
    """Scores quality alone; the cheaper of equally good models goes first."""
    return Scores(
        contest.field.quality_terms,
        contest.field.quality,
        ties=lambda: (contest.cost_order(), contest.field.has_large_context, contest.expected_time_ms()),
    )
