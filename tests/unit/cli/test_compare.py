"""``ledger compare``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from invocation import Run
from pointsman.v1 import budget_service_pb2 as pb
from scripted_server import Script

EXPORT = "date,model,output_tokens\n2026-11-01,a,10\n2026-11-03,a,5\n"


@pytest.fixture
def export(tmp_path: Path) -> str:
    path = tmp_path / "export.csv"
    path.write_text(EXPORT)
    return str(path)


def test_the_file_says_models_and_period(run: Run, script: Script, export: str) -> None:
    outcome = run("ledger", "compare", export, "--provider", "openai", "--tolerance", "0.25")
    assert (outcome.code, outcome.out.splitlines()[-1]) == (0, "0 figures compared: 0 differ too much")
    (asked,) = script.requests
    assert asked.rows == [pb.BilledUsage(model="a", output_tokens=15)]
    assert asked.start_time.ToJsonString() == "2026-11-01T00:00:00Z"
    assert asked.end_time.ToJsonString() == "2026-11-04T00:00:00Z"
    assert (asked.provider_id, asked.tolerance_ppm) == ("openai", 2_500)


def test_an_alert_is_shown_and_fails(run: Run, script: Script, export: str) -> None:
    row = pb.UsageComparison(model="a", figure=pb.USAGE_FIGURE_COST_NANOS, billed=4_000, booked=3_000, alert=True)
    none = pb.UsageComparison(figure=pb.USAGE_FIGURE_OUTPUT_TOKENS, booked=1_500)
    script.compared = pb.CompareUsageResponse(
        rows=[row, none], alert_count=1, estimated_attempts=2_000, unpriced_attempts=3
    )
    outcome = run("ledger", "compare", export, "--provider", "openai")
    assert outcome.code == 1
    first, second, last = (line.split() for line in outcome.out.splitlines()[-3:])
    assert first == ["a", "cost", "$0.000004", "$0.000003", "-$0.000001", "-25.00%", "yes"]
    assert second[:6] == ["all", "output", "tokens", "0", "1,500", "1,500"]
    assert last == ["2", "figures", "compared:", "1", "differ", "too", "much"]
    assert "estimated usage, booked at a safe bound: 2,000" in outcome.err
    assert "without a known price, not in the cost: 3" in outcome.err
    shown = run("ledger", "compare", export, "--provider", "openai", "--json")
    assert (shown.code, json.loads(shown.out)["alertCount"]) == (1, 1)


def test_the_period_may_be_said(run: Run, script: Script) -> None:
    outcome = run(
        "ledger", "compare", "-", "--provider", "x", "--since", "2026-10-01", "--until", "2026-11-01",
        stdin='[{"cost_usd": 1.5}]',
    )  # fmt: skip
    assert outcome.code == 0
    assert script.requests[0].end_time.ToJsonString() == "2026-11-01T00:00:00Z"
    assert script.requests[0].rows == [pb.BilledUsage(cost_nanos=1_500_000_000)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        (b"a,b\n1,2\n", "no row states"),
        (b"output_tokens\n1\n", "names no times"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_what_cannot_be_compared_is_refused_here(
    run: Run, script: Script, tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "export.csv"
    if content is not None:
        path.write_bytes(content)
    outcome = run("ledger", "compare", str(path), "--provider", "openai")
    assert outcome.code == 2
    assert told in " ".join(outcome.err.split())
    assert not script.requests
