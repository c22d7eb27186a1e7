"""Reads what Gemini says that it used, into disjoint classes.

How it counts: ``promptTokenCount`` holds what was read from the cache (``cachedContentTokenCount``) and all media;
``candidatesTokenCount`` is the visible output and holds no thoughts; ``thoughtsTokenCount`` and
``toolUsePromptTokenCount`` (input that the provider's own tools brought) stand beside; ``totalTokenCount`` is the sum
of the four. ``…TokensDetails`` split a count by modality. Each chunk of a stream reports anew, so the last one counts;
early ones may lack counts.

Nothing here raises. A count that is no number was not given; a negative one is 0; a huge one is cut to 2^53. A detail
never exceeds the count that it is part of, and the classes together are never fewer than the total: what it holds
above the four is output that nobody itemised, so it counts as reasoning.
"""

from __future__ import annotations

from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.adapters.token_count import count

_COUNTS = (
    "promptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "toolUsePromptTokenCount",
    "totalTokenCount",
)


def read(usage: object) -> TokenUsage | None:
    """Returns the usage by disjoint classes; ``None``: there is no count in ``usageMetadata``, whatever it is."""
    if not isinstance(usage, dict):
        return None
    counts = [count(usage.get(name)) for name in _COUNTS]
    if all(given is None for given in counts):
        return None
    prompt, candidates, thoughts, tool_use, total = (given or 0 for given in counts)
    # Classes may overlap (cached audio): the dearer one keeps the tokens.
    audio = min(_audio(usage.get("promptTokensDetails")), prompt)
    cached = min(count(usage.get("cachedContentTokenCount")) or 0, prompt - audio)
    spoken = min(_audio(usage.get("candidatesTokensDetails")), candidates)
    return TokenUsage(
        input_tokens=prompt - audio - cached + tool_use,
        cache_read_tokens=cached,
        input_audio_tokens=audio,
        output_tokens=candidates - spoken,
        reasoning_tokens=max(thoughts, total - prompt - candidates - tool_use),
        output_audio_tokens=spoken,
    )


def counts_output(usage: object) -> bool:
    """Whether ``usageMetadata`` tells the visible output."""
    return isinstance(usage, dict) and count(usage.get("candidatesTokenCount")) is not None


def input_alone(usage: TokenUsage) -> TokenUsage:
    """The same usage without its output."""
    return TokenUsage(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        input_audio_tokens=usage.input_audio_tokens,
    )


def _audio(details: object) -> int:
    if not isinstance(details, list):
        return 0
    spoken = [entry for entry in details if isinstance(entry, dict) and entry.get("modality") == "AUDIO"]
    return sum(count(entry.get("tokenCount")) or 0 for entry in spoken)
