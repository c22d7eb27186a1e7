"""Reads the parts of a content of Gemini's wire: text, media, function calls and their responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pointsman_server.sandbox import gemini_signature
from pointsman_server.sandbox.checks import array, base64_bytes, choice, flag, invalid, mapping, required, text

Medium = tuple[str, int]
"""The kind of an attachment and its size in bytes."""

_DATA: Final = ("text", "inlineData", "fileData", "functionCall", "functionResponse")
_BESIDE: Final = ("thought", "thoughtSignature", "mediaResolution", "partMetadata")
_KINDS: Final = {"image": "image", "audio": "audio", "application": "document", "text": "document"}
_IMAGE_STARTS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
_RESOLUTIONS: Final = frozenset(
    {"MEDIA_RESOLUTION_UNSPECIFIED", "MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_MEDIUM", "MEDIA_RESOLUTION_HIGH"}
)


@dataclass(frozen=True, slots=True)
class Function:
    """A function call, or a response to one; ``payload``: the arguments, or the response."""

    name: str
    id: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """One part: ``text`` that was said or thought, an attachment, a call or a response."""

    text: str = ""
    thought: bool = False
    media: tuple[Medium, ...] = ()
    call: Function | None = None
    response: Function | None = None
    signed: bool = False


def read_part(value: object, path: str) -> Read:
    """The part, with its signature checked.

    Raises:
        Refusal: it is not what the wire allows.
    """
    part = mapping(value, path, (*_DATA, *_BESIDE))
    given = [name for name in _DATA if name in part]
    if len(given) != 1:
        raise invalid(f"{path}.data: required oneof field 'data' must have one initialized field", path)
    found = _read_data(given[0], part[given[0]], f"{path}.{given[0]}")
    thought = flag(part.get("thought", False), f"{path}.thought")
    if "mediaResolution" in part:
        level = mapping(part["mediaResolution"], f"{path}.mediaResolution", ("level",)).get("level")
        choice(level, f"{path}.mediaResolution.level", _RESOLUTIONS)
    signed = "thoughtSignature" in part
    if signed:
        call = found.call
        what = gemini_signature.of_call(call.name, call.payload) if call else gemini_signature.TEXT
        at = f"{path}.thoughtSignature"
        gemini_signature.check(text(part["thoughtSignature"], at), what, at)
    return Read(found.text, thought, found.media, found.call, found.response, signed)


def _read_data(name: str, value: object, path: str) -> Read:
    match name:
        case "text":
            return Read(text=text(value, path))
        case "inlineData":
            return Read(media=(_inline(value, path),))
        case "fileData":
            return Read(media=(_file(value, path),))
        case "functionCall":
            call = mapping(value, path, ("id", "name", "args"))
            return Read(call=_function(call, path, call.get("args") or {}, "args"))
        case _:
            response = mapping(value, path, ("id", "name", "response", "parts", "scheduling", "willContinue"))
            parts = array(response.get("parts", []), f"{path}.parts")
            media = tuple(_response_part(part, f"{path}.parts[{index}]") for index, part in enumerate(parts))
            payload = required(response, "response", path)
            return Read(media=media, response=_function(response, path, payload, "response"))


def _function(fields: Mapping[str, Any], path: str, payload: object, name: str) -> Function:
    return Function(
        name=text(required(fields, "name", path), f"{path}.name"),
        id=text(fields.get("id", ""), f"{path}.id"),
        payload=mapping(payload, f"{path}.{name}"),
    )


def _response_part(value: object, path: str) -> Medium:
    return _inline(required(mapping(value, path, ("inlineData",)), "inlineData", path), f"{path}.inlineData")


def _inline(value: object, path: str) -> Medium:
    blob = mapping(value, path, ("mimeType", "data"))
    kind = _kind(required(blob, "mimeType", path), f"{path}.mimeType")
    encoded = text(required(blob, "data", path), f"{path}.data")
    data = base64_bytes(encoded.replace("-", "+").replace("_", "/"), f"{path}.data")
    if kind == "image" and not data.startswith(_IMAGE_STARTS):
        raise invalid("Unable to process input image.", f"{path}.data")
    if blob["mimeType"] == "application/pdf" and not data.startswith(b"%PDF-"):
        raise invalid("The document has no pages.", f"{path}.data")
    return kind, len(data)


def _file(value: object, path: str) -> Medium:
    file = mapping(value, path, ("fileUri", "mimeType"))
    uri = text(required(file, "fileUri", path), f"{path}.fileUri")
    if not uri.startswith("https://"):
        raise invalid(f"Invalid or unsupported file uri: {uri[:80]}", f"{path}.fileUri")
    return _kind(file.get("mimeType", "image/png"), f"{path}.mimeType"), len(uri)


def _kind(value: object, path: str) -> str:
    kind = _KINDS.get(text(value, path).partition("/")[0])
    if kind is None:
        raise invalid(f"Unsupported MIME type: {value}", path)
    return kind


def spoken(function: Function) -> str:
    """What a response says to the model; a plain output stands for itself."""
    output = function.payload.get("output")
    plain = isinstance(output, str) and len(function.payload) == 1
    return str(output) if plain else json.dumps(function.payload, ensure_ascii=False)
