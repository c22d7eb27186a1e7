"""Checks feedback: who judges, how, and what."""

from __future__ import annotations

from pointsman.v1.router_service_pb2 import FeedbackType, ImplicitSignal, RecordFeedbackRequest

from pointsman_server.router.feedback import SIGNAL_RATINGS
from pointsman_server.services.validate.violations import Violations


def feedback(request: RecordFeedbackRequest, violations: Violations) -> None:
    """Checks every field of a rating."""
    target = request.WhichOneof("target")
    if target is None:
        violations.add("target", "is not set; name a completion_id or a decision_id")
    else:
        violations.identifier(getattr(request, target), target, required=True)
    violations.enum(request, "type", "type")
    violations.enum(request, "signal", "signal")
    if request.signal == ImplicitSignal.IMPLICIT_SIGNAL_UNSPECIFIED:
        _judged(request, violations)
    else:
        _implicit(request, violations)
    violations.identifier(request.request_id, "request_id")


def _judged(request: RecordFeedbackRequest, violations: Violations) -> None:
    if request.type == FeedbackType.FEEDBACK_TYPE_IMPLICIT:
        violations.add("signal", "is not set, which implicit feedback needs; say what the user did")
    elif not request.HasField("rating"):
        violations.add("rating", "is not set; give 0 (bad) to 1 (good), or a signal")
    else:
        violations.number(request.rating, "rating", 0, 1)


def _implicit(request: RecordFeedbackRequest, violations: Violations) -> None:
    if request.type not in {FeedbackType.FEEDBACK_TYPE_UNSPECIFIED, FeedbackType.FEEDBACK_TYPE_IMPLICIT}:
        violations.add("type", "contradicts the signal; use FEEDBACK_TYPE_IMPLICIT, or leave the signal out")
    if request.HasField("rating") and request.rating != SIGNAL_RATINGS.get(request.signal):
        violations.add("rating", "contradicts the signal, which sets it; leave the rating out")
