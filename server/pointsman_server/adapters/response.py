"""Decodes a response whatever it holds: a stream of events or one document, however the bytes are cut."""

from __future__ import annotations

from typing import Protocol

from pointsman.v1.completion_pb2 import FailureKind

from pointsman_server.adapters.base import DecodedEvent, ProviderFailure
from pointsman_server.adapters.payload import garbage, parse
from pointsman_server.adapters.sse import SseDecoder, SseEvent

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""The largest whole answer that is accepted."""

_WHITE = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Interpreter(Protocol):
    """What a dialect makes of what a response holds. Each method appends the events that it finds."""

    @property
    def stopped(self) -> bool:
        """Whether the answer said why it ended, so that nothing that matters can be missing."""
        ...

    def event(self, event: SseEvent, out: list[DecodedEvent]) -> bool:
        """Takes an event of a stream; returns whether it says that the answer is done.

        Raises:
            ProviderFailure: it is an error, or not of the dialect.
        """
        ...

    def after_end(self, event: SseEvent, out: list[DecodedEvent]) -> None:
        """Takes what comes after the answer was done: its usage alone counts.

        Raises:
            ProviderFailure: it is not of the dialect.
        """
        ...

    def document(self, value: object, out: list[DecodedEvent]) -> None:
        """Takes the one document.

        Raises:
            ProviderFailure: it is an error, or not of the dialect.
        """
        ...

    def end(self, out: list[DecodedEvent]) -> None:
        """Takes the end of a stream that has stopped.

        Raises:
            ProviderFailure: something in it was never completed.
        """
        ...


class ResponseDecoder:
    """Decodes one response.

    Whether it is a stream or a document is read from its first byte, because servers ignore ``stream`` and mislabel
    their answers. A failure waits until the events that came before it are taken, so that the events do not depend on
    how the bytes were cut; the next ``feed`` or ``close`` raises it.
    """

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._reader: _Stream | _Document | None = None
        self._head = b""
        self._failure: ProviderFailure | None = None

    def feed(self, data: bytes) -> list[DecodedEvent]:
        if self._failure:
            raise self._failure
        out: list[DecodedEvent] = []
        try:
            if self._reader is None:
                data = self._choose(data)
            if self._reader is not None:
                self._reader.feed(data, out)
        except ProviderFailure as failure:
            self._failure = failure
            if not out:
                raise
        return out

    def close(self) -> list[DecodedEvent]:
        if self._failure:
            raise self._failure
        if self._reader is None:
            raise garbage("a lone byte order mark") if self._head else ProviderFailure(FailureKind.FAILURE_KIND_CUT)
        out: list[DecodedEvent] = []
        self._reader.close(out)
        return out

    def _choose(self, data: bytes) -> bytes:
        """Chooses the reader as soon as a byte tells which; returns what it is to read."""
        self._head = head = (self._head + data).lstrip(_WHITE)
        if _BYTE_ORDER_MARK.startswith(head):
            return b""
        head = head.removeprefix(_BYTE_ORDER_MARK).lstrip(_WHITE)
        if head:
            reader = _Document if head.startswith((b"{", b"[")) else _Stream
            self._reader = reader(self._interpreter)
        self._head = b"" if head else self._head
        return head


class _Stream:
    """Reads ``text/event-stream``."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._sse = SseDecoder()
        self._interpreter = interpreter
        self._done = False
        self._deaf = False
        self._seen = False

    def feed(self, data: bytes, out: list[DecodedEvent]) -> None:
        if self._deaf:
            return
        try:
            for event in self._sse.feed(data):
                self._seen = True
                if self._done:
                    self._interpreter.after_end(event, out)
                else:
                    self._done = self._interpreter.event(event, out)
        except ProviderFailure:
            if not self._done:
                raise
            self._deaf = True  # the answer is whole: what makes no sense after it spoils nothing

    def close(self, out: list[DecodedEvent]) -> None:
        if self._done or self._take_last(out):
            return
        if not self._seen and self._sse.foreign:
            raise garbage("no event stream")
        if self._interpreter.stopped:
            self._interpreter.end(out)
        else:
            self._take_bare_document(out)

    def _take_bare_document(self, out: list[DecodedEvent]) -> None:
        """Takes what ended the stream without being an event: Google's servers send a bare error when one breaks."""
        try:
            value = parse(self._sse.foreign)
        except ProviderFailure:
            raise ProviderFailure(FailureKind.FAILURE_KIND_CUT) from None
        self._interpreter.document(value, out)

    def _take_last(self, out: list[DecodedEvent]) -> bool:
        """Takes the event that no blank line ended; one that makes no sense was cut off and does not count."""
        try:
            for event in self._sse.close():
                self._seen = True
                return self._interpreter.event(event, out)
        except ProviderFailure as failure:
            if failure.kind != FailureKind.FAILURE_KIND_GARBAGE:
                raise
        return False


class _Document:
    """Reads ``application/json``: the whole answer, known only at its end."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._body = bytearray()
        self._interpreter = interpreter

    def feed(self, data: bytes, out: list[DecodedEvent]) -> None:
        del out  # nothing is known before the end
        self._body += data
        if len(self._body) > MAX_DOCUMENT_BYTES:
            raise ProviderFailure(FailureKind.FAILURE_KIND_TOO_LARGE, provider_text="the answer is too large")

    def close(self, out: list[DecodedEvent]) -> None:
        body = bytes(self._body).rstrip(_WHITE)
        if not body.endswith((b"}", b"]")):
            raise ProviderFailure(FailureKind.FAILURE_KIND_CUT)
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise garbage("not UTF-8") from error
        self._interpreter.document(parse(text), out)
