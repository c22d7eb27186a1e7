"""The real server is killed at named points and at any moment, under load, and must have lost and doubled nothing."""

from __future__ import annotations

import itertools
import math
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pointsman_server.storage.database import Address

from tests.crash.load import KINDS
from tests.crash.world import Killable, World, end

STORES = ("sqlite", "postgresql")
MOST_PASSAGES = 30
TABLES = 8
UNDER_LOAD = (
    "before_begin",
    "rows_locked",
    "written",
    "written_and_committed",
    "before_dispatch",
    "request_sent",
    "first_delta",
    "mid_stream",
    "before_settle",
    "settled",
    "settled_and_committed",
    "before_finished",
    "moved_on",
    "moved_on_and_committed",
    "voided",
    "voided_and_committed",
    "draining",
)
AT_START = ("recovered", "recovered_and_committed")
IN_MIGRATION = ("migrating", "migrated")
ANY_MOMENT = "any_moment"
POINTS = (*UNDER_LOAD, *AT_START, *[ANY_MOMENT] * 6)

# `make crash` sets these; a seed and a first round repeat what was seen, as far as the machine's own timing lets them.
ROUNDS = int(os.environ.get("CRASH_ROUNDS", str(2 * len(POINTS))))
FIRST_ROUND = int(os.environ.get("CRASH_FIRST_ROUND", "0"))
SEED = int(os.environ.get("CRASH_SEED") or Random().getrandbits(32))
SECONDS = int(os.environ.get("CRASH_SECONDS", "600"))

Worlds = Callable[[], World]


@pytest.fixture(params=STORES)
def worlds(request: pytest.FixtureRequest, tmp_path: Path) -> Worlds:
    """Makes worlds, each with a database that nobody has migrated."""
    postgres: Any = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    numbers = itertools.count()

    def make() -> World:
        directory = tmp_path / str(next(numbers))
        database: Address = directory / "data" / "pointsman.db"
        if postgres is not None:
            database = postgres.new_database()
        return World(directory, database, Random(SEED))

    return make


async def prepare(world: World, random: Random) -> Killable:
    """Makes the database, after two servers died while they migrated it; returns a server."""
    await world.die_at_start("migrating", random.randint(1, TABLES))
    await world.die_at_start("migrated")
    server = world.serve()
    await world.make_budgets(server)
    await world.check(server)
    return server


async def a_round(world: World, server: Killable, point: str, random: Random) -> Killable:
    """Kills the server at the point, starts another one and checks what it finds; returns it."""
    if point == ANY_MOMENT:
        await world.die_at_random(server)
    elif point in AT_START:
        await world.die_under_load(server, "mid_stream", random.randint(1, MOST_PASSAGES))
        await world.die_at_start(point)
    else:
        await world.die_under_load(server, point, 1 if point == "draining" else random.randint(1, MOST_PASSAGES))
    following = world.serve()
    await world.check(following)
    return following


async def rounds(world: World, numbers: Iterator[int], until: float) -> int:
    """Runs the rounds of these numbers, as far as there is time; says how many."""
    done = 0
    server = await prepare(world, Random(SEED))
    try:
        for number in numbers:
            if time.monotonic() > until:
                break
            server = await a_round(world, server, POINTS[number % len(POINTS)], Random(f"{SEED} {number}"))
            done += 1
    except BaseException as error:
        error.add_note(f"CRASH_SEED={SEED} CRASH_FIRST_ROUND={number} {POINTS[number % len(POINTS)]}")
        raise
    finally:
        end(server.process)
    return done


@pytest.mark.full
@pytest.mark.timeout(300)  # it takes ten seconds, unless the machine has much else to do
async def test_a_killed_server_loses_and_doubles_nothing(worlds: Worlds) -> None:
    points = [POINTS.index("request_sent"), POINTS.index("settled_and_committed")]
    with worlds() as world:
        assert await rounds(world, iter(points), math.inf) == len(points)


@pytest.mark.full
@pytest.mark.timeout(SECONDS + 180)
async def test_servers_killed_at_every_point_lose_and_double_nothing(
    worlds: Worlds, capsys: pytest.CaptureFixture[str]
) -> None:
    until = time.monotonic() + SECONDS / len(STORES)
    numbers = iter(range(FIRST_ROUND, FIRST_ROUND + ROUNDS // len(STORES)))
    done = 0
    while block := list(itertools.islice(numbers, len(POINTS))):
        with worlds() as world:
            done += (made := await rounds(world, iter(block), until))
        if made < len(block):
            break
        assert world.told.kinds.keys() == KINDS.keys()
    with capsys.disabled():
        print(f"\n{done} rounds; CRASH_SEED={SEED}, to go on: CRASH_FIRST_ROUND={FIRST_ROUND + done}")  # noqa: T201
    assert done >= min(len(POINTS), ROUNDS // len(STORES)), "there was not even time for every point once"


@pytest.mark.full
@pytest.mark.parametrize("worlds", ["sqlite"], indirect=True)
async def test_a_server_that_forgets_settlements_is_noticed(worlds: Worlds) -> None:
    with worlds() as world:
        server = world.serve("forgetful")
        await world.die_at_random(server)
        following = world.serve()
        try:
            with pytest.raises(AssertionError, match="as its caller was told, and 0 is booked"):
                await world.check(following)
        finally:
            end(following.process)


@pytest.mark.full
@pytest.mark.parametrize("worlds", ["postgresql"], indirect=True)
async def test_a_neighbour_finds_what_a_killed_server_left(worlds: Worlds) -> None:
    with worlds() as world:
        server = world.serve()
        await world.make_budgets(server)
        neighbour = world.serve()
        try:
            await world.die_beside(server, neighbour)
            await world.check(neighbour)
        finally:
            end(neighbour.process)
