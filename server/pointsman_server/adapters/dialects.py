"""The dialects that provider files may name, and the quirks that each knows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pointsman_server.adapters import openai_quirks
from pointsman_server.adapters.base import Dialect
from pointsman_server.adapters.openai import OpenAIDialect
from pointsman_server.catalog.model import Provider
from pointsman_server.errors import ConfigurationError

DIALECTS: Mapping[str, Dialect] = MappingProxyType({"openai": OpenAIDialect()})
"""Every dialect by its name. They hold no state, so one of each serves all providers."""

QUIRKS: Mapping[str, Mapping[str, str]] = MappingProxyType({"openai": openai_quirks.QUIRKS})
"""By dialect: every quirk's name, and what it changes."""


def check(provider: Provider) -> None:
    """Checks the dialect and the quirks that a provider's file names.

    Raises:
        ConfigurationError: one is unknown; says which, and what is known.
    """
    if provider.dialect not in DIALECTS:
        known = ", ".join(sorted(DIALECTS))
        raise ConfigurationError(f"provider {provider.id}: unknown dialect {provider.dialect!r}; known are: {known}")
    unknown = sorted(provider.quirks - QUIRKS[provider.dialect].keys())
    if unknown:
        known = ", ".join(sorted(QUIRKS[provider.dialect]))
        raise ConfigurationError(f"provider {provider.id}: unknown quirks {', '.join(unknown)}; known are: {known}")
