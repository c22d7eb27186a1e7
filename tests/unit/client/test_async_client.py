"""The client for asyncio against a real server."""

import asyncio
import inspect
from collections.abc import AsyncIterator

import grpc
import pytest
from pointsman import AsyncClient, AsyncCompletion, Client, Completion, assistant
from pointsman.errors import Cancelled, InvalidRequest, TextVoided
from pointsman.v1.completion_pb2 import CompletionEvent, RouteChanged
from pointsman.v1.model_pb2 import Model, Provider
from pointsman.v1.router_service_pb2 import UsageResponse, UsageRow
from scripted_server import Hold, Script, finished, refusal, response, started, text


@pytest.fixture
async def client(async_address: str) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(async_address) as client:
        yield client


async def cancelled(script: Script) -> bool:
    return await asyncio.to_thread(script.cancelled.wait, 5)


@pytest.mark.parametrize(("blocking", "awaiting"), [(Client, AsyncClient), (Completion, AsyncCompletion)])
def test_both_clients_have_one_surface(blocking: type, awaiting: type) -> None:
    def surface(kind: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(member).parameters)
            for name, member in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_")
        }

    assert surface(blocking) == surface(awaiting)


def test_a_client_without_a_loop_says_so() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        AsyncClient()


async def test_events_text_and_answer(client: AsyncClient) -> None:
    async with client.complete("hi") as completion:
        assert [sequence async for sequence, _ in completion] == [0, 1, 2, 3, 4]
    assert (await completion.final()).text == "Hello!"
    assert [delta async for delta in client.complete("hi").text_deltas()] == ["Hel", "lo", "!"]


async def test_a_whole_answer(client: AsyncClient, script: Script) -> None:
    script.steps = (response(started(), finished(message=assistant("whole"))),)
    assert (await client.complete_whole("hi")).text == "whole"


async def test_leaving_the_block_cancels_the_call(client: AsyncClient, script: Script) -> None:
    script.steps = (response(started(), text("Hel")), Hold())
    async with client.complete("hi") as completion:
        async for delta in completion.text_deltas():
            assert delta == "Hel"
            break
    assert await cancelled(script)
    with pytest.raises(Cancelled):
        await completion.final()


async def test_breaking_out_of_the_loop_cancels_the_call(client: AsyncClient, script: Script) -> None:
    script.steps = (response(started(), text("Hel")), Hold())
    async for _ in client.complete("hi"):
        break
    assert await cancelled(script)


async def test_closing_from_another_task_ends_the_reader(client: AsyncClient, script: Script) -> None:
    script.steps = (response(started(), text("Hel")), Hold())
    completion = client.complete("hi")
    first = asyncio.Event()

    async def read() -> None:
        async for _ in completion:
            first.set()

    reader = asyncio.create_task(read())
    await first.wait()
    completion.close()
    with pytest.raises(Cancelled):
        await reader
    assert await cancelled(script)


async def test_cancelling_the_task_cancels_the_call_and_stays_a_cancellation(
    client: AsyncClient, script: Script
) -> None:
    hold = Hold()
    script.steps = (response(started(), text("Hel")), hold)
    reader = asyncio.create_task(client.complete("hi").final())
    assert await asyncio.to_thread(hold.reached.wait, 5)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert await cancelled(script)


async def test_a_loop_that_ends_may_tidy_up_a_stream_that_was_left(client: AsyncClient, script: Script) -> None:
    script.steps = (response(started(), text("Hel")), Hold())
    completion = client.complete("hi")
    events = aiter(completion)
    await anext(events)
    completion.close()
    tidying = asyncio.ensure_future(events.aclose())  # type: ignore[attr-defined]  # as the loop does
    tidying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await tidying


async def test_a_refusal_is_raised_and_raised_again(client: AsyncClient, script: Script) -> None:
    script.refusals["Complete"] = [refusal(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", fields={"a": "b"})]
    completion = client.complete("")
    for _ in range(2):
        with pytest.raises(InvalidRequest) as caught:
            await completion.final()
        assert caught.value.fields == (("a", "b"),)


async def test_text_of_two_models_is_never_mixed(client: AsyncClient, script: Script) -> None:
    restart = CompletionEvent(attempt=2, route_changed=RouteChanged(failed_attempt=1, model_id="b/two"))
    script.steps = (response(started(), text("one"), restart, text("two"), finished()),)
    with pytest.raises(TextVoided):
        [delta async for delta in client.complete("hi").text_deltas()]


async def test_the_other_calls(client: AsyncClient, script: Script) -> None:
    script.models = [Model(id=f"p/{number}") for number in range(150)]
    script.providers = [Provider(id="p")]
    script.usage = [UsageResponse(rows=[UsageRow(keys=["a"])], next_page_token="1"), UsageResponse(rows=[UsageRow()])]
    assert (await client.route("hi")).decision_id == "dec_1"
    assert (await client.record_feedback("cmp_1", 1.0)).completion_id == "cmp_1"
    assert len((await client.usage()).rows) == 2
    assert len([model async for model in client.list_models()]) == 150
    assert [provider.id async for provider in client.list_providers()] == ["p"]
    assert (await client.get_provider("p")).id == "p"
    assert (await client.get_model("p/7")).id == "p/7"


async def test_a_unary_refusal_is_translated(client: AsyncClient, script: Script) -> None:
    script.refusals["Route"] = [refusal(grpc.StatusCode.INVALID_ARGUMENT, "UNKNOWN_PIN", metadata={"name": "gpt-9"})]
    with pytest.raises(InvalidRequest) as caught:
        await client.route("hi")
    assert caught.value.metadata == {"name": "gpt-9"}
