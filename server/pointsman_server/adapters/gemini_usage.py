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

from pointsman_server.adapters.token_count import count, first

_COUNTS = (
    "promptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "toolUsePromptTokenCount",
    "totalTokenCount",
)


def read(usage: object) -> TokenUsage | None:
    """Returns the usage by disjoint classes; ``None``: there is no count in ``usageMetadata``, whatever it is."""
    if not isinstance(usage, dict) or all(count(usage.get(name)) is None for name in _COUNTS):
        return None
    prompt, candidates, thoughts, tool_use, total = (first(usage.get(name)) for name in _COUNTS)
    result = TokenUsage()
    # Classes may overlap (cached audio): the dearer one keeps the tokens.
    result.input_audio_tokens = min(_audio(usage.get("promptTokensDetails")), prompt)
    result.cache_read_tokens = min(first(usage.get("cachedContentTokenCount")), prompt - result.input_audio_tokens)
    result.input_tokens = prompt - result.input_audio_tokens - result.cache_read_tokens + tool_use
    result.output_audio_tokens = min(_audio(usage.get("candidatesTokensDetails")), candidates)
    result.output_tokens = candidates - result.output_audio_tokens
    result.reasoning_tokens = max(thoughts, total - prompt - candidates - tool_use)
    return result


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
    counts = details if isinstance(details, list) else []
    return sum(
        first(entry.get("tokenCount"))
        for entry in counts
        if isinstance(entry, dict) and entry.get("modality") == "AUDIO"
    )
