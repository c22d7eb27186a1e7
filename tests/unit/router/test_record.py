"""The record of a plan, and the decision in brief."""

from dataclasses import replace
from datetime import UTC, datetime

from pointsman.v1.decision_pb2 import Decision, DecisionSummary
from pointsman.v1.model_pb2 import Capability
from pointsman_server.router.model import Defaults, TaskType
from pointsman_server.router.record import decision_message, summary
from pointsman_server.router.version import router_version

from tests.unit.router.catalogs import facts, model, plan, priced, snapshot

CREATED_AT = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
ASKED = replace(
    facts(max_cost_nanos=10**9, max_latency_ms=2_500, preferred_models=("gone",), allow_fallback=False),
    max_output_tokens=100,
    required_capabilities=frozenset({Capability.CAPABILITY_TEXT}),
    task_type=TaskType("code", "keyword", "medium"),
    purpose="gardening",
    task_code="LLM2_DRAFT",
    agent_id="agent-1",
    project_id="project-1",
    message_count=3,
    tool_count=2,
    image_count=1,
)
MODELS = (
    model("alpha/a", priority=80, prices=priced(1), latency_ms=100),
    model("alpha/b", priority=60, prices=priced(1), latency_ms=100),
    model("asleep/c"),
)


def test_the_record_holds_everything_of_the_plan() -> None:
    made = plan(MODELS, ASKED, seed=2**64 - 1)
    record = decision_message(made, "dec_1", CREATED_AT)
    assert record.decision_id == "dec_1"
    assert record.create_time.ToDatetime(UTC) == CREATED_AT
    assert list(record.plan) == ["alpha/a"]
    assert [(candidate.model_id, candidate.rank) for candidate in record.candidates] == [("alpha/a", 1), ("alpha/b", 2)]
    assert (record.eligible_count, record.considered_count) == (2, 3)
    [dropped] = record.exclusions
    assert (dropped.reason, dropped.count, dropped.examples[0].model_id) == ("provider_inactive", 1, "asleep/c")
    [skipped] = record.skipped_preferences
    assert (skipped.name, skipped.source, skipped.reason) == ("gone", "preferred_models", "not in the catalog")
    assert (record.seed, record.profile, record.router_version) == (2**64 - 1, "balanced", router_version(Defaults()))
    assert record.catalog_version == snapshot(*MODELS).version
    assert record.explanation == made.explanation


def test_the_record_holds_the_facts() -> None:
    found = decision_message(plan(MODELS, ASKED), "dec_1", CREATED_AT).facts
    assert (found.purpose, found.task_code) == ("gardening", "LLM2_DRAFT")
    assert (found.task_type, found.task_type_source, found.task_type_confidence) == ("code", "keyword", "medium")
    assert (found.input_tokens_bound, found.input_tokens_expected, found.token_counter) == (1_000, 250, "bytes")
    assert (found.max_output_tokens, found.max_cost_nanos) == (100, 10**9)
    assert found.max_latency.ToMilliseconds() == 2_500
    assert list(found.required_capabilities) == ["text"]
    assert (found.agent_id, found.project_id) == ("agent-1", "project-1")
    assert (found.message_count, found.tool_count, found.image_count) == (3, 2, 1)


def test_a_candidate_keeps_its_terms_and_costs() -> None:
    made = plan(MODELS, ASKED)
    recorded, candidate = decision_message(made, "dec_1", CREATED_AT).candidates[0], made.candidates[0]
    assert (recorded.score, recorded.probability) == (candidate.score, 1.0)
    assert [(term.name, term.value, term.weight) for term in recorded.terms] == [
        (term.name, term.value, term.weight) for term in candidate.terms
    ]
    assert recorded.expected_cost_nanos == 260 * 1_000 + 100 * 4_000
    assert recorded.worst_case_cost_nanos == 1_010 * 1_000 + 100 * 4_000
    assert (recorded.max_output_tokens, recorded.input_tokens_bound) == (100, 1_010)


def test_what_is_unknown_stays_unset() -> None:
    record = decision_message(plan([model("alpha/a")]), "dec_1", CREATED_AT)
    unset = {"max_output_tokens", "max_cost_nanos", "max_latency"}
    assert not any(record.facts.HasField(name) for name in unset)  # type: ignore[arg-type]  # names of fields
    assert not record.candidates[0].HasField("expected_cost_nanos")
    assert not record.candidates[0].HasField("worst_case_cost_nanos")
    assert not record.HasField("outcome")
    assert not record.HasField("rating")


def test_the_record_survives_the_wire() -> None:
    record = decision_message(plan(MODELS, ASKED), "dec_1", CREATED_AT)
    assert Decision.FromString(record.SerializeToString()) == record


def test_the_summary_names_the_model_that_serves() -> None:
    made = plan(MODELS, ASKED)
    assert summary(made, "dec_1", made.candidates[1]) == DecisionSummary(
        decision_id="dec_1",
        model_id="alpha/b",
        provider_id="alpha",
        task_type="code",
        explanation=made.explanation,
        worst_case_cost_nanos=1_410_000,
    )


def test_the_summary_of_a_model_without_a_price_states_none() -> None:
    made = plan([model("alpha/a")])
    brief = summary(made, "dec_1", made.attempts[0])
    assert not brief.HasField("worst_case_cost_nanos")
    assert brief.task_type == ""
