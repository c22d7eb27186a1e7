"""What hosts and models of the ``gemini`` dialect do otherwise: flags for provider files, each with its meaning."""

from collections.abc import Mapping
from types import MappingProxyType

DROPPABLE = (
    "temperature",
    "top_p",
    "top_k",
    "frequency_penalty",
    "presence_penalty",
    "stop",
    "seed",
    "reasoning_effort",
)
"""Parameters that a host or model can go without: ``no_<parameter>`` leaves one out, with a warning."""

QUIRKS: Mapping[str, str] = MappingProxyType(
    {
        "thinking_budget": "Effort is sent as thinkingBudget, not as thinkingLevel: models before Gemini 3.",
        "always_thinks": "With thinking_budget: thinking cannot be switched off; no effort is the least budget.",
        "thinking_minimal": "The model has the thinking level MINIMAL; otherwise LOW is its least.",
        "no_thinking_medium": "The model has no thinking level MEDIUM; it is left out, with a warning.",
        "no_signature_placeholder": (
            "Tool calls of other models are sent without a placeholder for their thought signature: models before "
            "Gemini 3."
        ),
        "no_call_ids": "The host takes no ids of tool calls and results; they are matched by name and order.",
        "validated_calls": "Where a tool is strict, calls are asked for in the mode VALIDATED.",
        "tool_result_media": "Tool results may hold images and documents.",
        "media_resolution": "The detail of an image is sent as mediaResolution.",
        "file_uri": "Images and documents may be given by https address.",
    }
    | {f"no_{name}": f"{name} is left out, with a warning." for name in DROPPABLE}
)
"""Every quirk of the dialect: its name, and what it changes."""
