"""Callers of a server that is about to die. They know what it told them, and nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from grpc import StatusCode
from pointsman import AsyncClient
from pointsman.errors import Conflict, ConnectionLost, PointsmanError, ServerUnreachable, Unavailable
from pointsman.v1.router_service_pb2 import CompleteRequest

from tests.e2e.requests import asking

CALLERS = 16
LABEL = "call"
CALL_SECONDS = 20
CANCELLED_AFTER_EVENTS = 3

# These are to stop when their caller goes, which a call with an id need not.
WITHOUT_ID = ("cancelled", "hasty")

# What a call does, and the models that it may use, in order. Between them they pass every point.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "burst": ("[[sandbox: burst tokens=8]]", ("sandbox/swift",)),
    "paced": ("[[sandbox: tokens=12 first_ms=5 gap_ms=8]]", ("sandbox/steady",)),
    "fallback": (
        "[[sandbox: model=swift status=503]] [[sandbox: burst tokens=6]]",
        ("sandbox/swift", "sandbox/steady"),
    ),
    "cut": ("[[sandbox: tokens=9 first_ms=1 gap_ms=3 cut_after=4]]", ("sandbox/steady",)),
    "unreachable": ("hello", ("dead/nobody",)),
    "cancelled": ("[[sandbox: tokens=40 first_ms=1 gap_ms=5]]", ("sandbox/swift",)),
    "hasty": ("[[sandbox: tokens=10 first_ms=1 gap_ms=5]]", ("sandbox/swift",)),
}


@dataclass(slots=True)
class Told:
    """What callers were told, over all servers.

    Attributes:
        costs: of each completion whose end was told, what it cost.
        kinds: how many calls of each kind there were.
        unanswered: the calls whose connection broke, by kind and number: whether they were made, nobody told.
    """

    costs: dict[str, int] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    unanswered: list[tuple[str, int]] = field(default_factory=list)

    def number(self, kind: str) -> int:
        """The number of the next call, which its label bears, and the sandbox's meter as ``huge_bytes``."""
        self.kinds[kind] += 1
        self.calls += 1
        return self.calls


def question(kind: str, number: int) -> CompleteRequest:
    """A call of this kind, tagged with its number."""
    text, models = KINDS[kind]
    request = asking(f"{text} [[sandbox: huge_bytes={number}]]", max_output_tokens=100)
    request.specification.hints.pinned_models.extend(models)
    request.specification.labels[LABEL] = str(number)
    if has_id(kind, number):
        request.request_id = f"call-{number}"
    return request


def has_id(kind: str, number: int) -> bool:
    """Whether the call can be made again; three in four can, and the others go the shorter way."""
    return kind not in WITHOUT_ID and number % 4 != 0


async def call(client: AsyncClient, kind: str, told: Told) -> None:
    """Makes one call and notes what it was told.

    Raises:
        PointsmanError: the call failed, or its caller left it.
    """
    await _call(client, kind, told.number(kind), told)


async def repeat(client: AsyncClient, told: Told) -> None:
    """Makes the calls again that got no answer, under the same ids; where one was charged, it must not run again."""
    unanswered, told.unanswered = told.unanswered, []
    ends = await asyncio.gather(*(_call(client, *each, told) for each in unanswered), return_exceptions=True)
    for end in ends:
        if isinstance(end, Conflict):
            assert end.reason == "REQUEST_ALREADY_SERVED", end
        elif isinstance(end, BaseException):
            assert isinstance(end, PointsmanError), end
            assert end.failure is not None, end
    assert not told.unanswered


async def _call(client: AsyncClient, kind: str, number: int, told: Told) -> None:
    completion = client.complete(question(kind, number), timeout=CALL_SECONDS)
    if kind == "hasty":  # gone while its reservation is made, or just after
        asyncio.get_running_loop().call_later(number % 8 / 1_000, completion.close)
    try:
        async for sequence, event in completion:
            if event.HasField("finished"):
                assert completion.started is not None
                told.costs[completion.started.completion_id] = event.finished.cost_nanos
            if kind == "cancelled" and sequence >= CANCELLED_AFTER_EVENTS:
                completion.close()
    except PointsmanError as error:
        _note_failure(error, told)
        if isinstance(error, ServerUnreachable | ConnectionLost) and has_id(kind, number):
            told.unanswered.append((kind, number))
        raise


def _note_failure(error: PointsmanError, told: Told) -> None:
    # One whose caller's time was over is told of the most that its answer, which goes on, can come to; and what was
    # used by a call whose server died, nobody can tell.
    failure = error.failure
    exact = error.status is not StatusCode.DEADLINE_EXCEEDED and failure is not None
    if exact and failure.HasField("cost_nanos"):
        told.costs[failure.completion_id] = failure.cost_nanos


async def load(opened: Callable[[], AsyncClient], told: Told, random: Random, ended: Callable[[], bool]) -> None:
    """Calls as fast as the server answers, until it has ended."""

    async def caller(kinds: Iterator[str]) -> None:
        while not ended():
            try:
                await call(client, next(kinds), told)
            except Unavailable:
                await asyncio.sleep(0.02)
            except PointsmanError:
                continue

    def kinds() -> Iterator[str]:
        while True:
            yield random.choice(list(KINDS))

    async with opened() as client:
        await asyncio.gather(*(caller(kinds()) for _ in range(CALLERS)))
