"""Reads what an update names, and nothing else of the message: the rest was not checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

MessageT = TypeVar("MessageT", bound=Message)


def named_in(message: MessageT, key: str, fields: Iterable[str]) -> MessageT:
    """A message that has the key and the named fields alone."""
    named = type(message)()
    FieldMask(paths=[key, *fields]).MergeMessage(message, named)
    return named
