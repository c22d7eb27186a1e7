"""Servers that share PostgreSQL: together they admit what there is room for, and not one call more."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import psycopg
import pytest
from pointsman_server.identity.model import SERVER
from pointsman_server.ids import new_id
from pointsman_server.ledger.audit import Summary
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import REQUEST, SetClock, request, settlement

ROOT = Path(__file__).parents[3]
SERVERS = 4
CALLERS = 250
COST = REQUEST.worst_case_cost_nanos or 0

# For each tenant that it reads, lets all callers race and prints how many were admitted.
RACING = f"""
import asyncio, sys
from pointsman_server.errors import BudgetExhausted
from pointsman_server.ids import new_id
from pointsman_server.storage.storage import Storage
from tests.conformance.builders import SetClock, request

async def caller(storage, tenant):
    try:
        return await storage.ledger.reserve(request(tenant_id=tenant, completion_id=new_id("cmp")))
    except BudgetExhausted:
        return None

async def main():
    async with await Storage.open(sys.argv[1], clock=SetClock(), new_id=new_id) as storage:
        print("ready", flush=True)
        while tenant := (await asyncio.to_thread(sys.stdin.readline)).strip():
            held = await asyncio.gather(*(caller(storage, tenant) for _ in range({CALLERS})))
            print(sum(each is not None for each in held), flush=True)

asyncio.run(main())
"""


@contextmanager
def server(url: str) -> Iterator[tuple[IO[str], IO[str]]]:
    command = [sys.executable, "-c", RACING, url]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdin, process.stdout
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.mark.parametrize("rounds", [5, pytest.param(100, marks=[pytest.mark.full, pytest.mark.timeout(600)])])
async def test_four_servers_admit_exactly_what_there_is_room_for(postgres_url: str, rounds: int) -> None:
    drawn = random.Random(rounds)
    room = {f"tenant_{number}": drawn.randint(0, SERVERS * CALLERS) for number in range(rounds)}
    admitted: dict[str, int] = {}
    async with await Storage.open(postgres_url, clock=SetClock(), new_id=new_id) as storage:
        for tenant, calls in room.items():
            key = MeterKey(tenant, "bud_1")
            await storage.budgets.create(
                Meter(key, "money", Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, calls * COST + COST - 1), SERVER
            )
        with ExitStack() as stack:
            servers = [stack.enter_context(server(postgres_url)) for _ in range(SERVERS)]
            assert [answers.readline() for _, answers in servers] == ["ready\n"] * SERVERS
            for tenant in room:
                for asks, _ in servers:
                    asks.write(f"{tenant}\n")
                    asks.flush()
                admitted[tenant] = sum(int(answers.readline()) for _, answers in servers)
        *found, summary = [finding async for finding in storage.budgets.verify(None)]
    assert admitted == room
    assert found == []
    assert isinstance(summary, Summary)
    assert summary.reservation_count == sum(room.values())


async def test_a_start_beside_a_server_leaves_alone_what_that_one_has_open(postgres_url: str) -> None:
    async with await Storage.open(postgres_url, clock=SetClock(), new_id=new_id) as running:
        held = await running.ledger.reserve(request())
        async with await Storage.open(postgres_url, clock=SetClock(), new_id=new_id):
            assert states(postgres_url) == ["open"]
        await running.ledger.settle(held, settlement())
        await running.ledger.reserve(request(completion_id="cmp_2"))
    assert sorted(states(postgres_url)) == ["open", "settled"]
    async with await Storage.open(postgres_url, clock=SetClock(), new_id=new_id) as alone:
        assert sorted(states(postgres_url)) == ["settled", "unknown"]
        assert alone.orphans == 1


async def test_a_server_whose_line_was_cut_is_still_known_to_be_there(postgres_url: str) -> None:
    async with await Storage.open(postgres_url, clock=SetClock(), new_id=new_id) as running:
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid, 2000) FROM pg_locks WHERE locktype = 'advisory'")
        await running.ledger.reserve(request())
        async with await Storage.open(postgres_url, clock=SetClock(), new_id=new_id):
            assert states(postgres_url) == ["open"]


def states(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [state for (state,) in connection.execute("SELECT state FROM reservations")]
