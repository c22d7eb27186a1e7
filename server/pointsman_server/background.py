"""Work that goes on beside the calls."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress


def keep_running(stack: AsyncExitStack, name: str, work: Coroutine[None, None, None]) -> None:
    """Starts work as a task, which is cancelled when the stack is taken down."""
    task = asyncio.create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)
