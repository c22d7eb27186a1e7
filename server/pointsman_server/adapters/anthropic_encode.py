"""Writes Messages requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pointsman.v1.completion_pb2 import (
    CompletionSpecification,
    Warning,  # noqa: A004  # the contract's word
)
from pointsman.v1.content_pb2 import Tool, ToolChoice, ToolChoiceMode
from pointsman.v1.model_pb2 import Capability

from pointsman_server.adapters import anthropic_format, anthropic_messages, anthropic_thinking, http_call
from pointsman_server.adapters.anthropic_cache import Breakpoints
from pointsman_server.adapters.anthropic_schema import enforceable
from pointsman_server.adapters.base import Encoded, Target
from pointsman_server.adapters.request_body import dropped, schema, unsayable
from pointsman_server.secrets.model import Secret

_MESSAGES_PATH = "/v1/messages"
_SAMPLING = ("temperature", "top_p", "top_k")
_CHOICES = {
    ToolChoiceMode.TOOL_CHOICE_MODE_AUTO: "auto",
    ToolChoiceMode.TOOL_CHOICE_MODE_NONE: "none",
    ToolChoiceMode.TOOL_CHOICE_MODE_REQUIRED: "any",
    ToolChoiceMode.TOOL_CHOICE_MODE_NAMED: "tool",
}
_FORCING = frozenset({"any", "tool"})


def encode(specification: CompletionSpecification, target: Target, key: Secret | None) -> Encoded:
    """Writes the request, streamed.

    Raises:
        ProviderFailure: the dialect has no words for the request (``INVALID_REQUEST``).
    """
    writer = _BodyWriter(specification, target)
    body = writer.write()
    call = http_call.build(
        target.provider,
        key,
        operation="chat",
        default_path=_MESSAGES_PATH,
        model=target.model.provider_model_id,
        body=json.dumps(body, separators=(",", ":")).encode(),
        accept="text/event-stream, application/json",
    )
    return Encoded(call, tuple(writer.warnings), summarises_thoughts=True)


class _BodyWriter:
    """Writes one body; in the order of the prompt, since cache breakpoints count in that order."""

    def __init__(self, specification: CompletionSpecification, target: Target) -> None:
        self.warnings: list[Warning] = []
        self._specification = specification
        self._target = target
        self._breakpoints = Breakpoints()
        self._body: dict[str, Any] = {
            "model": target.model.provider_model_id,
            "max_tokens": target.max_output_tokens,
            "stream": True,
        }

    def write(self) -> dict[str, Any]:
        form = anthropic_format.write(self._specification.output_format, self._target)
        self.warnings += form.warnings
        self._tools()
        self._system(form.instruction)
        messages, warnings = anthropic_messages.encode(self._specification, self._breakpoints)
        self._body["messages"] = messages
        self.warnings += warnings
        self._thinking(messages, form.output_config or {})
        self._stop_sequences()
        if "no_cache_control" not in self._target.quirks:
            self.warnings += self._breakpoints.write()
        return self._body

    def _tools(self) -> None:
        specification = self._specification
        if not specification.tools:
            return
        self._body["tools"] = [self._tool(tool, f"tools[{index}]") for index, tool in enumerate(specification.tools)]
        if choice := _tool_choice(specification.tool_choice):
            self._body["tool_choice"] = choice

    def _tool(self, tool: Tool, path: str) -> dict[str, Any]:
        given = schema(tool.parameters_json_schema) if tool.parameters_json_schema else {}
        if not isinstance(given, dict):
            raise unsayable("a tool's parameters are no object schema")
        written: dict[str, Any] = {"name": tool.name}
        if tool.description:
            written["description"] = tool.description
        written["input_schema"] = {"type": "object", "properties": {}} | given
        if tool.strict:
            self._enforce(written, path)
        if tool.HasField("cache_breakpoint"):
            self._breakpoints.mark(written, tool.cache_breakpoint, f"{path}.cache_breakpoint")
        return written

    def _enforce(self, tool: dict[str, Any], path: str) -> None:
        if Capability.CAPABILITY_STRUCTURED_OUTPUT not in self._target.model.capabilities:
            self.warnings.append(dropped(f"{path}.strict", "The serving model does not enforce a tool's schema."))
            return
        tool["input_schema"], moved = enforceable(tool["input_schema"])
        tool["strict"] = True
        self.warnings += anthropic_format.moved_keywords(f"{path}.parameters_json_schema", moved)

    def _system(self, instruction: str) -> None:
        given = self._specification.system_text if self._specification.system_text.strip() else ""
        texts = [text for text in (given, instruction) if text]
        cached = self._specification.HasField("system_cache_breakpoint")
        if cached and given:
            blocks = [{"type": "text", "text": text} for text in texts]
            mark = self._specification.system_cache_breakpoint
            self._breakpoints.mark(blocks[0], mark, "system_cache_breakpoint")
            self._body["system"] = blocks
        elif texts:
            self._body["system"] = "\n\n".join(texts)
        if cached and not given:
            message = "There is no system text to cache the prompt up to."
            self.warnings.append(dropped("system_cache_breakpoint", message))

    def _thinking(self, messages: list[dict[str, Any]], output_config: dict[str, Any]) -> None:
        thinking = anthropic_thinking.write(
            self._specification.reasoning_effort,
            self._target,
            messages,
            forces_tools=self._body.get("tool_choice", {}).get("type") in _FORCING,
        )
        if thinking.why_not:
            self.warnings.append(dropped("reasoning_effort", thinking.why_not))
        if thinking.thinking is not None:
            self._body["thinking"] = thinking.thinking
        if thinking.effort:
            output_config = {"effort": thinking.effort} | output_config
        if output_config:
            self._body["output_config"] = output_config
        self._sampling(thinks=thinking.on)

    def _sampling(self, *, thinks: bool) -> None:
        given = {field.name: value for field, value in self._specification.sampling.ListFields()}
        refused = set(_refused(given, self._target.quirks, thinks=thinks))
        self._body |= {name: value for name, value in given.items() if name not in refused}
        self.warnings += [_left_out(f"sampling.{name}", name) for name in given if name in refused]
        if self._specification.HasField("seed"):
            self.warnings.append(_left_out("seed", "seed"))

    def _stop_sequences(self) -> None:
        given = list(self._specification.stop_sequences)
        taken = [text for text in given if text.strip()]
        if taken:
            self._body["stop_sequences"] = taken
        if len(taken) < len(given):
            message = "The API takes no stop sequence of white space alone; it was left out."
            self.warnings.append(dropped("stop_sequences", message))


def _refused(given: dict[str, Any], quirks: frozenset[str], *, thinks: bool) -> Iterator[str]:
    """The parameters of sampling that are not taken; a value out of range is none, since it may not be bent."""
    takes_sampling = "sampling" in quirks and not thinks
    for name, value in given.items():
        if name not in _SAMPLING or not takes_sampling or (name == "temperature" and value > 1):
            yield name
    if "temperature" in given and given["temperature"] <= 1:
        yield "top_p"  # Claude 4 takes one of the two


def _left_out(field: str, name: str) -> Warning:
    return dropped(field, f"The serving model does not take {name} as it was given; it was left out.")


def _tool_choice(choice: ToolChoice) -> dict[str, Any]:
    one_call = choice.HasField("allow_parallel_calls") and not choice.allow_parallel_calls
    kind = _CHOICES.get(choice.mode, "auto" if one_call else "")
    if not kind:
        return {}
    written: dict[str, Any] = {"type": kind}
    if kind == "tool":
        written["name"] = choice.tool_name
    if one_call and kind != "none":
        written["disable_parallel_tool_use"] = True
    return written
