"""The order to stop a completion: the first cause counts, and what runs is ended, or outlasts it for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from pointsman_server.execution.model import StopCause

Afterwards = Callable[[asyncio.Task[None]], Awaitable[None]]
"""What is done about work that still runs when the order comes; once it returns, the work is cancelled."""


class Stop:
    """Given once; a shutdown also ends what outlasts an earlier order."""

    __slots__ = ("_given", "_shutdown")

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._given: asyncio.Future[StopCause] = loop.create_future()
        self._shutdown: asyncio.Future[None] = loop.create_future()

    @property
    def cause(self) -> StopCause | None:
        """Why the completion is to stop; ``None``: it is not."""
        return self._given.result() if self._given.done() else None

    def give(self, cause: StopCause) -> None:
        """Orders it."""
        if not self._given.done():
            self._given.set_result(cause)
        if cause is StopCause.SHUTDOWN and not self._shutdown.done():
            self._shutdown.set_result(None)

    async def race(
        self, work: Coroutine[None, None, None], seconds: float, afterwards: Afterwards | None = None
    ) -> StopCause | None:
        """Runs ``work`` until it ends (``None``), or until the completion is stopped or out of time (the cause).

        Work that ends with the order in force is not told from work that was stopped: what it still sent was dropped.
        """
        if self._given.done() or not seconds:
            work.close()
            self.give(StopCause.DEADLINE)
            return self.cause
        task = asyncio.create_task(work)
        await _first_of(task, self._given, seconds)
        if not task.done():
            self.give(StopCause.DEADLINE)
            if afterwards is not None:
                await afterwards(task)
        if self._given.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)  # how it ended is of no interest any more
            return self.cause
        if task.cancelled():
            # Left as it is, it would end this task too: unsettled, and with the caller waiting for ever.
            raise RuntimeError("something within cancelled it")
        task.result()
        return None

    async def outlast(self, task: asyncio.Task[None], seconds: float) -> None:
        """Lets work go on after the order: to its end, for so long, or until the server shuts down."""
        await _first_of(task, self._shutdown, seconds)


async def _first_of(task: asyncio.Task[None], order: asyncio.Future[Any], seconds: float) -> None:
    """Waits for either, so long at the most: ``asyncio.wait`` for two, at a third of its price."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()

    def end(_: object = None) -> None:
        if not over.done():
            over.set_result(None)

    timer = loop.call_later(seconds, end)
    task.add_done_callback(end)
    order.add_done_callback(end)
    try:
        await over
    finally:
        timer.cancel()
        task.remove_done_callback(end)
        order.remove_done_callback(end)
