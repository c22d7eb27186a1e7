"""Decodes Chat Completions answers: a stream of chunks, or one document, into the same events."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any

from pointsman.v1.completion_pb2 import FailureKind, FinishReason
from pointsman.v1.usage_pb2 import USAGE_FLAG_LATE, TokenUsage, UsageFlag

from pointsman_server.adapters import openai_failure, openai_usage
from pointsman_server.adapters.base import DecodedEvent, ProviderFailure, Stopped, UsageReported
from pointsman_server.adapters.chunk_shape import ChunkShape
from pointsman_server.adapters.openai_answer import Answer, is_plain
from pointsman_server.adapters.payload import as_list, as_object, garbage, parse, text_or_empty, usage_alone
from pointsman_server.adapters.response import ResponseDecoder
from pointsman_server.adapters.sse import SseEvent
from pointsman_server.adapters.token_count import oddities

_UNAVAILABLE = FailureKind.FAILURE_KIND_UNAVAILABLE
_NOTHING: frozenset[UsageFlag.ValueType] = frozenset()
_LATE = frozenset({USAGE_FLAG_LATE})
_FAILED = frozenset({"error", "insufficient_system_resource"})


class OpenAIDecoder(ResponseDecoder):
    """Decodes one response.

    What comes after the finish reason is taken as what comes before it (some servers give a reason with every chunk);
    a later ``Stopped`` replaces an earlier one.
    """

    def __init__(self, quirks: AbstractSet[str] = frozenset()) -> None:
        super().__init__(_Chunks(reasoning_beside_output="reasoning_beside_output" in quirks))


class _Chunks:
    """Turns chunks, or the one document, into events."""

    def __init__(self, *, reasoning_beside_output: bool) -> None:
        self._reasoning_beside_output = reasoning_beside_output
        self._answer = Answer()
        self._given_reason = ""
        self._told_reason: FinishReason.ValueType | None = None
        self._usage: TokenUsage | None = None
        self._answered = False
        self._shape = ChunkShape("content")

    @property
    def stopped(self) -> bool:
        return bool(self._given_reason)

    def event(self, event: SseEvent, out: list[DecodedEvent]) -> bool:
        if (text := self._repeated(event)) is not None:
            self._answer.text(text, out)
            return False
        data = event.data.strip()
        if data == "[DONE]":
            self.end(out)
            return True
        if event.name == "error":
            raise openai_failure.from_error_event(data)
        if data:  # some servers keep the connection alive with empty data
            value = self._take(parse(data), "delta", out)
            if self._shape.is_sought and _has_text_alone(value):
                self._shape.learn(data, partial(_with_text, value))
        return False

    def after_end(self, event: SseEvent, out: list[DecodedEvent]) -> None:
        if (data := event.data.strip()) and (usage := usage_alone(data, "usage")):
            self._report(usage, out, late=True)

    def _repeated(self, event: SseEvent) -> str | None:
        """The text of a chunk that has nothing else to tell."""
        return None if event.name or self._given_reason else self._shape.text(event.data)

    def document(self, value: object, out: list[DecodedEvent]) -> None:
        self._take(value, "message", out)
        if not self._answered:
            raise garbage("no choice in the answer")
        self.end(out)

    def end(self, out: list[DecodedEvent]) -> None:
        """Takes the end of the answer. One that gives no reason but says that it is done is done."""
        self._given_reason = self._given_reason or "stop"
        self._answer.end(out)
        self._tell_reason(out)

    def _take(self, value: object, member: str, out: list[DecodedEvent]) -> dict[str, Any]:
        """Takes one chunk and returns it; ``member`` names what a choice holds: ``delta`` or ``message``."""
        if not isinstance(value, dict):
            raise openai_failure.from_list(value) if isinstance(value, list) else garbage("a chunk is no object")
        for raw in as_list(value.get("choices"), "choices"):
            self._choice(as_object(raw, "choice"), member, value.get("id"), out)
        if usage := value.get("usage"):
            self._report(usage, out)
        if value.get("error") or value.get("object") == "error":
            raise openai_failure.from_payload(value)
        if self._given_reason:
            if self._given_reason in _FAILED:
                raise ProviderFailure(_UNAVAILABLE, provider_text="the answer ended in an error")
            self._tell_reason(out)
        return value

    def _choice(self, choice: dict[str, Any], member: str, response_id: object, out: list[DecodedEvent]) -> None:
        if choice.get("index"):
            return  # one answer was asked for: others would be mixed into it
        self._answered = True
        said = choice.get(member)
        if said is None:
            said = choice.get("message" if member == "delta" else "delta")
        self._answer.delta(as_object(said, member), response_id, out)
        if usage := choice.get("usage"):
            self._report(usage, out)
        if choice.get("error"):
            raise openai_failure.from_payload(choice)
        if reason := choice.get("finish_reason"):
            self._given_reason = text_or_empty(reason) or self._given_reason

    def _report(self, usage: object, out: list[DecodedEvent], *, late: bool = False) -> None:
        read = openai_usage.read(usage, reasoning_beside_output=self._reasoning_beside_output)
        flags = oddities(usage) | (_LATE if late else _NOTHING)
        if read is None:
            if flags:
                out.append(UsageReported(TokenUsage(), False, flags))
        elif read != self._usage:
            self._usage = read
            out.append(UsageReported(read, flags=flags))

    def _tell_reason(self, out: list[DecodedEvent]) -> None:
        reason = self._answer.finish_reason(self._given_reason)
        if reason != self._told_reason:
            self._told_reason = reason
            out.append(Stopped(reason))


def _has_text_alone(chunk: dict[str, Any]) -> bool:
    """Whether a chunk that was taken says nothing but one text."""
    choices = chunk.get("choices") or []
    if len(choices) != 1 or any(chunk.get(name) for name in ("usage", "error")) or chunk.get("object") == "error":
        return False
    choice = choices[0]
    if not isinstance(choice, dict) or any(choice.get(name) for name in ("index", "usage", "error", "finish_reason")):
        return False
    delta = choice.get("delta")
    return isinstance(delta, dict) and is_plain(delta) and bool(delta["content"])


def _with_text(chunk: dict[str, Any], text: str) -> object:
    choice = chunk["choices"][0]
    return chunk | {"choices": [choice | {"delta": choice["delta"] | {"content": text}}]}
