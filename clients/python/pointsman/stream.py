"""A running completion: iterate its events, or its text, or wait for the whole answer. Leaving early cancels it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Protocol, Self

import grpc
import grpc.aio

from pointsman.asking import Asking
from pointsman.assembly import Answer, Assembly, NumberedEvent
from pointsman.errors import Cancelled, PointsmanError, TextVoided, decode
from pointsman.v1.completion_pb2 import CompletionEvent, Started
from pointsman.v1.content_pb2 import Message
from pointsman.v1.router_service_pb2 import CompleteRequest, CompleteResponse


class _Responses(Protocol):
    """What gRPC's synchronous stub returns for a stream."""

    def __iter__(self) -> Iterator[CompleteResponse]: ...

    def cancel(self) -> bool: ...


class _Stream:
    """What both kinds of completion know of their answer so far."""

    def __init__(self) -> None:
        self._assembly = Assembly()
        self._error: PointsmanError | None = None

    @property
    def started(self) -> Started | None:
        """How the completion began; unset before the first content."""
        return self._assembly.started

    @property
    def last_sequence(self) -> int | None:
        """The number of the last event that was read; unset before the first."""
        return self._assembly.last_sequence

    @property
    def text(self) -> str:
        """The text so far; what a change of route made void is not in it."""
        return self._assembly.text

    @property
    def message(self) -> Message:
        """The message so far."""
        return self._assembly.message()

    def _failed(self, error: PointsmanError) -> PointsmanError:
        self._error = error
        return error

    def _left(self) -> PointsmanError:
        """What reading on says after the caller left the stream."""
        return self._failed(Cancelled(grpc.StatusCode.CANCELLED, "the caller left the stream"))

    def _decoded(self, error: grpc.RpcError) -> PointsmanError:
        return self._failed(decode(error, answered=self._assembly.last_sequence is not None))


class Completion(_Stream):
    """A completion of the synchronous client.

    Iterating yields every event with its number. Breaking out of the loop, leaving the ``with`` block or calling
    ``close`` before the end cancels the call at the server.
    """

    def __init__(self, asking: Asking[_Responses]) -> None:
        super().__init__()
        self._asking = asking
        self._call = asking()
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[NumberedEvent]:
        if self._error is not None:
            raise self._error
        try:
            while True:
                try:
                    for response in self._call:
                        yield from self._assembly.take(response)
                except grpc.RpcError as error:
                    self._ask_again(error)
                else:
                    return
        finally:
            self.close()

    def _ask_again(self, error: grpc.RpcError) -> None:
        """Makes the call anew; raises the error where that is not safe, not worth it, or not wanted any more."""
        failed = self._decoded(error)
        pause_s = self._asking.pause_s(failed)
        if pause_s is None or self._closed.wait(pause_s):
            raise failed from error
        self._error, self._call = None, self._asking()

    def text_deltas(self) -> Iterator[str]:
        """The text as it comes.

        Raises:
            TextVoided: text that was yielded became void, because another model starts again. Iterate the events
                themselves to go on in this case.
        """
        reader = _TextReader()
        for _, event in self:
            if text := reader.read(event):
                yield text

    def final(self) -> Answer:
        """Waits for the end and returns the whole answer."""
        if self._assembly.finished is None:
            for _ in self:
                pass
        return self._assembly.answer()

    def close(self) -> None:
        """Cancels the call, if it still runs."""
        self._closed.set()
        self._call.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncCompletion(_Stream):
    """A completion of the asynchronous client; as ``Completion``, with ``async for`` and ``async with``."""

    def __init__(self, asking: Asking[grpc.aio.UnaryStreamCall[CompleteRequest, CompleteResponse]]) -> None:
        super().__init__()
        self._asking = asking
        self._call = asking()
        self._closed = False
        self._done_with = False

    async def __aiter__(self) -> AsyncIterator[NumberedEvent]:
        if self._error is not None:
            raise self._error
        reading = True
        try:
            while True:
                try:
                    async for response in self._call:
                        reading = False
                        for numbered in self._assembly.take(response):
                            yield numbered
                        reading = True
                except grpc.RpcError as error:
                    await self._ask_again(error)
                else:
                    return
        except asyncio.CancelledError:
            # gRPC says so both when this task is cancelled and when `close` cancelled the call under it. A loop that
            # ends while it still tidies this iterator up says so too, to nobody who reads.
            if self._closed and reading:
                raise self._left() from None
            raise
        finally:
            self.close()

    async def _ask_again(self, error: grpc.RpcError) -> None:
        """Makes the call anew; raises the error where that is not safe, not worth it, or not wanted any more."""
        failed = self._decoded(error)
        pause_s = self._asking.pause_s(failed)
        if pause_s is not None:
            await asyncio.sleep(pause_s)
        if pause_s is None or self._done_with:
            raise failed from error
        self._error, self._call = None, self._asking()

    async def text_deltas(self) -> AsyncIterator[str]:
        """The text as it comes. Raises as ``Completion.text_deltas``."""
        reader = _TextReader()
        async for _, event in self:
            if text := reader.read(event):
                yield text

    async def final(self) -> Answer:
        """Waits for the end and returns the whole answer."""
        if self._assembly.finished is None:
            async for _ in self:
                pass
        return self._assembly.answer()

    def close(self) -> None:
        """Cancels the call, if it still runs."""
        self._done_with = True
        self._closed = self._closed or self._call.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _TextReader:
    """Picks the text out of events, and refuses to mix the texts of two models."""

    def __init__(self) -> None:
        self._handed_out = False

    def read(self, event: CompletionEvent) -> str:
        changed = event.route_changed
        if event.HasField("route_changed") and not changed.continues and self._handed_out:
            raise TextVoided(
                grpc.StatusCode.ABORTED,
                f"{changed.failed_model_id} failed and {changed.model_id} starts again: the text so far is void",
            )
        self._handed_out = self._handed_out or bool(event.text_delta.text)
        return event.text_delta.text
