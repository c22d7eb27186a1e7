"""The dialects and their variants, as they reach the sandbox, and what each cannot do: a new one is one entry here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PICTURE_IN_RESULT = "an image in a tool's result"
"""A capability that needs two requests, so that it stands beside the list."""


@dataclass(frozen=True)
class Host:
    """How a dialect reaches the sandbox, and what it cannot do.

    Attributes:
        path: what its base URL ends in.
        warns: by capability, the fields that it leaves out with a warning.
        refuses: capabilities that it has no words for: nothing is sent.
        host_refuses: capabilities that it has words for, and that the host refuses.
        beyond_models: wishes that the contract makes only of models that can: it comes as near as they do.
    """

    dialect: str
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    quirks: frozenset[str] = frozenset()
    warns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refuses: frozenset[str] = frozenset()
    host_refuses: frozenset[str] = frozenset()
    beyond_models: frozenset[str] = frozenset()


_ANTHROPIC_WARNS = {
    "image detail": ("messages[0].parts[0].image.detail",),
    "any JSON object": ("output_format.json_object",),
    "temperature": ("sampling.temperature",),
    "top_p": ("sampling.top_p",),
    "top_k": ("sampling.top_k",),
    "penalties": ("sampling.frequency_penalty", "sampling.presence_penalty"),
    "seed": ("seed",),
    "name of a speaker": ("messages[0].name",),
    "more than four cache breakpoints": ("messages[0].parts[0].cache_breakpoint",),
}
_GEMINI_WARNS = {
    "name of a speaker": ("messages[0].name",),
    "image detail": ("messages[0].parts[0].image.detail",),
    "document": ("messages[0].parts[0].document.file_name",),
    "text document": ("messages[0].parts[0].document.file_name",),
}
_OLD_ANTHROPIC_TAKES = ("temperature", "top_p", "top_k")

HOSTS = {
    "openai": Host(
        "openai",
        "/v1",
        quirks=frozenset({"reasoning_content"}),
        warns={
            "top_k": ("sampling.top_k",),
            PICTURE_IN_RESULT: ("messages[2].parts[0].tool_result.parts",),
        },
        refuses=frozenset({"document by address"}),
        host_refuses=frozenset({"text document"}),
    ),
    "anthropic": Host(
        "anthropic", headers={"anthropic-version": "2026-10-21"}, warns=_ANTHROPIC_WARNS, refuses=frozenset({"audio"})
    ),
    "anthropic, older models": Host(
        "anthropic",
        headers={"anthropic-version": "2023-06-01"},
        quirks=frozenset({"thinking_budget", "sampling"}),
        warns={name: fields for name, fields in _ANTHROPIC_WARNS.items() if name not in _OLD_ANTHROPIC_TAKES},
        refuses=frozenset({"audio"}),
    ),
    "gemini": Host(
        "gemini",
        warns=_GEMINI_WARNS | {PICTURE_IN_RESULT: ("messages[2].parts[0].tool_result.parts",)},
        refuses=frozenset({"image by address", "document by address"}),
        beyond_models=frozenset({"no thinking"}),
    ),
    "gemini, models that can more": Host(
        "gemini",
        quirks=frozenset({"thinking_minimal", "file_uri", "media_resolution", "tool_result_media", "validated_calls"}),
        warns={name: fields for name, fields in _GEMINI_WARNS.items() if name != "image detail"},
        beyond_models=frozenset({"no thinking"}),
    ),
    "gemini, older models": Host(
        "gemini",
        quirks=frozenset({"thinking_budget", "file_uri", "no_call_ids"}),
        warns=_GEMINI_WARNS | {PICTURE_IN_RESULT: ("messages[2].parts[0].tool_result.parts",)},
    ),
}
