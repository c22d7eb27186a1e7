"""Two servers on one PostgreSQL: what is stopped on one is stopped on the other within a second."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from pointsman import AsyncClient
from pointsman.errors import PointsmanError
from pointsman.v1 import budget_service_pb2 as pb

from tests.e2e.processes import Server

WITHIN_S = 1.0
STORY = "Tell me a long story. [[sandbox: tokens=4000 gap_ms=20]]"
PULL = pb.PullKillSwitchRequest(
    scope=pb.KILL_SWITCH_SCOPE_GLOBAL, cut_running=True, justification="An agent runs wild."
)
BUDGET = pb.Budget(
    name="all",
    scope=pb.BUDGET_SCOPE_TENANT,
    unit=pb.BUDGET_UNIT_TOKENS,
    kind=pb.BUDGET_KIND_MONTH,
    limit=10**12,
)


@dataclass
class Stream:
    """A long answer that is read to its end, however it ends."""

    running: asyncio.Event
    error: PointsmanError | None = None
    ended_at: float = 0.0

    async def read(self, client: AsyncClient) -> None:
        try:
            async for _ in client.complete(STORY):
                self.running.set()
        except PointsmanError as error:
            self.error = error
        self.ended_at = time.monotonic()


async def admits(client: AsyncClient) -> bool:
    try:
        await client.complete_whole("hello")
    except PointsmanError as error:
        if error.reason == "KILL_SWITCH":
            return False
        raise
    return True


async def reads(clients: list[AsyncClient], count: int) -> tuple[list[Stream], asyncio.Future[list[None]]]:
    """Streams on all servers, each of which has begun."""
    streams = [Stream(asyncio.Event()) for _ in range(count)]
    reading = asyncio.gather(*(each.read(clients[at % len(clients)]) for at, each in enumerate(streams)))
    await asyncio.wait_for(asyncio.gather(*(each.running.wait() for each in streams)), 60)
    return streams, reading


async def stop(first: Server, second: Server, count: int) -> None:
    async with (
        AsyncClient(first.grpc_address, token=first.token, timeout=120) as writer,
        AsyncClient(second.grpc_address, token=first.token, timeout=120) as other,
    ):
        await writer.create_budget(BUDGET)
        streams, reading = await reads([writer, other], count)
        switch = await writer.kill_switches.pull(PULL)
        pulled_at = time.monotonic()
        await asyncio.sleep(WITHIN_S)
        asked = [await admits(client) for client in (writer, other) for _ in range(5)]
        await asyncio.wait_for(reading, 30)
        assert not any(asked), "nothing is let in after a second"
        assert Counter(each.error and each.error.reason for each in streams) == {"KILL_SWITCH": count}
        assert max(each.ended_at for each in streams) - pulled_at < WITHIN_S + 0.25
        failures = [each.error.failure for each in streams if each.error and each.error.failure]
        assert len({each.completion_id for each in failures}) == count
        assert all(each.usage.output_tokens and each.last_sequence for each in failures), "it tells how far each got"
        await writer.kill_switches.release(switch.kill_switch_id, justification="It is over.")
        begin = time.monotonic()
        while not await admits(other):
            assert time.monotonic() - begin < WITHIN_S
        findings = [finding async for finding in writer.verify_ledger()]
        assert [each.WhichOneof("finding") for each in findings] == ["summary"]
        assert findings[0].summary.difference_count == 0
        assert findings[0].summary.reservation_count >= count


@pytest.mark.parametrize("count", [6, pytest.param(200, marks=pytest.mark.full)])
async def test_what_is_stopped_on_one_server_is_stopped_on_all(
    serve: Callable[..., Server], postgres_url: str, count: int
) -> None:
    first = serve(POINTSMAN_DATABASE_URL=postgres_url)
    second = replace(serve(POINTSMAN_DATABASE_URL=postgres_url), token=first.token)
    await stop(first, second, count)
