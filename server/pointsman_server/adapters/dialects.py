"""The dialects that provider files may name, and the quirks that each knows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pointsman_server.adapters import anthropic_quirks, gemini_quirks, openai_quirks
from pointsman_server.adapters.anthropic import AnthropicDialect
from pointsman_server.adapters.base import Dialect
from pointsman_server.adapters.gemini import GeminiDialect
from pointsman_server.adapters.openai import OpenAIDialect

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "anthropic": AnthropicDialect(),
        "gemini": GeminiDialect(),
        "openai": OpenAIDialect(),
    }
)
"""Every dialect by its name. They hold no state, so one of each serves all providers."""

QUIRKS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "anthropic": anthropic_quirks.QUIRKS,
        "gemini": gemini_quirks.QUIRKS,
        "openai": openai_quirks.QUIRKS,
    }
)
"""By dialect: every quirk's name, and what it changes. A provider file that names another is refused."""
