"""What a completion asks the ledger for, and what it may do with what it got."""

from __future__ import annotations

from dataclasses import replace

from pointsman_server.execution.model import Completion
from pointsman_server.ledger.model import Clamp, Reservation, ReserveRequest
from pointsman_server.router.model import Candidate

CLAMP_SHARE = 4
"""An output cap is lowered to one part in so many at the least: less would rarely hold an answer."""


def room(completion: Completion, attempt: int, candidate: Candidate) -> ReserveRequest:
    """The room that an attempt at a model needs."""
    cap = candidate.max_output_tokens
    clamping = completion.plan.facts.preferences.allow_clamping
    return ReserveRequest(
        charge=completion.charge,
        attempt=attempt,
        provider_id=candidate.provider.id,
        model_id=candidate.model.id,
        worst_case_cost_nanos=candidate.worst_case_cost_nanos,
        input_tokens_bound=candidate.input_tokens_bound,
        max_output_tokens=cap,
        clamp=Clamp(max(1, cap // CLAMP_SHARE), candidate.model.prices) if clamping else None,
    )


def admitted(candidate: Candidate, reservation: Reservation) -> Candidate:
    """The model with the output cap that its reservation holds."""
    held = reservation.request
    if held.max_output_tokens == candidate.max_output_tokens:
        return candidate
    return replace(
        candidate, max_output_tokens=held.max_output_tokens, worst_case_cost_nanos=held.worst_case_cost_nanos
    )
