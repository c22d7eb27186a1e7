"""The parts of one Gemini answer as they grow, and why it ended."""

from __future__ import annotations

import json
from typing import Any

from pointsman.v1.completion_pb2 import CompletionEvent, FailureKind, FinishReason, ReasoningDelta, ToolCallDelta

from pointsman_server.adapters import gemini_signature
from pointsman_server.adapters.base import DecodedEvent, ProviderFailure
from pointsman_server.adapters.made_up_id import made_up_id
from pointsman_server.adapters.payload import as_object, as_text, garbage, text_or_empty

_MAX_CALLS = 1024
_TEXT_MEMBERS = frozenset({"text", "thought", "thoughtSignature"})

_REASONS = {
    "STOP": FinishReason.FINISH_REASON_STOP,
    "MAX_TOKENS": FinishReason.FINISH_REASON_LENGTH,
    "CONTINUATION": FinishReason.FINISH_REASON_LENGTH,
    "SAFETY": FinishReason.FINISH_REASON_CONTENT_FILTER,
    "RECITATION": FinishReason.FINISH_REASON_CONTENT_FILTER,
    "BLOCKLIST": FinishReason.FINISH_REASON_CONTENT_FILTER,
    "PROHIBITED_CONTENT": FinishReason.FINISH_REASON_CONTENT_FILTER,
    "SPII": FinishReason.FINISH_REASON_CONTENT_FILTER,
    "ESCALATION": FinishReason.FINISH_REASON_CONTENT_FILTER,
    "MODEL_ARMOR": FinishReason.FINISH_REASON_CONTENT_FILTER,
    "IMAGE_SAFETY": FinishReason.FINISH_REASON_CONTENT_FILTER,
    "IMAGE_PROHIBITED_CONTENT": FinishReason.FINISH_REASON_CONTENT_FILTER,
    "IMAGE_RECITATION": FinishReason.FINISH_REASON_CONTENT_FILTER,
}
_FAILURES = {
    "MALFORMED_FUNCTION_CALL": FailureKind.FAILURE_KIND_GARBAGE,
    "UNEXPECTED_TOOL_CALL": FailureKind.FAILURE_KIND_GARBAGE,
    "MALFORMED_RESPONSE": FailureKind.FAILURE_KIND_GARBAGE,
    "MISSING_THOUGHT_SIGNATURE": FailureKind.FAILURE_KIND_INVALID_REQUEST,
    "PUP_LIMITED_DISABLED": FailureKind.FAILURE_KIND_KEY_REJECTED,
}
"""Ends that leave no answer: the model wrote a call that nobody can run, or the request or the account was refused."""


class Answer:
    """Numbers the parts of an answer: each contiguous run of reasoning or text, and each tool call, counts from 0 in
    order of its first delta. A signature ends a run; one on text makes a reasoning part of its own.
    """

    def __init__(self) -> None:
        self._next_part = 0
        self._open = ""
        self._open_part = 0
        self._calls = 0

    def take(self, raw: object, response_id: str, out: list[DecodedEvent]) -> None:
        """Takes one part and appends what it adds. Parts that nobody asked for (code, images) add nothing.

        Raises:
            ProviderFailure: it is not of the dialect (``GARBAGE``).
        """
        part = as_object(raw, "part")
        if "functionCall" in part:
            self._call(part, response_id, out)
        elif "text" in part or part.keys() <= _TEXT_MEMBERS:
            kind = "reasoning" if part.get("thought") is True else "text"
            self._say(kind, as_text(part.get("text"), "text"), out)
            if signature := text_or_empty(part.get("thoughtSignature")):
                self._sign(kind, signature, out)

    def finish_reason(self, given: str) -> FinishReason.ValueType:
        """Why the answer ended, from the server's word and what the answer holds.

        Raises:
            ProviderFailure: the reason leaves no answer.
        """
        if given in _FAILURES:
            raise ProviderFailure(_FAILURES[given], provider_text=f"the answer ended with {given}")
        reason = _REASONS.get(given, FinishReason.FINISH_REASON_OTHER)
        if reason == FinishReason.FINISH_REASON_STOP and self._calls:
            return FinishReason.FINISH_REASON_TOOL_CALLS
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

    def _say(self, kind: str, text: str, out: list[DecodedEvent]) -> None:
        if not text:
            return
        event = CompletionEvent(part_index=self._part(kind))
        if kind == "text":
            event.text_delta.text = text  # half the cost of handing a TextDelta in
        else:
            event.reasoning_delta.text = text
        out.append(event)

    def _sign(self, kind: str, signature: str, out: list[DecodedEvent]) -> None:
        thought = kind == "reasoning"
        part = self._part(kind) if thought else self._new_part()
        delta = ReasoningDelta(opaque_state=gemini_signature.keep(signature, thought=thought))
        out.append(CompletionEvent(part_index=part, reasoning_delta=delta))
        self._open = ""

    def _call(self, part: dict[str, Any], response_id: str, out: list[DecodedEvent]) -> None:
        call = as_object(part["functionCall"], "functionCall")
        name = as_text(call.get("name"), "name")
        if not name:
            raise garbage("a tool call has no name")
        if self._calls >= _MAX_CALLS:
            raise garbage("too many tool calls")
        signature = text_or_empty(part.get("thoughtSignature"))
        delta = ToolCallDelta(
            id=text_or_empty(call.get("id")) or made_up_id(response_id, self._calls),
            name=name,
            arguments_json=_arguments(call.get("args")),
            opaque_state=gemini_signature.keep(signature) if signature else None,
        )
        self._calls += 1
        out.append(CompletionEvent(part_index=self._new_part(), tool_call_delta=delta))


def _arguments(value: object) -> str:
    try:
        return json.dumps(as_object(value, "args"), ensure_ascii=False, separators=(",", ":"))
    except RecursionError as error:
        raise garbage("arguments are nested too deeply") from error
