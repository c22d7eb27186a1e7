"""What providers count of the input bounds and estimates later calls."""

from __future__ import annotations

from typing import Any

import pytest
from pointsman.v1.decision_pb2 import Candidate
from pointsman_server.errors import BudgetExhausted
from pointsman_server.execution.reported import input_total
from pointsman_server.ledger.meters import Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.router.calibration import LEAST_CALLS
from pointsman_server.sandbox import Fault, faults
from structlog.testing import capture_logs

from tests.unit.gateway.conftest import World, asking
from tests.unit.gateway.test_budgets import limit

TEXT = "hello " * 40
RATE: dict[str, Any] = {"unit": Unit.INPUT_TOKENS, "kind": MeterKind.RATE, "period_s": 3_600}


async def ask(world: World, text: str = TEXT) -> tuple[Candidate, int]:
    """The candidate that served, as the record has it, and what its provider counted of the input."""
    events = (await world.complete(asking(text, pinned_models=["first/steady"]))).events
    decision = await world.decision(events[0].started.decision.decision_id)
    return decision.candidates[0], input_total(events[-1].finished.usage)


def reporting(monkeypatch: pytest.MonkeyPatch, world: World, more: int, times: int = 1) -> None:
    """Lets the first provider report so many tokens more than there were."""
    monkeypatch.setitem(faults.FIGURES, "string", lambda tokens: tokens + more)  # type: ignore[arg-type]
    for _ in range(times):
        world.first.script.push(Fault(usage="string"))


async def test_after_some_calls_a_rate_holds_what_such_inputs_come_to(world: World) -> None:
    for _ in range(LEAST_CALLS):
        candidate, counted = await ask(world)
        assert not candidate.HasField("input_tokens_estimate")
    candidate, counted = await ask(world)
    assert counted <= candidate.input_tokens_estimate < candidate.input_tokens_bound // 2
    await limit(world, candidate.input_tokens_estimate, "pace", **RATE)
    await ask(world)
    with pytest.raises(BudgetExhausted):
        await ask(world, TEXT * 20)  # of another order of size: nothing is known of such inputs


async def test_windows_hold_the_bound_whatever_is_known(world: World) -> None:
    for _ in range(LEAST_CALLS + 1):
        candidate, _ = await ask(world)
    await limit(world, candidate.input_tokens_bound - 1, "hour", unit=Unit.INPUT_TOKENS, kind=MeterKind.HOUR)
    with pytest.raises(BudgetExhausted):
        await ask(world)


async def test_an_estimate_that_was_too_low_is_no_overrun(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(LEAST_CALLS + 1):
        candidate, counted = await ask(world)
    await limit(world, 10_000, "pace", **RATE)
    reporting(monkeypatch, world, candidate.input_tokens_bound - counted)
    with capture_logs() as logs:
        _, above = await ask(world)
    assert above == candidate.input_tokens_bound > candidate.input_tokens_estimate
    assert not [entry for entry in logs if entry["event"] in {"ledger_overrun", "input_bound_passed"}]


async def test_the_call_after_one_that_passed_its_bound_is_bounded_rightly(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporting(monkeypatch, world, 2_000, times=2)
    with capture_logs() as logs:
        before, counted = await ask(world)
        after, again = await ask(world)
    assert again == counted > before.input_tokens_bound
    assert after.input_tokens_bound >= counted
    assert after.worst_case_cost_nanos > before.worst_case_cost_nanos
    assert [entry["model"] for entry in logs if entry["event"] == "input_bound_passed"] == ["first/steady"]


async def test_a_count_that_cannot_be_true_teaches_nothing(world: World) -> None:
    world.first.script.push(Fault(usage="huge"))
    await ask(world)
    assert not world.supervisor.calibration.overheads
