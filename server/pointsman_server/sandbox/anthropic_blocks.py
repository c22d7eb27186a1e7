"""Reads the content blocks of Anthropic's Messages wire."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pointsman_server.sandbox.anthropic_signature import sign
from pointsman_server.sandbox.checks import array, base64_bytes, choice, flag, invalid, mapping, required, text

_ID: Final = re.compile(r"[a-zA-Z0-9_-]+")
_IMAGE_STARTS: Final = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/webp": b"RIFF",
    "image/gif": b"GIF8",
}
_SHARED: Final = ("type", "cache_control")
_TTLS: Final = ("5m", "1h")
_MOST_BREAKPOINTS: Final = 4


@dataclass(slots=True)
class Said:
    """What the blocks of one message say together.

    Attributes:
        media: kind and size in bytes of each attachment.
        calls: the ids of the tools that are called.
        results: the ids of the calls that are answered, each with its text and media.
        kinds: the types of the blocks, in order.
        extra: what else costs tokens.
    """

    texts: list[str] = field(default_factory=list)
    media: list[tuple[str, int]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    results: list[tuple[str, Said]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)


class CacheControls:
    """Checks cache breakpoints, in the order of the prompt: at most four, the longer lifetime first."""

    def __init__(self) -> None:
        self._count = 0
        self._short = False

    def check(self, block: Mapping[str, Any], path: str) -> None:
        """Checks the breakpoint of a block, if it has one."""
        value = block.get("cache_control")
        if value is None:
            return
        control = mapping(value, f"{path}.cache_control", ("type", "ttl"))
        choice(required(control, "type", f"{path}.cache_control"), f"{path}.cache_control.type", ("ephemeral",))
        ttl = choice(control.get("ttl", "5m"), f"{path}.cache_control.ttl", _TTLS)
        self._count += 1
        if self._count > _MOST_BREAKPOINTS:
            raise invalid(f"A maximum of {_MOST_BREAKPOINTS} blocks with cache_control may be provided.", path)
        if ttl == "1h" and self._short:
            raise invalid("A ttl='1h' cache_control block must not come after a ttl='5m' one.", path)
        self._short |= ttl == "5m"


def read_blocks(value: object, path: str, kinds: Sequence[str], caches: CacheControls) -> Said:
    """Reads a message's content: a text, or blocks of these kinds.

    Raises:
        Refusal: a block is wrong.
    """
    blocks = [{"type": "text", "text": value}] if isinstance(value, str) else array(value, path, least=1)
    said = Said()
    for index, item in enumerate(blocks):
        at = f"{path}.{index}"
        block = mapping(item, at)
        kind = choice(required(block, "type", at), f"{at}.type", kinds)
        mapping(block, at, (*_SHARED, *_FIELDS[kind]))
        said.kinds.append(kind)
        caches.check(block, at)
        _READERS[kind](block, at, said, caches)
    return said


def _text(block: Mapping[str, Any], path: str, said: Said, caches: CacheControls) -> None:
    del caches
    found = text(required(block, "text", path), f"{path}.text")
    if not found.strip():
        raise invalid("text content blocks must contain non-whitespace text", f"{path}.text")
    said.texts.append(found)


def _image(block: Mapping[str, Any], path: str, said: Said, caches: CacheControls) -> None:
    del caches
    source = mapping(required(block, "source", path), f"{path}.source")
    if choice(required(source, "type", path), f"{path}.source.type", ("base64", "url")) == "url":
        said.media.append(("image", _address(source, f"{path}.source")))
        return
    media_type = choice(required(source, "media_type", path), f"{path}.source.media_type", _IMAGE_STARTS)
    data = base64_bytes(text(required(source, "data", path), f"{path}.source.data"), f"{path}.source.data")
    if not data.startswith(_IMAGE_STARTS[media_type]):
        raise invalid(f"The image was specified using the {media_type} media type, but is none.", f"{path}.source")
    said.media.append(("image", len(data)))


def _document(block: Mapping[str, Any], path: str, said: Said, caches: CacheControls) -> None:
    del caches
    at = f"{path}.source"
    source = mapping(required(block, "source", path), at)
    said.extra.append(text(block.get("title") or "", f"{path}.title"))
    match choice(required(source, "type", at), f"{at}.type", ("base64", "url", "text")):
        case "url":
            said.media.append(("document", _address(source, at)))
        case "text":
            choice(required(source, "media_type", at), f"{at}.media_type", ("text/plain",))
            said.media.append(("document", len(text(required(source, "data", at), f"{at}.data").encode())))
        case _:
            choice(required(source, "media_type", at), f"{at}.media_type", ("application/pdf",))
            data = base64_bytes(text(required(source, "data", at), f"{at}.data"), f"{at}.data")
            if not data.startswith(b"%PDF-"):
                raise invalid("The PDF specified was not valid.", f"{at}.data")
            said.media.append(("document", len(data)))


def _address(source: Mapping[str, Any], path: str) -> int:
    url = text(required(mapping(source, path, ("type", "url")), "url", path), f"{path}.url")
    if not url.startswith("https://"):
        raise invalid("Only HTTPS URLs are supported.", f"{path}.url")
    return len(url)


def _tool_use(block: Mapping[str, Any], path: str, said: Said, caches: CacheControls) -> None:
    del caches
    call_id = _id(required(block, "id", path), f"{path}.id")
    if call_id in said.calls:
        raise invalid("`tool_use` ids must be unique", f"{path}.id")
    said.calls.append(call_id)
    arguments = mapping(required(block, "input", path), f"{path}.input")
    said.extra += [text(required(block, "name", path), f"{path}.name"), json.dumps(arguments, ensure_ascii=False)]


def _tool_result(block: Mapping[str, Any], path: str, said: Said, caches: CacheControls) -> None:
    if said.kinds != ["tool_result"] * len(said.kinds):
        raise invalid("`tool_result` blocks must stand before all other blocks", path)
    call_id = _id(required(block, "tool_use_id", path), f"{path}.tool_use_id")
    flag(block.get("is_error", False), f"{path}.is_error")
    content = block.get("content", "")
    blank = content in ("", [])
    kinds = ("text", "image", "document")
    found = Said() if blank else read_blocks(content, f"{path}.content", kinds, caches)
    said.results.append((call_id, found))


def _thinking(block: Mapping[str, Any], path: str, said: Said, caches: CacheControls) -> None:
    del caches
    thoughts = text(required(block, "thinking", path), f"{path}.thinking")
    _never_cached(block, path)
    if text(required(block, "signature", path), f"{path}.signature") != sign(thoughts):
        raise invalid("Invalid `signature` in `thinking` block", path)
    said.extra.append(thoughts)


def _redacted_thinking(block: Mapping[str, Any], path: str, said: Said, caches: CacheControls) -> None:
    del said, caches
    _never_cached(block, path)
    text(required(block, "data", path), f"{path}.data")
    raise invalid("Invalid `data` in `redacted_thinking` block", path)  # the sandbox redacts no thoughts


def _never_cached(block: Mapping[str, Any], path: str) -> None:
    if "cache_control" in block:
        raise invalid("Thinking blocks cannot have cache_control", path)


def _id(value: object, path: str) -> str:
    found = text(value, path)
    if not _ID.fullmatch(found):
        raise invalid("String should match pattern '^[a-zA-Z0-9_-]+$'", path)
    return found


_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("text", "citations"),
    "image": ("source",),
    "document": ("source", "title", "context", "citations"),
    "tool_use": ("id", "name", "input", "caller"),
    "tool_result": ("tool_use_id", "content", "is_error"),
    "thinking": ("thinking", "signature"),
    "redacted_thinking": ("data",),
}
_READERS: Final[Mapping[str, Callable[[Mapping[str, Any], str, Said, CacheControls], None]]] = {
    "text": _text,
    "image": _image,
    "document": _document,
    "tool_use": _tool_use,
    "tool_result": _tool_result,
    "thinking": _thinking,
    "redacted_thinking": _redacted_thinking,
}
