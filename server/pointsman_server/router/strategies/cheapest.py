"""The lowest expected cost."""

from pointsman_server.router.contest import Contest
from pointsman_server.router.field import Term
from pointsman_server.router.strategies.base import Scores


def cheapest(contest: Contest) -> Scores:
    """Scores the expected cost alone; the better of equally cheap models goes first."""
    value = contest.cost_value()
    return Scores(
        (Term("cost", value, 1.0),),
        value,
        ties=lambda: (-contest.field.quality, contest.field.has_large_context, contest.expected_time_ms()),
    )
