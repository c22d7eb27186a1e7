"""Writes Chat Completions requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pointsman.v1.completion_pb2 import (
    REASONING_EFFORT_HIGH,
    REASONING_EFFORT_LOW,
    REASONING_EFFORT_MEDIUM,
    REASONING_EFFORT_MINIMAL,
    REASONING_EFFORT_NONE,
    CompletionSpecification,
    Warning,  # noqa: A004  # the contract's word
)
from pointsman.v1.content_pb2 import (
    TOOL_CHOICE_MODE_AUTO,
    TOOL_CHOICE_MODE_NAMED,
    TOOL_CHOICE_MODE_NONE,
    TOOL_CHOICE_MODE_REQUIRED,
    OutputFormat,
    Tool,
    ToolChoice,
)
from pointsman.v1.model_pb2 import CAPABILITY_REASONING

from pointsman_server.adapters import http_call, openai_messages
from pointsman_server.adapters.base import Encoded, Target
from pointsman_server.adapters.openai_quirks import DROPPABLE
from pointsman_server.adapters.request_body import dropped, schema
from pointsman_server.secrets.model import Secret

_CHAT_PATH = "/chat/completions"
_SAMPLING = ("temperature", "top_p", "frequency_penalty", "presence_penalty")
_EFFORTS = {
    REASONING_EFFORT_NONE: "none",
    REASONING_EFFORT_MINIMAL: "minimal",
    REASONING_EFFORT_LOW: "low",
    REASONING_EFFORT_MEDIUM: "medium",
    REASONING_EFFORT_HIGH: "high",
}
_CHOICES = {
    TOOL_CHOICE_MODE_AUTO: "auto",
    TOOL_CHOICE_MODE_NONE: "none",
    TOOL_CHOICE_MODE_REQUIRED: "required",
}
_FIELDS = {
    "stop": "stop_sequences",
    "seed": "seed",
    "reasoning_effort": "reasoning_effort",
    "tool_choice": "tool_choice",
    "parallel_tool_calls": "tool_choice.allow_parallel_calls",
} | {name: f"sampling.{name}" for name in (*_SAMPLING, "top_k")}
"""Where a parameter of the wire stands in the specification."""


def encode(specification: CompletionSpecification, target: Target, key: Secret | None) -> Encoded:
    """Writes the request, streamed.

    Raises:
        ProviderFailure: the dialect has no words for the request (``INVALID_REQUEST``).
    """
    quirks = target.quirks
    messages, warnings = openai_messages.encode(specification, quirks)
    parameters = _parameters(specification)
    for name in _refused(parameters, specification, target):
        del parameters[name]
        warnings.append(_dropped(name))
    body: dict[str, Any] = {"model": target.model.provider_model_id, "messages": messages, "stream": True}
    if "no_stream_options" not in quirks:
        body["stream_options"] = {"include_usage": True}
    body["max_tokens" if "max_tokens" in quirks else "max_completion_tokens"] = target.max_output_tokens
    call = http_call.build(
        target.provider,
        key,
        operation="chat",
        default_path=_CHAT_PATH,
        model=target.model.provider_model_id,
        body=json.dumps(body | parameters, separators=(",", ":")).encode(),
        accept="text/event-stream, application/json",
    )
    return Encoded(call, tuple(warnings))


def _parameters(specification: CompletionSpecification) -> dict[str, Any]:
    """What the request sets beside its messages, in the wire's words."""
    parameters: dict[str, Any] = {field.name: value for field, value in specification.sampling.ListFields()}
    if specification.stop_sequences:
        parameters["stop"] = list(specification.stop_sequences)
    if specification.HasField("seed"):
        parameters["seed"] = specification.seed
    if effort := _EFFORTS.get(specification.reasoning_effort):
        parameters["reasoning_effort"] = effort
    if specification.HasField("output_format"):
        parameters["response_format"] = _response_format(specification.output_format)
    if specification.tools:
        parameters["tools"] = [_tool(tool) for tool in specification.tools]
        parameters |= _tool_choice(specification.tool_choice)
    return parameters


def _refused(parameters: dict[str, Any], specification: CompletionSpecification, target: Target) -> Iterator[str]:
    """The parameters that this host or model does not take, as its data say."""
    quirks = target.quirks
    refused = {name for name in DROPPABLE if f"no_{name}" in quirks}
    if "top_k" not in quirks:
        refused.add("top_k")
    if CAPABILITY_REASONING not in target.model.capabilities:
        refused.add("reasoning_effort")
    elif "reasoning_refuses_sampling" in quirks and specification.reasoning_effort != REASONING_EFFORT_NONE:
        refused |= {*_SAMPLING, "stop"}
    return iter([name for name in parameters if name in refused])


def _dropped(name: str) -> Warning:
    return dropped(_FIELDS[name], f"The serving model does not take {name}; it was left out.")


def _tool(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = (
        schema(tool.parameters_json_schema) if tool.parameters_json_schema else {"type": "object", "properties": {}}
    )
    if tool.strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _tool_choice(choice: ToolChoice) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if choice.mode == TOOL_CHOICE_MODE_NAMED:
        written["tool_choice"] = {"type": "function", "function": {"name": choice.tool_name}}
    elif mode := _CHOICES.get(choice.mode):
        written["tool_choice"] = mode
    if choice.HasField("allow_parallel_calls"):
        written["parallel_tool_calls"] = choice.allow_parallel_calls
    return written


def _response_format(output: OutputFormat) -> dict[str, Any]:
    if not output.HasField("json_schema"):
        return {"type": "json_object"}
    asked = output.json_schema
    written: dict[str, Any] = {"name": asked.name or "answer"}
    if asked.description:
        written["description"] = asked.description
    written["schema"] = schema(asked.json_schema)
    written["strict"] = asked.strict if asked.HasField("strict") else True
    return {"type": "json_schema", "json_schema": written}
