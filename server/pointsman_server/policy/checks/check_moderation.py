"""What a moderation model flags: the categories of the OpenAI-compatible endpoint. ``execution`` asks it."""

from __future__ import annotations

NAME = "check_moderation"

KINDS = frozenset(
    {
        "harassment",
        "harassment_threatening",
        "hate",
        "hate_threatening",
        "illicit",
        "illicit_violent",
        "other",
        "self_harm",
        "self_harm_instructions",
        "self_harm_intent",
        "sexual",
        "sexual_minors",
        "violence",
        "violence_graphic",
    }
)


def kind_of(category: str) -> str:
    """A category of the endpoint, such as ``self-harm/intent``, as a kind; ``other`` for one that is not known."""
    kind = category.replace("-", "_").replace("/", "_")
    return kind if kind in KINDS else "other"
