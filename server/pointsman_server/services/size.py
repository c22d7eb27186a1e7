"""Holds requests to the largest size, and names the field that makes one too large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message

from pointsman_server.errors import FieldViolation, MessageTooLarge


def check_size(request: Message, size: int, limit: int) -> None:
    """Refuses a request of more than ``limit`` bytes.

    Raises:
        MessageTooLarge: names the largest field.
    """
    if size > limit:
        raise too_large(size, limit, largest_field(request))


def too_large(size: int, limit: int, field: str) -> MessageTooLarge:
    """The error for a request of ``size`` bytes."""
    description = f"the request has {size} bytes and may have {limit}"
    cure = "send less; give images and documents by uri"
    return MessageTooLarge(
        f"{description}; the largest field is {field}; {cure}",
        metadata={"limit_bytes": str(limit), "field": field},
        fields=(FieldViolation(field, f"{description}; {cure}"),),
    )


def largest_field(message: Message) -> str:
    """The path of the field that holds the most: from the top down, always into the largest child."""
    path = ""
    while children := [(size, name, child) for name, child, size in _children(message)]:
        _, name, child = max(children, key=lambda entry: entry[0])
        path = f"{path}.{name}" if path else name
        if not isinstance(child, Message):
            break
        message = child
    return path or "request"


def _children(message: Message) -> Iterator[tuple[str, Any, int]]:
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            yield field.name, None, sum(len(str(key)) + len(str(item)) for key, item in value.items())
        elif field.is_repeated:
            yield from ((f"{field.name}[{index}]", item, _size(item)) for index, item in enumerate(value))
        else:
            yield field.name, value, _size(value)


def _size(value: object) -> int:
    if isinstance(value, Message):
        return value.ByteSize()
    return len(value) if isinstance(value, (str, bytes)) else 8
