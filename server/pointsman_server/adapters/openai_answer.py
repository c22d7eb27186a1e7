"""The parts of one Chat Completions answer as they grow, and why it ended."""

from __future__ import annotations

import json
from typing import Any

from pointsman.v1.completion_pb2 import (
    FAILURE_KIND_TOO_LARGE,
    FINISH_REASON_CONTENT_FILTER,
    FINISH_REASON_LENGTH,
    FINISH_REASON_OTHER,
    FINISH_REASON_REFUSAL,
    FINISH_REASON_STOP,
    FINISH_REASON_TOOL_CALLS,
    CompletionEvent,
    FinishReason,
    ReasoningDelta,
    RefusalDelta,
)
from pointsman.v1.content_pb2 import OpaqueState

from pointsman_server.adapters.base import DecodedEvent, ProviderFailure
from pointsman_server.adapters.openai_tool_calls import DIALECT, ToolCalls
from pointsman_server.adapters.payload import as_list, as_object, as_text, garbage, text_or_empty

_PLAIN = frozenset({"role", "content"})
_MAX_OPAQUE_CHARACTERS = 4 * 1024 * 1024

_REASONS = {
    "stop": FINISH_REASON_STOP,
    "eos": FINISH_REASON_STOP,
    "eos_token": FINISH_REASON_STOP,
    "stop_sequence": FINISH_REASON_STOP,
    "length": FINISH_REASON_LENGTH,
    "tool_calls": FINISH_REASON_TOOL_CALLS,
    "function_call": FINISH_REASON_TOOL_CALLS,
    "content_filter": FINISH_REASON_CONTENT_FILTER,
}


class Answer:
    """Numbers the parts of an answer: each contiguous run of reasoning, text or refusal, and each tool call, counts
    from 0 in order of its first delta. Empty deltas open no part and end none.
    """

    def __init__(self) -> None:
        self._next_part = 0
        self._open = ""
        self._open_part = 0
        self._first_reasoning_part: int | None = None
        self._said: set[str] = set()
        self._calls = ToolCalls(self._new_part)
        self._details: list[dict[str, Any]] = []
        self._details_characters = 0

    def delta(self, delta: dict[str, Any], response_id: object, out: list[DecodedEvent]) -> None:
        """Takes a ``delta``, or the ``message`` of a whole answer, and appends what it adds.

        Raises:
            ProviderFailure: it is not of the dialect (``GARBAGE``), or holds too much (``TOO_LARGE``).
        """
        if is_plain(delta):  # nearly every chunk
            return self.text(delta["content"], out)
        content = delta.get("content")
        self._reasoning(delta, out)
        if isinstance(content, str):
            self.text(content, out)
        elif content is not None:
            self._content_parts(as_list(content, "content"), out)
        if refusal := as_text(delta.get("refusal"), "refusal"):
            self._said.add("refusal")
            out.append(CompletionEvent(part_index=self._part("refusal"), refusal_delta=RefusalDelta(text=refusal)))
        for call in as_list(delta.get("tool_calls"), "tool_calls"):
            self._calls.take(call, text_or_empty(response_id), out)
        if function_call := delta.get("function_call"):
            self._calls.take({"index": 0, "function": function_call}, text_or_empty(response_id), out)
        return None

    def end(self, out: list[DecodedEvent]) -> None:
        """Takes the end of the answer and appends the opaque state of its reasoning, if there is one.

        Raises:
            ProviderFailure: a tool call has no name (``GARBAGE``).
        """
        self._calls.end()
        if self._details:
            state = json.dumps({"reasoning_details": self._details}, separators=(",", ":")).encode()
            part = self._new_part() if self._first_reasoning_part is None else self._first_reasoning_part
            delta = ReasoningDelta(opaque_state=OpaqueState(dialect=DIALECT, data=state))
            out.append(CompletionEvent(part_index=part, reasoning_delta=delta))
            self._details = []

    def finish_reason(self, given: str) -> FinishReason.ValueType:
        """Why the answer ended, from the server's word and what the answer holds."""
        reason = _REASONS.get(given, FINISH_REASON_OTHER)
        if reason == FINISH_REASON_STOP and self._calls:
            return FINISH_REASON_TOOL_CALLS
        if reason == FINISH_REASON_STOP and self._said == {"refusal"}:
            return FINISH_REASON_REFUSAL
        if reason == FINISH_REASON_TOOL_CALLS and not self._calls:
            return FINISH_REASON_OTHER
        return reason

    def _new_part(self) -> int:
        self._open = ""
        self._next_part += 1
        return self._next_part - 1

    def _part(self, kind: str) -> int:
        if kind != self._open:
            self._open_part = self._new_part()
            self._open = kind
        return self._open_part

    def text(self, text: str, out: list[DecodedEvent]) -> None:
        """Takes more of the text and appends it."""
        if text:
            self._said.add("text")
            event = CompletionEvent(part_index=self._open_part if self._open == "text" else self._part("text"))
            event.text_delta.text = text  # half the cost of handing a TextDelta in
            out.append(event)

    def _reasoning(self, delta: dict[str, Any], out: list[DecodedEvent]) -> None:
        details = as_list(delta.get("reasoning_details"), "reasoning_details")
        text = text_or_empty(delta.get("reasoning_content")) or text_or_empty(delta.get("reasoning"))
        self._thought(text or "".join(_detail_text(detail) for detail in details), out)
        for detail in details:
            self._keep(as_object(detail, "reasoning detail"))

    def _thought(self, text: str, out: list[DecodedEvent]) -> None:
        if text:
            part = self._part("reasoning")
            if self._first_reasoning_part is None:
                self._first_reasoning_part = part
            out.append(CompletionEvent(part_index=part, reasoning_delta=ReasoningDelta(text=text)))

    def _content_parts(self, parts: list[Any], out: list[DecodedEvent]) -> None:
        """Content as typed parts, as Mistral's thinking models stream it."""
        for raw in parts:
            part = as_object(raw, "content part")
            if part.get("type") == "thinking":
                thoughts = as_list(part.get("thinking"), "thinking")
                self._thought("".join(_detail_text(thought) for thought in thoughts), out)
            else:
                self.text(text_or_empty(part.get("text")), out)

    def _keep(self, detail: dict[str, Any]) -> None:
        """Joins the pieces of one reasoning detail: text grows, the other members are the first that were given."""
        self._details_characters += sum(len(value) for value in detail.values() if isinstance(value, str)) + 32
        if self._details_characters > _MAX_OPAQUE_CHARACTERS:
            raise ProviderFailure(FAILURE_KIND_TOO_LARGE, provider_text="reasoning_details are too large")
        last = self._details[-1] if self._details else {}
        grows = next((name for name in ("text", "summary") if isinstance(detail.get(name), str)), "")
        if not last or (not grows and "signature" not in detail) or _identity(last) != _identity(detail):
            self._details.append(dict(detail))
            return
        if grows:
            last[grows] = text_or_empty(last.get(grows)) + detail[grows]
        for name, value in detail.items():
            if last.get(name) is None:
                last[name] = value


def is_plain(delta: dict[str, Any]) -> bool:
    """Whether a delta holds nothing but text."""
    return delta.keys() <= _PLAIN and isinstance(delta.get("content"), str)


def _identity(detail: dict[str, Any]) -> tuple[object, object]:
    return detail.get("type"), detail.get("index")


def _detail_text(detail: object) -> str:
    if not isinstance(detail, dict):
        raise garbage("a part of the reasoning is no object")
    return text_or_empty(detail.get("text")) or text_or_empty(detail.get("summary"))
