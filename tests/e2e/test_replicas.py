"""Two servers on one PostgreSQL, one of which is killed under load: the other puts its affairs in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from pointsman import Client
from pointsman.errors import PointsmanError
from pointsman.v1 import budget_service_pb2 as pb
from pointsman_server.ledger.replicas import HEARTBEAT_S, LEASE_S

from tests.e2e.processes import Server, start_server

CALLERS = 8
STORY = "Tell me a long story. [[sandbox: tokens=4000 gap_ms=50]]"
# The last heartbeat may be seen a moment before the next look, and is missed at the look after the lease.
FREE_WITHIN_S = LEASE_S + 2 * HEARTBEAT_S + 3


@pytest.fixture
def dying(tmp_path: Path, postgres_url: str) -> Iterator[Server]:
    directory = tmp_path / "dying"
    directory.mkdir()
    server = start_server(directory, POINTSMAN_DATABASE_URL=postgres_url)
    yield server
    server.process.popen.kill()
    server.process.end()


def slots(limit: int) -> pb.Budget:
    scope, unit, kind = pb.BUDGET_SCOPE_TENANT, pb.BUDGET_UNIT_REQUESTS, pb.BUDGET_KIND_SLOTS
    return pb.Budget(name="slots", limit=limit, scope=scope, unit=unit, kind=kind)


def hold(client: Client, started: Barrier) -> None:
    """Reads a stream until its server is gone."""
    events = iter(client.complete(STORY))
    next(events)
    started.wait(30)
    with pytest.raises(PointsmanError):
        list(events)


def remaining(client: Client, budget_id: str) -> int:
    return client.get_budget(budget_id).state.remaining


def until(done: Callable[[], bool], seconds: float) -> float:
    """Waits until something is so; returns how long that took."""
    begin = time.monotonic()
    while not done():
        assert time.monotonic() - begin < seconds, "it never came to be so"
        time.sleep(0.1)
    return time.monotonic() - begin


@pytest.mark.full
def test_the_other_server_frees_what_a_killed_one_held(
    serve: Callable[..., Server], dying: Server, postgres_url: str
) -> None:
    living = replace(serve(POINTSMAN_DATABASE_URL=postgres_url), token=dying.token)
    started = Barrier(CALLERS + 1)
    with living.client(timeout=60) as other, dying.client(timeout=120) as client:
        made = other.create_budget(slots(CALLERS + 1))
        with ThreadPoolExecutor(CALLERS) as pool:
            held = [pool.submit(hold, client, started) for _ in range(CALLERS)]
            started.wait(30)
            assert remaining(other, made.budget_id) == 1
            dying.process.popen.kill()
            other.complete_whole("hello")  # others go on meanwhile
            until(lambda: remaining(other, made.budget_id) == CALLERS + 1, FREE_WITHIN_S)
            for each in held:
                each.result()
        *unknown, last = other.verify_ledger()
    assert last.summary.difference_count == 0
    assert (last.summary.unknown_count, len(unknown)) == (CALLERS, CALLERS)
    assert len(living.process.events("reservation_unknown")) == CALLERS
    assert len(living.process.events("replica_dead")) == 1
    with psycopg.connect(postgres_url) as connection:
        states = connection.execute("SELECT state FROM replicas ORDER BY state").fetchall()
    assert states == [("alive",), ("dead",)]


def test_a_server_that_stops_says_so(serve: Callable[..., Server], postgres_url: str) -> None:
    stopping = serve(POINTSMAN_DATABASE_URL=postgres_url)
    assert stopping.process.end() == 0
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT state FROM replicas").fetchall() == [("left",)]
