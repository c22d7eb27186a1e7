"""Puts the events of a completion together into its answer. Pure: no socket, no thread, no loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import grpc

from pointsman.content import text_of
from pointsman.errors import StreamIncomplete
from pointsman.v1.completion_pb2 import CompletionEvent, Finished, ReasoningDelta, Started, ToolCallDelta
from pointsman.v1.content_pb2 import (
    ROLE_ASSISTANT,
    Message,
    OpaqueState,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
)
from pointsman.v1.router_service_pb2 import CompleteResponse


class NumberedEvent(NamedTuple):
    """An event and its number in the stream, counted from 0."""

    sequence: int
    event: CompletionEvent


@dataclass(frozen=True, slots=True)
class Answer:
    """A completion that succeeded: the whole message, how it ended, and how it began."""

    message: Message
    finished: Finished
    started: Started

    @property
    def text(self) -> str:
        """The text of the message, its other parts left out."""
        return text_of(self.message)

    @property
    def tool_calls(self) -> list[ToolCallPart]:
        """The calls that the model wants to be made, in order."""
        return [part.tool_call for part in self.message.parts if part.HasField("tool_call")]

    @property
    def completion_id(self) -> str:
        """The completion's id, for feedback."""
        return self.started.completion_id


@dataclass(slots=True)
class _Draft:
    """One part of the answer as far as it has come."""

    kind: str
    fragments: list[str] = field(default_factory=list)
    call_id: str = ""
    name: str = ""
    opaque_state: OpaqueState | None = None

    def part(self) -> Part:
        text = "".join(self.fragments)
        match self.kind:
            case "tool_call_delta":
                call = ToolCallPart(
                    id=self.call_id, name=self.name, arguments_json=text, opaque_state=self.opaque_state
                )
                return Part(tool_call=call)
            case "reasoning_delta":
                return Part(reasoning=ReasoningPart(text=text, opaque_state=self.opaque_state))
            case "refusal_delta":
                return Part(refusal=RefusalPart(text=text))
            case _:
                return Part(text=TextPart(text=text))


class Assembly:
    """The answer so far.

    Attributes:
        started: how it began; unset before the first content.
        finished: how it ended; unset before the end.
        last_sequence: the number of the last event that was taken.
    """

    def __init__(self) -> None:
        self.started: Started | None = None
        self.finished: Finished | None = None
        self.last_sequence: int | None = None
        self._drafts: dict[int, _Draft] = {}

    def take(self, response: CompleteResponse) -> Iterator[NumberedEvent]:
        """Takes a response's events in, one by one as they are asked for."""
        for sequence, event in enumerate(response.events, response.first_sequence):
            self._apply(event)
            self.last_sequence = sequence
            yield NumberedEvent(sequence, event)

    @property
    def text(self) -> str:
        """The text so far; text that a change of route made void is not in it."""
        return text_of(self.message())

    def message(self) -> Message:
        """The message so far, its parts in the order of their indices."""
        if self.finished is not None and self.finished.HasField("message"):
            return self.finished.message
        return Message(role=ROLE_ASSISTANT, parts=[draft.part() for _, draft in sorted(self._drafts.items())])

    def answer(self) -> Answer:
        """The whole answer.

        Raises:
            StreamIncomplete: the stream ended without Finished.
        """
        if self.finished is None:
            raise StreamIncomplete(grpc.StatusCode.UNKNOWN, "the stream ended without Finished")
        return Answer(self.message(), self.finished, self.started or Started())

    def _apply(self, event: CompletionEvent) -> None:
        match event.WhichOneof("kind"):
            case "started":
                self.started = event.started
            case "finished":
                self.finished = event.finished
            case "route_changed":
                if not event.route_changed.continues:
                    self._drafts.clear()
            case "text_delta":
                self._draft(event, "text_delta").fragments.append(event.text_delta.text)
            case "refusal_delta":
                self._draft(event, "refusal_delta").fragments.append(event.refusal_delta.text)
            case "reasoning_delta":
                self._reasoning(event, event.reasoning_delta)
            case "tool_call_delta":
                self._tool_call(event, event.tool_call_delta)
            case _:  # Queued, or a kind that a newer server sends
                pass

    def _reasoning(self, event: CompletionEvent, delta: ReasoningDelta) -> None:
        draft = self._draft(event, "reasoning_delta")
        draft.fragments.append(delta.text)
        if delta.HasField("opaque_state"):
            draft.opaque_state = delta.opaque_state

    def _tool_call(self, event: CompletionEvent, delta: ToolCallDelta) -> None:
        draft = self._draft(event, "tool_call_delta")
        draft.fragments.append(delta.arguments_json)
        draft.call_id = delta.id or draft.call_id
        draft.name = delta.name or draft.name
        if delta.HasField("opaque_state"):
            draft.opaque_state = delta.opaque_state

    def _draft(self, event: CompletionEvent, kind: str) -> _Draft:
        draft = self._drafts.get(event.part_index)
        if draft is None:
            draft = self._drafts[event.part_index] = _Draft(kind)
        return draft
