"""``route``, ``models``, ``providers``, ``usage`` and ``feedback``."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from invocation import Run
from pointsman.v1.decision_pb2 import (
    Candidate,
    Decision,
    ExcludedModel,
    Exclusion,
    Facts,
    ScoreTerm,
    SkippedPreference,
)
from pointsman.v1.model_pb2 import (
    CAPABILITY_TEXT,
    CAPABILITY_VISION,
    COST_TIER_LOW,
    LIFE_CYCLE_ACTIVE,
    LIFE_CYCLE_PREVIEW,
    MODEL_TYPE_CHAT,
    PROVIDER_STATE_ACTIVE,
    PROVIDER_STATE_NO_KEY,
    Model,
    Prices,
    Provider,
)
from pointsman.v1.router_service_pb2 import (
    FEEDBACK_TYPE_SELF_EVALUATION,
    IMPLICIT_SIGNAL_CONTINUE,
    IMPLICIT_SIGNAL_COPY,
    IMPLICIT_SIGNAL_REGENERATE,
    USAGE_DIMENSION_LABEL,
    USAGE_DIMENSION_MODEL,
    USAGE_DIMENSION_PROVIDER,
    UsageResponse,
    UsageRow,
)
from pointsman.v1.usage_pb2 import TokenUsage
from scripted_server import Script

DECISION = Decision(
    decision_id="dec_1",
    plan=["a/one", "b/two"],
    facts=Facts(
        task_type="code", task_type_source="keyword", task_type_confidence="high", purpose="coding",
        input_tokens_bound=30, input_tokens_expected=10, required_capabilities=["vision"], max_cost_nanos=5_000_000,
        max_latency=Duration(seconds=2),
    ),
    candidates=[
        Candidate(
            model_id="a/one", rank=1, score=0.91, probability=1, expected_cost_nanos=120_000,
            worst_case_cost_nanos=4_000_001, max_output_tokens=4096,
            terms=[ScoreTerm(name="priority", value=0.9, weight=0.7), ScoreTerm(name="cost", value=0.5, weight=0.3)],
        ),
        Candidate(model_id="b/two", rank=2, score=0.5, max_output_tokens=100),
    ],
    eligible_count=2,
    considered_count=5,
    exclusions=[
        Exclusion(
            reason="context_window", count=3, examples=[ExcludedModel(model_id="c/3", detail="30 tokens, takes 20")]
        )
    ],
    skipped_preferences=[SkippedPreference(name="gpt-9", source="preferred_models", reason="not in the catalog")],
    profile="balanced",
    explanation="a/one leads by priority",
)  # fmt: skip


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def test_a_decision_shows_terms_costs_and_why_nots(run: Run, script: Script) -> None:
    script.decision = DECISION
    outcome = run("route", "hi")
    assert outcome.code == 0
    shown = lines(outcome.out)
    assert shown[:2] == ["a/one → b/two", "a/one leads by priority"]
    assert "task type code (keyword, high)" in shown[2]
    assert "needs vision · cost at most $0.005 · first token within 2.0 s" in shown[2]
    first = next(line for line in shown if line.lstrip().startswith("1 "))
    assert "priority=0.900×0.7 + cost=0.500×0.3" in first  # noqa: RUF001  # the sign of multiplication
    assert "$0.00012 " in first
    assert "$0.004000001" in first
    second = next(line for line in shown if line.lstrip().startswith("2 "))
    assert second.count("unknown") == 2
    assert "context_window       3  c/3: 30 tokens, takes 20" in shown
    assert "gpt-9  preferred_models  not in the catalog" in shown


def test_no_eligible_model_fails_and_still_explains(run: Run, script: Script) -> None:
    script.decision = Decision(decision_id="dec_1", exclusions=DECISION.exclusions)
    outcome = run("route", "hi")
    assert outcome.code == 1
    assert outcome.out.startswith("no model is eligible\n")
    assert "context_window" in outcome.out


def test_a_decision_as_json(run: Run, script: Script) -> None:
    script.decision = DECISION
    shown = json.loads(run("route", "--json", stdin="hi").out)
    assert shown["candidates"][0]["worstCaseCostNanos"] == "4000001"


def test_models_are_listed_with_exact_prices(run: Run, script: Script) -> None:
    script.models = [
        Model(
            id="a/one", cost_tier=COST_TIER_LOW, priority=80, available=True, context_window_tokens=128_000,
            prices=Prices(input_nanos_per_million=150_000_000, output_nanos_per_million=600_000_000),
            latency=Duration(nanos=300_000_000), model_class="PRO_M", capabilities=[CAPABILITY_TEXT],
            life_cycle=LIFE_CYCLE_ACTIVE,
        ),
        Model(id="b/two", unavailable_reason="no key", life_cycle=LIFE_CYCLE_PREVIEW),
    ]  # fmt: skip
    outcome = run("models")
    header, one, two = lines(outcome.out)
    assert header.startswith("model")
    assert one.split() == ["a/one", "128,000", "$0.15", "$0.60", "low", "80", "yes", "PRO_M", "300", "ms", "text"]
    assert "no: no key (preview)" in two
    assert two.count("unknown") == 5
    assert outcome.err == "models: 2\n"


def test_model_filters_reach_the_server(run: Run, script: Script) -> None:
    run(
        "models", "gpt", "--provider", "a", "--tier", "low", "--capability", "vision", "--capability", "text",
        "--type", "chat", "--class", "PRO_M", "--family", "f", "--unavailable",
    )  # fmt: skip
    asked = script.requests[0]
    assert (asked.query, asked.provider_id, asked.model_class, asked.family) == ("gpt", "a", "PRO_M", "f")
    assert (asked.cost_tier, asked.type, asked.HasField("available"), asked.available) == (
        COST_TIER_LOW, MODEL_TYPE_CHAT, True, False,
    )  # fmt: skip
    assert list(asked.capabilities) == [CAPABILITY_VISION, CAPABILITY_TEXT]
    run("models")
    assert not script.requests[1].HasField("available")


def test_more_models_than_a_page_as_json(run: Run, script: Script) -> None:
    script.models = [Model(id=f"p/{number}") for number in range(1_001)]
    assert len(json.loads(run("models", "--json").out)) == 1_001
    assert len(script.requests) == 2


def test_no_model_is_said(run: Run) -> None:
    outcome = run("models")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "models: 0\n")


def test_providers_say_why_they_are_not_active(run: Run, script: Script) -> None:
    read = Timestamp()
    read.FromDatetime(datetime(2026, 1, 2, tzinfo=UTC))
    script.providers = [
        Provider(id="a", dialect="openai", state=PROVIDER_STATE_ACTIVE, model_count=3, last_sync_time=read),
        Provider(id="b", dialect="openai", state=PROVIDER_STATE_NO_KEY, state_reason="set B_API_KEY"),
    ]
    outcome = run("providers", "--state", "no-key")
    assert script.requests[0].state == PROVIDER_STATE_NO_KEY
    _, active, keyless = lines(outcome.out)
    assert "3 (read 2026-01-02 00:00:00 UTC)" in active
    assert "no-key" in keyless
    assert keyless.endswith("set B_API_KEY")
    assert [provider["id"] for provider in json.loads(run("providers", "--json").out)] == ["a", "b"]
    script.providers = []
    assert run("providers").out == ""


USAGE = UsageResponse(
    total=UsageRow(
        completions=3, attempts=4, failed_attempts=1, cost_nanos=123_000, unpriced_attempts=1, mean_latency_ms=1_500,
        tokens=TokenUsage(input_tokens=1_000, cache_read_tokens=234, output_tokens=10, reasoning_tokens=20),
    ),
    rows=[UsageRow(keys=["a", "a/one"], completions=2, cost_nanos=120_000), UsageRow(keys=["b", ""], cost_nanos=3_000)],
)  # fmt: skip


def test_usage_has_rows_and_totals(run: Run, script: Script) -> None:
    script.usage = [USAGE]
    outcome = run("usage", "--by", "provider", "--by", "model")
    assert list(script.requests[0].group_by) == [USAGE_DIMENSION_PROVIDER, USAGE_DIMENSION_MODEL]
    shown = [line for line in lines(outcome.out) if line]
    assert shown[1].split()[:3] == ["provider", "model", "completions"]
    assert "$0.00012" in shown[2]
    assert shown[3].split()[:2] == ["b", "–"]  # noqa: RUF001  # nothing to show
    total = shown[4].split()
    assert total[0] == "total"
    assert "1,234" in total
    assert "30" in total
    assert "$0.000123" in total
    assert outcome.err == "attempts without a known price, not in the cost: 1\n"
    assert "1.5 s" in shown[4]


def test_usage_alone_is_the_total(run: Run, script: Script) -> None:
    script.usage = [UsageResponse(total=UsageRow(completions=3, cost_nanos=5))]
    figures = lines(run("usage").out)[-1].split()
    assert figures[0] == "3"
    assert "$0.000000005" in figures


def test_usage_by_label_needs_its_key(run: Run, script: Script) -> None:
    script.usage = [UsageResponse(rows=[UsageRow(keys=["red"])])]
    outcome = run("usage", "--by", "label:team", "--label", "env=prod", "--provider", "a", "--model", "a/one")
    asked = script.requests[0]
    assert (list(asked.group_by), asked.label_key) == ([USAGE_DIMENSION_LABEL], "team")
    assert (dict(asked.filter.labels), asked.filter.provider_id, asked.filter.model_id) == (
        {"env": "prod"}, "a", "a/one",
    )  # fmt: skip
    assert "team" in outcome.out
    for wrong in (("--by", "label"), ("--by", "label:a", "--by", "label:b"), ("--by", "colour")):
        assert run("usage", *wrong).code == 2


def test_usage_periods(run: Run, script: Script) -> None:
    run("usage", "--since", "2026-01-31", "--until", "2026-02-01T12:00:00+02:00")
    asked = script.requests[0]
    assert asked.start_time.ToDatetime() == datetime(2026, 1, 31)  # noqa: DTZ001  # protobuf gives UTC without saying so
    assert asked.end_time.ToDatetime() == datetime(2026, 2, 1, 10)  # noqa: DTZ001  # as above
    run("usage", "--since", "7d")
    ago = datetime.now(UTC) - script.requests[1].start_time.ToDatetime(UTC)
    assert timedelta(days=7) <= ago < timedelta(days=7, minutes=1)
    assert not script.requests[1].HasField("end_time")
    assert run("usage", "--since", "yesterday").code == 2


def test_usage_as_json(run: Run, script: Script) -> None:
    script.usage = [USAGE]
    assert json.loads(run("usage", "--json").out)["total"]["costNanos"] == "123000"


def test_a_rating_goes_to_a_completion_or_a_decision(run: Run, script: Script) -> None:
    outcome = run("feedback", "cmp_1", "--rating", "0.25")
    assert (outcome.code, outcome.out) == (
        0,
        "fbk_06bjr3vq5d8h2k9m4x7t1c6wne: openai/gpt-4o-mini rated 0.25 (explicit)\n",
    )
    run("feedback", "dec_1", "--rating", "0", "--self")
    completion, decision = script.requests
    assert (completion.completion_id, completion.rating, completion.type) == ("cmp_1", 0.25, 0)
    assert (decision.decision_id, decision.HasField("rating")) == ("dec_1", True)
    assert decision.type == FEEDBACK_TYPE_SELF_EVALUATION


@pytest.mark.parametrize(
    ("option", "signal"),
    [
        ("--regenerate", IMPLICIT_SIGNAL_REGENERATE),
        ("--copy", IMPLICIT_SIGNAL_COPY),
        ("--continue", IMPLICIT_SIGNAL_CONTINUE),
    ],
)
def test_a_signal_stands_for_a_rating(run: Run, script: Script, option: str, signal: int) -> None:
    assert json.loads(run("feedback", "cmp_1", option, "--json").out)["completionId"] == "cmp_1"
    assert script.requests[0].signal == signal
    assert not script.requests[0].HasField("rating")


@pytest.mark.parametrize("options", [(), ("--copy", "--continue"), ("--rating", "1", "--copy"), ("--self",)])
def test_feedback_says_exactly_one_thing(run: Run, script: Script, options: tuple[str, ...]) -> None:
    assert run("feedback", "cmp_1", *options).code == 2
    assert script.requests == []
