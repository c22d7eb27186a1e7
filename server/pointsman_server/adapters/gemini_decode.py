"""Decodes Gemini answers: a stream of chunks, one document, or an array of chunks, into the same events."""

from __future__ import annotations

from typing import Any

from pointsman.v1.completion_pb2 import FailureKind, FinishReason
from pointsman.v1.usage_pb2 import USAGE_FLAG_LATE, TokenUsage, UsageFlag

from pointsman_server.adapters import gemini_failure, gemini_usage
from pointsman_server.adapters.base import DecodedEvent, ProviderFailure, Stopped, UsageReported
from pointsman_server.adapters.gemini_answer import Answer
from pointsman_server.adapters.payload import as_list, as_object, garbage, parse, text_or_empty, usage_alone
from pointsman_server.adapters.response import ResponseDecoder
from pointsman_server.adapters.sse import SseEvent
from pointsman_server.adapters.token_count import oddities

_NO_REASONS = frozenset({"", "FINISH_REASON_UNSPECIFIED", "BLOCK_REASON_UNSPECIFIED", "BLOCKED_REASON_UNSPECIFIED"})


class GeminiDecoder(ResponseDecoder):
    """Decodes one response. The wire has no mark for its end: an answer is whole once it has given a finish reason."""

    def __init__(self) -> None:
        super().__init__(_Chunks())


class _Chunks:
    """Turns chunks into events; a document is one chunk or an array of them."""

    def __init__(self) -> None:
        self._answer = Answer()
        self._given_reason = ""
        self._told_reason: FinishReason.ValueType | None = None
        self._usage: TokenUsage | None = None
        self._told_usage: UsageReported | None = None
        self._flags: frozenset[UsageFlag.ValueType] = frozenset()

    @property
    def stopped(self) -> bool:
        return bool(self._given_reason)

    def event(self, event: SseEvent, out: list[DecodedEvent]) -> bool:
        data = event.data.strip()
        if data == "[DONE]":  # gateways in front of Gemini end their streams with it
            self._given_reason = self._given_reason or "STOP"
            self.end(out)
            return True
        if event.name == "error":
            raise gemini_failure.from_error_event(data)
        if data:
            self._take_all(parse(data), out)
        return False

    def after_end(self, event: SseEvent, out: list[DecodedEvent]) -> None:
        if data := event.data.strip():
            self._report(usage_alone(data, "usageMetadata"), out, late=True)

    def document(self, value: object, out: list[DecodedEvent]) -> None:
        self._take_all(value, out)
        if not self.stopped:
            raise ProviderFailure(FailureKind.FAILURE_KIND_CUT)
        self.end(out)

    def end(self, out: list[DecodedEvent]) -> None:
        self._tell_usage(out, whole=True)
        reason = self._answer.finish_reason(self._given_reason)
        if reason != self._told_reason:
            self._told_reason = reason
            out.append(Stopped(reason))

    def _take_all(self, value: object, out: list[DecodedEvent]) -> None:
        for chunk in value if isinstance(value, list) else [value]:
            if not isinstance(chunk, dict):
                raise garbage("a chunk is no object")
            self._take(chunk, out)

    def _take(self, chunk: dict[str, Any], out: list[DecodedEvent]) -> None:
        response_id = text_or_empty(chunk.get("responseId"))
        for raw in as_list(chunk.get("candidates"), "candidates"):
            self._candidate(as_object(raw, "candidate"), response_id, out)
        self._report(chunk.get("usageMetadata"), out)
        if chunk.get("error"):
            raise gemini_failure.from_payload(chunk)
        blocked = text_or_empty(as_object(chunk.get("promptFeedback"), "promptFeedback").get("blockReason"))
        if blocked not in _NO_REASONS:
            self._tell_usage(out, whole=True)  # nothing was put out
            raise ProviderFailure(
                FailureKind.FAILURE_KIND_CONTENT_FILTERED, provider_text=f"the prompt was blocked: {blocked}"
            )
        if self._given_reason:
            self.end(out)

    def _candidate(self, candidate: dict[str, Any], response_id: str, out: list[DecodedEvent]) -> None:
        if candidate.get("index"):
            return  # one answer was asked for: others would be mixed into it
        content = as_object(candidate.get("content"), "content")
        for part in as_list(content.get("parts"), "parts"):
            self._answer.take(part, response_id, out)
        given = text_or_empty(candidate.get("finishReason"))
        if given not in _NO_REASONS:
            self._given_reason = given

    def _report(self, usage: object, out: list[DecodedEvent], *, late: bool = False) -> None:
        """Takes a count. While the model thinks, chunks may lack that of the output: such a one is of the input."""
        if usage is None:
            return
        read = gemini_usage.read(usage)
        self._flags |= oddities(usage)
        if late:
            self._flags |= {USAGE_FLAG_LATE}
        if read is not None:
            self._usage = read
            self._tell_usage(out, whole=self.stopped or gemini_usage.counts_output(usage))

    def _tell_usage(self, out: list[DecodedEvent], *, whole: bool) -> None:
        if self._usage is None:
            if not self._flags:
                return
            report = UsageReported(TokenUsage(), False, self._flags)
        else:
            usage = self._usage if whole else gemini_usage.input_alone(self._usage)
            report = UsageReported(usage, whole, self._flags)
        if report != self._told_usage:
            self._told_usage = report
            out.append(report)
