"""What kind of task a request is: read from its tools, its attachments and its words, in this order of trust."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.content_pb2 import ROLE_ASSISTANT, ROLE_USER, Message, Part

from pointsman_server.router.model import TaskType
from pointsman_server.router.tables import (
    EXTENSION_TASK_TYPES,
    MEDIA_FAMILY_TASK_TYPES,
    MEDIA_TYPE_TASK_TYPES,
    TASK_TYPE_KEYWORDS,
    TOOL_TASK_TYPES,
)

SCANNED_CHARACTERS = 8_192
"""Words are looked for in so many characters at either end of a message: where an instruction stands."""

_TASK_TYPES = {word: task_type for task_type, words in TASK_TYPE_KEYWORDS.items() for word in words}
# For lower case alone: to ignore case in the expression takes ten times as long.
_KEYWORD = re.compile(rf"\b(?:{'|'.join(map(re.escape, _TASK_TYPES))})\b")


def task_type_of(specification: CompletionSpecification) -> TaskType | None:
    """Detects the task type; ``None``: nothing tells. A tool beats an attachment, which beats a keyword.

    Tools are those called in the conversation, the latest first, then those declared, in their order. Attachments
    and keywords are those of the last user message: the first attachment that tells, and the longest keyword (of
    two equally long ones the first).
    """
    if found := _first(map(TOOL_TASK_TYPES.get, _tool_names(specification))):
        return TaskType(found, "tool", "high")
    message = _last_user_message(specification)
    if message is None:
        return None
    if found := _first(map(_attachment_task_type, message.parts)):
        return TaskType(found, "attachment", "high")
    if found := _keyword_task_type("\n".join(part.text.text for part in message.parts if part.HasField("text"))):
        return TaskType(found, "keyword", "medium")
    return None


def _tool_names(specification: CompletionSpecification) -> Iterator[str]:
    called = (
        part.tool_call.name
        for message in reversed(specification.messages)
        if message.role == ROLE_ASSISTANT
        for part in reversed(message.parts)
        if part.HasField("tool_call")
    )
    return chain(called, (tool.name for tool in specification.tools))


def _last_user_message(specification: CompletionSpecification) -> Message | None:
    return next((m for m in reversed(specification.messages) if m.role == ROLE_USER), None)


def _attachment_task_type(part: Part) -> str | None:
    match part.WhichOneof("kind"):
        case "image":
            return MEDIA_FAMILY_TASK_TYPES["image"]
        case "audio":
            return MEDIA_FAMILY_TASK_TYPES["audio"]
        case "document":
            return _document_task_type(part.document.media_type, part.document.file_name)
        case _:
            return None


def _document_task_type(media_type: str, file_name: str) -> str | None:
    plain = media_type.partition(";")[0].strip().lower()
    extension = file_name.rpartition(".")[2].lower()
    return (
        MEDIA_TYPE_TASK_TYPES.get(plain)
        or MEDIA_FAMILY_TASK_TYPES.get(plain.partition("/")[0])
        or EXTENSION_TASK_TYPES.get(extension)
    )


def _keyword_task_type(text: str) -> str | None:
    if len(text) > 2 * SCANNED_CHARACTERS:
        text = f"{text[:SCANNED_CHARACTERS]}\n{text[-SCANNED_CHARACTERS:]}"
    longest = max(_KEYWORD.findall(text.lower()), key=len, default=None)
    return None if longest is None else _TASK_TYPES[longest]


def _first(task_types: Iterable[str | None]) -> str | None:
    return next((task_type for task_type in task_types if task_type), None)
