"""Writes conversations as messages of content blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pointsman.v1.completion_pb2 import (
    CompletionSpecification,
    Warning,  # noqa: A004  # the contract's word
)
from pointsman.v1.content_pb2 import Message, Part, Role, ToolResultPart

from pointsman_server.adapters import anthropic_media, anthropic_tool_calls
from pointsman_server.adapters.anthropic_cache import Breakpoints
from pointsman_server.adapters.anthropic_names import DIALECT, REDACTED, THINKING, THOUGHTS
from pointsman_server.adapters.request_body import dropped, opaque, unsayable

Block = dict[str, Any]


def encode(specification: CompletionSpecification, breakpoints: Breakpoints) -> tuple[list[Block], list[Warning]]:
    """Returns the messages, and what could not be said as it was; notes the breakpoints.

    Raises:
        ProviderFailure: a part has no form in the dialect (``INVALID_REQUEST``).
    """
    writer = _Writer(breakpoints)
    for index, message in enumerate(specification.messages):
        writer.write(message, f"messages[{index}]")
    return writer.messages, writer.warnings


class _Writer:
    """Writes messages one after the other.

    The wire knows two roles: results of tools are the user's. Messages of one role that follow each other become one,
    as the API itself would join them; so all results of a turn stand in one message, before what the user says next.
    """

    def __init__(self, breakpoints: Breakpoints) -> None:
        self.messages: list[Block] = []
        self.warnings: list[Warning] = []
        self._breakpoints = breakpoints

    def write(self, message: Message, path: str) -> None:
        """Writes one message; ``path`` names it in warnings."""
        if message.name:
            self.warnings.append(dropped(f"{path}.name", "The dialect has no names of speakers; it was left out."))
        role = "assistant" if message.role == Role.ROLE_ASSISTANT else "user"
        blocks = list(self._blocks(message.parts, path))
        while role == "assistant" and blocks and blocks[-1]["type"] in THOUGHTS:
            blocks.pop()  # the API takes no message that ends in thoughts, as one does whose answer was cut off
        if not blocks:
            return
        if self.messages and self.messages[-1]["role"] == role:
            self.messages[-1]["content"] += blocks
        else:
            self.messages.append({"role": role, "content": blocks})

    def _blocks(self, parts: Sequence[Part], path: str) -> Iterator[Block]:
        for index, part in enumerate(parts):
            at = f"{path}.parts[{index}]"
            block = self._block(part, at)
            if part.HasField("cache_breakpoint"):
                self._mark(block, part, at)
            if block is not None:
                yield block

    def _mark(self, block: Block | None, part: Part, path: str) -> None:
        if block is None or block["type"] in THOUGHTS:
            message = "The prompt cannot be cached up to a part that is not sent, or up to thoughts."
            self.warnings.append(dropped(f"{path}.cache_breakpoint", message))
        else:
            self._breakpoints.mark(block, part.cache_breakpoint, f"{path}.cache_breakpoint")

    def _block(self, part: Part, path: str) -> Block | None:
        """One part; ``None``: there is nothing to send of it."""
        match part.WhichOneof("kind"):
            case "text" | "refusal" as kind:
                return _text(getattr(part, kind).text)
            case "image":
                if part.image.detail:
                    message = "The dialect has no level of detail; it was left out."
                    self.warnings.append(dropped(f"{path}.image.detail", message))
                return anthropic_media.image(part.image)
            case "document":
                return anthropic_media.document(part.document)
            case "reasoning":
                return _thoughts(part)
            case "tool_call":
                return anthropic_tool_calls.write(part.tool_call)
            case "tool_result":
                return self._tool_result(part.tool_result, path)
            case kind:
                raise unsayable(f"the dialect has no parts of kind {kind}")

    def _tool_result(self, result: ToolResultPart, path: str) -> Block:
        block: Block = {"type": "tool_result", "tool_use_id": anthropic_tool_calls.wire_id(result.tool_call_id)}
        if content := list(self._blocks(result.parts, f"{path}.tool_result")):
            block["content"] = content
        if result.is_error:
            block["is_error"] = True
        return block


def _text(text: str) -> Block | None:
    """The API takes no blank texts, which models do give."""
    return {"type": "text", "text": text} if text.strip() else None


def _thoughts(part: Part) -> Block | None:
    """Thoughts that this dialect signed, as they came; no others, since the API would refuse them."""
    reasoning = part.reasoning
    held = opaque(reasoning.opaque_state, DIALECT)
    match held:
        case {"type": "thinking", "signature": str(signature)}:
            return {"type": THINKING, "thinking": reasoning.text, "signature": signature}
        case {"type": "redacted_thinking", "data": str(data)}:
            return {"type": REDACTED, "data": data}
    if held:
        raise unsayable("an opaque_state is not as the provider gave it")
    return None
