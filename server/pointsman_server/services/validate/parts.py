"""Checks the parts of a message: which a role may hold, and what each must have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from pointsman.v1.content_pb2 import (
    AudioPart,
    DocumentPart,
    ImagePart,
    Message,
    OpaqueState,
    Part,
    ReasoningPart,
    Role,
    ToolCallPart,
)

from pointsman_server.services.validate import limits
from pointsman_server.services.validate.violations import Violations

TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
TOOL_NAME_RULE = "use 1 to 64 letters, digits, underscores and dashes"

_ALLOWED: dict[int, tuple[str, ...]] = {
    Role.ROLE_USER: ("text", "image", "audio", "document"),
    Role.ROLE_ASSISTANT: ("text", "tool_call", "reasoning", "refusal"),
    Role.ROLE_TOOL: ("tool_result",),
}
_ALLOWED_IN_RESULT = ("text", "image")
_TEXT_TYPE = re.compile(r"text/[a-z0-9][a-z0-9.+-]*")
_URI_CHARACTERS = re.compile(r"[!-~]+")


class PartChecks:
    """Checks parts, and notes what is wrong with them."""

    def __init__(self, violations: Violations) -> None:
        self._violations = violations
        self._left = limits.MAX_ALL_PARTS

    def of_message(self, message: Message, path: str) -> None:
        """Checks a message's parts. Where the role is unknown, every kind is allowed: the role is wrong already."""
        self._parts(message.parts, f"{path}.parts", _ALLOWED.get(message.role))

    def _parts(self, parts: Sequence[Part], path: str, allowed: Sequence[str] | None) -> None:
        if not parts:
            self._violations.add(path, "is empty; send at least one part")
        elif len(parts) > limits.MAX_PARTS:
            self._violations.add(path, f"has {len(parts)} parts; use at most {limits.MAX_PARTS}")
        elif len(parts) > self._left:
            self._violations.add(path, f"passes {limits.MAX_ALL_PARTS} parts in all; shorten the conversation")
        else:
            self._left -= len(parts)
            for index, part in enumerate(parts):
                self._part(part, f"{path}[{index}]", allowed)

    def _part(self, part: Part, path: str, allowed: Sequence[str] | None) -> None:
        kind = part.WhichOneof("kind")
        if kind is None:
            self._violations.add(path, f"has no kind; set one of {', '.join(allowed or ('text',))}")
            return
        at = f"{path}.{kind}"
        if allowed is not None and kind not in allowed:
            self._violations.add(at, f"may not stand here; use {', '.join(allowed)}")
            return
        self._kind(part, kind, at)

    def _kind(self, part: Part, kind: str, at: str) -> None:
        match kind:
            case "text":
                self._not_empty(part.text.text, f"{at}.text")
            case "refusal":
                self._not_empty(part.refusal.text, f"{at}.text")
            case "image":
                self._image(part.image, at)
            case "audio":
                self._audio(part.audio, at)
            case "document":
                self._document(part.document, at)
            case "tool_call":
                self._tool_call(part.tool_call, at)
            case "reasoning":
                self._reasoning(part.reasoning, at)
            case "tool_result":
                self._parts(part.tool_result.parts, f"{at}.parts", _ALLOWED_IN_RESULT)

    def _not_empty(self, text: str, path: str) -> None:
        if not text:
            self._violations.add(path, "is empty; fill it or leave the part out")

    def _image(self, image: ImagePart, path: str) -> None:
        self._violations.enum(image, "detail", f"{path}.detail")
        if self._source(image, path) == "uri" and not image.media_type:
            return
        self._media_type(image.media_type, f"{path}.media_type", limits.IMAGE_TYPES)

    def _audio(self, audio: AudioPart, path: str) -> None:
        if not audio.data:
            self._violations.add(f"{path}.data", "is empty; send the recording")
        self._media_type(audio.media_type, f"{path}.media_type", limits.AUDIO_TYPES)

    def _document(self, document: DocumentPart, path: str) -> None:
        self._source(document, path)
        self._violations.text(document.file_name, f"{path}.file_name", limits.MAX_MODEL_NAME_CHARACTERS)
        if not _TEXT_TYPE.fullmatch(document.media_type):
            self._media_type(document.media_type, f"{path}.media_type", limits.DOCUMENT_TYPES)

    def _source(self, part: ImagePart | DocumentPart, path: str) -> str | None:
        source = part.WhichOneof("source")
        if source is None:
            self._violations.add(path, "has no source; set data or uri")
        elif source == "data" and not part.data:
            self._violations.add(f"{path}.data", "is empty; send the file, or its address in uri")
        elif source == "uri":
            self._uri(part.uri, f"{path}.uri")
        return source

    def _media_type(self, media_type: str, path: str, known: frozenset[str]) -> None:
        if not media_type:
            self._violations.add(path, f"is not set; use one of {_some(known)}")
        elif media_type not in known:
            self._violations.add(path, f"is not a type that is taken here; use one of {_some(known)}")

    def _uri(self, uri: str, path: str) -> None:
        if problem := _uri_problem(uri):
            self._violations.add(path, problem)

    def _tool_call(self, call: ToolCallPart, path: str) -> None:
        self._violations.text(call.id, f"{path}.id", limits.MAX_TOOL_CALL_ID_CHARACTERS, required=True)
        if not TOOL_NAME.fullmatch(call.name):
            self._violations.add(f"{path}.name", f"is not a tool's name; {TOOL_NAME_RULE}")
        if call.HasField("opaque_state"):
            self._opaque_state(call.opaque_state, f"{path}.opaque_state")

    def _reasoning(self, reasoning: ReasoningPart, path: str) -> None:
        if reasoning.HasField("opaque_state"):
            self._opaque_state(reasoning.opaque_state, f"{path}.opaque_state")
        elif not reasoning.text:
            self._violations.add(path, "has neither text nor opaque_state; send it as it came, or leave it out")

    def _opaque_state(self, state: OpaqueState, path: str) -> None:
        self._violations.identifier(state.dialect, f"{path}.dialect", required=True)
        if not state.data:
            self._violations.add(f"{path}.data", "is empty; send the bytes as they came, or leave opaque_state out")


def _some(types: frozenset[str]) -> str:
    names = sorted(types)
    return ", ".join(names) if len(names) <= 4 else "application/pdf, text/… and those that docs/api.md lists"  # noqa: PLR2004  # what fits a line


def _uri_problem(uri: str) -> str | None:
    if len(uri) > limits.MAX_URI_CHARACTERS:
        return f"has {len(uri)} characters; use at most {limits.MAX_URI_CHARACTERS}"
    if not _URI_CHARACTERS.fullmatch(uri) or "\\" in uri:
        return "has characters that an address may not have; percent-encode them"
    if not uri.startswith("https://"):
        return "is no https address; use https://…, or send the bytes in data"
    if "#" in uri:
        return "has a fragment; remove the part from # on"
    try:
        return _address_problem(urlsplit(uri))
    except ValueError:
        return "is no well-formed address; mend its host or port"


def _address_problem(parts: SplitResult) -> str | None:
    if not parts.hostname or parts.port == 0:
        return "has no host or port that exists; use https://host/path"
    if "@" in parts.netloc:
        return "holds credentials; give an address without user and password"
    return None
