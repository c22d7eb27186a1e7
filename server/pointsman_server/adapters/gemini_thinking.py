"""Says in Gemini's words how long a model may think."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pointsman.v1.completion_pb2 import ReasoningEffort
from pointsman.v1.model_pb2 import Capability

from pointsman_server.adapters.base import Target

# As Google maps the efforts of its own compatible endpoint.
_BUDGETS = {
    ReasoningEffort.REASONING_EFFORT_NONE: 0,
    ReasoningEffort.REASONING_EFFORT_MINIMAL: 1_024,
    ReasoningEffort.REASONING_EFFORT_LOW: 1_024,
    ReasoningEffort.REASONING_EFFORT_MEDIUM: 8_192,
    ReasoningEffort.REASONING_EFFORT_HIGH: 24_576,
}
_LEAST_BUDGET = 128
_LEVELS = {
    ReasoningEffort.REASONING_EFFORT_NONE: "MINIMAL",
    ReasoningEffort.REASONING_EFFORT_MINIMAL: "MINIMAL",
    ReasoningEffort.REASONING_EFFORT_LOW: "LOW",
    ReasoningEffort.REASONING_EFFORT_MEDIUM: "MEDIUM",
    ReasoningEffort.REASONING_EFFORT_HIGH: "HIGH",
}


@dataclass(frozen=True, slots=True)
class Thinking:
    """A ``thinkingConfig``, and whether it says the effort that was asked for; empty: nothing is to be sent."""

    config: dict[str, Any] = field(default_factory=dict)
    effort_is_met: bool = True


def config(effort: ReasoningEffort.ValueType, target: Target) -> Thinking:
    """Asks for readable thoughts, which cost nothing more, and for the effort as near as the model's data allow.

    Where no thinking is wanted, no thoughts are asked for: some models cannot go without, and those that can refuse to
    show thoughts that they shall not have.
    """
    if Capability.CAPABILITY_REASONING not in target.model.capabilities:
        return Thinking(effort_is_met=not effort)
    wanted: dict[str, Any] = {} if effort == ReasoningEffort.REASONING_EFFORT_NONE else {"includeThoughts": True}
    if not effort:
        return Thinking(wanted)
    if "no_reasoning_effort" in target.quirks:
        return Thinking(wanted, effort_is_met=False)
    if "thinking_budget" not in target.quirks:
        level = _level(effort, target)
        return Thinking(wanted | {"thinkingLevel": level}) if level else Thinking(wanted, effort_is_met=False)
    budget = _BUDGETS[effort]
    if not budget and "always_thinks" in target.quirks:
        budget = _LEAST_BUDGET
    return Thinking(wanted | {"thinkingBudget": budget})


def _level(effort: ReasoningEffort.ValueType, target: Target) -> str:
    level = _LEVELS[effort]
    if level == "MINIMAL" and "thinking_minimal" not in target.quirks:
        return "LOW"
    return "" if level == "MEDIUM" and "no_thinking_medium" in target.quirks else level
