"""What becomes of an answer whose caller has gone: read to its end and booked exactly, or cut off and booked safely."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from pointsman_server.catalog.model import OnCancel
from pointsman_server.errors import (
    AllProvidersFailed,
    BudgetExhausted,
    DeadlineExceeded,
    Overloaded,
    StoreUnavailable,
    StreamBroken,
)
from pointsman_server.execution.relay import CAPACITY_EVENTS
from pointsman_server.identity.model import LOCAL_ADMIN, PLATFORM_TENANT, SERVER
from pointsman_server.ledger.ledger import GroupCommitLedger
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.sandbox import Fault

from tests.unit.gateway.conftest import MakeWorld, World, asking

CAP = 512
READ_ON = {"on_cancel": OnCancel.READ_TO_END}
PACED = Fault(burst=False, first_ms=20, gap_ms=10, tokens=12)


async def leave(world: World, after: int = 1) -> None:
    """Reads so many events and goes."""
    seen = 0
    async with aclosing(world.stream(asking("hello"))) as responses:
        async for response in responses:
            seen += len(response.events)
            if seen >= after:
                return


async def test_a_billed_answer_is_read_to_its_end_and_booked_exactly(make_world: MakeWorld) -> None:
    world = make_world(first_fields=READ_ON)
    world.first.script.push(PACED)
    await leave(world)
    assert world.supervisor.running_count == 1, "it is read on"
    await world.settled()
    (entry,) = world.first.meter.entries
    usage = await world.usage()
    assert entry.outcome == "ended"
    assert (usage.attempts, usage.cancelled_attempts, usage.estimated_attempts) == (1, 1, 0)
    assert (usage.tokens.input_tokens, usage.tokens.output_tokens) == (entry.input_tokens, 12)
    assert usage.cost_nanos == entry.cost_nanos


async def test_without_a_count_what_was_read_for_nobody_is_booked(make_world: MakeWorld) -> None:
    world = make_world(first_fields=READ_ON)
    world.first.script.push(Fault(burst=False, gap_ms=5, tokens=12, usage="missing"))
    await leave(world)
    await world.settled()
    usage = await world.usage()
    assert 12 <= usage.tokens.output_tokens < CAP
    assert usage.estimated_attempts == 1


@pytest.mark.parametrize("limits", [{"read_to_end_ms": 30}, {"max_read_to_end": 0}], ids=["time", "places"])
async def test_what_is_not_read_to_its_end_is_booked_with_the_whole_cap(
    make_world: MakeWorld, limits: dict[str, Any]
) -> None:
    world = make_world(first_fields=READ_ON, **limits)
    world.first.script.push(Fault(burst=False, gap_ms=5, hang_after=3))
    await leave(world)
    await world.settled()
    usage = await world.usage()
    assert (usage.tokens.output_tokens, usage.estimated_attempts, usage.cancelled_attempts) == (CAP, 1, 1)
    assert world.first.meter.outcomes == {"client_gone": 1}


@pytest.mark.parametrize(
    ("limit", "fault"),
    [
        ({"first_token_ms": 100}, Fault(hang=True)),
        ({"first_token_ms": 100}, Fault(hang_after=0)),
        ({"chunk_ms": 100}, Fault(burst=False, gap_ms=5, hang_after=3)),
        ({}, Fault(burst=False, gap_ms=5, garbage_after=3)),
    ],
    ids=["no headers", "no token", "a silence", "garbage"],
)
async def test_an_answer_that_we_give_up_is_booked_with_the_whole_cap_where_it_is_billed_anyway(
    make_world: MakeWorld, limit: dict[str, Any], fault: Fault
) -> None:
    world = make_world(first_fields=READ_ON, **limit)
    world.first.script.push(fault)
    with pytest.raises((AllProvidersFailed, StreamBroken)):
        await world.complete(asking("hello", allow_fallback=False))
    await world.settled()
    usage = await world.usage()
    assert (usage.tokens.output_tokens, usage.estimated_attempts) == (CAP, 1)


async def test_a_tenant_has_so_many_places_and_gets_them_back(make_world: MakeWorld) -> None:
    world = make_world(first_fields=READ_ON, max_read_to_end=1)
    world.first.script.push(PACED, times=3)
    await asyncio.gather(leave(world), leave(world))
    while world.supervisor.running_count:  # noqa: ASYNC110  # what is waited for is behind a socket
        await asyncio.sleep(0.01)
    assert (await world.usage()).estimated_attempts == 1
    await leave(world)
    await world.settled()
    usage = await world.usage()
    assert (usage.attempts, usage.estimated_attempts) == (3, 1)


async def test_a_failure_that_nobody_waits_for_is_booked_once_and_calls_no_one_else(make_world: MakeWorld) -> None:
    world = make_world(first_fields=READ_ON)
    world.first.script.push(Fault(burst=False, gap_ms=5, cut_after=6))
    await leave(world)
    await world.settled()
    usage = await world.usage()
    (entry,) = world.first.meter.entries
    assert (usage.attempts, usage.cancelled_attempts) == (1, 1)
    assert entry.cost_nanos <= usage.cost_nanos
    assert usage.tokens.output_tokens < CAP
    assert not world.second.meter.entries


async def test_a_deadline_is_told_at_once_and_the_answer_read_on(make_world: MakeWorld) -> None:
    world = make_world(first_fields=READ_ON)
    world.first.script.push(Fault(burst=False, first_ms=0, gap_ms=50, tokens=20))
    with pytest.raises(DeadlineExceeded) as late:
        await world.complete(asking("hello"), seconds=0.5)
    assert world.supervisor.running_count == 1
    told = late.value.failure
    assert told is not None
    assert [attempt.model_id for attempt in told.attempts] == ["first/steady"]
    assert told.usage.estimated
    assert told.usage.output_tokens == CAP
    await world.settled()
    usage = await world.usage()
    (entry,) = world.first.meter.entries
    assert (usage.failed_attempts, usage.estimated_attempts) == (1, 0)
    assert usage.cost_nanos == entry.cost_nanos <= told.cost_nanos
    assert told.last_sequence == len(world.last.events) - 1


async def test_a_reader_that_stops_is_told_and_the_answer_read_on(make_world: MakeWorld) -> None:
    world = make_world(stalled_reader_ms=50, first_fields=READ_ON)
    tokens = 3 * CAPACITY_EVENTS  # the one response that is read may take as many as that, and as many fill the queue
    world.first.script.push(Fault(burst=False, gap_ms=0.1, tokens=tokens))
    specification = asking("hello")
    specification.max_output_tokens = 1_000
    responses = world.stream(specification)
    await anext(responses)
    await world.settled()
    with pytest.raises(StreamBroken, match="unread"):
        async for _ in responses:
            pass
    usage = await world.usage()
    assert (usage.cancelled_attempts, usage.estimated_attempts) == (1, 0)
    assert usage.tokens.output_tokens == world.first.meter.entries[0].output_tokens == tokens


async def test_a_shutdown_ends_what_is_read_for_nobody(make_world: MakeWorld) -> None:
    world = make_world(first_fields=READ_ON, read_to_end_ms=60_000)
    world.first.script.push(Fault(burst=False, gap_ms=5, hang_after=3))
    await leave(world)
    async with asyncio.timeout(3):
        await world.supervisor.drain(50)
    usage = await world.usage()
    assert (usage.attempts, usage.cancelled_attempts, usage.tokens.output_tokens) == (1, 1, CAP)


async def test_a_free_or_local_answer_is_cut_off(make_world: MakeWorld) -> None:
    world = make_world(first_fields={"on_cancel": None, "local": True})
    world.first.script.push(PACED)
    await leave(world)
    await world.settled()
    assert world.first.meter.outcomes == {"client_gone": 1}
    assert (await world.usage()).tokens.output_tokens < CAP


async def test_open_and_cancel_in_a_loop_passes_no_slots(make_world: MakeWorld) -> None:
    world = make_world(first_fields=READ_ON)
    key = MeterKey(LOCAL_ADMIN.tenant_id, "slots")
    slots = Meter(key, "slots", Scope.TENANT, "", Unit.REQUESTS, MeterKind.SLOTS, 0, 5)
    await world.storage.budgets.create(slots, SERVER)
    world.first.script.push(Fault(burst=False, first_ms=5, gap_ms=10, tokens=30), times=1_000)
    refused = 0
    for _ in range(200):
        try:
            await leave(world)
        except BudgetExhausted:
            refused += 1
    await world.settled()
    assert refused
    assert world.first.meter.most_at_once == 5
    usage = await world.usage()
    assert usage.attempts == len(world.first.meter.entries) == 200 - refused
    assert usage.cost_nanos == world.first.meter.cost_nanos


@pytest.mark.parametrize("away", [Overloaded, StoreUnavailable])
async def test_a_refusal_is_told_though_its_record_has_to_wait(
    world: World, monkeypatch: pytest.MonkeyPatch, away: type[Exception]
) -> None:
    """A fallback that no budget holds, at a moment when the store takes no new calls, or nothing at all."""
    key = MeterKey(PLATFORM_TENANT, "second")
    meter = Meter(key, "second", Scope.PROVIDER, "second", Unit.TOKENS, MeterKind.MONTH, 0, 1)
    await world.storage.budgets.create(meter, SERVER)
    world.first.script.push(Fault(status=503))
    record, failing = GroupCommitLedger.record, [True]

    async def turned_away(*args: Any, admission: bool = True, **fields: Any) -> None:
        if failing and (admission or away is StoreUnavailable):
            failing.pop()
            raise away("not now")
        await record(*args, admission=admission, **fields)

    monkeypatch.setattr(GroupCommitLedger, "record", turned_away)
    with pytest.raises(BudgetExhausted) as refused:
        await world.complete(asking("hello"))
    await world.settled()
    assert (await world.decision(refused.value.metadata["decision_id"])).outcome.status == "RESOURCE_EXHAUSTED"
