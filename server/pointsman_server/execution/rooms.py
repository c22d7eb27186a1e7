"""What a completion asks the ledger for, and what it may do with what it got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from pointsman_server.execution.model import Completion
from pointsman_server.ledger.generations import Generation, Generations
from pointsman_server.ledger.meters import NamedUnit
from pointsman_server.ledger.model import Clamp, Reservation, ReserveRequest
from pointsman_server.ledger.money import worst_case_nanos
from pointsman_server.router.model import Candidate, Facts

FIRST_ATTEMPT = 1
CLAMP_SHARE = 4
"""An output cap is lowered to one part in so many at the least: less would rarely hold an answer."""


def in_force(candidates: Iterable[Candidate], now: datetime, max_cost_nanos: int | None) -> tuple[Candidate, ...]:
    """The models at the prices in force now, which may have changed since they were chosen; without those that may now
    cost more than the caller allows, or whose price is not known any more.
    """
    repriced = [(candidate, _at(candidate, now)) for candidate in candidates]
    return tuple(
        after for before, after in repriced if after is before or _within(after.worst_case_cost_nanos, max_cost_nanos)
    )


def _within(cost_nanos: int | None, max_cost_nanos: int | None) -> bool:
    return max_cost_nanos is None or (cost_nanos is not None and cost_nanos <= max_cost_nanos)


def _at(candidate: Candidate, now: datetime) -> Candidate:
    model = candidate.model.at(now)
    if model is candidate.model:
        return candidate
    cost = None
    if model.prices is not None:
        cost = worst_case_nanos(model.prices, candidate.input_tokens_bound, candidate.max_output_tokens)
    return replace(candidate, model=model, worst_case_cost_nanos=cost)


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
        input_tokens_estimate=candidate.input_tokens_estimate,
        clamp=Clamp(max(1, cap // CLAMP_SHARE), candidate.model.prices) if clamping else None,
        generations=_planned_under(completion, attempt),
        named_units=_brought(completion.plan.facts),
        policy_meters=completion.policy_meters,
    )


def _planned_under(completion: Completion, attempt: int) -> Generations:
    if completion.overtaken and attempt == FIRST_ATTEMPT:
        return completion.generations.whatever_becomes_of(Generation.POLICY, Generation.REVOCATION)
    return completion.generations


def _brought(facts: Facts) -> Mapping[NamedUnit, int]:
    """What the call brings, known exactly: whatever model serves it gets all of it."""
    return {
        NamedUnit.IMAGES: facts.image_count,
        NamedUnit.DOCUMENTS: facts.document_count,
        NamedUnit.AUDIO_CLIPS: facts.audio_clip_count,
    }


def admitted(candidates: Iterable[Candidate], reservation: Reservation) -> Candidate:
    """The model that the reservation is for, with the output cap that it holds."""
    held = reservation.request
    candidate = next(each for each in candidates if each.model.id == held.model_id)
    if held.max_output_tokens == candidate.max_output_tokens:
        return candidate
    return replace(
        candidate, max_output_tokens=held.max_output_tokens, worst_case_cost_nanos=held.worst_case_cost_nanos
    )
