"""The benchmark's load generator: what it counts, and from when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.calls import Call, Calls, Timing
from bench.load import Closed, Open, percentile


class Calling:
    """Calls that take so long, and how many of them run at once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running = 0
        self.most = 0
        self.made = 0

    def calls(self) -> Calls:
        @asynccontextmanager
        async def opened() -> AsyncIterator[Call]:
            yield self._call

        return opened

    async def _call(self) -> Timing:
        self._running += 1
        self.made += 1
        self.most = max(self.most, self._running)
        await asyncio.sleep(self._seconds)
        self._running -= 1
        return Timing(self._seconds * 1000, self._seconds * 1000)


async def test_a_closed_load_has_so_many_callers_and_no_more() -> None:
    calling = Calling(0.001)
    outcome = await Closed(3).run(calling.calls(), 20)
    assert (calling.made, calling.most, len(outcome.timings)) == (20, 3, 20)


async def test_an_open_load_does_not_wait_for_earlier_calls() -> None:
    calling = Calling(0.05)
    outcome = await Open(1_000).run(calling.calls(), 20)
    assert len(outcome.timings) == 20
    assert calling.most > 10


async def test_a_call_that_begins_late_is_timed_from_when_it_was_due() -> None:
    blocked = asyncio.Event()

    async def block() -> None:
        await blocked.wait()
        loop = asyncio.get_running_loop()
        end = loop.time() + 0.05
        while loop.time() < end:  # a machine that is busy with something else
            pass

    async def calls() -> Timing:
        blocked.set()
        return Timing(0.0, 0.0)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Call]:
        yield calls

    busy = asyncio.create_task(block())
    outcome = await Open(1_000).run(opened, 20)
    await busy
    assert outcome.total_ms(99) > 20


def test_a_percentile_is_the_value_that_so_many_do_not_pass() -> None:
    values = [float(value) for value in range(1, 101)]
    assert [percentile(values, percent) for percent in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert percentile([7.0], 50) == 7
