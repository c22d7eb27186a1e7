"""Writes how much a model shall think."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pointsman.v1.completion_pb2 import ReasoningEffort
from pointsman.v1.model_pb2 import Capability

from pointsman_server.adapters.anthropic_names import THOUGHTS
from pointsman_server.adapters.base import Target

LEAST_BUDGET_TOKENS = 1024
"""The least budget that the API takes; it must stay below ``max_tokens``."""

_EFFORTS = {
    ReasoningEffort.REASONING_EFFORT_MINIMAL: "low",
    ReasoningEffort.REASONING_EFFORT_LOW: "low",
    ReasoningEffort.REASONING_EFFORT_MEDIUM: "medium",
    ReasoningEffort.REASONING_EFFORT_HIGH: "high",
}
_BUDGET_TENTHS = {
    ReasoningEffort.REASONING_EFFORT_MINIMAL: 0,
    ReasoningEffort.REASONING_EFFORT_LOW: 2,
    ReasoningEffort.REASONING_EFFORT_MEDIUM: 5,
    ReasoningEffort.REASONING_EFFORT_HIGH: 8,
}
"""How much of the output cap a budget may take."""


@dataclass(frozen=True, slots=True)
class Thinking:
    """What the body says of thinking.

    Attributes:
        thinking: the member of that name; ``None``: it is left out.
        effort: goes into ``output_config``; empty: it is left out.
        why_not: why the effort that was asked for is not sent; empty: it is, or none was asked for.
    """

    thinking: dict[str, Any] | None = None
    effort: str = ""
    why_not: str = ""

    @property
    def on(self) -> bool:
        """Whether thinking was switched on, which rules out sampling."""
        return self.thinking is not None and self.thinking["type"] != "disabled"


def write(
    effort: ReasoningEffort.ValueType, target: Target, messages: Sequence[dict[str, Any]], *, forces_tools: bool
) -> Thinking:
    """Writes the effort that was asked for.

    Args:
        effort: what was asked for; unset sends nothing, so that the model's own default holds.
        target: whose quirks and output cap count.
        messages: as they are sent.
        forces_tools: whether the tool choice leaves the model no way around a tool.
    """
    if effort == ReasoningEffort.REASONING_EFFORT_UNSPECIFIED:
        return Thinking()
    if Capability.CAPABILITY_REASONING not in target.model.capabilities:
        off = effort == ReasoningEffort.REASONING_EFFORT_NONE
        return Thinking() if off else Thinking(why_not="The serving model does not think.")
    if effort == ReasoningEffort.REASONING_EFFORT_NONE:
        if "always_thinks" in target.quirks:
            return Thinking(why_not="The serving model always thinks.")
        return Thinking({"type": "disabled"})
    if "thinking_budget" in target.quirks:
        return _budget(effort, target.max_output_tokens, messages, forces_tools=forces_tools)
    # Newer models leave their thoughts out unless a summary is asked for.
    return Thinking({"type": "adaptive", "display": "summarized"}, _EFFORTS[effort])


def _budget(
    effort: ReasoningEffort.ValueType, cap_tokens: int, messages: Sequence[dict[str, Any]], *, forces_tools: bool
) -> Thinking:
    if cap_tokens <= LEAST_BUDGET_TOKENS:
        return Thinking(
            why_not=f"The output cap leaves no room for thinking, which takes {LEAST_BUDGET_TOKENS} tokens."
        )
    if forces_tools:
        return Thinking(why_not="The serving model cannot think where it must call a tool.")
    if _goes_on_without_thoughts(messages):
        return Thinking(why_not="The serving model cannot think in a turn that began without its own thoughts.")
    budget = max(LEAST_BUDGET_TOKENS, cap_tokens * _BUDGET_TENTHS[effort] // 10)
    return Thinking({"type": "enabled", "budget_tokens": budget})


def _goes_on_without_thoughts(messages: Sequence[dict[str, Any]]) -> bool:
    """Whether the conversation stands within a loop of tool calls whose first message holds no thoughts up front.

    So it is where another model, or another dialect's, began the turn.
    """
    first: dict[str, Any] | None = None
    for message in reversed(messages):
        if message["role"] == "assistant":
            first = message
        elif not any(block["type"] == "tool_result" for block in message["content"]):
            break
    return first is not None and first["content"][0]["type"] not in THOUGHTS
