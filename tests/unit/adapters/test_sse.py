"""The decoder of server-sent events."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.completion_pb2 import FailureKind
from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.adapters.sse import SseDecoder, SseEvent

LINES = st.sampled_from(
    [
        *("data: a", "data:b", "data:  c", "data", "data:", "data: Grüße 🚂"),
        *("event: error", "event:", ": ping", ":", "id: 1", "retry: 9", "x: y"),
        *("", "", ""),
    ]
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


def read(pieces: Iterable[bytes], limit: int = 1000) -> list[SseEvent]:
    decoder = SseDecoder(limit)
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return [*events, *decoder.close()]


def failure_of(pieces: Iterable[bytes], limit: int = 1000) -> FailureKind.ValueType:
    with pytest.raises(ProviderFailure) as failed:
        read(pieces, limit)
    return failed.value.kind


def reference(lines: list[str]) -> list[SseEvent]:
    """The standard's own algorithm, a line at a time; an event that the end cuts off counts."""
    events, name, data = [], "", []
    for line in [*lines, ""]:
        if not line:
            if data:
                events.append(SseEvent(name, "\n".join(data)))
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        if field == "event":
            name = value
    return events


@given(st.lists(st.tuples(LINES, ENDS)), st.booleans(), st.data())
def test_any_lines_in_any_pieces_are_read_as_the_standard_says(
    lines: list[tuple[str, bytes]],
    mark: bool,  # noqa: FBT001  # Hypothesis passes it
    data: st.DataObject,
) -> None:
    body = (b"\xef\xbb\xbf" if mark else b"") + b"".join(line.encode() + end for line, end in lines)
    # An empty line after a CR is the LF of a CRLF.
    told = body.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode().split("\n")
    cuts = sorted(data.draw(st.sets(st.integers(0, len(body)), max_size=8)))
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert read(pieces) == reference(told)


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b"", []),
        (b"\n\n\n", []),
        (b"data: a\n\n", [("", "a")]),
        (b"data: a\ndata: b\n\n", [("", "a\nb")]),
        (b"data: a", [("", "a")]),
        (b"data: a\r", [("", "a")]),
        (b"data:\n\n", [("", "")]),
        (b"event: error\ndata: {}\n\ndata: a\n\n", [("error", "{}"), ("", "a")]),
        (b"event: ping\n\ndata: a\n\n", [("", "a")]),
        (b": one\n\n: two\ndata: a\n: three\n\n", [("", "a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [("", "a")]),
        (b"data: \xef\xbb\xbfa\n\n", [("", "\ufeffa")]),
        (b"id: 7\nretry: 10\ndata: a\nunknown: x\n\n", [("", "a")]),
    ],
)
def test_forms(body: bytes, events: list[tuple[str, str]]) -> None:
    assert read([body]) == events
    assert read(body[at : at + 1] for at in range(len(body))) == events


def test_events_before_a_failure_are_yielded() -> None:
    decoder = SseDecoder()
    found = decoder.feed(b"data: a\n\ndata: \xff\n\n")
    assert next(found).data == "a"
    with pytest.raises(ProviderFailure):
        next(found)


@pytest.mark.parametrize("body", [b"data: \xff\n\n", b"data: \xc3\n\n", b"\xef", b"data: \xed\xa0\x80"])
def test_what_is_no_utf_8_is_garbage(body: bytes) -> None:
    assert failure_of([body]) == FailureKind.FAILURE_KIND_GARBAGE


@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_an_event_may_be_as_large_as_the_limit_and_no_larger(piece: int) -> None:
    def cut(size: int, tail: bytes) -> list[bytes]:
        body = b"data: " + b"x" * (size - 6) + tail
        return [body[at : at + piece] for at in range(0, len(body), piece)]

    for tail in (b"", b"\n", b"\n\n", b"\r\n\r\n"):
        assert [len(event.data) for event in read(cut(1000, tail))] == [994]
    for tail in (b"", b"\n", b"\n\n"):
        assert failure_of(cut(1001, tail)) == FailureKind.FAILURE_KIND_TOO_LARGE


def test_what_never_ends_is_not_held() -> None:
    decoder = SseDecoder(1000)
    with pytest.raises(ProviderFailure) as failed:  # noqa: PT012  # the limit is met on the way
        for _ in range(100):
            list(decoder.feed(b"data: " + b"x" * 94))
    assert failed.value.kind == FailureKind.FAILURE_KIND_TOO_LARGE
    assert len(decoder._tail) <= 1101


def test_comments_without_a_blank_line_do_not_add_up() -> None:
    pieces = [b"data: a\n", *[b": keep-alive\n"] * 1000, b": still", *[b" growing"] * 1000, b"\ndata: b\n\n"]
    assert read(pieces) == [SseEvent("", "a\nb")]
    assert read([b"".join(pieces)]) == [SseEvent("", "a\nb")]


def test_foreign_lines_are_told() -> None:
    decoder = SseDecoder()
    assert list(decoder.feed(b": c\nid: 1\nretry: 2\nevent: x\ndata: y\n\n")) != []
    assert not decoder.foreign
    assert list(decoder.feed(b"<html>\n\n")) == []
    assert decoder.foreign


def test_of_foreign_lines_only_so_many_are_kept() -> None:
    decoder = SseDecoder()
    list(decoder.feed(b'{\n"a": 1\n}\n\ndata: x\n\n'))
    assert decoder.foreign == '{\n"a": 1\n}'
    for _ in range(100):
        list(decoder.feed(b"x" * 1_000 + b"\n\n"))
    assert 64_000 < len(decoder.foreign) <= 64 * 1024
