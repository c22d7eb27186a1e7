"""One database and one sandbox, and the servers that come and are killed."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Self

from pointsman import AsyncClient
from pointsman.v1 import budget_service_pb2 as pb
from pointsman_server.storage.database import Address

from tests.crash.load import Told, call, load, repeat
from tests.crash.truth import faults, metered, rows
from tests.e2e.processes import Process, admin_token, server_settings, start

ROOT = Path(__file__).parents[2]
PASSED_WITHIN_S = 60
LOG_BYTES = 2_000
SHOWN = 5
RESOLVED_WITHIN_S = 15  # as docs/budgets.md says of a neighbour that watches
DEAD = """
[provider]
id = "dead"
display_name = "Nobody listens there"
dialect = "openai"
base_url = "http://127.0.0.1:9/v1"
access = "loopback"
auth = { required = false }

[[models]]
external_id = "nobody"
context_window_tokens = 32768
max_output_tokens = 4096
prices = { input = 1, output = 1 }
"""


@dataclass(frozen=True, slots=True)
class Killable:
    """A server that can be told where to die."""

    process: Process
    address: str
    token: str = field(repr=False)

    def client(self) -> AsyncClient:
        """A client of the first administrator."""
        return AsyncClient(self.address, token=self.token, timeout=20)

    def arm(self, point: str, passage: int) -> None:
        """Says at which passage of which point it dies."""
        assert self.process.popen.stdin is not None
        self.process.popen.stdin.write(f"{point}:{passage}\n".encode())
        self.process.popen.stdin.flush()

    def died(self) -> bool:
        """Whether it is dead."""
        return self.process.popen.poll() is not None


class World:
    """Starts servers on one database, loads them, and checks what they left."""

    def __init__(self, directory: Path, database: Address, random: Random) -> None:
        self._directory = directory
        self._database = database
        self._random = random
        self._started = 0
        self.told = Told()
        (directory / "data" / "providers").mkdir(parents=True, exist_ok=True)
        (directory / "data" / "providers" / "dead.toml").write_text(DEAD, "utf-8")
        self._sandbox = start(
            directory / "sandbox.log", "-m", "pointsman_server", "sandbox", "--address", "127.0.0.1:0"
        )
        self._sandbox_url = self._sandbox.wait_for(lambda: _url(self._sandbox.text()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sandbox.end()

    def launch(self, *armed: str) -> Process:
        """Starts a server; the points that are armed from the start may kill it before it serves."""
        self._started += 1
        settings = {
            "POINTSMAN_SANDBOX_URL": self._sandbox_url,
            "POINTSMAN_DATABASE_URL": self._database if isinstance(self._database, str) else "",
            "POINTSMAN_RETRY_BASE_DELAY_MS": "5",
            "POINTSMAN_HTTP_ADDRESS": "",
            "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
            # What counts what the tests run would lengthen each start, and a killed process writes nothing down.
            "COVERAGE_PROCESS_CONFIG": "",
            "COVERAGE_PROCESS_START": "",
        }
        log = self._directory / f"server_{self._started}.log"
        data_dir = self._directory / "data"
        return start(log, "-m", "tests.crash.killed_server", *armed, **server_settings(data_dir, **settings))

    def serve(self, *options: str) -> Killable:
        """Starts a server and waits until it serves."""
        process = self.launch(*options)
        serving = process.wait_for_event("serving")
        return Killable(process, str(serving["grpc_address"]), admin_token(self._directory / "data"))

    async def die_at_start(self, point: str, passage: int = 1) -> None:
        """Starts a server that dies before it serves."""
        await _death(self.launch(f"{point}:{passage}"), point)

    async def die_under_load(self, server: Killable, point: str, passage: int) -> None:
        """Loads the server until it dies at the point."""
        server.arm(point, passage)
        loading = asyncio.create_task(load(server.client, self.told, self._random, server.died))
        try:
            if point == "draining":
                await asyncio.sleep(self._random.uniform(0.3, 0.8))
                server.process.popen.terminate()
            await _death(server.process, point)
        finally:
            end(server.process)
            await loading

    async def die_beside(self, server: Killable, neighbour: Killable) -> None:
        """Loads two servers and kills the one."""
        loading = [
            asyncio.create_task(load(each.client, self.told, self._random, server.died)) for each in (server, neighbour)
        ]
        await asyncio.sleep(self._random.uniform(0.5, 1.5))
        end(server.process)
        await asyncio.gather(*loading)

    async def die_at_random(self, server: Killable) -> None:
        """Loads the server and kills it at any moment."""
        loading = asyncio.create_task(load(server.client, self.told, self._random, server.died))
        await asyncio.sleep(self._random.uniform(0.05, 1.2))
        end(server.process)
        await loading

    async def make_budgets(self, server: Killable) -> None:
        """Makes what the ledger has to keep."""
        units = ((pb.BUDGET_UNIT_NANOS, pb.BUDGET_KIND_MONTH), (pb.BUDGET_UNIT_TOKENS, pb.BUDGET_KIND_DAY))
        slots = (pb.BUDGET_UNIT_REQUESTS, pb.BUDGET_KIND_SLOTS)
        async with server.client() as client:
            for unit, kind in (*units, slots):
                budget = pb.Budget(name="b", scope=pb.BUDGET_SCOPE_TENANT, unit=unit, kind=kind, limit=10**12)
                await client.create_budget(budget)

    async def check(self, server: Killable) -> None:
        """Fails unless all that must hold after a crash does, and the server serves."""
        try:
            await self._check(server)
        except Exception as error:
            error.add_note(server.process.text()[-LOG_BYTES:])
            raise

    async def _check(self, server: Killable) -> None:
        await _until(lambda: not rows(self._database).unresolved)
        async with server.client() as client:
            await repeat(client, self.told)
        await _until(lambda: not rows(self._database).unresolved)
        wrong = list(faults(rows(self._database), self.told, metered(self._sandbox_url)))
        assert not wrong, "\n".join(wrong[:SHOWN])
        async with server.client() as client:
            *findings, last = [found async for found in client.verify_ledger()]
            differences = [found for found in findings if found.HasField("difference")]
            assert last.summary.difference_count == len(differences) == 0, differences[:SHOWN]
            budgets = [budget async for budget in client.list_budgets()]
            slots = [budget for budget in budgets if budget.kind == pb.BUDGET_KIND_SLOTS]
            assert not any(budget.state.reserved for budget in slots), slots
            known = len(self.told.costs)
            await call(client, "burst", self.told)
            assert len(self.told.costs) == known + 1, "the server does not serve"


async def _death(process: Process, point: str) -> None:
    end = time.monotonic() + PASSED_WITHIN_S
    while process.popen.poll() is None:
        assert time.monotonic() < end, f"{point} was not passed:\n{process.text()[-LOG_BYTES:]}"
        await asyncio.sleep(0.01)
    assert process.end() == -signal.SIGKILL, f"{point}:\n{process.text()[-LOG_BYTES:]}"


async def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + RESOLVED_WITHIN_S
    while not true():
        assert time.monotonic() < end, "a server died and what it left open is not resolved"
        await asyncio.sleep(0.1)


def _url(text: str) -> str | None:
    found = re.search(r"sandbox: (\S+)", text)
    return found[1] if found else None


def end(process: Process) -> None:
    """Kills a server, if it still runs."""
    process.popen.kill()
    process.end()
