"""Limits of plans and rules that servers see first at the same moment, or die over: as exact as budgets."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import IO

import psycopg
import pytest
from pointsman_server.ids import new_id
from pointsman_server.ledger import idle
from pointsman_server.ledger.audit import Summary
from pointsman_server.ledger.budgets import BudgetQuery
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage import idle_meters
from pointsman_server.storage.database import Address
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import TENANT, request, settlement

ROOT = Path(__file__).parents[3]
SERVERS = 4
CALLERS = 50
OTHERS = 6

LIMITED = """
import asyncio, random, sys
from dataclasses import replace
from pathlib import Path
from pointsman_server.errors import BudgetExhausted
from pointsman_server.ids import new_id
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage
from tests.conformance.builders import request, settlement

def limit(tenant, name, amount):
    key = MeterKey(tenant, "")
    return Meter(
        key, name, Scope.POLICY, name, Unit.REQUESTS, MeterKind.TOTAL, 0, amount, source="rule:pol_1"
    )

def limited(tenant, limits):
    asked = request(tenant_id=tenant, completion_id=new_id("cmp"))
    return replace(asked, policy_meters=tuple(limits))
"""

# For each tenant and room that it reads, lets all callers race and prints how many were admitted. Every call brings the
# limit that is scarce among some that others bring too, in an order of its own.
RACING = f"""{LIMITED}
async def caller(storage, tenant, room):
    names = random.sample(range({OTHERS}), 3)
    limits = [limit(tenant, "scarce", room), *(limit(tenant, f"other {{name}}", 10**6) for name in names)]
    random.shuffle(limits)
    try:
        return await storage.ledger.reserve(limited(tenant, limits))
    except BudgetExhausted:
        return None

async def main():
    async with await Storage.open(sys.argv[1], new_id=new_id) as storage:
        print("ready", flush=True)
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            tenant, room = line.split()
            held = await asyncio.gather(*(caller(storage, tenant, int(room)) for _ in range({CALLERS})))
            print(sum(each is not None for each in held), flush=True)

asyncio.run(main())
"""

# Settles calls of ever new runs until it is killed, and prints the run of each whose settlement was acknowledged.
STEPPING = f"""{LIMITED}
async def run(storage, turn):
    while True:
        name = new_id("run")
        for step in range(4):
            limits = [limit("acme", name, 5 - step % 2), limit("acme", "calls", 10**6 + step)]
            made = await storage.ledger.reserve(limited("acme", limits))
            if step < 3:
                await storage.ledger.settle(made, settlement())
                print(name, flush=True)

async def main():
    where = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
    storage = await Storage.open(where, new_id=new_id)
    await asyncio.gather(*(run(storage, turn) for turn in range(8)))

asyncio.run(main())
"""


@contextmanager
def running(script: str, address: Address) -> Iterator[tuple[subprocess.Popen[str], IO[str], IO[str]]]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", script, str(address)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process, process.stdin, process.stdout
            process.stdin.close()
            process.wait(30)
        finally:
            process.kill()


async def proven(storage: Storage) -> Summary:
    *found, summary = [finding async for finding in storage.budgets.verify(None)]
    assert isinstance(summary, Summary)
    assert summary.difference_count == 0, found
    return summary


@pytest.mark.parametrize("rounds", [4, pytest.param(100, marks=[pytest.mark.full, pytest.mark.timeout(900)])])
async def test_servers_that_see_a_limit_first_at_once_admit_exactly_what_it_allows(
    postgres_url: str, rounds: int
) -> None:
    drawn = random.Random(rounds)
    room = {f"tenant_{number}": drawn.randint(0, SERVERS * CALLERS) for number in range(rounds)}
    admitted: dict[str, int] = {}
    with ExitStack() as stack:
        servers = [stack.enter_context(running(RACING, postgres_url)) for _ in range(SERVERS)]
        assert [answers.readline() for _, _, answers in servers] == ["ready\n"] * SERVERS
        for tenant, calls in room.items():
            for _, asks, _ in servers:
                asks.write(f"{tenant} {calls}\n")
                asks.flush()
            admitted[tenant] = sum(int(answers.readline()) for _, _, answers in servers)
    assert admitted == room
    async with await Storage.open(postgres_url, new_id=new_id) as storage:
        assert (await proven(storage)).reservation_count == sum(room.values())
    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute("SELECT tenant_id, scope_id, count(*) FROM meters GROUP BY 1, 2").fetchall()
        assert {count for _, _, count in rows} == {1}
        assert len(rows) == rounds * (1 + OTHERS)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    path: Address = tmp_path / "p.db"
    return path if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


async def test_a_killed_server_leaves_every_limit_with_what_it_counted(address: Address) -> None:
    lines: list[str] = []
    with running(STEPPING, address) as (process, _, answers):
        while len(lines) < 120:
            lines.append(answers.readline().strip())
            assert lines[-1], "the process ended by itself"
        os.kill(process.pid, signal.SIGKILL)
        lines += [line.strip() for line in answers.readlines()]
    async with await Storage.open(address, new_id=new_id) as storage:
        await proven(storage)
        found, _ = await storage.budgets.page(BudgetQuery((TENANT,), scope=Scope.POLICY, page_size=10_000))
        counted = {each.meter.scope_id: each.balance for each in found}
        for name in set(lines):
            assert lines.count(name) <= counted[name].posted <= 3
        runs = [balance for name, balance in counted.items() if name != "calls"]
        assert counted["calls"].posted == sum(each.posted for each in runs)
        assert counted["calls"].reserved == sum(each.reserved for each in runs)


async def test_meters_that_are_forgotten_while_calls_come_are_made_anew(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands idle for no time at all may go at any moment: no call fails over it, and all is proven."""
    for module in (idle, idle_meters):
        monkeypatch.setattr(module, "IDLE", timedelta(0))
    slots = tuple(
        Meter(MeterKey(TENANT, ""), name, Scope.POLICY, name, Unit.REQUESTS, MeterKind.SLOTS, 0, 50)
        for name in ("a", "b", "c")
    )
    seen: set[str] = set()

    async def caller(storage: Storage) -> None:
        for _ in range(40):
            made = await storage.ledger.reserve(
                replace(request(completion_id=new_id("cmp")), policy_meters=tuple(random.sample(slots, 3)))
            )
            seen.update(line.meter_id for line in made.lines)
            await storage.ledger.settle(made, settlement())
            await asyncio.sleep(random.random() / 50)

    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(await Storage.open(address, new_id=new_id))
        both = [one]
        if isinstance(address, str):
            both.append(await stack.enter_async_context(await Storage.open(address, new_id=new_id)))
        forgetting = asyncio.create_task(_forget(one))
        await asyncio.gather(*(caller(storage) for storage in both))
        forgetting.cancel()
        await asyncio.wait([forgetting])
        assert (await proven(one)).reservation_count == 40 * len(both)
    assert len(seen) > len(slots), "some were forgotten and made anew"


async def _forget(storage: Storage) -> None:
    while True:
        await storage.idle_meters.forget(None)
        await asyncio.sleep(0.003)
