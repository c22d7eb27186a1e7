"""Request ids on real servers: one charge across callers, ``kill -9`` and servers that share a database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from google.protobuf.message import Message
from pointsman import AsyncClient, Client
from pointsman.assembly import Answer
from pointsman.errors import Conflict
from pointsman.v1.router_service_pb2 import CompleteRequest

from tests.e2e.processes import Server, start_server
from tests.e2e.requests import asking

CALLERS = 200
# Takes about a second and a half: the sandbox reads the directive.
STORY = "Tell me a long story. [[sandbox: tokens=60 gap_ms=25]]"


def once(text: str) -> CompleteRequest:
    request = asking(text)
    request.request_id = "once"
    return request


def refused(client: Client, request: CompleteRequest) -> Conflict:
    with pytest.raises(Conflict) as conflict:
        client.complete(request).final()
    return conflict.value


async def test_two_hundred_callers_share_one_call(serve: Callable[..., Server]) -> None:
    server = serve()

    async def ask(client: AsyncClient) -> Answer:
        async with client.complete(once(STORY)) as completion:
            return await completion.final()

    async with AsyncClient(server.grpc_address, token=server.token, timeout=60) as client:
        answers = await asyncio.gather(*(ask(client) for _ in range(CALLERS)))
        total = (await client.usage()).total
    finished: list[Message] = [answer.finished for answer in answers]
    assert finished == [finished[0]] * CALLERS
    assert {answer.text for answer in answers} == {answers[0].text}
    assert (total.completions, total.attempts) == (1, 1)
    assert total.cost_nanos == answers[0].finished.cost_nanos


@pytest.mark.full
def test_after_a_kill_the_id_is_used_and_nothing_is_charged_again(tmp_path: Path, serve: Callable[..., Server]) -> None:
    killed = start_server(tmp_path)
    try:
        with killed.client() as client:
            next(iter(client.complete(once(STORY))))
    finally:
        killed.process.popen.kill()
        killed.process.end()
    with serve().client() as client:
        conflict = refused(client, once(STORY))
        assert (conflict.reason, conflict.metadata["outcome"]) == ("REQUEST_ALREADY_SERVED", "UNKNOWN")
        assert conflict.failure is not None
        assert not conflict.failure.HasField("cost_nanos")
        assert refused(client, once("Something else.")).reason == "REQUEST_ID_REUSED"
        *_, last = client.verify_ledger()
        assert (last.summary.unknown_count, client.usage().total.attempts) == (1, 0)


@pytest.mark.full
def test_a_second_server_on_postgresql_charges_nothing(tmp_path: Path, postgres_url: str) -> None:
    servers = []
    try:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            servers.append(start_server(tmp_path / name, POINTSMAN_DATABASE_URL=postgres_url))
        with servers[0].client() as one, replace(servers[1], token=servers[0].token).client() as two:
            running = one.complete(once(STORY))
            events = iter(running)
            next(events)
            in_use = refused(two, once(STORY))
            assert (in_use.reason, in_use.retry_after is not None) == ("REQUEST_ID_IN_USE", True)
            for _ in events:
                pass
            answer = running.final()
            served = refused(two, once(STORY))
            assert (served.reason, served.metadata["outcome"]) == ("REQUEST_ALREADY_SERVED", "OK")
            assert served.failure is not None
            assert served.failure.cost_nanos == answer.finished.cost_nanos
            assert served.failure.usage == answer.finished.usage
            assert one.complete(once(STORY)).final().text == answer.text
            assert two.usage().total.attempts == 1
    finally:
        ends = [server.process.end() for server in servers]
    assert ends == [0, 0]
