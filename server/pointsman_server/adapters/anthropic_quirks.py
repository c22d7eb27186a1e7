"""What hosts and models of the ``anthropic`` dialect do otherwise: flags for provider files, each with its meaning."""

from collections.abc import Mapping
from types import MappingProxyType

QUIRKS: Mapping[str, str] = MappingProxyType(
    {
        "sampling": (
            "Takes temperature from 0 to 1, top_p and top_k, while it does not think. Anthropic itself takes none "
            "since API version 2026-10-21."
        ),
        "thinking_budget": (
            "Thinks within a budget of tokens, not by an effort: Claude 4.5 and before, and most compatible hosts."
        ),
        "always_thinks": "Refuses to be told not to think.",
        "no_cache_control": "Takes no cache breakpoints; they are left out, without a warning.",
    }
)
"""Every quirk of the dialect: its name, and what it changes."""
