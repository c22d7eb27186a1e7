"""The bounded queue between the supervisor, which must not stop, and the caller, who may."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from itertools import islice
from typing import Self

from pointsman.v1.completion_pb2 import CompletionEvent
from pointsman.v1.router_service_pb2 import CompleteResponse

from pointsman_server.errors import PointsmanError

CAPACITY_EVENTS = 256
"""How many events may wait for the caller; also the most that one response carries."""

FULL_RESPONSE_BYTES = 1024 * 1024
"""A response takes no further event from here on: gRPC's clients refuse messages above 4 MiB unless told otherwise."""


class ReaderStalled(Exception):
    """The caller left its stream unread for too long."""


class Relay(AsyncIterator[CompleteResponse]):
    """Numbers events and hands them on; what waits together travels together.

    One side sends and ends, the other iterates and closes.
    """

    def __init__(self, *, stalled_reader_ms: int, on_close: Callable[[], None]) -> None:
        self._waiting: deque[CompletionEvent] = deque()
        self._next_sequence = 0
        self._ended = False
        self._error: PointsmanError | None = None
        self._closed = False
        self._stalled_s = stalled_reader_ms / 1000
        self._on_close = on_close
        self._reader: asyncio.Future[None] | None = None
        self._sender: asyncio.Future[None] | None = None

    @property
    def sent_count(self) -> int:
        """How many events were handed over; the last one's number is one less."""
        return self._next_sequence + len(self._waiting)

    async def send(self, events: Iterable[CompletionEvent]) -> None:
        """Takes events for the caller; waits while too many are unread. Once the caller is gone, or told of the end,
        they are dropped.

        Raises:
            ReaderStalled: the caller read nothing for the whole time allowed.
        """
        if self._closed or self._ended:
            return
        self._waiting.extend(events)
        _wake(self._reader)
        while len(self._waiting) >= CAPACITY_EVENTS and not (self._closed or self._ended):
            self._sender = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(self._stalled_s):
                    await self._sender
            except TimeoutError as error:
                raise ReaderStalled from error

    def end(self, error: PointsmanError | None = None) -> None:
        """Says that nothing follows. What waits is still delivered, then the error is raised to the caller; a later
        error stands in for it where the caller has not got there yet.
        """
        self._ended = True
        self._error = error
        _wake(self._reader)
        _wake(self._sender)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> CompleteResponse:
        """The caller's side: waits for the next response.

        Raises:
            PointsmanError: the completion failed.
        """
        while not self._waiting and not self._ended:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        if self._waiting:
            return self._take()
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    def close(self) -> None:
        """Says that the caller is gone, or done; only the first time counts."""
        if not self._closed:
            self._closed = True
            self._waiting.clear()
            _wake(self._sender)
            self._on_close()

    def _take(self) -> CompleteResponse:
        response = CompleteResponse(first_sequence=self._next_sequence, events=self._waiting)
        if len(self._waiting) > CAPACITY_EVENTS or response.ByteSize() > FULL_RESPONSE_BYTES:
            response = CompleteResponse(first_sequence=self._next_sequence, events=self._first_waiting())
        if len(response.events) == len(self._waiting):
            self._waiting.clear()
        else:
            for _ in response.events:
                self._waiting.popleft()
        self._next_sequence += len(response.events)
        _wake(self._sender)
        return response

    def _first_waiting(self) -> Iterator[CompletionEvent]:
        """As many of the events that wait as one response holds."""
        size = 0
        for event in islice(self._waiting, CAPACITY_EVENTS):
            if size >= FULL_RESPONSE_BYTES:
                return
            yield event
            size += event.ByteSize()


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
