"""Which wire a request is for, and what it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote

from pointsman_server.sandbox.anthropic_wire import VERSION_HEADER, AnthropicWire
from pointsman_server.sandbox.gemini_wire import GeminiWire
from pointsman_server.sandbox.http1 import Request
from pointsman_server.sandbox.openai_wire import OpenAiWire
from pointsman_server.sandbox.wire import Wire

_OPENAI: Final = OpenAiWire()
_MODELS_PATH: Final = "/v1/models"
_GEMINI_PATH: Final = "/v1beta/models"
_GEMINI_METHODS: Final = frozenset({"generateContent", "streamGenerateContent"})


@dataclass(frozen=True, slots=True)
class Route:
    """A wire and what is asked of it; ``model``: the one that is asked about, empty for the list of all."""

    wire: Wire
    asks: Literal["completion", "models", "moderation", "nothing"]
    model: str = ""


def route(request: Request) -> Route:
    """Finds the route by the path; what no wire knows is refused in OpenAI's words."""
    if request.path == "/v1/chat/completions":
        return Route(_OPENAI, "completion")
    if request.path == "/v1/moderations":
        return Route(_OPENAI, "moderation")
    if request.path == "/v1/messages":
        return Route(AnthropicWire(request), "completion")
    if request.path == _MODELS_PATH or request.path.startswith(f"{_MODELS_PATH}/"):
        wire = AnthropicWire(request) if VERSION_HEADER in request.headers else _OPENAI
        return Route(wire, "models", request.path.removeprefix(_MODELS_PATH).removeprefix("/"))
    if request.path == _GEMINI_PATH or request.path.startswith(f"{_GEMINI_PATH}/"):
        return _gemini(request)
    return Route(_OPENAI, "nothing")


def _gemini(request: Request) -> Route:
    model, _, method = unquote(request.path.removeprefix(_GEMINI_PATH).removeprefix("/")).partition(":")
    wire = GeminiWire(model, method, request.query)
    if not method:
        return Route(wire, "models", model)
    return Route(wire, "completion" if method in _GEMINI_METHODS else "nothing")
