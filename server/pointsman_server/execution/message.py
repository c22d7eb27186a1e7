"""Joins the deltas of an answer into one message."""

from pointsman.v1.completion_pb2 import CompletionEvent
from pointsman.v1.content_pb2 import Message, Part, Role


class MessageBuilder:
    """Takes events in order; part indices may come in any order and interleave."""

    def __init__(self) -> None:
        self._parts: dict[int, Part] = {}

    def add(self, event: CompletionEvent) -> None:
        """Appends a delta to its part; events that are no deltas change nothing."""
        kind = event.WhichOneof("kind")
        if kind == "text_delta":
            self._part(event).text.text += event.text_delta.text
        elif kind == "refusal_delta":
            self._part(event).refusal.text += event.refusal_delta.text
        elif kind == "reasoning_delta":
            reasoning = self._part(event).reasoning
            reasoning.text += event.reasoning_delta.text
            if event.reasoning_delta.HasField("opaque_state"):
                reasoning.opaque_state.CopyFrom(event.reasoning_delta.opaque_state)
        elif kind == "tool_call_delta":
            self._add_tool_call(event)

    def message(self) -> Message:
        """The answer so far, parts in the order of their indices."""
        return Message(role=Role.ROLE_ASSISTANT, parts=[part for _, part in sorted(self._parts.items())])

    def _part(self, event: CompletionEvent) -> Part:
        return self._parts.setdefault(event.part_index, Part())

    def _add_tool_call(self, event: CompletionEvent) -> None:
        delta, call = event.tool_call_delta, self._part(event).tool_call
        call.id = delta.id or call.id
        call.name = delta.name or call.name
        call.arguments_json += delta.arguments_json
        if delta.HasField("opaque_state"):
            call.opaque_state.CopyFrom(delta.opaque_state)
