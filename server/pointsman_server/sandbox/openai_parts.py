"""Reads the parts of a message of OpenAI's Chat Completions wire: text, images, audio, files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from pointsman_server.sandbox.checks import array, base64_bytes, choice, invalid, mapping, required, text

_DATA_URI: Final = re.compile(r"data:([a-z0-9.+/-]+);base64,(.*)", re.DOTALL)
_IMAGE_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_IMAGE_STARTS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"GIF8")

Medium = tuple[str, int]
"""The kind of an attachment and its size in bytes."""

PartReaders = Mapping[str, Callable[[Any, str], str | Medium]]


def read_parts(value: object, path: str, readers: PartReaders) -> tuple[str, tuple[Medium, ...]]:
    """The texts of the parts, joined, and the attachments; ``readers``: what the role may send.

    Raises:
        Refusal: a part is wrong.
    """
    said: list[str] = []
    media: list[Medium] = []
    for index, item in enumerate(array(value, path, least=1)):
        at = f"{path}[{index}]"
        part = mapping(item, at)
        kind = choice(required(part, "type", at), f"{at}.type", readers)
        mapping(part, at, ("type", kind))
        found = readers[kind](required(part, kind, at), f"{at}.{kind}")
        if isinstance(found, str):
            said.append(found)
        else:
            media.append(found)
    return "\n".join(said), tuple(media)


def _image(value: object, path: str) -> Medium:
    url = text(required(mapping(value, path, ("url", "detail")), "url", path), f"{path}.url")
    choice(mapping(value, path).get("detail") or "auto", f"{path}.detail", ("auto", "low", "high"))
    if url.startswith(("https://", "http://")):
        return "image", len(url)
    match = _DATA_URI.fullmatch(url)
    if match is None or match[1] not in _IMAGE_TYPES:
        raise invalid(
            "Invalid image URL: expected an http(s) URL or a base64 data URI of a supported image.", f"{path}.url"
        )
    data = base64_bytes(match[2], f"{path}.url")
    if not data.startswith(_IMAGE_STARTS):
        raise invalid("The image data you provided does not represent a valid image.", f"{path}.url")
    return "image", len(data)


def _audio(value: object, path: str) -> Medium:
    audio = mapping(value, path, ("data", "format"))
    choice(required(audio, "format", path), f"{path}.format", ("wav", "mp3"))
    return "audio", len(base64_bytes(text(required(audio, "data", path), f"{path}.data"), f"{path}.data"))


def _file(value: object, path: str) -> Medium:
    file = mapping(value, path, ("filename", "file_data", "file_id"))
    if "file_id" in file:
        raise invalid(f"No such file: '{text(file['file_id'], path)[:64]}'.", f"{path}.file_id")
    text(required(file, "filename", path), f"{path}.filename")
    match = _DATA_URI.fullmatch(text(required(file, "file_data", path), f"{path}.file_data"))
    if match is None or match[1] != "application/pdf":
        raise invalid("Invalid file data: expected a base64 data URI of a PDF.", f"{path}.file_data")
    data = base64_bytes(match[2], f"{path}.file_data")
    if not data.startswith(b"%PDF-"):
        raise invalid("The file data you provided is not a valid PDF.", f"{path}.file_data")
    return "document", len(data)


TEXT_PARTS: Final[PartReaders] = {"text": text}
OWN_PARTS: Final[PartReaders] = {"text": text, "refusal": text}
USER_PARTS: Final[PartReaders] = {"text": text, "image_url": _image, "input_audio": _audio, "file": _file}
