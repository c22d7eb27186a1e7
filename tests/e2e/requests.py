"""Requests that the end-to-end tests send, and what comes back, put together."""

from collections.abc import Iterable
from dataclasses import dataclass

from pointsman.v1.completion_pb2 import CompletionEvent, Finished, Started
from pointsman.v1.content_pb2 import Role
from pointsman.v1.router_service_pb2 import CompleteRequest, CompleteResponse

CALL_SECONDS = 30


def asking(text: str, *, model: str | None = None, max_output_tokens: int | None = None) -> CompleteRequest:
    """A request with one user message."""
    request = CompleteRequest()
    message = request.specification.messages.add(role=Role.ROLE_USER)
    message.parts.add().text.text = text
    if model is not None:
        request.specification.hints.pinned_models.append(model)
    if max_output_tokens is not None:
        request.specification.max_output_tokens = max_output_tokens
    return request


@dataclass(frozen=True, slots=True)
class Answer:
    """A completion that came to its end."""

    started: Started
    deltas: tuple[str, ...]
    finished: Finished

    @property
    def text(self) -> str:
        """The deltas together."""
        return "".join(self.deltas)


def collected(stream: Iterable[CompleteResponse]) -> Answer:
    """Reads a stream to its end; checks that its events are numbered without a gap."""
    events: list[CompletionEvent] = []
    for response in stream:
        assert response.first_sequence == len(events)
        events.extend(response.events)
    deltas = tuple(event.text_delta.text for event in events if event.HasField("text_delta"))
    started = [event.started for event in events if event.HasField("started")]
    finished = [event.finished for event in events if event.HasField("finished")]
    assert len(started) == len(finished) == 1
    return Answer(started[0], deltas, finished[0])
