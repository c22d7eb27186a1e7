"""Reads what a Chat Completions server says it used, into disjoint classes.

How they count:

* OpenAI, Azure, OpenRouter, vLLM: ``prompt_tokens`` holds cached, cache-written and audio tokens;
  ``completion_tokens`` holds reasoning and audio tokens; ``total_tokens`` is their sum. The two ``…_details`` say how
  much of each. OpenRouter's ``cost`` fields are not read: prices are the catalog's.
* DeepSeek: the same, with ``prompt_cache_hit_tokens`` for what was read from the cache.
* Gateways in front of Anthropic: ``cache_creation_input_tokens`` and ``cache_read_input_tokens`` within the prompt.
* xAI: reasoning stands beside ``completion_tokens``; ``total_tokens`` holds all three. Gemini's compatible endpoint
  too, and may not name the reasoning at all.
* llama.cpp, Ollama, TGI, LocalAI: the two counts and their sum.

Nothing here raises. A count that is no number, or a boolean, was not given; a negative one is 0; a huge one is cut to
2^53. A detail never exceeds the count that it is part of, and the classes together are never fewer than the totals
say: what ``total_tokens`` holds above the two counts is output that nobody itemised, so it counts as reasoning.
"""

from __future__ import annotations

from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.adapters.token_count import count, first


def read(usage: object, *, reasoning_beside_output: bool = False) -> TokenUsage | None:
    """Returns the usage by disjoint classes; ``None``: there is no count in it.

    Args:
        usage: the ``usage`` member, whatever it is.
        reasoning_beside_output: how the host counts where it gives no total.
    """
    if not isinstance(usage, dict):
        return None
    prompt, completion, total = (
        count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens", "total_tokens")
    )
    if prompt is None and completion is None and total is None:
        return None
    result = TokenUsage()
    if completion is None:
        completion = max(0, (total or 0) - (prompt or 0))
    if prompt is None:
        prompt = max(0, (total or 0) - completion)
    _split_input(usage, prompt, result)
    excess = None if total is None else max(0, total - prompt - completion)
    _split_output(usage, completion, excess, reasoning_beside_output=reasoning_beside_output, result=result)
    return result


def _split_input(usage: dict[str, object], prompt: int, result: TokenUsage) -> None:
    details = _details(usage, "prompt_tokens_details")
    written = first(
        details.get("cache_write_tokens"),
        details.get("cache_creation_tokens"),
        usage.get("cache_creation_input_tokens"),
    )
    cached = first(
        details.get("cached_tokens"), usage.get("prompt_cache_hit_tokens"), usage.get("cache_read_input_tokens")
    )
    # Classes may overlap (cached audio): the dearer one keeps the tokens.
    result.input_audio_tokens = min(first(details.get("audio_tokens")), prompt)
    result.cache_write_tokens = min(written, prompt - result.input_audio_tokens)
    result.cache_read_tokens = min(cached, prompt - result.input_audio_tokens - result.cache_write_tokens)
    result.input_tokens = prompt - result.input_audio_tokens - result.cache_write_tokens - result.cache_read_tokens


def _split_output(
    usage: dict[str, object], completion: int, excess: int | None, *, reasoning_beside_output: bool, result: TokenUsage
) -> None:
    details = _details(usage, "completion_tokens_details")
    reasoning = first(details.get("reasoning_tokens"))
    result.output_audio_tokens = min(first(details.get("audio_tokens")), completion)
    within = completion - result.output_audio_tokens
    beside = reasoning_beside_output if excess is None else excess >= reasoning and excess > 0
    inside = 0 if beside else min(reasoning, within)
    result.output_tokens = within - inside
    result.reasoning_tokens = max(excess or 0, reasoning) if beside else inside + (excess or 0)


def _details(usage: dict[str, object], name: str) -> dict[str, object]:
    value = usage.get(name)
    return value if isinstance(value, dict) else {}
