"""Ratings: what a caller says, or what a user did, about an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pointsman.v1.router_service_pb2 import Feedback, FeedbackType, ImplicitSignal

from pointsman_server.identity.model import Principal

SIGNAL_RATINGS: Mapping[ImplicitSignal.ValueType, float] = {
    ImplicitSignal.IMPLICIT_SIGNAL_REGENERATE: 0.0,
    ImplicitSignal.IMPLICIT_SIGNAL_CONTINUE: 0.5,
    ImplicitSignal.IMPLICIT_SIGNAL_COPY: 1.0,
}
"""The rating that each signal sets."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One rating to be recorded. Exactly one of ``completion_id`` and ``decision_id`` is set.

    Attributes:
        rating: 0 (bad) to 1 (good); for implicit feedback the signal's, by ``SIGNAL_RATINGS``.
        request_id: makes recording repeatable; empty: every call records.
    """

    type: FeedbackType.ValueType
    rating: float
    completion_id: str = ""
    decision_id: str = ""
    signal: ImplicitSignal.ValueType = ImplicitSignal.IMPLICIT_SIGNAL_UNSPECIFIED
    request_id: str = ""


class FeedbackStore(Protocol):
    """Keeps ratings."""

    async def record(self, principal: Principal, judgement: Judgement) -> Feedback:
        """Stores a rating of the model that served, or else of the first in the decision's plan; durable on return.

        The same request id with the same judgement returns what was stored the first time.

        Raises:
            NotFound: the tenant has no such completion or decision, or it is another user's and the principal is no
                administrator.
            RequestIdReused: the principal used the request id for another judgement.
            Overloaded: too many writes are waiting.
            StoreUnavailable: the rating could not be stored.
        """
        ...
