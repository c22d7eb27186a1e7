"""What the conformance tests of dialects share: recordings, a reader of decoders, and a provider on a real socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import CompletionEvent, FailureKind, FinishReason
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.adapters.base import DecodedEvent, Decoder, ProviderFailure, Stopped, UsageReported

HERE = Path(__file__).parent

Decoded = dict[str, Any]


def _render(event: DecodedEvent) -> list[Any]:
    if isinstance(event, UsageReported):
        kind = "usage" if event.whole else "usage_of_input"
        return [kind, {field.name: value for field, value in event.usage.ListFields()}]
    if isinstance(event, Stopped):
        return ["stopped", FinishReason.Name(event.reason).removeprefix("FINISH_REASON_")]
    kind = event.WhichOneof("kind")
    assert kind is not None
    delta = getattr(event, kind)
    rendered = [kind.removesuffix("_delta"), event.part_index]
    if kind == "tool_call_delta":
        rendered.append(
            {name: getattr(delta, name) for name in ("id", "name", "arguments_json") if getattr(delta, name)}
        )
    else:
        rendered.append(delta.text)
    if kind in {"tool_call_delta", "reasoning_delta"} and delta.HasField("opaque_state"):
        rendered.append({"dialect": delta.opaque_state.dialect, "data": json.loads(delta.opaque_state.data)})
    return rendered


@pytest.fixture(scope="session")
def decode() -> Callable[[Decoder, Iterable[bytes]], Decoded]:
    """Feeds pieces to a decoder and returns its events and how it failed, in the form of the goldens."""

    def run(decoder: Decoder, pieces: Iterable[bytes]) -> Decoded:
        events: list[DecodedEvent] = []
        failure = None
        try:
            for piece in pieces:
                events += decoder.feed(piece)
            events += decoder.close()
        except ProviderFailure as failed:
            failure = FailureKind.Name(failed.kind).removeprefix("FAILURE_KIND_")
        return {"events": [_render(event) for event in events], "failure": failure}

    return run


@dataclass
class Answered:
    """An answer as a whole: its parts joined."""

    text: str = ""
    refusal: str = ""
    reasoning: str = ""
    tool_calls: list[dict[str, str]] = field(default_factory=list)
    finish_reason: str = ""
    usage: TokenUsage | None = None


@pytest.fixture(scope="session")
def join() -> Callable[[list[DecodedEvent]], Answered]:
    """Joins a decoder's events into one answer."""

    def run(events: list[DecodedEvent]) -> Answered:
        answer = Answered()
        calls: dict[int, dict[str, str]] = {}
        for event in events:
            if isinstance(event, UsageReported):
                answer.usage = event.usage
            elif isinstance(event, Stopped):
                answer.finish_reason = FinishReason.Name(event.reason).removeprefix("FINISH_REASON_")
            else:
                _join_delta(event, answer, calls)
        answer.tool_calls = list(calls.values())
        return answer

    return run


def _join_delta(event: CompletionEvent, answer: Answered, calls: dict[int, dict[str, str]]) -> None:
    answer.text += event.text_delta.text
    answer.refusal += event.refusal_delta.text
    answer.reasoning += event.reasoning_delta.text
    if event.WhichOneof("kind") == "tool_call_delta":
        call = calls.setdefault(event.part_index, {"id": "", "name": "", "arguments": ""})
        call["id"] += event.tool_call_delta.id
        call["name"] += event.tool_call_delta.name
        call["arguments"] += event.tool_call_delta.arguments_json


@dataclass
class Received:
    """One request that a socket received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Loopback(ThreadingHTTPServer):
    """A provider on a real socket of this machine: keeps what it receives, answers what it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[Received] = []
        self.status = 200
        self.content_type = "application/json"
        self.body = b"{}"
        self.extra_headers: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def answer(self, body: bytes, content_type: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Sets what every request gets from now on."""
        self.body, self.content_type, self.status, self.extra_headers = body, content_type, status, headers or {}


class _Handler(BaseHTTPRequestHandler):
    server: Loopback

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append(Received(self.command, self.path, headers, body))
        self.send_response(self.server.status)
        self.send_header("content-type", self.server.content_type)
        self.send_header("content-length", str(len(self.server.body)))
        for name, value in self.server.extra_headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Says nothing: requests hold content."""


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A provider on a real socket, for as long as the test runs."""
    with Loopback() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
