"""Checks an answer while it streams: what comes out is safe, a bounded window behind what goes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pointsman.v1.completion_pb2 import CompletionEvent, ReasoningDelta, ToolCallDelta
from pointsman.v1.content_pb2 import OpaqueState

from pointsman_server.policy.checks.json_text import changed
from pointsman_server.policy.checks.masking import Masker, ReadyCheck, masked
from pointsman_server.policy.checks.model import Found

_TEXTS = ("text_delta", "reasoning_delta", "refusal_delta")
_STEPS = 4
_WHOLE_STEP = 4096


@dataclass(slots=True)
class _Channel:
    """One part of the answer, as far as one kind of text goes.

    Attributes:
        opaque_state: what came with it; it is given out with the last of the text, unless that was changed.
    """

    masker: Masker
    opaque_state: OpaqueState | None = None


@dataclass(slots=True)
class _Call:
    """A tool call; it is given out whole, since only then its arguments can be read."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    opaque_state: OpaqueState | None = None


class AnswerChecks:
    """Checks the events of one attempt.

    Each part has a window of its own, and parts are ended together, in their order: a part may go on after another.

    Attributes:
        counts: what was found so far.
    """

    def __init__(self, checks: Sequence[ReadyCheck], *, window: int) -> None:
        self.counts: Counter[Found] = Counter()
        self._checks = checks
        self._window = window
        self._channels: dict[tuple[int, str], _Channel] = {}
        self._calls: dict[int, _Call] = {}

    @property
    def waiting_characters(self) -> int:
        """How much ``close`` has to look at, but for the windows."""
        return sum(len(piece) for call in self._calls.values() for piece in call.arguments)

    def feed(self, events: Iterable[CompletionEvent]) -> list[CompletionEvent]:
        """Takes deltas; returns what is safe by now, pieces of one text together.

        Raises:
            Refused: something was found that ends the call.
        """
        safe: dict[tuple[int, str], list[str]] = {}
        for event in events:
            kind = event.WhichOneof("kind") or ""
            if kind in _TEXTS:
                pieces = safe.setdefault((event.part_index, kind), [])
                pieces.append(self._text(event, kind))
            else:
                self._call(event)
        return [text_event(index, kind, "".join(pieces)) for (index, kind), pieces in safe.items() if any(pieces)]

    def close(self) -> list[CompletionEvent]:
        """Says that the answer is whole; returns the rest of it.

        Raises:
            Refused: as ``feed``.
        """
        rest = [*self._rest_of_texts(), *self._whole_calls()]
        return sorted(rest, key=lambda event: event.part_index)

    def _text(self, event: CompletionEvent, kind: str) -> str:
        channel = self._channels.get((event.part_index, kind))
        if channel is None:
            masker = Masker(self._checks, self.counts, window=self._window, step=self._window // _STEPS)
            channel = self._channels[event.part_index, kind] = _Channel(masker)
        delta = getattr(event, kind)
        if kind == "reasoning_delta" and delta.HasField("opaque_state"):
            channel.opaque_state = delta.opaque_state
        return channel.masker.feed(delta.text)

    def _call(self, event: CompletionEvent) -> None:
        delta = event.tool_call_delta
        call = self._calls.setdefault(event.part_index, _Call())
        call.id = delta.id or call.id
        call.name = delta.name or call.name
        call.arguments.append(delta.arguments_json)
        if delta.HasField("opaque_state"):
            call.opaque_state = delta.opaque_state

    def _rest_of_texts(self) -> Iterator[CompletionEvent]:
        for (index, kind), channel in self._channels.items():
            text = channel.masker.close()
            state = None if channel.masker.changed else channel.opaque_state
            if text or state is not None:
                yield text_event(index, kind, text, state)

    def _whole_calls(self) -> Iterator[CompletionEvent]:
        change = self._change()
        for index, call in self._calls.items():
            delta = ToolCallDelta(
                id=call.id,
                name=call.name,
                arguments_json=changed("".join(call.arguments), change),
                opaque_state=call.opaque_state,
            )
            yield CompletionEvent(part_index=index, tool_call_delta=delta)

    def _change(self) -> Callable[[str], str]:
        return lambda text: masked(text, self._checks, self.counts, step=_WHOLE_STEP)


def text_event(index: int, kind: str, text: str, state: OpaqueState | None = None) -> CompletionEvent:
    """A delta of a part; ``kind`` is the name of its field."""
    event = CompletionEvent(part_index=index)
    getattr(event, kind).text = text
    if state is not None:
        event.reasoning_delta.MergeFrom(ReasoningDelta(opaque_state=state))
    return event
