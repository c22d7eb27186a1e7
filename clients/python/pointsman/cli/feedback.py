"""``pointsman feedback``: says how good an answer was."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman.cli.names import name_of
from pointsman.cli.session import session_of
from pointsman.v1.router_service_pb2 import (
    FEEDBACK_TYPE_SELF_EVALUATION,
    FEEDBACK_TYPE_UNSPECIFIED,
    IMPLICIT_SIGNAL_CONTINUE,
    IMPLICIT_SIGNAL_COPY,
    IMPLICIT_SIGNAL_REGENERATE,
    IMPLICIT_SIGNAL_UNSPECIFIED,
    FeedbackType,
    ImplicitSignal,
    RecordFeedbackRequest,
)

_DECISION_PREFIX = "dec_"


def feedback(
    context: typer.Context,
    *,
    target: Annotated[str, typer.Argument(metavar="ID", help="A completion's id, or a decision's.")],
    rating: Annotated[float | None, typer.Option("--rating", metavar="0..1", help="0 is bad, 1 is good.")] = None,
    regenerate: Annotated[bool, typer.Option("--regenerate", help="Another answer was asked for.")] = False,
    copy: Annotated[bool, typer.Option("--copy", help="The answer was copied.")] = False,
    carried_on: Annotated[bool, typer.Option("--continue", help="The conversation went on.")] = False,
    self_evaluation: Annotated[bool, typer.Option("--self", help="The agent rates its own work.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the record as JSON.")] = False,
) -> None:
    """Rate an answer: give a rating, or say what was done with it."""
    signal = _signal(regenerate=regenerate, copy=copy, carried_on=carried_on)
    if (rating is None) == (signal == IMPLICIT_SIGNAL_UNSPECIFIED):
        raise typer.BadParameter("give exactly one of --rating, --regenerate, --copy and --continue")
    request = RecordFeedbackRequest(
        rating=rating,
        signal=signal,
        type=FEEDBACK_TYPE_SELF_EVALUATION if self_evaluation else FEEDBACK_TYPE_UNSPECIFIED,
    )
    if target.startswith(_DECISION_PREFIX):
        request.decision_id = target
    else:
        request.completion_id = target
    session = session_of(context)
    with session.client() as client:
        recorded = client.record_feedback(request)
    if as_json:
        session.terminal.data(MessageToDict(recorded))
    else:
        kind = name_of(FeedbackType, recorded.type)
        session.terminal.line(f"{recorded.feedback_id}: {recorded.model_id} rated {recorded.rating:g} ({kind})")


def _signal(*, regenerate: bool, copy: bool, carried_on: bool) -> ImplicitSignal.ValueType:
    given = [
        signal
        for signal, said in (
            (IMPLICIT_SIGNAL_REGENERATE, regenerate),
            (IMPLICIT_SIGNAL_COPY, copy),
            (IMPLICIT_SIGNAL_CONTINUE, carried_on),
        )
        if said
    ]
    if len(given) > 1:
        raise typer.BadParameter("give exactly one of --rating, --regenerate, --copy and --continue")
    return given[0] if given else IMPLICIT_SIGNAL_UNSPECIFIED
