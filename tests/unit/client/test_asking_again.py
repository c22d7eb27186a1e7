"""A request with an id is sent again where the connection broke before the first event; no other is."""

from __future__ import annotations

import asyncio
import threading
from typing import NamedTuple

import grpc
import pytest
from pointsman import AsyncClient, Client
from pointsman.asking import TRIES
from pointsman.errors import ConnectionLost, PointsmanError, ServerUnreachable, Unavailable
from pointsman.requests import complete_request
from pointsman.v1.router_service_pb2 import CompleteRequest
from scripted_server import Refusal, Script, refusal, response, started, text

BROKEN = Refusal(grpc.StatusCode.UNAVAILABLE)


def request(request_id: str = "once") -> CompleteRequest:
    asked = CompleteRequest(request_id=request_id)
    asked.MergeFrom(complete_request("hi"))
    return asked


def ask(address: str, asked: CompleteRequest, timeout: float | None = None) -> str:
    with Client(address) as client:
        return client.complete(asked, timeout=timeout).final().text


async def ask_async(address: str, asked: CompleteRequest, timeout: float | None = None) -> str:  # noqa: ASYNC109  # gRPC's deadline
    async with AsyncClient(address) as client:
        return (await client.complete(asked, timeout=timeout).final()).text


def test_it_is_sent_until_it_is_answered(script: Script, address: str) -> None:
    script.refusals["Complete"] = [BROKEN] * (TRIES - 1)
    assert ask(address, request(), timeout=5) == "Hello!"
    assert script.requests == [request()] * TRIES
    allowed = [left for left in script.deadlines if left is not None]
    assert len(allowed) == TRIES
    assert allowed[-1] < allowed[0] - 0.05, "all tries share the timeout"


async def test_the_asynchronous_client_does_the_same(script: Script, async_address: str) -> None:
    script.refusals["Complete"] = [BROKEN] * (TRIES - 1)
    assert await ask_async(async_address, request()) == "Hello!"
    assert script.requests == [request()] * TRIES


class Case(NamedTuple):
    """A request, what it meets, how long it may take, what is raised, and how often it is sent."""

    asked: CompleteRequest
    refusals: list[Refusal]
    timeout: float | None
    raised: type[PointsmanError]
    sent: int


@pytest.mark.parametrize(
    "case",
    [
        Case(request(), [BROKEN] * TRIES, None, ServerUnreachable, TRIES),
        Case(request(""), [BROKEN], None, ServerUnreachable, 1),
        Case(request(), [refusal(grpc.StatusCode.UNAVAILABLE, "ALL_PROVIDERS_FAILED")], None, Unavailable, 1),
        Case(request(), [BROKEN] * TRIES, 0.04, PointsmanError, 1),
    ],
    ids=["too often", "no id", "the server's own answer", "no time left"],
)
async def test_what_is_not_sent_again(script: Script, async_address: str, case: Case) -> None:
    asked, refusals, timeout, raised, sent = case
    for calling in (asyncio.to_thread(ask, async_address, asked, timeout), ask_async(async_address, asked, timeout)):
        script.requests.clear()
        script.refusals["Complete"] = list(refusals)
        with pytest.raises(raised):
            await calling
        assert len(script.requests) == sent


def test_after_the_first_event_it_is_not_sent_again(script: Script, address: str) -> None:
    script.steps = (response(started(), text("Hel")), BROKEN)
    with pytest.raises(ConnectionLost):
        ask(address, request())
    assert len(script.requests) == 1


def test_whoever_leaves_meanwhile_asks_no_more(script: Script, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsman.asking._FIRST_PAUSE_S", 60.0)
    script.refusals["Complete"] = [BROKEN] * TRIES
    with Client(address) as client:
        completion = client.complete(request())
        leaving = threading.Timer(0.3, completion.close)
        leaving.start()
        with pytest.raises(ServerUnreachable):
            completion.final()
        leaving.join()
    assert len(script.requests) == 1


async def test_whoever_leaves_the_asynchronous_stream_asks_no_more(script: Script, async_address: str) -> None:
    script.refusals["Complete"] = [BROKEN] * TRIES
    async with AsyncClient(async_address) as client:
        completion = client.complete(request())
        reading = asyncio.ensure_future(completion.final())
        while not script.requests or script.refusals["Complete"][TRIES - 1 :]:  # noqa: ASYNC110  # behind a socket
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.02)  # the answer is here, the pause is at least 50 ms
        completion.close()
        with pytest.raises(PointsmanError):
            await reading
    assert len(script.requests) == 1
