"""Completions through the gateway: what the caller gets and what the records say."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import aclosing, closing, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pointsman.v1.completion_pb2 import Delivery, FailureKind, FinishReason, Profile, WarningCode
from pointsman.v1.model_pb2 import Capability
from pointsman_server.catalog.model import Auth, AuthScheme
from pointsman_server.errors import (
    AllProvidersFailed,
    DeadlineExceeded,
    NoEligibleModel,
    Overloaded,
    PinNotEligible,
    PointsmanError,
    ProviderKeyRejected,
    ProviderRefusedRequest,
    ShuttingDown,
    StoreUnavailable,
    StreamBroken,
    UnknownPin,
)
from pointsman_server.execution import persistence
from pointsman_server.identity.model import LOCAL_ADMIN
from pointsman_server.sandbox import Fault

from tests.unit.gateway.conftest import MakeWorld, World, asking


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not happened():  # noqa: ASYNC110  # what is waited for is behind a socket
            await asyncio.sleep(0.005)


async def test_an_answer_starts_streams_and_finishes_with_its_exact_cost(world: World) -> None:
    answer = await world.complete(asking("hello"))

    assert answer.kinds[0] == "started"
    assert answer.kinds[-1] == "finished"
    assert set(answer.kinds[1:-1]) == {"text_delta"}
    assert "hello" in answer.text
    finished = answer.events[-1].finished
    (entry,) = world.first.meter.entries
    assert (finished.usage.input_tokens, finished.usage.output_tokens) == (entry.input_tokens, entry.output_tokens)
    # 1 and 4 dollars for a million tokens are 1000 and 4000 nanos each.
    assert finished.cost_nanos == entry.input_tokens * 1_000 + entry.output_tokens * 4_000
    assert finished.finish_reason == FinishReason.FINISH_REASON_STOP
    assert finished.model_id == "first/steady"
    assert 0 < finished.time_to_first_token.ToNanoseconds() <= finished.latency.ToNanoseconds()


async def test_events_are_numbered_without_gaps(world: World) -> None:
    answer = await world.complete(asking("hello"))
    expected = 0
    for response in answer.responses:
        assert response.first_sequence == expected
        expected += len(response.events)


async def test_a_whole_answer_is_one_response_with_the_joined_message(world: World) -> None:
    answer = await world.complete(asking("hello"), delivery=Delivery.DELIVERY_WHOLE)
    assert len(answer.responses) == 1
    assert answer.kinds == ["started", "finished"]
    assert "hello" in answer.events[-1].finished.message.parts[0].text.text


async def test_the_record_says_what_ran_and_what_it_cost(world: World) -> None:
    answer = await world.complete(asking("hello"))
    started = answer.events[0].started
    decision = await world.decision(started.decision.decision_id)
    assert decision.plan == ["first/steady", "second/steady"]
    assert decision.outcome.completion_id == started.completion_id
    assert (decision.outcome.status, decision.outcome.model_id) == ("OK", "first/steady")
    assert decision.outcome.cost_nanos == answer.events[-1].finished.cost_nanos
    usage = await world.usage()
    assert (usage.completions, usage.attempts, usage.failed_attempts) == (1, 1, 0)
    assert usage.cost_nanos == decision.outcome.cost_nanos


async def test_a_preference_that_is_not_met_is_told(world: World) -> None:
    answer = await world.complete(asking("hello", preferred_models=["nobody/knows", "second/steady"]))
    (warning,) = answer.events[0].started.warnings
    assert warning.code == WarningCode.WARNING_CODE_PREFERENCE_NOT_MET
    assert warning.field == "specification.hints.preferred_models"
    assert warning.message.startswith("nobody/knows: ")
    assert answer.events[-1].finished.model_id == "second/steady"


@pytest.mark.parametrize(
    ("pins", "purpose", "told"),
    [
        (["first/steady"], "code-generation", ["specification.purpose", "specification.hints.profile"]),
        (["first/steady"], "a purpose of our own", ["specification.hints.profile"]),
        (["first/steady", "second/steady"], "code-generation", []),
        ([], "code-generation", []),
    ],
    ids=["one pin", "a purpose that chooses nothing anyway", "two pins", "no pin"],
)
async def test_hints_that_a_pin_overrides_are_told(
    world: World, pins: list[str], purpose: str, told: list[str]
) -> None:
    specification = asking("hello", pinned_models=pins, profile=Profile.PROFILE_CHEAPEST)
    specification.purpose = purpose
    warnings = (await world.complete(specification)).events[0].started.warnings
    assert [warning.field for warning in warnings] == told
    assert {warning.code for warning in warnings} <= {WarningCode.WARNING_CODE_HINT_OVERRIDDEN}


FAILURES = {
    "status 500": (Fault(status=500), "UNAVAILABLE"),
    "status 503 with a wait": (Fault(status=503, retry_after="30"), "UNAVAILABLE"),
    "rate limit": (Fault(status=429, retry_after="20"), "RATE_LIMITED"),
    "key rejected": (Fault(status=401), "KEY_REJECTED"),
    "no credit": (Fault(status=402), "QUOTA_EXHAUSTED"),
    "unknown model": (Fault(status=404), "MODEL_NOT_FOUND"),
    "refused request": (Fault(status=400), "INVALID_REQUEST"),
    "hang before the headers": (Fault(hang=True), "TIMEOUT"),
    "hang before the first delta": (Fault(hang_after=0), "TIMEOUT"),
    "slow first token": (Fault(first_ms=20_000, burst=False), "TIMEOUT"),
    "one byte per second": (Fault(bytes_per_second=1), "TIMEOUT"),
    "cut before the first delta": (Fault(cut_after=0), "CUT"),
    "garbage": (Fault(garbage_after=0), "GARBAGE"),
    "an HTML page": (Fault(body="html"), "GARBAGE"),
    "no JSON": (Fault(body="not_json"), "GARBAGE"),
    "no HTTP": (Fault(body="not_http"), "GARBAGE"),
    "nothing": (Fault(body="empty"), None),
    "a redirect": (Fault(redirect=302), "GARBAGE"),
    "an error in the stream": (Fault(error_after=0), None),
}


@pytest.mark.parametrize(("fault", "kind"), FAILURES.values(), ids=FAILURES)
async def test_when_the_first_provider_fails_the_next_serves(
    make_world: MakeWorld, fault: Fault, kind: str | None
) -> None:
    # The second provider has no more time than the first.
    world = make_world(first_token_ms=1_000 if kind == "TIMEOUT" else 5_000)
    world.first.script.push(fault)
    answer = await world.complete(asking("hello"))

    assert answer.kinds[:2] == ["started", "route_changed"]
    change = answer.events[1].route_changed
    assert (change.failed_attempt, change.failed_model_id, change.model_id) == (1, "first/steady", "second/steady")
    if kind is not None:
        assert change.kind == FailureKind.Value(f"FAILURE_KIND_{kind}")
    assert {event.attempt for event in answer.events} == {2}
    assert "hello" in answer.text
    decision = await world.decision(answer.events[0].started.decision.decision_id)
    assert [(a.model_id, a.outcome) for a in decision.outcome.attempts] == [
        ("first/steady", "failed"),
        ("second/steady", "succeeded"),
    ]
    usage = await world.usage()
    assert (usage.completions, usage.attempts, usage.failed_attempts) == (1, 2, 1)


async def test_an_address_where_nothing_listens_fails_over(make_world: MakeWorld) -> None:
    world = make_world(first_fields={"base_url": "http://127.0.0.1:9/v1"})
    answer = await world.complete(asking("hello"))
    assert answer.events[1].route_changed.kind == FailureKind.FAILURE_KIND_CONNECT
    decision = await world.decision(answer.events[0].started.decision.decision_id)
    assert decision.outcome.attempts[0].cost_nanos == 0


async def test_a_passing_failure_is_tried_again_on_the_same_model(make_world: MakeWorld) -> None:
    world = make_world(retries=1)
    world.first.script.push(Fault(status=503))
    answer = await world.complete(asking("hello"))
    change = answer.events[1].route_changed
    assert (change.failed_model_id, change.model_id) == ("first/steady", "first/steady")
    assert answer.events[-1].finished.model_id == "first/steady"


async def test_a_wait_that_the_deadline_does_not_allow_is_not_waited(make_world: MakeWorld) -> None:
    world = make_world(retries=1)
    world.first.script.push(Fault(status=429, retry_after="2"))
    answer = await world.complete(asking("hello"), seconds=1.5)
    assert answer.events[-1].finished.model_id == "second/steady"


@pytest.mark.parametrize(("length", "sent"), [(100_000, 100_000), (100, 1)], ids=["large", "cut"])
async def test_an_error_is_told_by_its_status_though_its_body_cannot_be_read(
    make_world: MakeWorld, length: int, sent: int
) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 429 Busy\r\nRetry-After: 600\r\nContent-Length: %d\r\n\r\n" % length + b"x" * sent)
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        world = make_world(first_fields={"base_url": f"http://{host}:{port}/v1"})
        answer = await world.complete(asking("hello"))
    assert answer.events[1].route_changed.kind == FailureKind.FAILURE_KIND_RATE_LIMITED
    assert answer.events[-1].finished.model_id == "second/steady"


async def test_a_whole_answer_survives_a_break_in_its_middle(world: World) -> None:
    world.first.script.push(Fault(cut_after=3))
    answer = await world.complete(asking("hello"), delivery=Delivery.DELIVERY_WHOLE)
    assert answer.kinds == ["started", "route_changed", "finished"]
    (text,) = answer.events[-1].finished.message.parts
    assert text.text.text.count("hello") == 1


async def test_what_a_failed_attempt_sent_is_not_the_first_token(world: World) -> None:
    world.first.script.push(Fault(cut_after=3))
    world.second.script.push(Fault(burst=False, first_ms=100, gap_ms=0))
    answer = await world.complete(asking("hello"), delivery=Delivery.DELIVERY_WHOLE)
    assert answer.events[-1].finished.time_to_first_token.ToMilliseconds() >= 100


async def test_without_fallback_the_first_failure_ends_the_call(world: World) -> None:
    world.first.script.push(Fault(status=503, retry_after="7"))
    with pytest.raises(AllProvidersFailed) as failed:
        await world.complete(asking("hello", allow_fallback=False))
    assert failed.value.retry_after is not None
    assert failed.value.retry_after.total_seconds() == 7
    assert failed.value.failure is not None
    assert [attempt.model_id for attempt in failed.value.failure.attempts] == ["first/steady"]
    assert not world.second.meter.entries


async def test_when_all_fail_each_is_told(world: World) -> None:
    world.first.script.push(Fault(status=429, retry_after="20"))
    world.second.script.push(Fault(status=500))
    with pytest.raises(AllProvidersFailed) as failed:
        await world.complete(asking("hello"))
    failure = failed.value.failure
    assert failure is not None
    assert [(a.provider_id, FailureKind.Name(a.kind)) for a in failure.attempts] == [
        ("first", "FAILURE_KIND_RATE_LIMITED"),
        ("second", "FAILURE_KIND_UNAVAILABLE"),
    ]
    assert failure.attempts[0].retry_after.seconds == 20
    assert not failure.HasField("last_sequence")
    assert failure.cost_nanos == 0
    decision = await world.decision(failure.decision_id)
    assert decision.outcome.status == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("status", "error"), [(401, ProviderKeyRejected), (400, ProviderRefusedRequest)], ids=["key", "request"]
)
async def test_what_another_try_would_not_change_is_told_as_such(
    world: World, status: int, error: type[PointsmanError]
) -> None:
    world.first.script.push(Fault(status=status))
    world.second.script.push(Fault(status=status))
    with pytest.raises(error):
        await world.complete(asking("hello"))


async def test_a_key_that_is_missing_never_leaves_the_house(make_world: MakeWorld) -> None:
    world = make_world(first_fields={"auth": Auth(environment=("NOWHERE_API_KEY",))})
    answer = await world.complete(asking("hello"))
    assert answer.events[1].route_changed.kind == FailureKind.FAILURE_KIND_KEY_MISSING
    assert not world.first.meter.entries


async def test_a_provider_that_takes_no_key_is_asked_without_one(make_world: MakeWorld) -> None:
    world = make_world(first_fields={"auth": Auth(scheme=AuthScheme.NONE)})
    answer = await world.complete(asking("hello"))
    assert answer.events[-1].finished.model_id == "first/steady"


@pytest.mark.parametrize("fault", [Fault(cut_after=3), Fault(error_after=3), Fault(garbage_after=3)])
async def test_after_content_a_break_is_told_and_nothing_is_mixed_in(world: World, fault: Fault) -> None:
    world.first.script.push(fault)
    with pytest.raises(StreamBroken) as broken:
        await world.complete(asking("hello, tell me something long enough to break"))
    failure = broken.value.failure
    assert failure is not None
    assert failure.last_sequence == len(world.last.events) - 1
    assert "route_changed" not in world.last.kinds
    assert not world.second.meter.entries
    usage = await world.usage()
    assert (usage.attempts, usage.failed_attempts, usage.estimated_attempts) == (1, 1, 1)
    (entry,) = world.first.meter.entries
    assert usage.cost_nanos >= entry.input_tokens * 1_000 + entry.output_tokens * 4_000
    assert failure.cost_nanos == usage.cost_nanos


async def test_a_stream_that_falls_silent_is_ended(make_world: MakeWorld) -> None:
    world = make_world(chunk_ms=100)
    world.first.script.push(Fault(hang_after=2))
    with pytest.raises(StreamBroken) as broken:
        await world.complete(asking("hello, tell me something long enough to break"))
    assert broken.value.metadata["kind"] == "timeout"


async def test_a_provider_that_hangs_leaves_the_next_one_half_of_the_time(world: World) -> None:
    world.first.script.push(Fault(hang=True))
    answer = await world.complete(asking("hello"), seconds=2)
    assert answer.events[-1].finished.model_id == "second/steady"


async def test_the_deadline_ends_a_call_that_hangs(world: World) -> None:
    for sandbox in (world.first, world.second):
        sandbox.script.push(Fault(hang=True))
    with pytest.raises(DeadlineExceeded) as late:
        await world.complete(asking("hello"), seconds=0.4)
    assert late.value.failure is not None
    assert len(late.value.failure.attempts) == 2
    usage = await world.usage()
    assert (usage.attempts, usage.failed_attempts) == (2, 2)
    # It reaches the providers: neither goes on for nobody.
    await until(lambda: [world.first.meter.outcomes, world.second.meter.outcomes] == [{"client_gone": 1}] * 2)


async def test_the_servers_own_limit_ends_a_call_without_deadline(make_world: MakeWorld) -> None:
    world = make_world(total_timeout_ms=200)
    world.first.script.push(Fault(hang_after=2))
    with pytest.raises(DeadlineExceeded):
        await world.complete(asking("hello, tell me something long enough"), seconds=None)


async def test_a_deadline_that_is_over_calls_nobody(world: World) -> None:
    with pytest.raises(DeadlineExceeded):
        await world.complete(asking("hello"), seconds=-1)
    assert not world.first.meter.entries
    assert (await world.usage()).attempts == 0


async def test_a_model_without_a_price_has_an_unknown_cost(make_world: MakeWorld) -> None:
    world = make_world(first_prices=None)
    answer = await world.complete(asking("hello", pinned_models=["first/steady"]))
    assert not answer.events[-1].finished.HasField("cost_nanos")
    usage = await world.usage()
    assert (usage.unpriced_attempts, usage.cost_nanos) == (1, 0)


@pytest.mark.parametrize("after", range(8))
async def test_a_caller_who_goes_leaves_one_entry_per_attempt(world: World, after: int) -> None:
    world.first.script.push(Fault(burst=False, first_ms=50, gap_ms=5, tokens=12))
    seen = 0
    async with aclosing(world.stream(asking("hello"))) as responses:
        if after:
            async for response in responses:
                seen += sum(event.HasField("text_delta") for event in response.events)
                if seen >= after:
                    break
        else:
            waiting = asyncio.ensure_future(anext(responses))
            await until(lambda: bool(world.first.meter.entries))
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
    await world.settled()
    usage = await world.usage()
    (entry,) = world.first.meter.entries
    assert (usage.attempts, usage.cancelled_attempts, usage.failed_attempts) == (1, 1, 0)
    assert usage.tokens.output_tokens >= seen
    assert usage.cost_nanos >= entry.cost_nanos


async def test_a_caller_who_goes_between_attempts_leaves_one_entry_for_each(make_world: MakeWorld) -> None:
    world = make_world(retries=1)
    world.first.script.push(Fault(status=429, retry_after="1"))
    async with aclosing(world.stream(asking("hello"))) as responses:
        waiting = asyncio.ensure_future(anext(responses))
        await until(lambda: bool(world.first.meter.entries))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await world.settled()
    assert (await world.usage()).attempts == 1


async def test_a_failed_attempt_is_booked_though_its_caller_goes_before_the_next(make_world: MakeWorld) -> None:
    world = make_world(retries=1, base_delay_ms=2_000, first_fields={"base_url": "http://127.0.0.1:9/v1"})
    async with aclosing(world.stream(asking("hello"))) as responses:
        waiting = asyncio.ensure_future(anext(responses))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await world.settled()
    usage = await world.usage()
    assert (usage.attempts, usage.failed_attempts, usage.cost_nanos) == (1, 1, 0)


async def test_a_reader_that_stops_is_detached(make_world: MakeWorld) -> None:
    world = make_world(stalled_reader_ms=50)
    world.first.script.push(Fault(burst=False, gap_ms=0, tokens=2_000))
    responses = world.stream(asking("hello"))
    await anext(responses)
    await until(lambda: not world.supervisor.running_count)
    with pytest.raises(StreamBroken, match="unread"):
        async for _ in responses:
            pass
    usage = await world.usage()
    assert (usage.attempts, usage.cancelled_attempts) == (1, 1)


async def test_draining_lets_calls_end_and_admits_no_more(world: World) -> None:
    world.first.script.push(Fault(burst=False, gap_ms=5, tokens=20))
    responses = world.stream(asking("hello"))
    await anext(responses)
    draining = asyncio.ensure_future(world.supervisor.drain(5_000))
    await asyncio.sleep(0)
    with pytest.raises(ShuttingDown):
        await world.complete(asking("hello"))
    rest = [event async for response in responses for event in response.events]
    await draining
    assert rest[-1].HasField("finished")


async def test_draining_ends_calls_that_take_too_long(world: World) -> None:
    world.first.script.push(Fault(hang_after=1))
    responses = world.stream(asking("hello there my friend"))
    await anext(responses)
    await world.supervisor.drain(10)
    with pytest.raises(ShuttingDown):
        async for _ in responses:
            pass
    assert (await world.usage()).attempts == 1


async def test_more_calls_than_may_run_are_refused(make_world: MakeWorld) -> None:
    world = make_world(max_concurrent=1)
    world.first.script.push(Fault(hang=True))
    first = asyncio.ensure_future(world.complete(asking("hello"), seconds=0.3))
    await asyncio.sleep(0.05)
    with pytest.raises(Overloaded):
        await anext(world.stream(asking("hello")))
    assert (await first).events


async def test_a_store_that_cannot_be_written_refuses_before_anything_leaves(world: World) -> None:
    await world.storage.close()
    with pytest.raises(PointsmanError) as refused:
        await world.complete(asking("hello"))
    assert refused.value.reason == "STORE_UNAVAILABLE"
    assert not world.first.meter.entries


@contextmanager
def no_entry_can_be_written(database: Path) -> Iterator[None]:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON usage_entries BEGIN SELECT RAISE(ABORT, 'full'); END")
        yield
        connection.execute("DROP TRIGGER full")


@pytest.mark.parametrize(("faults", "attempts"), [([], 1), ([Fault(cut_after=0)], 2)])
async def test_a_store_that_is_away_for_a_while_loses_no_entry(
    world: World, tmp_path: Path, faults: list[Fault], attempts: int
) -> None:
    for fault in faults:
        world.first.script.push(fault)
    with no_entry_can_be_written(tmp_path / "pointsman.db"):
        call = asyncio.ensure_future(world.complete(asking("hello")))
        await until(lambda: bool(world.first.meter.entries))
        await asyncio.sleep(0.1)
        assert not call.done()
    answer = await call
    assert answer.kinds[-1] == "finished"
    assert (await world.usage()).attempts == attempts


@pytest.mark.parametrize(("faults", "attempts"), [([], 1), ([Fault(status=503)], 1)])
async def test_a_store_that_is_away_for_long_keeps_no_caller_and_loses_no_entry(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: list[Fault], attempts: int
) -> None:
    monkeypatch.setattr(persistence, "PATIENCE_S", 0.1)
    for fault in faults:
        world.first.script.push(fault)
    with no_entry_can_be_written(tmp_path / "pointsman.db"):
        with pytest.raises(StoreUnavailable):
            await world.complete(asking("hello"))
        assert world.supervisor.running_count == 1
    await world.settled()
    assert (await world.usage()).attempts == attempts
    assert not world.second.meter.entries, "nobody is left to be served"
    with closing(sqlite3.connect(tmp_path / "pointsman.db")) as connection:
        assert connection.execute("SELECT count(*) FROM reservations WHERE state = 'open'").fetchone() == (0,)


async def test_what_cancels_itself_is_a_failed_attempt(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    request = aiohttp.ClientSession.request

    async def cancelled(session: aiohttp.ClientSession, method: str, url: str, **options: Any) -> Any:
        if url.startswith(world.first.base_url):
            raise asyncio.CancelledError
        return await request(session, method, url, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "request", cancelled)
    answer = await world.complete(asking("hello"))
    assert answer.events[1].route_changed.kind == FailureKind.FAILURE_KIND_INTERNAL
    assert answer.events[-1].finished.model_id == "second/steady"
    assert (await world.usage()).attempts == 2


async def test_an_unknown_pin_is_refused_with_the_nearest_names(world: World) -> None:
    with pytest.raises(UnknownPin) as refused:
        await world.complete(asking("hello", pinned_models=["first/stedy"]))
    assert refused.value.metadata["field"] == "specification.hints.pinned_models[0]"
    assert "first/steady" in refused.value.message


async def test_a_pin_that_may_not_serve_is_refused_with_the_reason(world: World) -> None:
    specification = asking(
        "hello", pinned_models=["first/steady"], required_capabilities=[Capability.CAPABILITY_VISION]
    )
    with pytest.raises(PinNotEligible) as refused:
        await world.complete(specification)
    assert [violation.type for violation in refused.value.preconditions] == ["capabilities"]


async def test_when_no_model_may_serve_the_filters_say_why_and_the_decision_is_kept(world: World) -> None:
    with pytest.raises(NoEligibleModel) as refused:
        await world.complete(asking("hello", required_capabilities=[Capability.CAPABILITY_VISION]))
    decision = await world.decision(refused.value.metadata["decision_id"])
    assert decision.outcome.status == "FAILED_PRECONDITION"
    assert decision.considered_count == 2


async def test_route_records_and_calls_nobody(world: World) -> None:
    decision = await world.gateway.route(asking("hello"), principal=LOCAL_ADMIN)
    assert decision.plan[0] == "first/steady"
    assert (await world.decision(decision.decision_id)).plan == decision.plan
    assert not world.first.meter.entries


async def test_many_streams_at_once_are_neither_lost_nor_mixed(world: World) -> None:
    answers = await asyncio.gather(*(world.complete(asking(f"caller number {n}.")) for n in range(200)))
    for number, answer in enumerate(answers):
        assert f"caller number {number}." in answer.text
        assert answer.kinds[-1] == "finished"
    assert (await world.usage()).attempts == 200
