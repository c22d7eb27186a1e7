"""Usage that a provider reports wrongly, in every dialect: booked safely, flagged, alarmed where it overran."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pointsman.v1.decision_pb2 import AttemptRecord
from pointsman.v1.usage_pb2 import UsageFlag
from pointsman_server.execution.reported import input_total, output_total
from pointsman_server.ledger.model import flag_names
from pointsman_server.sandbox import Fault
from structlog.testing import capture_logs

from tests.unit.gateway.conftest import MakeWorld, World, asking

DIALECTS = ("openai", "anthropic", "gemini")
PATHS = {"openai": "/v1", "anthropic": "", "gemini": ""}
# What of the usual text is the least that may be booked, and more than any plausible bill for it.
FAULTS: dict[str, tuple[list[str], bool]] = {
    "missing": (["missing"], True),
    "zero": (["too_low"], True),
    "negative": (["negative", "too_low"], True),
    "low": (["too_low"], True),
    "above": (["overrun"], False),
    "huge": (["implausible"], True),
    "overflow": (["implausible"], True),
    "enormous": (["implausible"], True),
    "string": (["malformed"], False),
    "float": (["malformed"], False),
    "null": (["missing"], True),
    "repeated": ([], False),
    "shrinking": (["contradictory"], False),
    "after_end": (["late"], False),
}


def speaking(make_world: MakeWorld, dialect: str) -> World:
    world = make_world()
    fields: dict[str, object] = {"dialect": dialect, "base_url": world.first.root_url + PATHS[dialect]}
    if dialect == "anthropic":
        fields["headers"] = {"anthropic-version": "2023-06-01"}
    return make_world(first_fields=fields)


async def attempt(world: World, fault: str) -> tuple[AttemptRecord, list[Any]]:
    """One answer that meets the fault; what its record says, and what was logged of it."""
    world.first.script.push(Fault(usage=fault))  # type: ignore[arg-type]  # the table has no others
    with capture_logs() as logs:
        answer = await world.complete(asking("hello"))
    decision = await world.decision(answer.events[0].started.decision.decision_id)
    (record,) = decision.outcome.attempts
    return record, [line for line in logs if line["event"].startswith("usage_")]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_it_is_booked_safely_and_flagged(make_world: MakeWorld, dialect: str, fault: str) -> None:
    world = speaking(make_world, dialect)
    flags, estimated = FAULTS[fault]
    if dialect == "gemini" and fault == "after_end":
        flags = []  # its wire has no mark of the end
    record, logs = await attempt(world, fault)
    told = list(flag_names(record.usage_flags))
    if dialect != "openai" and fault in {"low", "null", "float", "string"}:
        assert set(told) >= set(flags) - {"too_low", "missing"}
    else:
        assert told == flags
    usage, (entry,) = await world.usage(), world.first.meter.entries
    assert (usage.attempts, usage.failed_attempts, usage.estimated_attempts) == (1, 0, int(estimated))
    assert input_total(usage.tokens) >= entry.input_tokens
    assert output_total(usage.tokens) >= entry.output_tokens
    assert entry.cost_nanos <= usage.cost_nanos < 100_000_000
    assert len(logs) == bool(told)


@pytest.mark.parametrize(("fault", "level"), [("above", "error"), ("huge", "error"), ("missing", "warning")])
async def test_what_overran_raises_an_alarm_that_names_the_completion(world: World, fault: str, level: str) -> None:
    record, (line,) = await attempt(world, fault)
    assert line["log_level"] == level
    assert line["completion_id"].startswith("cmp_")
    assert line["attempt"] == record.attempt == 1
    assert line["model"] == "first/steady"
    assert line["cost_nanos"] == record.cost_nanos
    assert line["flags"] == list(flag_names(record.usage_flags))


async def test_an_honest_count_has_no_flags(world: World) -> None:
    answer = await world.complete(asking("hello"))
    decision = await world.decision(answer.events[0].started.decision.decision_id)
    assert not decision.outcome.attempts[0].usage_flags
    assert UsageFlag.USAGE_FLAG_UNSPECIFIED == 0


async def test_the_entry_keeps_the_flags(world: World, database: Path) -> None:
    await attempt(world, "negative")
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT usage_flags FROM usage_entries").fetchall() == [("negative,too_low",)]
