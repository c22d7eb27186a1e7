"""The shortest expected time."""

from pointsman_server.router.contest import Contest
from pointsman_server.router.field import Term
from pointsman_server.router.strategies.base import Scores


def fastest(contest: Contest) -> Scores:
    """Scores the expected time alone; the better of equally quick models goes first, then the cheaper.

    Models of unknown latency come last.
    """
    value = contest.time_value()
    return Scores(
        (Term("latency", value, 1.0),),
        value,
        ties=lambda: (-contest.field.quality, contest.cost_order(), contest.field.has_large_context),
    )
