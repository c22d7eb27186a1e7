"""Decodes answers of the Messages API: a stream of events, or one document, into the same events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pointsman.v1.completion_pb2 import FinishReason

from pointsman_server.adapters import anthropic_failure
from pointsman_server.adapters.anthropic_blocks import Blocks
from pointsman_server.adapters.anthropic_usage import Usage
from pointsman_server.adapters.base import DecodedEvent, Stopped
from pointsman_server.adapters.payload import as_list, as_object, garbage, parse, text_or_empty, usage_alone
from pointsman_server.adapters.response import ResponseDecoder
from pointsman_server.adapters.sse import SseEvent

_REASONS = {
    "end_turn": FinishReason.FINISH_REASON_STOP,
    "stop_sequence": FinishReason.FINISH_REASON_STOP,
    "max_tokens": FinishReason.FINISH_REASON_LENGTH,
    "model_context_window_exceeded": FinishReason.FINISH_REASON_LENGTH,
    "tool_use": FinishReason.FINISH_REASON_TOOL_CALLS,
    "refusal": FinishReason.FINISH_REASON_REFUSAL,
}


class AnthropicDecoder(ResponseDecoder):
    """Decodes one response."""

    def __init__(self) -> None:
        super().__init__(_Answer())


class _Answer:
    """Turns the events of a stream, or the one document, into ours.

    Events and blocks of unknown types are passed over: the API adds such within a version.
    """

    def __init__(self) -> None:
        self._blocks = Blocks()
        self._usage = Usage()
        self._given_reason = ""
        self._told_reason: FinishReason.ValueType | None = None

    @property
    def stopped(self) -> bool:
        return bool(self._given_reason)

    def event(self, event: SseEvent, out: list[DecodedEvent]) -> bool:
        data = event.data.strip()
        if event.name == "error":
            raise anthropic_failure.from_error_event(data)
        if not data or data == "[DONE]":  # a habit of hosts that speak another wire too
            return False
        value = as_object(parse(data), "event")
        if value.get("error") or value.get("type") == "error":
            raise anthropic_failure.from_payload(value)
        match value.get("type"):
            case "message_start":
                self._usage.take(as_object(value.get("message"), "message").get("usage"), out, before=True)
            case "content_block_start":
                self._blocks.start(value.get("index"), value.get("content_block"), out)
            case "content_block_delta":
                self._blocks.delta(value.get("index"), value.get("delta"), out)
            case "content_block_stop":
                self._blocks.stop(value.get("index"), out)
            case "message_delta":
                self._message_delta(value, out)
            case "message_stop":
                self.end(out)
                return True
        return False

    def after_end(self, event: SseEvent, out: list[DecodedEvent]) -> None:
        if (data := event.data.strip()) and data != "[DONE]":
            self._usage.take(usage_alone(data, "usage"), out, late=True)

    def document(self, value: object, out: list[DecodedEvent]) -> None:
        if not isinstance(value, dict):
            raise garbage("an answer is no object")
        if value.get("error") or value.get("type") == "error":
            raise anthropic_failure.from_payload(value)
        if "content" not in value:
            raise garbage("no content in the answer")
        for index, block in enumerate(as_list(value["content"], "content")):
            self._blocks.start(index, block, out)
            self._blocks.stop(index, out)
        self._usage.take(value.get("usage"), out)
        self._stop(value, out)
        self.end(out)

    def end(self, out: list[DecodedEvent]) -> None:
        """Takes the end of the answer. One that gives no reason but says that it is done is done."""
        self._blocks.end(out)
        self._given_reason = self._given_reason or "end_turn"
        self._tell_reason(out)

    def _message_delta(self, value: Mapping[str, Any], out: list[DecodedEvent]) -> None:
        self._usage.take(value.get("usage"), out)
        self._stop(as_object(value.get("delta"), "delta"), out)
        if self._given_reason:
            self._tell_reason(out)

    def _stop(self, holder: Mapping[str, Any], out: list[DecodedEvent]) -> None:
        reason = text_or_empty(holder.get("stop_reason"))
        details = holder.get("stop_details")
        if reason == "refusal" != self._given_reason and isinstance(details, dict):
            self._blocks.refused(text_or_empty(details.get("explanation")), out)
        self._given_reason = reason or self._given_reason

    def _tell_reason(self, out: list[DecodedEvent]) -> None:
        reason = self._reason()
        if reason != self._told_reason:
            self._told_reason = reason
            out.append(Stopped(reason))

    def _reason(self) -> FinishReason.ValueType:
        reason = _REASONS.get(self._given_reason, FinishReason.FINISH_REASON_OTHER)
        if reason == FinishReason.FINISH_REASON_STOP and self._blocks.has_calls:
            return FinishReason.FINISH_REASON_TOOL_CALLS
        if reason == FinishReason.FINISH_REASON_TOOL_CALLS and not self._blocks.has_calls:
            return FinishReason.FINISH_REASON_OTHER
        return reason
