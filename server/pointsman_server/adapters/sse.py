"""Decodes server-sent events, however the bytes are cut (WHATWG HTML, "Server-sent events")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pointsman.v1.completion_pb2 import FailureKind

from pointsman_server.adapters.base import ProviderFailure

MAX_EVENT_BYTES = 8 * 1024 * 1024
"""The largest event that is accepted, and so the most that a decoder holds back."""

_MAX_FOREIGN_CHARACTERS = 64 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_IGNORED_FIELDS = frozenset({"", "id", "retry"})


class SseEvent(NamedTuple):
    """One event: its type, empty where none was given, and its data lines joined by line feeds."""

    name: str
    data: str


class SseDecoder:
    """Turns one response's bytes into events.

    Lines end in LF, CRLF or CR. An event that the end of the response cuts off before its blank line counts. ``id``
    and ``retry`` serve reconnections, which no completion makes, and are passed over with comments and unknown fields.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._foreign: list[str] = []
        self._foreign_room = _MAX_FOREIGN_CHARACTERS
        self._max_event_bytes = max_event_bytes
        self._tail = bytearray()
        self._at_start = True
        self._after_carriage_return = False

    def feed(self, data: bytes) -> Iterator[SseEvent]:
        """Yields the events that the next bytes complete. Must be exhausted before the next call.

        Raises:
            ProviderFailure: an event is larger than the limit (``TOO_LARGE``) or no UTF-8 (``GARBAGE``).
        """
        data = self._with_line_feeds(data)
        if self._at_start or self._tail:
            searched = max(0, len(self._tail) - 1)
            self._tail += data
            if not self._started() or self._tail.find(b"\n\n", searched) < 0:
                self._limit_tail()
                return
            data = bytes(self._tail)
        *blocks, tail = data.split(b"\n\n")
        self._tail = bytearray(tail)
        for block in blocks:
            if event := self._event(block):
                yield event
        self._limit_tail()

    def close(self) -> Iterator[SseEvent]:
        """Yields the event that the end of the response completes, if one was begun.

        Raises:
            ProviderFailure: as ``feed``.
        """
        block = bytes(self._tail.removesuffix(b"\n"))
        self._tail.clear()
        if event := self._event(block):
            yield event

    @property
    def foreign(self) -> str:
        """The lines that no event stream has, which were passed over: the first 64 Ki characters of them."""
        return "\n".join(self._foreign)

    def _keep_foreign(self, line: str) -> None:
        if self._foreign_room > 0:
            self._foreign.append(line[: self._foreign_room])
            self._foreign_room -= len(line) + 1

    def _with_line_feeds(self, data: bytes) -> bytes:
        """The same lines, each ended by LF. A CR ends one at once; an LF right after it, in any call, ends none."""
        if not data:
            return data
        skip = self._after_carriage_return and data.startswith(b"\n")
        self._after_carriage_return = data.endswith(b"\r")
        if skip:
            data = data[1:]
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data

    def _started(self) -> bool:
        """Whether it is clear if a byte order mark opens the response; takes it off."""
        if self._at_start and len(self._tail) < len(_BYTE_ORDER_MARK) and _BYTE_ORDER_MARK.startswith(self._tail):
            return False
        if self._at_start and self._tail.startswith(_BYTE_ORDER_MARK):
            del self._tail[: len(_BYTE_ORDER_MARK)]
        self._at_start = False
        return True

    def _limit_tail(self) -> None:
        """Keeps what is held back within the limit: keep-alive comments go, an event that is too large fails."""
        allowed = self._max_event_bytes + 1  # the line feed of its last line
        if len(self._tail) > allowed:
            self._tail = bytearray(_without_comments(bytes(self._tail)))
        if len(self._tail) > allowed:
            raise ProviderFailure(FailureKind.FAILURE_KIND_TOO_LARGE, provider_text="an event is too large")

    def _event(self, block: bytes) -> SseEvent | None:
        if len(block) > self._max_event_bytes:
            block = _without_comments(block)
        if len(block) > self._max_event_bytes:
            raise ProviderFailure(FailureKind.FAILURE_KIND_TOO_LARGE, provider_text="an event is too large")
        try:
            text = block.decode()
        except UnicodeDecodeError as error:
            raise ProviderFailure(FailureKind.FAILURE_KIND_GARBAGE, provider_text="not UTF-8") from error
        if text.startswith("data: ") and "\n" not in text:
            return SseEvent("", text[6:])
        return self._from_lines(text)

    def _from_lines(self, text: str) -> SseEvent | None:
        name = ""
        data: list[str] = []
        for line in text.split("\n"):
            field, _, value = line.partition(":")
            if field == "data":
                data.append(value.removeprefix(" "))
            elif field == "event":
                name = value.removeprefix(" ")
            elif field not in _IGNORED_FIELDS:
                self._keep_foreign(line)
        return SseEvent(name, "\n".join(data)) if data else None


def _without_comments(block: bytes) -> bytes:
    """The block without its comment lines; of a last one that may still grow, the colon stays."""
    *lines, last = block.split(b"\n")
    kept = [line for line in lines if not line.startswith(b":")]
    return b"\n".join([*kept, b":" if last.startswith(b":") else last])
