"""A completion as its supervisor sees it."""

from dataclasses import dataclass
from enum import Enum, auto

from pointsman_server.execution.content import CheckedRequest
from pointsman_server.ledger.claims import Claim
from pointsman_server.ledger.generations import NEVER_CHANGED, Generations
from pointsman_server.ledger.meters import Meter
from pointsman_server.ledger.model import Charge, DecisionEntry
from pointsman_server.router.model import Plan


@dataclass(frozen=True, slots=True)
class Completion:
    """One admitted completion.

    Attributes:
        content: what is asked, as it may be sent, and what its answer goes through.
        decision: stored with the first reservation.
        whole: whether the caller wants one response with the joined message.
        received_at, deadline: on the monotonic clock, in seconds.
        claim: on the caller's request id; ``None``: it gave none.
        generations: what it was planned under.
        overtaken: whether its first attempt is let in though policy, or who is revoked, changed while it was planned.
        policy_meters: what plans and rules charge it on.
    """

    completion_id: str
    content: CheckedRequest
    plan: Plan
    decision: DecisionEntry
    charge: Charge
    whole: bool
    received_at: float
    deadline: float
    claim: Claim | None = None
    generations: Generations = NEVER_CHANGED
    policy_meters: tuple[Meter, ...] = ()
    overtaken: bool = False


class StopCause(Enum):
    """Why a completion is stopped before its end."""

    CANCELLED = auto()
    DEADLINE = auto()
    STALLED = auto()
    SHUTDOWN = auto()
    REFUSED = auto()
    KILLED = auto()
