"""What hosts of the ``openai`` dialect do otherwise: flags for provider files, each with its meaning."""

from collections.abc import Mapping
from types import MappingProxyType

DROPPABLE = (
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "stop",
    "seed",
    "parallel_tool_calls",
    "reasoning_effort",
    "tool_choice",
)
"""Parameters that a host can go without: ``no_<parameter>`` leaves one out, with a warning."""

QUIRKS: Mapping[str, str] = MappingProxyType(
    {
        "max_tokens": "The output cap is sent as max_tokens, not as max_completion_tokens.",
        "no_stream_options": "stream_options is left out; usage is read wherever the host puts it.",
        "top_k": "The host takes top_k.",
        "reasoning_refuses_sampling": (
            "Models with the reasoning capability take no temperature, top_p, penalties or stop, unless reasoning is "
            "switched off; they are left out, with a warning."
        ),
        "reasoning_content": "Thoughts of earlier turns are handed back as reasoning_content.",
        "reasoning_details": "Opaque thoughts of earlier turns are handed back as reasoning_details.",
        "extra_content": "Opaque state of earlier tool calls is handed back as extra_content.",
        "reasoning_beside_output": (
            "Reasoning is counted beside completion_tokens; only needed where the host gives no total_tokens."
        ),
        "file_uri": "Documents may be given by https address.",
        "refusal_as_text": "Refusals of earlier turns are handed back as text.",
    }
    | {f"no_{name}": f"{name} is left out, with a warning." for name in DROPPABLE}
)
"""Every quirk of the dialect: its name, and what it changes."""
