"""Calls with a request id: one provider call and one charge, however often and wherever the same id comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import Delivery
from pointsman.v1.router_service_pb2 import CompleteResponse
from pointsman_server.catalog.model import OnCancel, Prices
from pointsman_server.clock import SystemClock
from pointsman_server.errors import (
    AllProvidersFailed,
    BudgetExhausted,
    CallCancelled,
    PointsmanError,
    RequestAlreadyServed,
    RequestIdInUse,
    RequestIdReused,
    StreamBroken,
)
from pointsman_server.identity.model import LOCAL_ADMIN, SERVER
from pointsman_server.ids import new_id
from pointsman_server.ledger.claims import Claimed, ClaimKey, IdempotencyKey
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.sandbox import Fault
from pointsman_server.storage.database import Address
from pointsman_server.storage.storage import Storage

from tests.unit.gateway.conftest import Answer, MakeWorld, World, asking

ONCE = IdempotencyKey("once", "digest")
KEY = ClaimKey(LOCAL_ADMIN.tenant_id, LOCAL_ADMIN.user_id, ONCE.request_id)
SLOW = Fault(burst=False, first_ms=50, gap_ms=5, tokens=20)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, database: Address) -> Address:
    if request.param == "sqlite":
        return database
    address: Any = request.getfixturevalue("postgres_url")
    assert isinstance(address, str)
    return address


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not happened():  # noqa: ASYNC110  # what is waited for is behind a socket
            await asyncio.sleep(0.005)


def stream(world: World, text: str = "hello", **options: Any) -> AsyncGenerator[CompleteResponse, None]:
    return world.stream(asking(text), **{"idempotency_key": ONCE, **options})


async def read(responses: AsyncGenerator[CompleteResponse, None], answer: Answer) -> None:
    async with aclosing(responses):
        async for response in responses:
            answer.responses.append(response)


async def call(world: World, text: str = "hello", **options: Any) -> Answer:
    answer = Answer()
    await read(stream(world, text, **options), answer)
    return answer


async def claimed(world: World) -> Claimed | None:
    return await world.storage.claims.find(KEY)


def numbers(answer: Answer) -> list[int]:
    return [response.first_sequence + index for response in answer.responses for index in range(len(response.events))]


async def attempts(world: World) -> int:
    return (await world.usage()).attempts


@pytest.mark.parametrize("delivery", [Delivery.DELIVERY_STREAM, Delivery.DELIVERY_WHOLE])
async def test_two_hundred_calls_at_once_are_one(world: World, delivery: Delivery.ValueType) -> None:
    world.first.script.push(SLOW)
    answers = await asyncio.gather(*(call(world, delivery=delivery) for _ in range(200)))

    assert [answer.events for answer in answers] == [answers[0].events] * 200
    assert [numbers(answer) for answer in answers] == [list(range(len(answers[0].events)))] * 200
    assert answers[0].kinds[-1] == "finished"
    assert len(world.first.meter.entries) == 1
    usage = await world.usage()
    assert (usage.completions, usage.attempts) == (1, 1)
    assert usage.cost_nanos == answers[0].events[-1].finished.cost_nanos


async def test_whoever_comes_at_any_event_or_after_the_end_gets_everything(world: World) -> None:
    world.first.script.push(SLOW)
    joined: list[asyncio.Task[Answer]] = []
    first = Answer()
    async for response in stream(world):
        first.responses.append(response)
        joined.append(asyncio.create_task(call(world)))
    joined.append(asyncio.create_task(call(world)))
    answers = await asyncio.gather(*joined)
    assert len(answers) > 3
    assert [answer.events for answer in answers] == [first.events] * len(answers)
    assert len(world.first.meter.entries) == await attempts(world) == 1


async def test_the_first_caller_may_leave_and_the_other_gets_the_end(world: World) -> None:
    world.first.script.push(SLOW)
    async with aclosing(stream(world)) as first:
        head = await anext(first)
        other = asyncio.create_task(call(world))
        await asyncio.sleep(0)
    answer = await other
    assert answer.events[: len(head.events)] == list(head.events)
    assert answer.kinds[-1] == "finished"
    assert await attempts(world) == 1


async def test_when_all_leave_the_call_is_cancelled_once_and_stays_charged(make_world: MakeWorld) -> None:
    world = make_world(first_fields={"on_cancel": OnCancel.ABORT})
    world.first.script.push(Fault(burst=False, first_ms=1, gap_ms=50, tokens=200))
    one, two = stream(world), stream(world)
    head = await anext(one)
    await anext(two)
    await one.aclose()
    assert world.supervisor.running_count == 1
    await two.aclose()
    await until(lambda: world.supervisor.running_count == 0)

    usage = await world.usage()
    assert (usage.attempts, usage.cancelled_attempts) == (1, 1)
    again = stream(world)
    assert (await anext(again)).events[0] == head.events[0]
    with pytest.raises(CallCancelled):
        async for _ in again:
            pass
    found = await claimed(world)
    assert found is not None
    assert (found.status, found.told.cost_nanos) == ("CANCELLED", usage.cost_nanos)


async def test_another_body_is_refused_while_the_call_runs_and_after_its_end(
    make_world: MakeWorld, world: World
) -> None:
    await call(world)
    other = IdempotencyKey(ONCE.request_id, "another digest")
    for server in (world, make_world()):
        with pytest.raises(RequestIdReused):
            await call(server, idempotency_key=other)
    assert await attempts(world) == 1


async def test_other_ids_and_no_id_are_calls_of_their_own(world: World) -> None:
    answers = [await call(world, idempotency_key=key) for key in (ONCE, IdempotencyKey("twice", "digest"), None, None)]
    assert len({answer.events[0].started.completion_id for answer in answers}) == 4
    assert await attempts(world) == 4


async def test_another_server_tells_what_the_call_used(make_world: MakeWorld, world: World) -> None:
    finished = (await call(world)).events[-1].finished
    with pytest.raises(RequestAlreadyServed) as told:
        await call(make_world())
    failure = told.value.failure
    assert failure is not None
    assert (failure.usage, failure.cost_nanos) == (finished.usage, finished.cost_nanos)
    assert told.value.metadata == {"decision_id": failure.decision_id, "outcome": "OK"}
    assert await attempts(world) == 1


async def test_another_server_cannot_join_what_runs_here(make_world: MakeWorld, world: World) -> None:
    world.first.script.push(SLOW)
    first = stream(world)
    head = await anext(first)
    with pytest.raises(RequestIdInUse, match="another server") as told:
        await call(make_world())
    assert told.value.retry_after is not None
    assert told.value.failure is not None
    assert told.value.failure.completion_id == head.events[0].started.completion_id
    async for _ in first:
        pass
    assert len(world.first.meter.entries) == await attempts(world) == 1


async def test_a_provider_that_fails_without_a_charge_leaves_the_id_free(world: World) -> None:
    for sandbox in (world.first, world.second):
        sandbox.script.push(Fault(status=500))
    with pytest.raises(AllProvidersFailed):
        await call(world)
    assert await claimed(world) is None
    assert (await call(world)).kinds[-1] == "finished"


async def test_a_budget_that_refuses_leaves_the_id_free(world: World) -> None:
    key = MeterKey(LOCAL_ADMIN.tenant_id, "bud_1")
    await world.storage.budgets.create(
        Meter(key, "none", Scope.TENANT, "", Unit.REQUESTS, MeterKind.MONTH, 0, 0), SERVER
    )
    refusals = await asyncio.gather(*(call(world) for _ in range(3)), return_exceptions=True)
    assert [type(refusal) for refusal in refusals] == [BudgetExhausted] * 3
    await world.settled()
    assert await claimed(world) is None


async def test_a_break_after_content_is_told_again_with_what_came_before(make_world: MakeWorld, world: World) -> None:
    world.first.script.push(Fault(cut_after=3))
    question = "hello, tell me something long enough to break"
    first, second = Answer(), Answer()
    for answer in (first, second):
        with pytest.raises(StreamBroken):
            await read(stream(world, question), answer)
    assert len(first.events) > 1
    assert first.events == second.events
    with pytest.raises(RequestAlreadyServed) as told:
        await call(make_world())
    assert told.value.metadata["outcome"] == "UNAVAILABLE"
    assert len(world.first.meter.entries) == 1


async def test_what_was_paid_for_without_content_keeps_the_id(make_world: MakeWorld) -> None:
    world = make_world(first_token_ms=300)
    for sandbox in (world.first, world.second):
        sandbox.script.push(Fault(hang_after=2))
    with pytest.raises(PointsmanError):
        await call(world, delivery=Delivery.DELIVERY_WHOLE, seconds=0.5)
    await until(lambda: world.supervisor.running_count == 0)
    with pytest.raises(RequestAlreadyServed) as told:
        await call(world, delivery=Delivery.DELIVERY_WHOLE)
    assert told.value.failure is not None
    assert told.value.failure.cost_nanos == (await world.usage()).cost_nanos > 0


async def test_an_answer_that_costs_nothing_keeps_the_id(make_world: MakeWorld) -> None:
    free = Prices(input_nanos_per_million=0, output_nanos_per_million=0)
    world = make_world(first_prices=free)
    await call(world, delivery=Delivery.DELIVERY_WHOLE)
    found = await claimed(world)
    assert found is not None
    assert (found.status, found.told.cost_nanos) == ("OK", 0)


async def test_two_servers_run_each_id_once(database: Address, make_world: MakeWorld, world: World) -> None:
    if not isinstance(database, str):
        servers = [world, make_world()]
        await race(servers)
        return
    async with await Storage.open(database, clock=SystemClock(), new_id=new_id) as own:
        await race([world, make_world(storage=own)])


async def race(servers: list[World]) -> None:
    """Twenty ids, each at both servers three times at once."""
    keys = [IdempotencyKey(f"id-{number}", "digest") for number in range(20)]
    calls = [(key, server) for key in keys for server in servers * 3]
    ends = await asyncio.gather(*(call(server, idempotency_key=key) for key, server in calls), return_exceptions=True)
    served: dict[str, set[str]] = {}
    for (key, _), end in zip(calls, ends, strict=True):
        if isinstance(end, Answer):
            served.setdefault(key.request_id, set()).add(end.events[0].started.completion_id)
        else:
            assert isinstance(end, RequestIdInUse | RequestAlreadyServed), end
    assert {name: len(completions) for name, completions in served.items()} == {key.request_id: 1 for key in keys}
    assert len(servers[0].first.meter.entries) == await attempts(servers[0]) == len(keys)
