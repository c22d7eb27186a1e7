"""What is written down of answers while they run."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from pointsman.v1.router_service_pb2 import CompleteResponse
from pointsman_server.errors import StoreUnavailable
from pointsman_server.execution import checkpoints as checkpoints_module
from pointsman_server.ledger.ledger import GroupCommitLedger
from pointsman_server.sandbox import Fault
from structlog.testing import capture_logs

from tests.unit.gateway.conftest import MakeWorld, World, asking

COLUMNS = "checkpoint_input_tokens, checkpoint_output_tokens, checkpoint_cost_nanos"
HANGING = Fault(burst=False, gap_ms=1, tokens=40, hang_after=8)


@pytest.fixture(autouse=True)
def _from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints_module, "CHECKPOINT_S", 0.0)


@asynccontextmanager
async def hanging(world: World, deltas: int) -> AsyncIterator[None]:
    """A call whose provider has sent so many deltas, and no more for now."""
    seen = 0
    arrived = asyncio.Event()

    async def read() -> None:
        nonlocal seen
        async for response in world.stream(asking("hello")):
            seen += _deltas(response)
            if seen >= deltas:
                arrived.set()

    reading = asyncio.create_task(read())
    await asyncio.wait_for(arrived.wait(), 10)
    yield
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await world.settled()


def _deltas(response: CompleteResponse) -> int:
    return sum(event.HasField("text_delta") for event in response.events)


def marks(path: Path) -> list[tuple[int | None, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT {COLUMNS} FROM reservations").fetchall()


async def test_a_checkpoint_is_what_would_be_booked_now(make_world: MakeWorld, database: Path) -> None:
    world = make_world()
    world.first.script.push(HANGING)
    async with hanging(world, 8):
        await world.supervisor.checkpoints.round()
        ((input_tokens, output_tokens, cost_nanos),) = marks(database)
    usage = await world.usage()
    assert input_tokens == usage.tokens.input_tokens
    assert output_tokens is not None
    assert 8 <= output_tokens <= usage.tokens.output_tokens
    assert cost_nanos is not None
    assert 0 < cost_nanos <= usage.cost_nanos


async def test_what_did_not_get_on_is_not_written_again(make_world: MakeWorld, database: Path) -> None:
    world = make_world()
    world.first.script.push(HANGING)
    async with hanging(world, 8):
        await world.supervisor.checkpoints.round()
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE reservations SET checkpoint_output_tokens = 0")
        await world.supervisor.checkpoints.round()
        assert marks(database)[0][1] == 0


async def test_what_is_young_has_no_checkpoint(
    make_world: MakeWorld, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints_module, "CHECKPOINT_S", 60.0)
    world = make_world()
    world.first.script.push(HANGING)
    async with hanging(world, 8):
        await world.supervisor.checkpoints.round()
        assert marks(database) == [(None, None, None)]


async def test_a_store_that_is_away_costs_a_round_and_no_stream(
    make_world: MakeWorld, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world()
    world.first.script.push(HANGING)
    async with hanging(world, 8):
        with monkeypatch.context() as away, capture_logs() as logs:
            away.setattr(GroupCommitLedger, "checkpoint", _unavailable)
            await world.supervisor.checkpoints.round()
        assert [log["event"] for log in logs] == ["checkpoints_not_written"]
        await world.supervisor.checkpoints.round()
        assert marks(database)[0][1]


async def _unavailable(*_: object) -> None:
    raise StoreUnavailable("away")


async def test_rounds_go_on_after_a_defect(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world()
    rounds = 0
    twice = asyncio.Event()

    async def broken() -> None:
        nonlocal rounds
        rounds += 1
        if rounds > 1:
            twice.set()
        raise ValueError("a defect")

    monkeypatch.setattr(world.supervisor.checkpoints, "round", broken)
    with capture_logs() as logs:
        running = asyncio.create_task(world.supervisor.checkpoints.run())
        await asyncio.wait_for(twice.wait(), 10)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert {log["event"] for log in logs} == {"checkpoint_defect"}
