"""Puts a Chat Completions server's tool call deltas in order: which call each belongs to, and what is new in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from pointsman.v1.completion_pb2 import CompletionEvent, ToolCallDelta
from pointsman.v1.content_pb2 import OpaqueState

from pointsman_server.adapters.base import DecodedEvent
from pointsman_server.adapters.made_up_id import made_up_id
from pointsman_server.adapters.payload import as_object, garbage, text_or_empty

DIALECT = "openai"

_MAX_CALLS = 1024
_MAX_HELD_CHARACTERS = 65_536


@dataclass(slots=True)
class _Call:
    """One call so far. Until its name is known it has no part, and its arguments are held."""

    index: int | None
    given_id: str
    made_up_id: str
    name: str = ""
    held: str = ""
    part_index: int | None = None


class ToolCalls:
    """The tool calls of one answer.

    A delta belongs to the call of its ``index``. Servers that send 0 for every call (Ollama) begin a new one with
    another id and a name; an id alone begins none (old vLLM makes up an id for each delta). Without an index, a
    known id finds its call, a name begins one, and anything else goes on with the last. A call without an id gets
    one made from the response's id and its position.
    """

    def __init__(self, new_part: Callable[[], int]) -> None:
        self._new_part = new_part
        self._calls: list[_Call] = []

    def __bool__(self) -> bool:
        return bool(self._calls)

    def take(self, raw: object, response_id: str, out: list[DecodedEvent]) -> None:
        """Takes one element of ``tool_calls`` and appends what it adds."""
        delta = as_object(raw, "tool call")
        function = as_object(delta.get("function"), "function")
        name = text_or_empty(function.get("name"))
        call = self._call(delta.get("index"), text_or_empty(delta.get("id")), name, response_id)
        call.name = call.name or name
        self._emit(call, _arguments(function.get("arguments")), _opaque_state(delta), out)

    def end(self) -> None:
        """Takes the end of the answer.

        Raises:
            ProviderFailure: a call never got a name, so nobody could run it.
        """
        if any(not call.name for call in self._calls):
            raise garbage("a tool call has no name")

    def _call(self, index: object, given_id: str, name: str, response_id: str) -> _Call:
        index = index if isinstance(index, int) and not isinstance(index, bool) else None
        call = self._find(index, given_id, name)
        if call is None:
            if len(self._calls) >= _MAX_CALLS:
                raise garbage("too many tool calls")
            call = _Call(index, given_id, made_up_id(response_id, len(self._calls)))
            self._calls.append(call)
        return call

    def _find(self, index: int | None, given_id: str, name: str) -> _Call | None:
        if index is not None:
            same = [call for call in self._calls if call.index == index]
            return same[-1] if same and not _begins_another(same[-1], given_id, name) else None
        if given_id:
            known = next((call for call in self._calls if call.given_id == given_id), None)
            if known:
                return known
        last = self._calls[-1] if self._calls else None
        return last if last and not (name and last.name) else None

    def _emit(self, call: _Call, arguments: str, opaque: OpaqueState | None, out: list[DecodedEvent]) -> None:
        if call.part_index is not None:
            if arguments or opaque:
                delta = ToolCallDelta(arguments_json=arguments, opaque_state=opaque)
                out.append(CompletionEvent(part_index=call.part_index, tool_call_delta=delta))
            return
        call.held += arguments
        if not call.name:
            if len(call.held) > _MAX_HELD_CHARACTERS:
                raise garbage("a tool call has no name")
            return
        call.part_index = self._new_part()
        delta = ToolCallDelta(
            id=call.given_id or call.made_up_id, name=call.name, arguments_json=call.held, opaque_state=opaque
        )
        call.held = ""
        out.append(CompletionEvent(part_index=call.part_index, tool_call_delta=delta))


def _begins_another(call: _Call, given_id: str, name: str) -> bool:
    if not name or not call.name:
        return False
    return name != call.name or bool(given_id and call.given_id and given_id != call.given_id)


def _arguments(value: object) -> str:
    """Arguments as JSON text; some servers send the object itself."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _opaque_state(delta: dict[str, object]) -> OpaqueState | None:
    """What Gemini's compatible endpoint wants to see again (a thought signature)."""
    extra = delta.get("extra_content")
    return OpaqueState(dialect=DIALECT, data=json.dumps({"extra_content": extra}).encode()) if extra else None
