"""Pointsman: stubs, client and command line."""

from pointsman.assembly import Answer, NumberedEvent
from pointsman.async_client import AsyncClient
from pointsman.client import Client
from pointsman.content import assistant, audio, document, image, json_schema, text_of, tool, tool_result, user
from pointsman.errors import PointsmanError
from pointsman.stream import AsyncCompletion, Completion

__all__ = [
    "Answer",
    "AsyncClient",
    "AsyncCompletion",
    "Client",
    "Completion",
    "NumberedEvent",
    "PointsmanError",
    "assistant",
    "audio",
    "document",
    "image",
    "json_schema",
    "text_of",
    "tool",
    "tool_result",
    "user",
]
