"""Writes conversations as Gemini contents."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from pointsman.v1.completion_pb2 import (
    CompletionSpecification,
    Warning,  # noqa: A004  # the contract's word
)
from pointsman.v1.content_pb2 import ImageDetail, Message, Part, Role, ToolCallPart, ToolResultPart

from pointsman_server.adapters import gemini_signature
from pointsman_server.adapters.request_body import dropped, unsayable

_RESOLUTIONS = {
    ImageDetail.IMAGE_DETAIL_LOW: "MEDIA_RESOLUTION_LOW",
    ImageDetail.IMAGE_DETAIL_HIGH: "MEDIA_RESOLUTION_HIGH",
}


def encode(
    specification: CompletionSpecification, quirks: AbstractSet[str]
) -> tuple[list[dict[str, Any]], list[Warning]]:
    """Returns the contents, and what could not be said as it was.

    Raises:
        ProviderFailure: a part has no form in the dialect (``INVALID_REQUEST``).
    """
    writer = _Writer(quirks)
    for index, message in enumerate(specification.messages):
        writer.write(message, f"messages[{index}]")
    writer.flush_results()
    return writer.contents, writer.warnings


class _Writer:
    """Writes contents one after the other.

    The results of one turn's calls are one content, however many messages they came in, because the wire wants as many
    results as there were calls. What they hold beside text follows in the same content, after the last of them.
    """

    def __init__(self, quirks: AbstractSet[str]) -> None:
        self.contents: list[dict[str, Any]] = []
        self.warnings: list[Warning] = []
        self._quirks = quirks
        self._names: dict[str, str] = {}
        self._results: list[dict[str, Any]] = []
        self._media: list[dict[str, Any]] = []

    def write(self, message: Message, path: str) -> None:
        """Writes one message; ``path`` names it in warnings."""
        if message.name:
            self.warnings.append(dropped(f"{path}.name", "The dialect has no names of speakers; it was left out."))
        if message.role == Role.ROLE_TOOL:
            for index, part in enumerate(message.parts):
                self._result(part.tool_result, f"{path}.parts[{index}].tool_result")
            return
        self.flush_results()
        if message.role == Role.ROLE_ASSISTANT:
            self._append("model", list(self._own_parts(message.parts)))
        else:
            parts = enumerate(message.parts)
            self._append("user", [self._part(part, f"{path}.parts[{index}]") for index, part in parts])

    def flush_results(self) -> None:
        """Writes the results of the turn so far."""
        self._append("user", self._results + self._media)
        self._results, self._media = [], []

    def _append(self, role: str, parts: list[dict[str, Any]]) -> None:
        if parts:  # a message of another dialect's thoughts alone would be empty
            self.contents.append({"role": role, "parts": parts})

    def _own_parts(self, parts: Iterable[Part]) -> Iterator[dict[str, Any]]:
        """What the model said. Thoughts go back with the signature that Gemini gave them, others not at all."""
        unsigned = "no_signature_placeholder" not in self._quirks
        for part in parts:
            kind = part.WhichOneof("kind")
            if kind == "tool_call":
                written = self._tool_call(part.tool_call)
                if unsigned:  # of calls in parallel, only the first has a signature
                    written.setdefault("thoughtSignature", gemini_signature.PLACEHOLDER)
                unsigned = False
                yield written
            elif kind == "reasoning":
                if signed := gemini_signature.given_back(part.reasoning.opaque_state):
                    yield {"text": part.reasoning.text} | signed
            elif kind in {"text", "refusal"}:
                yield {"text": part.text.text or part.refusal.text}
            else:
                raise unsayable(f"a part of kind {kind} stands where the dialect has none")

    def _tool_call(self, call: ToolCallPart) -> dict[str, Any]:
        self._names[call.id] = call.name
        function = {"name": call.name, "args": _arguments(call.arguments_json)}
        return {"functionCall": self._with_id(call.id, function)} | gemini_signature.given_back(call.opaque_state)

    def _with_id(self, call_id: str, function: dict[str, Any]) -> dict[str, Any]:
        return function if "no_call_ids" in self._quirks else {"id": call_id} | function

    def _result(self, result: ToolResultPart, path: str) -> None:
        if result.tool_call_id not in self._names:
            raise unsayable("a tool result answers no call of the conversation")
        texts = [inner.text.text for inner in result.parts if inner.HasField("text")]
        media = [
            self._part(inner, f"{path}.parts[{index}]")
            for index, inner in enumerate(result.parts)
            if not inner.HasField("text")
        ]
        response = {"error" if result.is_error else "output": "\n\n".join(texts)}
        function: dict[str, Any] = {"name": self._names[result.tool_call_id], "response": response}
        if media and "tool_result_media" in self._quirks:
            function["parts"] = media
        elif media:
            message = "Tool results hold only text here; their other parts follow after the last result."
            self.warnings.append(dropped(f"{path}.parts", message))
            label = f"The result of tool call {result.tool_call_id} also holds:"
            self._media += [{"text": label}, *media]
        self._results.append({"functionResponse": self._with_id(result.tool_call_id, function)})

    def _part(self, part: Part, path: str) -> dict[str, Any]:
        """What a user sent, or a tool gave back."""
        kind = part.WhichOneof("kind")
        if kind == "text":
            return {"text": part.text.text}
        if kind == "audio":
            return _inline(part.audio.data, part.audio.media_type)
        if kind == "image":
            return self._media_part(part.image.uri, part.image.data, part.image.media_type) | self._resolution(
                part, path
            )
        if kind == "document":
            if part.document.file_name:
                message = "The dialect has no names of files; it was left out."
                self.warnings.append(dropped(f"{path}.document.file_name", message))
            return self._media_part(part.document.uri, part.document.data, part.document.media_type)
        raise unsayable(f"a part of kind {kind} stands where the dialect has none")

    def _media_part(self, uri: str, data: bytes, media_type: str) -> dict[str, Any]:
        if not uri:
            return _inline(data, media_type)
        if "file_uri" not in self._quirks:
            raise unsayable("images and documents are taken as data only, not by address")
        return {"fileData": {"fileUri": uri} | ({"mimeType": media_type} if media_type else {})}

    def _resolution(self, part: Part, path: str) -> dict[str, Any]:
        level = _RESOLUTIONS.get(part.image.detail)
        if level and "media_resolution" not in self._quirks:
            message = "The serving model takes no detail of single images; it was left out."
            self.warnings.append(dropped(f"{path}.image.detail", message))
            return {}
        return {"mediaResolution": {"level": level}} if level else {}


def _inline(data: bytes, media_type: str) -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type, "data": b64encode(data).decode()}}


def _arguments(text: str) -> dict[str, Any]:
    """The arguments of a call as an object, which is all that the wire takes."""
    try:
        value = json.loads(text or "{}")
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise unsayable("the arguments of a tool call are not JSON") from error
    if not isinstance(value, dict):
        raise unsayable("the arguments of a tool call are no object")
    return value
