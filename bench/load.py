"""The load: so many callers at once, or so many calls a second, however long each takes."""

from __future__ import annotations

import asyncio
import math
import random
import time
from dataclasses import dataclass

from bench.calls import Call, Calls, Timing


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load saw."""

    timings: tuple[Timing, ...]
    seconds: float

    @property
    def per_second(self) -> float:
        """Calls per second."""
        return len(self.timings) / self.seconds

    def total_ms(self, percent: int) -> float:
        """A percentile of the whole time."""
        return percentile([timing.total_ms for timing in self.timings], percent)

    def first_ms(self, percent: int) -> float:
        """A percentile of the time to the first content."""
        return percentile([timing.first_ms for timing in self.timings], percent)


@dataclass(frozen=True, slots=True)
class Closed:
    """``callers`` at a time, each with its next call as soon as the last has ended: what a program can do at most."""

    callers: int

    def __str__(self) -> str:
        return "1 caller" if self.callers == 1 else f"{self.callers} callers"

    async def run(self, calls: Calls, count: int) -> Outcome:
        """Makes ``count`` calls."""
        left = iter(range(count))
        timings: list[Timing] = []

        async def caller(call: Call) -> None:
            for _ in left:
                timing = await call()
                timings.append(timing)

        async with calls() as call:
            start = time.perf_counter()
            async with asyncio.TaskGroup() as callers:
                for _ in range(self.callers):
                    callers.create_task(caller(call))
            return Outcome(tuple(timings), time.perf_counter() - start)


@dataclass(frozen=True, slots=True)
class Open:
    """``per_second`` calls arrive at random moments, whether or not the earlier ones have ended.

    A call is timed from when it was due: one that a busy machine begins late counts as slow, not as absent.
    """

    per_second: int

    def __str__(self) -> str:
        return f"{self.per_second}/s"

    async def run(self, calls: Calls, count: int) -> Outcome:
        """Makes ``count`` calls. Every run has the same arrivals."""
        gaps = random.Random(0)
        timings: list[Timing] = []

        async def one(call: Call, due: float) -> None:
            late_ms = (time.perf_counter() - due) * 1000
            timing = await call()
            timings.append(Timing(timing.first_ms + late_ms, timing.total_ms + late_ms))

        async with calls() as call:
            start = due = time.perf_counter()
            async with asyncio.TaskGroup() as running:
                for _ in range(count):
                    due += gaps.expovariate(self.per_second)
                    await asyncio.sleep(max(0.0, due - time.perf_counter()))
                    running.create_task(one(call, due))
            return Outcome(tuple(timings), time.perf_counter() - start)


Load = Closed | Open


def percentile(values: list[float], percent: int) -> float:
    """The value that so many in a hundred do not pass (nearest rank)."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]
