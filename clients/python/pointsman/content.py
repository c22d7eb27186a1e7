"""Short ways to write the generated messages that requests are made of."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path

from pointsman.v1.content_pb2 import (
    ROLE_ASSISTANT,
    ROLE_TOOL,
    ROLE_USER,
    AudioPart,
    DocumentPart,
    ImagePart,
    JsonSchemaFormat,
    Message,
    OutputFormat,
    Part,
    TextPart,
    Tool,
    ToolResultPart,
)

# How the formats that models take begin; a name may lie, the first bytes do not.
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
)
_RIFF_FORMS = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}


def user(*content: str | Part) -> Message:
    """What the person or program that asks says."""
    return Message(role=ROLE_USER, parts=[_part(item) for item in content])


def assistant(*content: str | Part) -> Message:
    """What the model said."""
    return Message(role=ROLE_ASSISTANT, parts=[_part(item) for item in content])


def tool_result(tool_call_id: str, *content: str | Part, is_error: bool = False) -> Message:
    """What a tool gave back."""
    result = ToolResultPart(tool_call_id=tool_call_id, parts=[_part(item) for item in content], is_error=is_error)
    return Message(role=ROLE_TOOL, parts=[Part(tool_result=result)])


def image(source: str | Path | bytes, *, media_type: str = "") -> Part:
    """A picture: its bytes, the path of its file, or an https address.

    Raises:
        ValueError: the media type is neither given nor recognised.
        OSError: the file cannot be read.
    """
    if _is_uri(source):
        return Part(image=ImagePart(uri=str(source), media_type=media_type))
    data, media_type = _load(source, media_type)
    return Part(image=ImagePart(data=data, media_type=media_type))


def audio(source: str | Path | bytes, *, media_type: str = "") -> Part:
    """A recording: its bytes or the path of its file. Raises as ``image``."""
    data, media_type = _load(source, media_type)
    return Part(audio=AudioPart(data=data, media_type=media_type))


def document(source: str | Path | bytes, *, media_type: str = "", file_name: str = "") -> Part:
    """A file such as a PDF: its bytes, its path, or an https address with its media type. Raises as ``image``."""
    if _is_uri(source):
        return Part(document=DocumentPart(uri=str(source), media_type=media_type, file_name=file_name))
    data, media_type = _load(source, media_type)
    name = file_name or ("" if isinstance(source, bytes) else Path(source).name)
    return Part(document=DocumentPart(data=data, media_type=media_type, file_name=name))


def tool(name: str, description: str, parameters: Mapping[str, object] | str = "", *, strict: bool = False) -> Tool:
    """A tool that the model may call; ``parameters`` is its arguments' JSON Schema."""
    return Tool(name=name, description=description, parameters_json_schema=_json(parameters), strict=strict)


def json_schema(schema: Mapping[str, object] | str, *, name: str = "", strict: bool | None = None) -> OutputFormat:
    """Asks for an answer that matches a JSON Schema."""
    return OutputFormat(json_schema=JsonSchemaFormat(name=name, json_schema=_json(schema), strict=strict))


def text_of(message: Message) -> str:
    """The text of a message, its other parts left out."""
    return "".join(part.text.text for part in message.parts)


def _part(item: str | Part) -> Part:
    return Part(text=TextPart(text=item)) if isinstance(item, str) else item


def _json(schema: Mapping[str, object] | str) -> str:
    return schema if isinstance(schema, str) else json.dumps(schema, ensure_ascii=False)


def _is_uri(source: str | Path | bytes) -> bool:
    return isinstance(source, str) and source.startswith(("https://", "http://"))


def _load(source: str | Path | bytes, media_type: str) -> tuple[bytes, str]:
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    guess = "" if isinstance(source, bytes) else mimetypes.guess_type(Path(source).name)[0]
    media_type = media_type or _sniff(data) or guess or ""
    if not media_type:
        what = "the bytes" if isinstance(source, bytes) else str(source)
        raise ValueError(f"the media type of {what} is not recognised: pass media_type, such as image/png")
    return data, media_type


def _sniff(data: bytes) -> str:
    if data.startswith(b"RIFF"):
        return _RIFF_FORMS.get(data[8:12], "")
    return next((media_type for start, media_type in _SIGNATURES if data.startswith(start)), "")
