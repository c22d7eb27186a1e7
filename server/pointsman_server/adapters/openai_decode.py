"""Decodes Chat Completions answers: a stream of chunks, or one document, into the same events."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any, Protocol

from pointsman.v1.completion_pb2 import FailureKind, FinishReason
from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.adapters import openai_failure, openai_usage
from pointsman_server.adapters.base import DecodedEvent, ProviderFailure, Stopped, UsageReported
from pointsman_server.adapters.openai_answer import Answer
from pointsman_server.adapters.payload import as_list, as_object, garbage, parse, text_or_empty
from pointsman_server.adapters.sse import SseDecoder, SseEvent

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""The largest whole answer that is accepted."""

_WHITE = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FAILED = frozenset({"error", "insufficient_system_resource"})


class _Reader(Protocol):
    def feed(self, data: bytes, out: list[DecodedEvent]) -> None: ...

    def close(self, out: list[DecodedEvent]) -> None: ...


class OpenAIDecoder:
    """Decodes one response.

    Whether it is a stream or a document is read from its first byte, because servers ignore ``stream`` and mislabel
    their answers. A failure waits until the events that came before it are taken, so that the events do not depend on
    how the bytes were cut; the next ``feed`` or ``close`` raises it. What comes after the finish reason is taken as
    what comes before it (some servers give a reason with every chunk); a later ``Stopped`` replaces an earlier one.
    """

    def __init__(self, quirks: AbstractSet[str] = frozenset()) -> None:
        self._chunks = _Chunks(reasoning_beside_output="reasoning_beside_output" in quirks)
        self._reader: _Reader | None = None
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
            self._reader = _Document(self._chunks) if head.startswith((b"{", b"[")) else _Stream(self._chunks)
        self._head = b"" if head else self._head
        return head


class _Stream:
    """Reads ``text/event-stream``."""

    def __init__(self, chunks: _Chunks) -> None:
        self._sse = SseDecoder()
        self._chunks = chunks
        self._done = False
        self._seen = False

    def feed(self, data: bytes, out: list[DecodedEvent]) -> None:
        if self._done:
            return
        for event in self._sse.feed(data):
            if self._take(event, out):
                self._done = True
                return

    def close(self, out: list[DecodedEvent]) -> None:
        if self._done:
            return
        if self._take_last(out):
            return
        if not self._seen and self._sse.foreign:
            raise garbage("no event stream")
        if not self._chunks.stopped:
            raise ProviderFailure(FailureKind.FAILURE_KIND_CUT)
        self._chunks.end(out)

    def _take_last(self, out: list[DecodedEvent]) -> bool:
        """Takes the event that no blank line ended; one that makes no sense was cut off and does not count."""
        try:
            return any(self._take(event, out) for event in self._sse.close())
        except ProviderFailure as failure:
            if failure.kind != FailureKind.FAILURE_KIND_GARBAGE:
                raise
            return False

    def _take(self, event: SseEvent, out: list[DecodedEvent]) -> bool:
        """Takes one event; returns whether it says that the answer is done."""
        self._seen = True
        data = event.data.strip()
        if data == "[DONE]":
            self._chunks.end(out)
            return True
        if event.name == "error":
            raise openai_failure.from_error_event(data)
        if data:  # some servers keep the connection alive with empty data
            self._chunks.take(parse(data), "delta", out)
        return False


class _Document:
    """Reads ``application/json``: the whole answer, known only at its end."""

    def __init__(self, chunks: _Chunks) -> None:
        self._body = bytearray()
        self._chunks = chunks

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
        self._chunks.take(parse(text), "message", out)
        if not self._chunks.answered:
            raise garbage("no choice in the answer")
        self._chunks.end(out)


class _Chunks:
    """Turns chunks, or the one document, into events.

    Attributes:
        answered: whether a choice was seen.
        stopped: whether a finish reason was seen.
    """

    def __init__(self, *, reasoning_beside_output: bool) -> None:
        self._reasoning_beside_output = reasoning_beside_output
        self._answer = Answer()
        self._given_reason = ""
        self._told_reason: FinishReason.ValueType | None = None
        self._usage: TokenUsage | None = None
        self.answered = False

    @property
    def stopped(self) -> bool:
        return bool(self._given_reason)

    def take(self, value: object, member: str, out: list[DecodedEvent]) -> None:
        """Takes one chunk; ``member`` names what a choice holds: ``delta`` or ``message``."""
        if not isinstance(value, dict):
            raise openai_failure.from_list(value) if isinstance(value, list) else garbage("a chunk is no object")
        for raw in as_list(value.get("choices"), "choices"):
            self._choice(as_object(raw, "choice"), member, text_or_empty(value.get("id")), out)
        self._report(value.get("usage"), out)
        if value.get("error") or value.get("object") == "error":
            raise openai_failure.from_payload(value)
        if self._given_reason in _FAILED:
            raise ProviderFailure(FailureKind.FAILURE_KIND_UNAVAILABLE, provider_text="the answer ended in an error")
        if self._given_reason:
            self._tell_reason(out)

    def end(self, out: list[DecodedEvent]) -> None:
        """Takes the end of the answer. One that gives no reason but says that it is done is done."""
        self._given_reason = self._given_reason or "stop"
        self._answer.end(out)
        self._tell_reason(out)

    def _choice(self, choice: dict[str, Any], member: str, response_id: str, out: list[DecodedEvent]) -> None:
        if choice.get("index"):
            return  # one answer was asked for: others would be mixed into it
        self.answered = True
        said = choice.get(member)
        if said is None:
            said = choice.get("message" if member == "delta" else "delta")
        self._answer.delta(as_object(said, member), response_id, out)
        self._report(choice.get("usage"), out)
        if choice.get("error"):
            raise openai_failure.from_payload(choice)
        self._given_reason = text_or_empty(choice.get("finish_reason")) or self._given_reason

    def _report(self, usage: object, out: list[DecodedEvent]) -> None:
        if not usage:
            return
        read = openai_usage.read(usage, reasoning_beside_output=self._reasoning_beside_output)
        if read is not None and read != self._usage:
            self._usage = read
            out.append(UsageReported(read))

    def _tell_reason(self, out: list[DecodedEvent]) -> None:
        reason = self._answer.finish_reason(self._given_reason)
        if reason != self._told_reason:
            self._told_reason = reason
            out.append(Stopped(reason))
