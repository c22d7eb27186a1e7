"""Writes conversations as Chat Completions messages."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from pointsman.v1.completion_pb2 import (
    CompletionSpecification,
    Warning,  # noqa: A004  # the contract's word
)
from pointsman.v1.content_pb2 import (
    ROLE_ASSISTANT,
    ROLE_TOOL,
    DocumentPart,
    ImageDetail,
    ImagePart,
    Message,
    Part,
    ToolCallPart,
)

from pointsman_server.adapters.openai_tool_calls import DIALECT
from pointsman_server.adapters.request_body import dropped, opaque, unsayable

_AUDIO_FORMATS = {
    "audio/wav": "wav",
    "audio/wave": "wav",
    "audio/x-wav": "wav",
    "audio/vnd.wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
}
_DETAILS = {ImageDetail.IMAGE_DETAIL_LOW: "low", ImageDetail.IMAGE_DETAIL_HIGH: "high"}


def encode(
    specification: CompletionSpecification, quirks: AbstractSet[str]
) -> tuple[list[dict[str, Any]], list[Warning]]:
    """Returns the messages, system text first, and what could not be said as it was.

    Raises:
        ProviderFailure: a part has no form in the dialect (``INVALID_REQUEST``).
    """
    writer = _Writer(quirks)
    if specification.system_text:
        writer.messages.append({"role": "system", "content": specification.system_text})
    for index, message in enumerate(specification.messages):
        writer.write(message, f"messages[{index}]")
    writer.flush_media()
    return writer.messages, writer.warnings


class _Writer:
    """Writes messages one after the other.

    Tool messages hold text alone. Images and other parts of tool results follow in a user message after the last
    result of the turn, since nothing may stand between the results and the calls that they answer.
    """

    def __init__(self, quirks: AbstractSet[str]) -> None:
        self.messages: list[dict[str, Any]] = []
        self.warnings: list[Warning] = []
        self._quirks = quirks
        self._media: list[dict[str, Any]] = []

    def write(self, message: Message, path: str) -> None:
        """Writes one message; ``path`` names it in warnings."""
        if message.role == ROLE_TOOL:
            self._tool_results(message, path)
            return
        self.flush_media()
        if message.role == ROLE_ASSISTANT:
            self._assistant(message)
        else:
            self._append({"role": "user", "content": self._content(message.parts)}, message.name)

    def flush_media(self) -> None:
        """Writes what the tool results so far held beside text."""
        if self._media:
            self.messages.append({"role": "user", "content": self._media})
            self._media = []

    def _append(self, written: dict[str, Any], name: str) -> None:
        self.messages.append(written | {"name": name} if name else written)

    def _content(self, parts: Sequence[Part]) -> str | list[dict[str, Any]]:
        """A lone text as a string, which every server takes; else typed parts."""
        if len(parts) == 1 and parts[0].HasField("text"):
            return parts[0].text.text
        return [_content_part(part, self._quirks) for part in parts]

    def _assistant(self, message: Message) -> None:
        texts = [part.text.text for part in message.parts if part.HasField("text")]
        refusals = [part.refusal.text for part in message.parts if part.HasField("refusal")]
        calls = [self._tool_call(part.tool_call) for part in message.parts if part.HasField("tool_call")]
        if "refusal_as_text" in self._quirks:
            texts, refusals = [*texts, *refusals], []
        written: dict[str, Any] = {}
        if texts:
            written["content"] = "\n\n".join(texts)
        if refusals:
            written["refusal"] = "\n\n".join(refusals)
        if calls:
            written["tool_calls"] = calls
        if written:  # a message of thoughts alone would be empty: no server takes one
            self._append({"role": "assistant"} | written | self._thoughts(message.parts), message.name)

    def _thoughts(self, parts: Iterable[Part]) -> dict[str, Any]:
        reasoning = [part.reasoning for part in parts if part.HasField("reasoning")]
        written: dict[str, Any] = {}
        if "reasoning_details" in self._quirks:
            details = [
                detail
                for part in reasoning
                for detail in opaque(part.opaque_state, DIALECT).get("reasoning_details") or ()
            ]
            if details:
                written["reasoning_details"] = details
        if "reasoning_content" in self._quirks:
            texts = [part.text for part in reasoning if part.text and part.opaque_state.dialect in {"", DIALECT}]
            if texts:
                written["reasoning_content"] = "\n\n".join(texts)
        return written

    def _tool_call(self, call: ToolCallPart) -> dict[str, Any]:
        function = {"name": call.name, "arguments": call.arguments_json or "{}"}
        written: dict[str, Any] = {"id": call.id, "type": "function", "function": function}
        extra = opaque(call.opaque_state, DIALECT).get("extra_content") if "extra_content" in self._quirks else None
        return written | {"extra_content": extra} if extra else written

    def _tool_results(self, message: Message, path: str) -> None:
        for index, part in enumerate(message.parts):
            result = part.tool_result
            texts = [inner.text.text for inner in result.parts if inner.HasField("text")]
            media = [_content_part(inner, self._quirks) for inner in result.parts if not inner.HasField("text")]
            if media:
                self._moved(f"{path}.parts[{index}].tool_result.parts")
                label = f"The result of tool call {result.tool_call_id} also holds:"
                self._media += [{"type": "text", "text": label}, *media]
                texts = texts or ["The result follows in the next message."]
            # The dialect has no flag for a failed tool: the model must read it.
            text = ("Error: " if result.is_error else "") + "\n\n".join(texts)
            self.messages.append({"role": "tool", "tool_call_id": result.tool_call_id, "content": text})

    def _moved(self, path: str) -> None:
        message = "Tool results hold only text in this dialect; their other parts follow in a user message."
        self.warnings.append(dropped(path, message))


def _content_part(part: Part, quirks: AbstractSet[str]) -> dict[str, Any]:
    kind = part.WhichOneof("kind")
    if kind == "text":
        return {"type": "text", "text": part.text.text}
    if kind == "image":
        return _image(part.image)
    if kind == "audio":
        return {"type": "input_audio", "input_audio": _audio(part.audio.data, part.audio.media_type)}
    if kind == "document":
        return _document(part.document, takes_uri="file_uri" in quirks)
    raise unsayable(f"a part of kind {kind} stands where the dialect has none")


def _image(image: ImagePart) -> dict[str, Any]:
    url = image.uri if image.HasField("uri") else _data_uri(image.media_type, image.data)
    detail = _DETAILS.get(image.detail)
    return {"type": "image_url", "image_url": {"url": url} | ({"detail": detail} if detail else {})}


def _audio(data: bytes, media_type: str) -> dict[str, str]:
    audio_format = _AUDIO_FORMATS.get(media_type.partition(";")[0].strip().lower())
    if audio_format is None:
        raise unsayable("audio is taken as wav and mp3 only")
    return {"data": b64encode(data).decode(), "format": audio_format}


def _document(document: DocumentPart, *, takes_uri: bool) -> dict[str, Any]:
    if document.HasField("uri") and not takes_uri:
        raise unsayable("documents are taken as data only, not by address")
    data = document.uri if document.HasField("uri") else _data_uri(document.media_type, document.data)
    return {"type": "file", "file": {"filename": document.file_name or "document", "file_data": data}}


def _data_uri(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{b64encode(data).decode()}"
