"""The load: many callers at once, each completion checked and timed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from pointsman.v1.completion_pb2 import Delivery
from pointsman.v1.content_pb2 import Role
from pointsman.v1.router_service_pb2 import CompleteRequest
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub

from bench.upstream import TEXT

if TYPE_CHECKING:
    # The asyncio side of the stub exists in its types alone.
    from pointsman.v1.router_service_pb2_grpc import RouterServiceAsyncStub

CALL_SECONDS = 60
Check = Callable[[str, bool], bool]


@dataclass(frozen=True, slots=True)
class Timing:
    """One completion, in milliseconds from its request."""

    first_ms: float
    total_ms: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load saw."""

    timings: tuple[Timing, ...]
    seconds: float

    @property
    def per_second(self) -> float:
        """Completions per second."""
        return len(self.timings) / self.seconds

    def total_ms(self, percent: int) -> float:
        """A percentile of the whole time."""
        return percentile([timing.total_ms for timing in self.timings], percent)

    def first_ms(self, percent: int) -> float:
        """A percentile of the time to the first content."""
        return percentile([timing.first_ms for timing in self.timings], percent)


def percentile(values: list[float], percent: int) -> float:
    """The value that so many in a hundred do not pass (nearest rank)."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


def request(delivery: Delivery.ValueType, model: str) -> CompleteRequest:
    """What every caller asks."""
    asked = CompleteRequest(delivery=delivery)
    message = asked.specification.messages.add(role=Role.ROLE_USER)
    message.parts.add().text.text = "Say the deltas, please: all twenty of them, in order."
    asked.specification.hints.pinned_models.append(model)
    return asked


async def complete(stub: RouterServiceAsyncStub, asked: CompleteRequest, check: Check) -> Timing:
    """Runs one completion.

    Raises:
        RuntimeError: the answer was not the upstream's.
    """
    start = time.perf_counter()
    first = 0.0
    texts: list[str] = []
    finished = False
    async for response in stub.Complete(asked, timeout=CALL_SECONDS):
        first = first or time.perf_counter() - start
        for event in response.events:
            texts.append(event.text_delta.text)
            texts += [part.text.text for part in event.finished.message.parts]
            finished = finished or event.HasField("finished")
    if not check("".join(texts), finished):
        raise RuntimeError(f"a wrong answer: {''.join(texts)!r}")
    return Timing(first * 1000, (time.perf_counter() - start) * 1000)


async def drive(address: str, asked: CompleteRequest, check: Check, *, count: int, concurrency: int) -> Outcome:
    """Runs ``count`` completions, ``concurrency`` at a time."""
    left = iter(range(count))
    timings: list[Timing] = []

    async def caller(stub: RouterServiceAsyncStub) -> None:
        for _ in left:
            timing = await complete(stub, asked, check)
            timings.append(timing)

    async with grpc.aio.insecure_channel(address) as channel:
        stub: RouterServiceAsyncStub = RouterServiceStub(channel)
        start = time.perf_counter()
        async with asyncio.TaskGroup() as callers:
            for _ in range(concurrency):
                callers.create_task(caller(stub))
        return Outcome(tuple(timings), time.perf_counter() - start)


def is_answer(text: str, finished: bool) -> bool:  # noqa: FBT001  # what was seen, not a switch
    """Whether Pointsman's answer is the upstream's, to the end."""
    return text == TEXT and finished


def is_relayed(text: str, _finished: bool) -> bool:  # noqa: FBT001  # as is_answer
    """Whether the bare relay handed everything on."""
    return "delta 19" in text and text.endswith("data: [DONE]\n\n")
