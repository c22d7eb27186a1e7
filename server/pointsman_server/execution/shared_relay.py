"""What stands between the supervisor and callers who share one call: each gets every event, in its own time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from copy import copy
from typing import Protocol, Self

from pointsman.v1.completion_pb2 import CompletionEvent
from pointsman.v1.router_service_pb2 import CompleteResponse

from pointsman_server.errors import PointsmanError, StreamBroken
from pointsman_server.execution.relay import CAPACITY_EVENTS, FULL_RESPONSE_BYTES, ReaderStalled

REPLAY_BYTES = 4 * 1024 * 1024
"""How much of an answer is kept for whoever comes late, and how far a slow reader may fall behind a faster one."""


class ReplayRoom(Protocol):
    """What bounds the answers that are kept of all calls together."""

    def take(self, size_bytes: int) -> bool:
        """Takes room for more of an answer; false: there is none."""
        ...

    def give(self, size_bytes: int) -> None:
        """Gives room back."""
        ...


class SharedRelay:
    """Numbers events and keeps them, so that every reader gets the whole stream.

    The fastest reader sets the pace, as a ``Relay``'s only one does. The answer is kept from its first event while it
    is small enough; then only what somebody has yet to read is, and a reader that is too far behind is cut.
    """

    def __init__(self, *, stalled_reader_ms: int, on_close: Callable[[], None], room: ReplayRoom) -> None:
        self._stalled_s = stalled_reader_ms / 1000
        self._on_close = on_close
        self._room = room
        self._events: list[CompletionEvent] = []
        self._sizes: list[int] = []
        self._dropped = 0
        self._kept_bytes = 0
        self._taken_bytes = 0
        self._keeps_beginning = True
        self._readers: list[SharedReader] = []
        self._taken = asyncio.Event()
        self._ended = False
        self._closed = False
        self.error: PointsmanError | None = None

    @property
    def sent_count(self) -> int:
        """How many events there were; the last one's number is one less."""
        return self._dropped + len(self._events)

    @property
    def keeps_beginning(self) -> bool:
        """Whether a reader that joins now gets the whole stream."""
        return self._keeps_beginning

    async def send(self, events: Iterable[CompletionEvent]) -> None:
        """Takes events for the readers; waits while even the fastest has too many unread. Once all readers are gone,
        or told of the end, they are dropped.

        Raises:
            ReaderStalled: no reader read anything for the whole time allowed.
        """
        if self._closed or self._ended:
            return
        for event in events:
            self._events.append(event)
            self._sizes.append(event.ByteSize())
            self._kept_bytes += self._sizes[-1]
        self._bound()
        self._tell()
        while self.sent_count - self._fastest() >= CAPACITY_EVENTS and not (self._closed or self._ended):
            self._taken.clear()
            try:
                async with asyncio.timeout(self._stalled_s):
                    await self._taken.wait()
            except TimeoutError as error:
                raise ReaderStalled from error

    def end(self, error: PointsmanError | None = None) -> None:
        """Says that nothing follows. What is unread is still delivered, then the error is raised to each reader; a
        later error stands in for it where a reader has not got there yet.
        """
        self._ended = True
        self.error = error
        self._tell()
        self._taken.set()

    def join(self) -> SharedReader:
        """A reader that gets everything from the first event on; only while the beginning is kept."""
        assert self._keeps_beginning, "a stream without its beginning is not joined"
        reader = SharedReader(self)
        self._readers.append(reader)
        return reader

    def forget(self) -> None:
        """Lets go of the beginning, but for those who still read it."""
        self._keeps_beginning = False
        self._room.give(self._taken_bytes)
        self._taken_bytes = 0

    def take(self, reader: SharedReader) -> CompleteResponse | None:
        """What a reader gets next; ``None``: it has everything, and nothing follows unless the relay goes on.

        Raises:
            PointsmanError: the completion failed, or the reader was cut.
        """
        first = reader.position - self._dropped
        last, size = first, 0
        while last < len(self._events) and last - first < CAPACITY_EVENTS and size < FULL_RESPONSE_BYTES:
            size += self._sizes[last]
            last += 1
        if last > first:
            response = CompleteResponse(first_sequence=reader.position, events=self._events[first:last])
            reader.position += last - first
            self._taken.set()
            return response
        if self._ended and self.error is not None:
            # One for each reader: an exception that many raise collects all their tracebacks.
            raise copy(self.error)
        return None

    @property
    def ended(self) -> bool:
        """Whether nothing follows."""
        return self._ended

    def leave(self, reader: SharedReader) -> None:
        """Lets a reader go; when the last one leaves before the end, the completion is stopped."""
        if reader not in self._readers:
            return
        self._readers.remove(reader)
        self._taken.set()
        if not self._readers and not self._closed:
            self._closed = True
            self._on_close()

    def _bound(self) -> None:
        """Keeps what is kept within its bounds."""
        if self._keeps_beginning:
            more = self._kept_bytes - self._taken_bytes
            if self._kept_bytes <= REPLAY_BYTES and self._room.take(more):
                self._taken_bytes += more
                return
            self.forget()
        self._drop_read()
        while self._kept_bytes > REPLAY_BYTES and self._slowest() < self._fastest():
            slowest = min(self._readers, key=lambda reader: reader.position)
            self._readers.remove(slowest)
            slowest.cut(StreamBroken("The stream was read more slowly than can be waited for, and was ended."))
            self._drop_read()

    def _drop_read(self) -> None:
        count = self._slowest() - self._dropped
        self._kept_bytes -= sum(self._sizes[:count])
        del self._events[:count], self._sizes[:count]
        self._dropped += count

    def _fastest(self) -> int:
        return max((reader.position for reader in self._readers), default=self.sent_count)

    def _slowest(self) -> int:
        return min((reader.position for reader in self._readers), default=self.sent_count)

    def _tell(self) -> None:
        for reader in self._readers:
            reader.news.set()


class SharedReader(AsyncIterator[CompleteResponse]):
    """One caller's place in a shared stream.

    Attributes:
        position: the number of the event that comes next.
        news: set when there may be something to take.
    """

    def __init__(self, relay: SharedRelay) -> None:
        self._relay = relay
        self._cut: PointsmanError | None = None
        self.position = 0
        self.news = asyncio.Event()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> CompleteResponse:
        """Waits for the next response.

        Raises:
            PointsmanError: the completion failed, or this reader was too slow.
        """
        while True:
            if self._cut is not None:
                raise self._cut
            self.news.clear()
            response = self._relay.take(self)
            if response is not None:
                return response
            if self._relay.ended:
                raise StopAsyncIteration
            await self.news.wait()

    def cut(self, error: PointsmanError) -> None:
        """Ends this reader's stream, whatever it has not read."""
        self._cut = error
        self.news.set()

    def close(self) -> None:
        """Says that the caller is gone, or done."""
        self._relay.leave(self)
