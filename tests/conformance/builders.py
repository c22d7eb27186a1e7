"""What the conformance suites write: requests, settlements and decisions with plain defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pointsman.v1.decision_pb2 import AttemptRecord, Decision, DecisionOutcome, Facts
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.ledger.model import (
    AttemptOutcome,
    Charge,
    DecisionEntry,
    OutcomeEntry,
    ReserveRequest,
    Settlement,
)

TENANT = "acme"
USER = "ada"
START = datetime(2026, 11, 20, 10, 30, 0, 250, tzinfo=UTC)


class SetClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - START).total_seconds()

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


CHARGE = Charge(
    tenant_id=TENANT,
    user_id=USER,
    completion_id="cmp_1",
    decision_id="dec_1",
    project_id="apollo",
    agent_id="reviewer",
    run_id="run_1",
    purpose="code-generation",
    task_code="LLM2_DRAFT",
    task_type="code",
    labels={"team": "blue", "stage": "test"},
)

REQUEST = ReserveRequest(
    charge=CHARGE, attempt=1, provider_id="openai", model_id="openai/gpt-x", worst_case_cost_nanos=9_000
)

USAGE = TokenUsage(
    input_tokens=11,
    cache_read_tokens=7,
    cache_write_tokens=5,
    cache_write_long_tokens=6,
    input_audio_tokens=3,
    output_tokens=13,
    reasoning_tokens=17,
    output_audio_tokens=2,
)

SETTLEMENT = Settlement(
    outcome=AttemptOutcome.SUCCEEDED,
    failure_kind="",
    usage=USAGE,
    cost_nanos=4_321,
    latency_ms=120,
    time_to_first_token_ms=35,
)


def request(*, attempt: int = 1, **charge: Any) -> ReserveRequest:
    return replace(REQUEST, attempt=attempt, charge=replace(CHARGE, **charge))


def settlement(**fields: Any) -> Settlement:
    return replace(SETTLEMENT, **fields)


def failed(kind: str = "rate_limited") -> Settlement:
    return settlement(outcome=AttemptOutcome.FAILED, failure_kind=kind, usage=TokenUsage(), cost_nanos=0)


def decision(
    decision_id: str = "dec_1", *, tenant_id: str = TENANT, user_id: str = USER, **fields: Any
) -> DecisionEntry:
    made = Decision(
        decision_id=decision_id,
        facts=Facts(purpose="code-generation", task_type="code", agent_id="reviewer"),
        plan=["openai/gpt-x", "groq/gpt-y"],
        seed=2**64 - 1,
        **fields,
    )
    made.create_time.FromDatetime(START)
    return DecisionEntry(tenant_id, user_id, made)


def outcome(decision_id: str = "dec_1", *, tenant_id: str = TENANT, **fields: Any) -> OutcomeEntry:
    values: Mapping[str, Any] = {
        "completion_id": "cmp_1",
        "status": "OK",
        "model_id": "groq/gpt-y",
        "cost_nanos": 4_321,
        "attempts": [AttemptRecord(attempt=1, model_id="groq/gpt-y", outcome="succeeded", cost_nanos=4_321)],
    }
    return OutcomeEntry(tenant_id, decision_id, DecisionOutcome(**{**values, **fields}))
