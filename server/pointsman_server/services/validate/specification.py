"""Checks the specification that Route and Complete share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pointsman.v1.completion_pb2 import CompletionSpecification, Hints, Sampling

from pointsman_server.services.validate import limits
from pointsman_server.services.validate.conversation import conversation
from pointsman_server.services.validate.tools import tools
from pointsman_server.services.validate.violations import Violations


def specification(message: CompletionSpecification, path: str, violations: Violations) -> None:
    """Checks every field of a specification."""
    conversation(message.messages, f"{path}.messages", violations)
    tools(message, path, violations)
    _sampling(message.sampling, f"{path}.sampling", violations)
    _output(message, path, violations)
    _names(message, path, violations)
    labels(message.labels, f"{path}.labels", violations)
    _hints(message.hints, f"{path}.hints", violations)


def unavailable(message: CompletionSpecification, path: str) -> Iterator[str]:
    """Yields the fields that are set and whose features are not served yet."""
    hints = message.hints
    later = {
        "conversation_id": bool(message.conversation_id),
        "context": message.HasField("context"),
        "hints.allow_continuation": hints.allow_continuation,
        "hints.max_wait": hints.HasField("max_wait"),
    }
    return (f"{path}.{name}" for name, is_set in later.items() if is_set)


def labels(values: Mapping[str, str], path: str, violations: Violations) -> None:
    """Checks labels."""
    if len(values) > limits.MAX_LABELS:
        violations.add(path, f"has {len(values)} labels; use at most {limits.MAX_LABELS}")
        return
    for number, key in enumerate(sorted(values)):
        at = f"{path}[{key}]" if _is_plain(key) else f"{path}[#{number}]"
        violations.text(key, f"{at} (key)", limits.MAX_LABEL_CHARACTERS, required=True)
        violations.text(values[key], at, limits.MAX_LABEL_CHARACTERS)


def _is_plain(key: str) -> bool:
    return 0 < len(key) <= limits.MAX_LABEL_CHARACTERS and key.isprintable()


def _sampling(sampling: Sampling, path: str, violations: Violations) -> None:
    if sampling.HasField("temperature"):
        violations.number(sampling.temperature, f"{path}.temperature", 0, 2)
    if sampling.HasField("top_p"):
        violations.number(sampling.top_p, f"{path}.top_p", 0, 1, above_low=True)
    if sampling.HasField("top_k"):
        violations.number(sampling.top_k, f"{path}.top_k", 1, None)
    if sampling.HasField("frequency_penalty"):
        violations.number(sampling.frequency_penalty, f"{path}.frequency_penalty", -2, 2)
    if sampling.HasField("presence_penalty"):
        violations.number(sampling.presence_penalty, f"{path}.presence_penalty", -2, 2)


def _output(message: CompletionSpecification, path: str, violations: Violations) -> None:
    stops = message.stop_sequences
    if len(stops) > limits.MAX_STOP_SEQUENCES:
        violations.add(f"{path}.stop_sequences", f"has {len(stops)}; use at most {limits.MAX_STOP_SEQUENCES}")
    for index, stop in enumerate(stops[: limits.MAX_STOP_SEQUENCES]):
        if not stop:
            violations.add(f"{path}.stop_sequences[{index}]", "is empty; fill it or leave it out")
    if message.HasField("max_output_tokens"):
        violations.number(message.max_output_tokens, f"{path}.max_output_tokens", 1, limits.MAX_OUTPUT_TOKENS)
    violations.enum(message, "reasoning_effort", f"{path}.reasoning_effort")


def _names(message: CompletionSpecification, path: str, violations: Violations) -> None:
    violations.text(message.purpose, f"{path}.purpose", limits.MAX_NAME_CHARACTERS)
    violations.chosen_id(message.task_code, f"{path}.task_code")
    violations.identifier(message.run_id, f"{path}.run_id")
    violations.identifier(message.agent_id, f"{path}.agent_id")
    violations.identifier(message.project_id, f"{path}.project_id")


def _hints(hints: Hints, path: str, violations: Violations) -> None:
    violations.names(hints.pinned_models, f"{path}.pinned_models")
    violations.names(hints.preferred_models, f"{path}.preferred_models")
    violations.names(hints.pinned_providers, f"{path}.pinned_providers")
    violations.names(hints.preferred_providers, f"{path}.preferred_providers")
    violations.enums(hints, "required_capabilities", f"{path}.required_capabilities")
    if hints.HasField("max_cost_nanos"):
        violations.number(hints.max_cost_nanos, f"{path}.max_cost_nanos", 0, None)
    if hints.HasField("max_latency"):
        violations.positive_duration(hints.max_latency, f"{path}.max_latency")
    violations.enum(hints, "profile", f"{path}.profile")
