"""Writes generateContent requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pointsman.v1.completion_pb2 import (
    CompletionSpecification,
    Warning,  # noqa: A004  # the contract's word
)
from pointsman.v1.content_pb2 import OutputFormat, Tool, ToolChoiceMode

from pointsman_server.adapters import gemini_contents, gemini_thinking, http_call
from pointsman_server.adapters.base import Encoded, Target
from pointsman_server.adapters.gemini_quirks import DROPPABLE
from pointsman_server.adapters.request_body import dropped, schema
from pointsman_server.secrets.model import Secret

_CHAT_PATH = "/v1beta/models/{model}:streamGenerateContent"
_INT32 = range(-(2**31), 2**31)
_SAMPLING = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "frequency_penalty": "frequencyPenalty",
    "presence_penalty": "presencePenalty",
}
_WIRE = _SAMPLING | {"stop": "stopSequences", "seed": "seed"}
"""What a parameter is called on the wire."""

_FIELDS = {"stop": "stop_sequences", "seed": "seed", "reasoning_effort": "reasoning_effort"} | {
    name: f"sampling.{name}" for name in _SAMPLING
}
"""Where a parameter stands in the specification."""

_MODES = {
    ToolChoiceMode.TOOL_CHOICE_MODE_NONE: "NONE",
    ToolChoiceMode.TOOL_CHOICE_MODE_REQUIRED: "ANY",
    ToolChoiceMode.TOOL_CHOICE_MODE_NAMED: "ANY",
}


def encode(specification: CompletionSpecification, target: Target, key: Secret | None) -> Encoded:
    """Writes the request, streamed.

    Raises:
        ProviderFailure: the dialect has no words for the request (``INVALID_REQUEST``).
    """
    contents, warnings = gemini_contents.encode(specification, target.quirks)
    body: dict[str, Any] = {"contents": contents}
    if specification.system_text:
        body["systemInstruction"] = {"parts": [{"text": specification.system_text}]}
    if specification.tools:
        body["tools"] = [{"functionDeclarations": [_tool(tool) for tool in specification.tools]}]
        body |= _tool_config(specification, target)
        warnings += _tool_warnings(specification)
    config, left_out = _generation_config(specification, target)
    body["generationConfig"] = config
    call = http_call.build(
        target.provider,
        key,
        operation="chat",
        default_path=_CHAT_PATH,
        model=target.model.provider_model_id,
        body=json.dumps(body, separators=(",", ":")).encode(),
        accept="text/event-stream, application/json",
        query={"alt": "sse"},
    )
    left_out_warnings = (_dropped(name) for name in left_out)
    return Encoded(call, (*warnings, *left_out_warnings), summarises_thoughts=True)


def _generation_config(
    specification: CompletionSpecification, target: Target
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What the request sets beside its contents, and the names of the parameters that it cannot."""
    asked: dict[str, Any] = {field.name: value for field, value in specification.sampling.ListFields()}
    if specification.stop_sequences:
        asked["stop"] = list(specification.stop_sequences)
    if specification.HasField("seed"):
        asked["seed"] = specification.seed
    refused = {name for name in DROPPABLE if f"no_{name}" in target.quirks}
    if asked.get("seed", 0) not in _INT32:
        refused.add("seed")
    config: dict[str, Any] = {_WIRE[name]: value for name, value in asked.items() if name not in refused}
    config["maxOutputTokens"] = target.max_output_tokens
    if specification.HasField("output_format"):
        config |= _response_format(specification.output_format)
    thinking = gemini_thinking.config(specification.reasoning_effort, target)
    if thinking.config:
        config["thinkingConfig"] = thinking.config
    left_out = tuple(name for name in asked if name in refused)
    return config, (*left_out, *(() if thinking.effort_is_met else ("reasoning_effort",)))


def _dropped(name: str) -> Warning:
    return dropped(_FIELDS[name], f"The serving model does not take {name} as it was given; it was left out.")


def _tool(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    if tool.parameters_json_schema:
        function["parametersJsonSchema"] = schema(tool.parameters_json_schema)
    return function


def _tool_config(specification: CompletionSpecification, target: Target) -> dict[str, Any]:
    choice = specification.tool_choice
    config: dict[str, Any] = {}
    if mode := _MODES.get(choice.mode):
        config["mode"] = mode
    elif "validated_calls" in target.quirks and any(tool.strict for tool in specification.tools):
        config["mode"] = "VALIDATED"
    elif choice.mode == ToolChoiceMode.TOOL_CHOICE_MODE_AUTO:
        config["mode"] = "AUTO"
    if choice.mode == ToolChoiceMode.TOOL_CHOICE_MODE_NAMED:
        config["allowedFunctionNames"] = [choice.tool_name]
    return {"toolConfig": {"functionCallingConfig": config}} if config else {}


def _tool_warnings(specification: CompletionSpecification) -> Iterator[Warning]:
    choice = specification.tool_choice
    if choice.HasField("allow_parallel_calls") and not choice.allow_parallel_calls:
        message = "The dialect cannot keep a model from calling several tools in one turn."
        yield dropped("tool_choice.allow_parallel_calls", message)


def _response_format(output: OutputFormat) -> dict[str, Any]:
    written: dict[str, Any] = {"responseMimeType": "application/json"}
    if output.HasField("json_schema"):
        asked = output.json_schema
        wanted = schema(asked.json_schema)
        if asked.description and isinstance(wanted, dict) and "$ref" not in wanted:  # nothing may stand beside one
            wanted = {"description": asked.description} | wanted
        written["responseJsonSchema"] = wanted
    return written
