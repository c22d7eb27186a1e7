"""``budget`` and ``ledger``."""

from __future__ import annotations

import json

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from invocation import Run
from pointsman.v1 import budget_service_pb2 as pb
from scripted_server import Script

BUDGET = pb.Budget(
    budget_id="bud_1",
    name="calls",
    scope=pb.BUDGET_SCOPE_USER,
    scope_id="ada",
    unit=pb.BUDGET_UNIT_REQUESTS,
    kind=pb.BUDGET_KIND_SLOTS,
    limit=3_000,
    state=pb.BudgetState(reserved=1_200, remaining=1_800),
)


@pytest.fixture(autouse=True)
def one_budget(script: Script) -> None:
    script.budgets = [pb.Budget.FromString(BUDGET.SerializeToString())]


def test_a_list_shows_figures_in_their_unit(run: Run, script: Script) -> None:
    _, row = run("budget", "list", "--scope", "user", "--of", "ada").out.splitlines()
    assert row.split() == ["bud_1", "calls", "user", "ada", "slots", "requests", "3,000", "0", "1,200", "1,800", "–"]  # noqa: RUF001  # nothing to show
    assert (script.requests[0].scope, script.requests[0].scope_id) == (pb.BUDGET_SCOPE_USER, "ada")


def test_a_list_as_json(run: Run) -> None:
    (shown,) = json.loads(run("budget", "list", "--json").out)
    assert (shown["budgetId"], shown["limit"]) == ("bud_1", "3000")


@pytest.mark.parametrize(
    ("arguments", "amount", "unit"),
    [
        ("$12.50", 12_500_000_000, pb.BUDGET_UNIT_NANOS),
        ("$1,000 --unit nanos", 1_000_000_000_000, pb.BUDGET_UNIT_NANOS),
        ("1000 --unit tokens --kind day", 1_000, pb.BUDGET_UNIT_TOKENS),
        ("0 --unit requests --kind rate --period 60", 0, pb.BUDGET_UNIT_REQUESTS),
        ("5 --unit cache-read-tokens", 5, pb.BUDGET_UNIT_CACHE_READ_TOKENS),
    ],
)
def test_a_limit_is_read_exactly(
    run: Run, script: Script, arguments: str, amount: int, unit: pb.BudgetUnit.ValueType
) -> None:
    assert run("budget", "create", "b", "--limit", *arguments.split()).code == 0
    asked = script.requests[0].budget
    assert (asked.limit, asked.unit, asked.scope) == (amount, unit, pb.BUDGET_SCOPE_TENANT)
    assert asked.HasField("period") is ("--period" in arguments)


@pytest.mark.parametrize(
    ("typed", "sent", "shown"),
    [
        ("images", "images", "images"),
        ("Audio-Clips", "audio_clips", "audio-clips"),
        ("audio_clips", "audio_clips", "audio-clips"),
    ],
)
def test_a_unit_that_is_no_other_goes_by_its_name(run: Run, script: Script, typed: str, sent: str, shown: str) -> None:
    made = run("budget", "create", "b", "--limit", "3", "--kind", "day", "--unit", typed)
    asked = script.requests[0].budget
    assert (asked.unit, asked.unit_name) == (pb.BUDGET_UNIT_NAMED, sent)
    assert shown in made.out


def test_the_word_named_is_no_unit(run: Run, script: Script) -> None:
    run("budget", "create", "b", "--limit", "3", "--unit", "named")
    assert script.requests[0].budget.unit_name == "named", "the server says that there is none of this name"


@pytest.mark.parametrize("limit", ["much", "1.5", "$0.0000000001", "$NaN", "Infinity"])
def test_what_is_no_amount_is_refused_here(run: Run, script: Script, limit: str) -> None:
    outcome = run("budget", "create", "b", "--limit", limit)
    assert outcome.code == 2
    assert "no amount" in outcome.err
    assert not script.requests


def test_dollars_count_no_tokens(run: Run) -> None:
    assert run("budget", "create", "b", "--limit", "$1", "--unit", "tokens").code == 2


def test_only_what_is_said_is_changed(run: Run, script: Script) -> None:
    assert "(frozen)" in run("budget", "set", "bud_1", "--freeze").out
    shown = json.loads(run("budget", "set", "bud_1", "--unfreeze", "--name", "n", "--limit", "5", "--json").out)
    assert (shown["name"], shown["limit"]) == ("n", "5")
    assert list(script.requests[0].update_mask.paths) == ["frozen"]
    assert list(script.requests[1].update_mask.paths) == ["limit", "name", "frozen"]
    assert run("budget", "set", "bud_1").code == 2


def test_a_difference_is_shown_and_fails(run: Run, script: Script) -> None:
    bucket = Timestamp(seconds=1_772_323_200)
    script.findings = [
        pb.VerifyLedgerResponse(
            difference=pb.LedgerDifference(
                budget_id="bud_1", bucket_start_time=bucket, posted=1, expected_posted=2_000, expected_reserved=3
            )
        ),
        pb.VerifyLedgerResponse(summary=pb.LedgerSummary(counter_count=2, reservation_count=9, difference_count=1)),
    ]
    outcome = run("ledger", "verify")
    assert outcome.code == 1
    assert "bud_1   2026-03-01 00:00:00 UTC     1       2,000     0                3" in outcome.out
    assert outcome.out.endswith("2 counters against 9 reservations: 1 differ, 0 unknown\n")
    assert run("ledger", "verify", "--json").code == 1


def test_a_reservation_is_settled_or_voided(run: Run, script: Script) -> None:
    settled = run("ledger", "resolve", "rsv_1", "--cost-nanos", "0", "--output-tokens", "7", "--tenant", "t")
    assert settled.out == "rsv_1: settled\n"
    assert run("ledger", "resolve", "rsv_2").out == "rsv_2: voided\n"
    first, second = script.requests
    assert (first.HasField("cost_nanos"), first.usage.output_tokens, first.tenant_id) == (True, 7, "t")
    assert second == pb.ResolveUnknownRequest(reservation_id="rsv_2")


@pytest.mark.parametrize(
    "command",
    [
        "budget list",
        "budget create b --limit 5 --unit tokens",
        "budget set bud_1 --limit 6",
        "budget delete bud_1",
        "ledger verify",
    ],
)
def test_an_administrator_of_the_platform_names_another_tenant(run: Run, script: Script, command: str) -> None:
    script.budgets = [pb.Budget(budget_id="bud_1")]
    script.findings = [pb.VerifyLedgerResponse(summary=pb.LedgerSummary())]
    assert run(*command.split(), "--tenant", "acme").code == 0
    assert [request.tenant_id for request in script.requests] == ["acme"]
