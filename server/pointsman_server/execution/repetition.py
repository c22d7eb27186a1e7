"""Makes a call the one that has its request id, or tells its caller why it is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pointsman.v1.completion_pb2 import CompletionFailure

from pointsman_server.errors import PointsmanError, RequestAlreadyServed, RequestIdInUse, RequestIdReused
from pointsman_server.execution.model import Completion
from pointsman_server.ledger.claims import AlreadyClaimed, Claim, Claimed, ClaimStore
from pointsman_server.ledger.model import Reservation, ReserveRequest
from pointsman_server.ledger.store import Ledger

_ASK_AGAIN = timedelta(seconds=1)
_TRIES = 3
_UNKNOWN = "UNKNOWN"


async def reserve_first(
    ledger: Ledger, claims: ClaimStore, completion: Completion, requests: Sequence[ReserveRequest]
) -> Reservation:
    """Makes the first reservation of a call, and with it the claim on its request id, if it has one.

    Raises:
        BudgetExhausted: nothing fits; the id stays free.
        PointsmanError: another call has the id; see ``taken``.
    """
    claim = completion.claim
    first, *others = requests
    for tries_left in reversed(range(_TRIES)):
        try:
            return await ledger.reserve(first, completion.decision, others=tuple(others), claim=claim)
        except AlreadyClaimed as error:
            assert claim is not None, "only a claim is refused so"
            found = await claims.find(claim.key)
            if found is not None or not tries_left:  # else it was let go meanwhile
                raise taken(claim, found) from error
    raise AssertionError("the last try returns or raises")


def taken(claim: Claim, found: Claimed | None) -> PointsmanError:
    """The error for a claim that was not made; ``found`` is the one in its place, if it is still there."""
    request_id = claim.key.request_id
    if found is None:
        return in_use(request_id, "it was let go a moment ago")
    if found.body_digest != claim.body_digest:
        return reused(request_id)
    if found.status:
        return _served(request_id, found, "its answer is not held any more")
    if found.running:
        return in_use(request_id, "its call runs on another server", found.told)
    return _served(request_id, found, "its server went away before the end was recorded")


def reused(request_id: str) -> PointsmanError:
    """The error for a request id that came with another body."""
    return RequestIdReused(f"Request id {request_id} was used for another request. Send a fresh one with each request.")


def in_use(request_id: str, why: str, so_far: CompletionFailure | None = None) -> PointsmanError:
    """The error for a request id whose call cannot be joined."""
    return RequestIdInUse(
        f"Request id {request_id} is in use: {why}. Try again later.", retry_after=_ASK_AGAIN, failure=so_far
    )


def _served(request_id: str, found: Claimed, why: str) -> PointsmanError:
    return RequestAlreadyServed(
        f"Request id {request_id} was used: {why}. Send a fresh one to ask anew.",
        metadata={"decision_id": found.told.decision_id, "outcome": found.status or _UNKNOWN},
        failure=found.told,
    )
