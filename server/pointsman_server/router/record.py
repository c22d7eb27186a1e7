"""A plan as the record that is logged, and in brief as the caller sees it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import decision_pb2 as wire
from pointsman.v1.model_pb2 import Capability

from pointsman_server.router.model import Candidate, Exclusion, Plan


def decision_message(plan: Plan, decision_id: str, created_at: datetime, policy_generation: int = 0) -> wire.Decision:
    """Returns the whole record; ``created_at`` knows its time zone."""
    create_time = Timestamp()
    create_time.FromDatetime(created_at)
    decision = wire.Decision(
        decision_id=decision_id,
        create_time=create_time,
        facts=_facts(plan),
        plan=[attempt.model.id for attempt in plan.attempts],
        candidates=[_candidate(candidate, rank) for rank, candidate in enumerate(plan.candidates, start=1)],
        eligible_count=plan.eligible_count,
        considered_count=plan.considered_count,
        skipped_preferences=[
            wire.SkippedPreference(name=skipped.name, source=skipped.source, reason=skipped.reason)
            for skipped in plan.skipped_preferences
        ],
        seed=plan.seed,
        profile=plan.profile,
        catalog_version=plan.catalog_version,
        router_version=plan.router_version,
        explanation=plan.explanation,
        policy_generation=policy_generation,
    )
    decision.MergeFromString(_exclusions(plan.exclusions))
    return decision


def summary(plan: Plan, decision_id: str, candidate: Candidate) -> wire.DecisionSummary:
    """Returns the decision in brief, for the candidate that serves."""
    task_type = plan.facts.task_type
    return wire.DecisionSummary(
        decision_id=decision_id,
        model_id=candidate.model.id,
        provider_id=candidate.provider.id,
        task_type=task_type.name if task_type else "",
        explanation=plan.explanation,
        worst_case_cost_nanos=candidate.worst_case_cost_nanos,
        ceiling_price=candidate.at_ceiling,
    )


def _facts(plan: Plan) -> wire.Facts:
    """The counts are those for the model that goes first."""
    facts = plan.facts
    hints, task_type = facts.preferences, facts.task_type
    tokenizer = plan.attempts[0].model.tokenizer if plan.attempts else ""
    tokens = facts.input_tokens(tokenizer)
    return wire.Facts(
        purpose=facts.purpose,
        task_code=facts.task_code,
        task_type=task_type.name if task_type else "",
        task_type_source=task_type.source if task_type else "",
        task_type_confidence=task_type.confidence if task_type else "",
        input_tokens_bound=tokens.bound,
        input_tokens_expected=tokens.expected,
        token_counter=facts.counter(tokenizer),
        max_output_tokens=facts.max_output_tokens,
        required_capabilities=sorted(
            Capability.Name(capability).removeprefix("CAPABILITY_").lower()
            for capability in facts.required_capabilities
        ),
        max_cost_nanos=hints.max_cost_nanos,
        max_latency=None if hints.max_latency_ms is None else _duration(hints.max_latency_ms),
        agent_id=facts.agent_id,
        project_id=facts.project_id,
        message_count=facts.message_count,
        tool_count=facts.tool_count,
        image_count=facts.image_count,
    )


def _duration(milliseconds: int) -> Duration:
    duration = Duration()
    duration.FromMilliseconds(milliseconds)
    return duration


def _candidate(candidate: Candidate, rank: int) -> wire.Candidate:
    return wire.Candidate(
        model_id=candidate.model.id,
        rank=rank,
        score=candidate.score,
        terms=[wire.ScoreTerm(name=term.name, value=term.value, weight=term.weight) for term in candidate.terms],
        probability=candidate.probability,
        expected_cost_nanos=candidate.expected_cost_nanos,
        worst_case_cost_nanos=candidate.worst_case_cost_nanos,
        max_output_tokens=candidate.max_output_tokens,
        input_tokens_bound=candidate.input_tokens_bound,
        input_tokens_estimate=candidate.input_tokens_estimate,
        ceiling_price=candidate.at_ceiling,
    )


@lru_cache(maxsize=256)
def _exclusions(exclusions: tuple[Exclusion, ...]) -> bytes:
    """A decision with these alone: calls of a kind have the same, and to make them costs as much as all the rest."""
    return wire.Decision(exclusions=map(_exclusion, exclusions)).SerializeToString()


def _exclusion(exclusion: Exclusion) -> wire.Exclusion:
    return wire.Exclusion(
        reason=exclusion.reason,
        count=exclusion.count,
        examples=[
            wire.ExcludedModel(model_id=example.model_id, detail=example.detail) for example in exclusion.examples
        ],
    )
