"""The content blocks of one answer as they grow."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from pointsman.v1.completion_pb2 import CompletionEvent, ReasoningDelta, RefusalDelta, ToolCallDelta
from pointsman.v1.content_pb2 import OpaqueState

from pointsman_server.adapters.anthropic_names import DIALECT, REDACTED, THINKING
from pointsman_server.adapters.base import DecodedEvent
from pointsman_server.adapters.payload import as_object, as_text, garbage, text_or_empty

_MOST_OPEN_BLOCKS = 1024


@dataclass(slots=True)
class _Block:
    """One block so far. It is a part once it has something to say.

    Attributes:
        given_input: a tool's input as the block's start has it: nearly always empty, since the deltas bring it.
        has_arguments: whether a delta brought any.
    """

    kind: str
    part_index: int | None = None
    given_input: dict[str, Any] = field(default_factory=dict)
    has_arguments: bool = False


class Blocks:
    """Turns blocks into parts, numbered from 0 in the order in which they first say something.

    Blocks of kinds that nobody asked for, such as those of server tools, are passed over.
    """

    def __init__(self) -> None:
        self._open: dict[object, _Block] = {}
        self._next_part = 0
        self.has_calls = False

    def start(self, index: object, raw: object, out: list[DecodedEvent]) -> None:
        """Takes the start of a block, or a whole one.

        Raises:
            ProviderFailure: it is not of the dialect (``GARBAGE``).
        """
        self.stop(index, out)
        if len(self._open) >= _MOST_OPEN_BLOCKS:
            raise garbage("too many blocks at once")
        content = as_object(raw, "content block")
        block = self._open[_key(index)] = _Block(text_or_empty(content.get("type")))
        match block.kind:
            case "text":
                self._text(block, as_text(content.get("text"), "text"), out)
            case "thinking":
                self._thought(block, as_text(content.get("thinking"), "thinking"), out)
                self._signature(block, as_text(content.get("signature"), "signature"), out)
            case "redacted_thinking":
                self._opaque(block, {"type": REDACTED, "data": as_text(content.get("data"), "data")}, out)
            case "tool_use":
                self._call(block, content, out)

    def delta(self, index: object, raw: object, out: list[DecodedEvent]) -> None:
        """Takes a piece of an open block.

        Raises:
            ProviderFailure: it is not of the dialect (``GARBAGE``).
        """
        block = self._open.get(_key(index))
        if block is None:
            raise garbage("a delta belongs to no block")
        delta = as_object(raw, "delta")
        match block.kind, delta.get("type"):
            case "text", "text_delta":
                self._text(block, as_text(delta.get("text"), "text"), out)
            case "thinking", "thinking_delta":
                self._thought(block, as_text(delta.get("thinking"), "thinking"), out)
            case "thinking", "signature_delta":
                self._signature(block, as_text(delta.get("signature"), "signature"), out)
            case "tool_use", "input_json_delta":
                self._arguments(block, as_text(delta.get("partial_json"), "partial_json"), out)

    def stop(self, index: object, out: list[DecodedEvent]) -> None:
        """Takes the end of a block. A call without arguments gets the object that its start gave."""
        block = self._open.pop(_key(index), None)
        if block is not None and block.kind == "tool_use" and not block.has_arguments:
            self._arguments(block, json.dumps(block.given_input, ensure_ascii=False, separators=(",", ":")), out)

    def end(self, out: list[DecodedEvent]) -> None:
        """Takes the end of the answer, and so of every block."""
        for index in list(self._open):
            self.stop(index, out)

    def refused(self, explanation: str, out: list[DecodedEvent]) -> None:
        """Takes why the model declined."""
        if explanation:
            part = self._next_part
            self._next_part += 1
            out.append(CompletionEvent(part_index=part, refusal_delta=RefusalDelta(text=explanation)))

    def _part(self, block: _Block) -> int:
        if block.part_index is None:
            block.part_index = self._next_part
            self._next_part += 1
        return block.part_index

    def _text(self, block: _Block, text: str, out: list[DecodedEvent]) -> None:
        if text:
            event = CompletionEvent(part_index=self._part(block))
            event.text_delta.text = text  # half the cost of handing a TextDelta in
            out.append(event)

    def _thought(self, block: _Block, text: str, out: list[DecodedEvent]) -> None:
        if text:
            out.append(CompletionEvent(part_index=self._part(block), reasoning_delta=ReasoningDelta(text=text)))

    def _signature(self, block: _Block, signature: str, out: list[DecodedEvent]) -> None:
        if signature:
            self._opaque(block, {"type": THINKING, "signature": signature}, out)

    def _opaque(self, block: _Block, held: dict[str, str], out: list[DecodedEvent]) -> None:
        state = OpaqueState(dialect=DIALECT, data=json.dumps(held, separators=(",", ":")).encode())
        delta = ReasoningDelta(opaque_state=state)
        out.append(CompletionEvent(part_index=self._part(block), reasoning_delta=delta))

    def _call(self, block: _Block, content: dict[str, Any], out: list[DecodedEvent]) -> None:
        call_id, name = text_or_empty(content.get("id")), text_or_empty(content.get("name"))
        if not call_id or not name:
            raise garbage("a tool call has no id or no name")
        block.given_input = as_object(content.get("input"), "input")
        self.has_calls = True
        delta = ToolCallDelta(id=call_id, name=name)
        out.append(CompletionEvent(part_index=self._part(block), tool_call_delta=delta))

    def _arguments(self, block: _Block, piece: str, out: list[DecodedEvent]) -> None:
        if piece:
            block.has_arguments = True
            delta = ToolCallDelta(arguments_json=piece)
            out.append(CompletionEvent(part_index=self._part(block), tool_call_delta=delta))


def _key(index: object) -> object:
    """Whatever numbers a block; what cannot be a key is none."""
    return index if isinstance(index, int | str) else None
