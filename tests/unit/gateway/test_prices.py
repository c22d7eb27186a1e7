"""Prices that change while calls run, and ceilings where no price is known."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pointsman_server.catalog.model import DatedPrices, Prices
from pointsman_server.clock import SystemClock
from pointsman_server.errors import DeadlineExceeded, NoEligibleModel
from pointsman_server.ledger.money import cost_nanos
from pointsman_server.sandbox import Fault

from tests.unit.gateway.conftest import PRICES, MakeWorld, World, asking

CHANGE = datetime(2026, 12, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DEARER = Prices(input_nanos_per_million=7_000_000_000, output_nanos_per_million=9_000_000_000)
CEILING = Prices(input_nanos_per_million=50_000_000_000, output_nanos_per_million=90_000_000_000, is_ceiling=True)


class MovableClock(SystemClock):
    """A clock whose time of day is set, and stands still."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(CHANGE - SECOND)


@pytest.fixture
async def world(make_world: MakeWorld, clock: MovableClock) -> World:
    """A world whose first model grows dearer at the change; its snapshot stays the one made before."""
    return make_world(clock=clock, first_row={"price_changes": (DatedPrices(CHANGE, DEARER),)})


async def test_a_call_after_the_change_is_bounded_and_booked_by_the_new_prices(
    world: World, clock: MovableClock
) -> None:
    before = (await world.complete(asking("hello"))).events
    clock.time = CHANGE
    after = (await world.complete(asking("hello"))).events
    for events, prices in ((before, PRICES), (after, DEARER)):
        finished, decision = events[-1].finished, events[0].started.decision
        assert finished.cost_nanos == cost_nanos(prices, finished.usage)
        assert finished.cost_nanos <= decision.worst_case_cost_nanos
    held = [events[0].started.decision.worst_case_cost_nanos for events in (before, after)]
    assert held[1] > held[0]


async def test_a_call_that_runs_past_the_change_costs_what_it_was_admitted_at(
    world: World, clock: MovableClock
) -> None:
    async def read() -> None:
        async for _ in world.stream(asking("hello"), seconds=1.0):
            clock.time = CHANGE

    world.first.script.push(Fault(hang_after=2))
    with pytest.raises(DeadlineExceeded) as ended:
        await read()
    await world.settled()
    failure = ended.value.failure
    assert failure is not None
    assert failure.usage.output_tokens > 0
    assert failure.cost_nanos == cost_nanos(PRICES, failure.usage)


async def test_the_next_attempt_of_a_call_is_admitted_at_the_prices_then(
    make_world: MakeWorld, clock: MovableClock
) -> None:
    world = make_world(clock=clock, second_row={"price_changes": (DatedPrices(CHANGE, DEARER),)})
    world.first.script.push(Fault(hang=True))
    call = asyncio.create_task(world.complete(asking("hello"), seconds=2.0))
    while not world.first.meter.entries:  # noqa: ASYNC110  # what is waited for is behind a socket
        await asyncio.sleep(0.005)
    clock.time = CHANGE
    finished = (await call).events[-1].finished
    assert finished.model_id == "second/steady"
    decision = await world.decision(world.last.events[0].started.decision.decision_id)
    assert decision.outcome.attempts[1].cost_nanos == cost_nanos(DEARER, finished.usage)


async def test_a_model_that_has_grown_too_dear_is_not_tried(world: World, clock: MovableClock) -> None:
    routed = (await world.complete(asking("hello"))).events[0].started.decision
    clock.time = CHANGE
    answer = await world.complete(asking("hello", max_cost_nanos=routed.worst_case_cost_nanos))
    assert answer.events[-1].finished.model_id == "second/steady"
    assert len(world.first.meter.entries) == 1


async def test_a_model_that_has_no_known_price_any_more_is_not_tried_under_a_ceiling(
    make_world: MakeWorld, clock: MovableClock
) -> None:
    world = make_world(clock=clock, first_row={"price_changes": (DatedPrices(CHANGE, None),)})
    routed = (await world.complete(asking("hello"))).events[0].started.decision
    clock.time = CHANGE
    answer = await world.complete(asking("hello", max_cost_nanos=2 * routed.worst_case_cost_nanos))
    assert answer.events[-1].finished.model_id == "second/steady"
    assert len(world.first.meter.entries) == 1


async def test_where_all_have_grown_too_dear_the_call_is_refused_and_recorded(
    make_world: MakeWorld, clock: MovableClock
) -> None:
    change = {"price_changes": (DatedPrices(CHANGE, DEARER),)}
    world = make_world(clock=clock, first_row=change, second_row=change)
    routed = (await world.complete(asking("hello"))).events[0].started.decision
    clock.time = CHANGE
    with pytest.raises(NoEligibleModel, match="Prices have just changed") as refused:
        await world.complete(asking("hello", max_cost_nanos=routed.worst_case_cost_nanos))
    recorded = await world.decision(refused.value.metadata["decision_id"])
    assert recorded.outcome.status == "FAILED_PRECONDITION"
    assert not recorded.outcome.attempts


async def test_an_attempt_before_the_refusal_is_settled(make_world: MakeWorld, clock: MovableClock) -> None:
    change = {"price_changes": (DatedPrices(CHANGE, DEARER),)}
    world = make_world(clock=clock, first_row=change, second_row=change)
    routed = (await world.complete(asking("hello"))).events[0].started.decision
    world.first.script.push(Fault(hang=True))
    limit = routed.worst_case_cost_nanos
    call = asyncio.create_task(world.complete(asking("hello", max_cost_nanos=limit), seconds=2.0))
    while len(world.first.meter.entries) < 2:  # noqa: ASYNC110  # what is waited for is behind a socket
        await asyncio.sleep(0.005)
    clock.time = CHANGE
    with pytest.raises(NoEligibleModel) as refused:
        await call
    recorded = await world.decision(refused.value.metadata["decision_id"])
    assert [attempt.outcome for attempt in recorded.outcome.attempts] == ["failed"]
    assert recorded.outcome.attempts[0].cost_nanos > 0


async def test_a_ceiling_bounds_and_books_and_is_marked_everywhere(make_world: MakeWorld) -> None:
    world = make_world(first_prices=CEILING)
    events = (await world.complete(asking("hello"))).events
    finished, decision = events[-1].finished, events[0].started.decision
    assert finished.model_id == "first/steady"
    assert finished.cost_nanos == cost_nanos(CEILING, finished.usage)
    assert decision.ceiling_price
    recorded = await world.decision(decision.decision_id)
    assert {candidate.model_id: candidate.ceiling_price for candidate in recorded.candidates} == {
        "first/steady": True,
        "second/steady": False,
    }
    assert recorded.outcome.attempts[0].ceiling_price
    usage = await world.usage()
    assert (usage.ceiling_attempts, usage.unpriced_attempts, usage.cost_nanos) == (1, 0, finished.cost_nanos)


async def test_a_known_price_is_not_marked_and_neither_is_what_the_provider_refused(make_world: MakeWorld) -> None:
    world = make_world(first_prices=CEILING)
    world.first.script.push(Fault(status=400))
    events = (await world.complete(asking("hello"))).events
    decision = await world.decision(events[0].started.decision.decision_id)
    assert [attempt.ceiling_price for attempt in decision.outcome.attempts] == [False, False]
    assert not events[0].started.decision.ceiling_price
    assert (await world.usage()).ceiling_attempts == 0
