"""Checks the messages of a specification: the order of roles, and the tool calls and their results."""

from __future__ import annotations

from collections.abc import Sequence

from pointsman.v1.content_pb2 import ROLE_ASSISTANT, ROLE_TOOL, ROLE_UNSPECIFIED, ROLE_USER, Message, Part

from pointsman_server.services.validate import limits
from pointsman_server.services.validate.parts import PartChecks
from pointsman_server.services.validate.violations import Violations

_MEDIA = frozenset({"image", "audio", "document"})


def conversation(messages: Sequence[Message], path: str, violations: Violations) -> None:
    """Checks all messages. What an order must be is said in docs/api.md."""
    if not messages:
        violations.add(path, "is empty; send at least one user message")
        return
    if len(messages) > limits.MAX_MESSAGES:
        violations.add(path, f"has {len(messages)} messages; use at most {limits.MAX_MESSAGES}")
        return
    order = _Order(violations)
    parts = PartChecks(violations)
    for index, message in enumerate(messages):
        at = f"{path}[{index}]"
        order.take(message, at)
        violations.text(message.name, f"{at}.name", limits.MAX_NAME_CHARACTERS)
        parts.of_message(message, at)
    order.end(messages[-1], f"{path}[{len(messages) - 1}]")
    if not any(_has_content(part) for message in messages if message.role == ROLE_USER for part in message.parts):
        violations.add(path, "has no user content; send a user message with text, an image, audio or a document")


def _has_content(part: Part) -> bool:
    kind = part.WhichOneof("kind")
    return kind in _MEDIA or (kind == "text" and bool(part.text.text.strip()))


class _Order:
    """Follows the roles from message to message.

    A user message may follow anything that leaves no tool call open. An assistant message follows a user message or
    the last of the tool messages. A tool message answers calls of the assistant message just before it.
    """

    def __init__(self, violations: Violations) -> None:
        self._violations = violations
        self._previous = ROLE_UNSPECIFIED
        self._open: set[str] = set()
        self._seen: set[str] = set()

    def take(self, message: Message, path: str) -> None:
        self._violations.enum(message, "role", f"{path}.role", required=True)
        role = message.role
        if role == ROLE_TOOL:
            self._tool(message, path)
        elif role in {ROLE_USER, ROLE_ASSISTANT}:
            self._no_open_calls(path)
            if role == ROLE_ASSISTANT:
                self._assistant(message, path)
        self._previous = role

    def end(self, last: Message, path: str) -> None:
        if last.role == ROLE_ASSISTANT:
            self._violations.add(f"{path}.role", "is the assistant's; end with a user or tool message")
        elif last.role == ROLE_TOOL:
            self._no_open_calls(path)

    def _no_open_calls(self, path: str) -> None:
        if self._open:
            self._violations.add(
                path, f"{len(self._open)} tool calls are not answered yet; answer each of them in a tool message first"
            )
            self._open.clear()

    def _assistant(self, message: Message, path: str) -> None:
        if self._previous == ROLE_UNSPECIFIED:
            self._violations.add(f"{path}.role", "is the assistant's; begin with a user message")
        elif self._previous == ROLE_ASSISTANT:
            self._violations.add(f"{path}.role", "follows another assistant message; put their parts into one message")
        for index, part in enumerate(message.parts):
            if part.WhichOneof("kind") == "tool_call" and part.tool_call.id:
                self._call(part.tool_call.id, f"{path}.parts[{index}].tool_call.id")

    def _call(self, call_id: str, path: str) -> None:
        if call_id in self._seen:
            self._violations.add(path, "is used by an earlier tool call; give each call its own id")
        self._seen.add(call_id)
        self._open.add(call_id)

    def _tool(self, message: Message, path: str) -> None:
        if self._previous not in {ROLE_ASSISTANT, ROLE_TOOL}:
            self._violations.add(f"{path}.role", "is a tool's; a tool message follows an assistant message with calls")
        for index, part in enumerate(message.parts):
            if part.WhichOneof("kind") == "tool_result":
                self._result(part.tool_result.tool_call_id, f"{path}.parts[{index}].tool_result.tool_call_id")

    def _result(self, call_id: str, path: str) -> None:
        if not call_id:
            self._violations.add(path, "is not set; name the tool call that this answers")
        elif call_id in self._open:
            self._open.remove(call_id)
        elif call_id in self._seen:
            self._violations.add(path, "names a call that is answered already or of an earlier turn; answer each once")
        else:
            self._violations.add(path, "names no tool call of the assistant message before; use that call's id")
