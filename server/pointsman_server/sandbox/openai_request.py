"""Reads a request of OpenAI's Chat Completions wire, as strictly as OpenAI's own server does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pointsman_server.sandbox.checks import (
    array,
    choice,
    document,
    flag,
    invalid,
    mapping,
    number,
    required,
    text,
    whole,
)
from pointsman_server.sandbox.conversation import Ask, Refusal, Tool, Turn
from pointsman_server.sandbox.openai_parts import OWN_PARTS, TEXT_PARTS, USER_PARTS, read_parts

_MOST_TOKENS: Final = 1 << 31
_EFFORTS: Final = frozenset({"none", "minimal", "low", "medium", "high", "xhigh"})
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

# Checked and then without effect: the sandbox has no chance to sample.
_IGNORED: Final[Mapping[str, Callable[[object, str], object]]] = {
    "temperature": lambda value, param: number(value, param, 0, 2),
    "top_p": lambda value, param: number(value, param, 0, 1),
    "presence_penalty": lambda value, param: number(value, param, -2, 2),
    "frequency_penalty": lambda value, param: number(value, param, -2, 2),
    "seed": lambda value, param: whole(value, param, -(2**63), 2**63 - 1),
    "user": text,
    "safety_identifier": text,
    "prompt_cache_key": text,
    "service_tier": text,
    "verbosity": lambda value, param: choice(value, param, ("low", "medium", "high")),
    "metadata": mapping,
    "logit_bias": mapping,
    "store": flag,
}
_READ: Final = frozenset(
    {
        "model", "messages", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls",
        "response_format", "max_tokens", "max_completion_tokens", "stop", "n", "logprobs", "modalities",
        "reasoning_effort",
    }
)  # fmt: skip
_MESSAGE_FIELDS: Final = {
    "system": {"role", "content", "name"},
    "developer": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {
        "role", "content", "name", "tool_calls", "refusal", "reasoning_content", "annotations", "audio",
        "function_call",
    },
    "tool": {"role", "content", "tool_call_id"},
}  # fmt: skip
_ROLES: Final = {"developer": "system"}


def read_request(body: bytes) -> Ask:
    """The request in the sandbox's own terms.

    Raises:
        Refusal: it is not what the wire allows.
    """
    fields = mapping(document(body), "", _READ | _IGNORED.keys())
    given = {name: value for name, value in fields.items() if value is not None}
    for name, check in _IGNORED.items():
        if name in given:
            check(given[name], name)
    _refuse_unsupported(given)
    schema = _schema(given.get("response_format"))
    stream, report_usage = _stream(given)
    tools = tuple(_tools(given.get("tools", [])))
    return Ask(
        model=text(required(given, "model", ""), "model"),
        turns=tuple(_turns(array(required(given, "messages", ""), "messages", least=1))),
        tools=tools,
        tool_choice=_tool_choice(given.get("tool_choice", "auto"), tools),
        parallel_tools=flag(given.get("parallel_tool_calls", True), "parallel_tool_calls"),
        schema=schema,
        max_output_tokens=_cap(given),
        stop=_stop(given.get("stop", [])),
        effort=choice(given["reasoning_effort"], "reasoning_effort", _EFFORTS) if "reasoning_effort" in given else None,
        stream=stream,
        report_usage=report_usage,
    )


def _refuse_unsupported(given: Mapping[str, Any]) -> None:
    if whole(given.get("n", 1), "n", 1, 128) != 1:
        raise Refusal(400, "This model answers once: 'n' must be 1.", param="n", code="unsupported_value")
    if flag(given.get("logprobs", False), "logprobs"):
        raise Refusal(400, "This model has no log probabilities.", param="logprobs", code="unsupported_value")
    if given.get("modalities", ["text"]) != ["text"]:
        raise Refusal(400, "This model writes text only.", param="modalities", code="unsupported_value")


def _stream(given: Mapping[str, Any]) -> tuple[bool, bool]:
    stream = flag(given.get("stream", False), "stream")
    if "stream_options" not in given:
        return stream, not stream
    if not stream:
        raise invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")
    options = mapping(given["stream_options"], "stream_options", ("include_usage", "include_obfuscation"))
    return stream, flag(options.get("include_usage", False), "stream_options.include_usage")


def _cap(given: Mapping[str, Any]) -> int | None:
    names = [name for name in ("max_completion_tokens", "max_tokens") if name in given]
    if len(names) == 2:  # noqa: PLR2004  # both
        raise invalid("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", names[1])
    return whole(given[names[0]], names[0], 1, _MOST_TOKENS) if names else None


def _stop(value: object) -> tuple[str, ...]:
    stops = [value] if isinstance(value, str) else array(value, "stop", most=4)
    found = tuple(text(stop, f"stop[{index}]") for index, stop in enumerate(stops))
    if "" in found:
        raise invalid("Invalid 'stop': a stop sequence may not be empty.", "stop")
    return found


def _schema(value: object) -> Mapping[str, Any] | None:
    if value is None:
        return None
    form = mapping(value, "response_format", ("type", "json_schema"))
    kinds = ("text", "json_object", "json_schema")
    kind = choice(required(form, "type", "response_format"), "response_format.type", kinds)
    if kind != "json_schema":
        return {} if kind == "json_object" else None
    path = "response_format.json_schema"
    named = mapping(required(form, "json_schema", "response_format"), path, ("name", "description", "schema", "strict"))
    _name(required(named, "name", path), f"{path}.name")
    schema = mapping(required(named, "schema", path), f"{path}.schema")
    if named.get("strict"):
        _check_strict(schema, f"{path}.schema")
    return schema


def _check_strict(schema: object, param: str) -> None:
    """In strict mode each object closes itself and requires all that it names."""
    if isinstance(schema, list):
        for part in schema:
            _check_strict(part, param)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" or "properties" in schema:
        closed = schema.get("additionalProperties") is False
        if not closed or set(schema.get("required", ())) != set(schema.get("properties", ())):
            message = (
                "In strict mode an object needs 'additionalProperties': false and all its properties in 'required'."
            )
            raise Refusal(400, message, param=param, code="invalid_schema")
    for name, part in schema.items():
        nested = list(part.values()) if name in ("properties", "$defs") and isinstance(part, dict) else part
        if name not in ("enum", "const", "default", "examples"):
            _check_strict(nested, param)


def _name(value: object, param: str) -> str:
    name = text(value, param)
    if not _NAME.fullmatch(name):
        raise invalid(f"Invalid '{param}': expected a string that matches '^[a-zA-Z0-9_-]+$'.", param)
    return name


def _tools(value: object) -> Iterator[Tool]:
    seen = set()
    for index, item in enumerate(array(value, "tools", most=128)):
        path = f"tools[{index}]"
        tool = mapping(item, path, ("type", "function"))
        choice(required(tool, "type", path), f"{path}.type", ("function",))
        path += ".function"
        known = ("name", "description", "parameters", "strict")
        function = mapping(required(tool, "function", f"tools[{index}]"), path, known)
        name = _name(required(function, "name", path), f"{path}.name")
        if name in seen:
            raise invalid(f"Invalid '{path}.name': tool names must be unique.", f"{path}.name")
        seen.add(name)
        schema = mapping(function.get("parameters") or {}, f"{path}.parameters")
        if function.get("strict"):
            _check_strict(schema, f"{path}.parameters")
        yield Tool(name, schema, text(function.get("description") or "", f"{path}.description"))


def _tool_choice(value: object, tools: tuple[Tool, ...]) -> str:
    if isinstance(value, str):
        found = choice(value, "tool_choice", ("none", "auto", "required"))
        if found == "required" and not tools:
            raise invalid("Invalid 'tool_choice': it is only allowed when 'tools' are specified.", "tool_choice")
        return found
    named = mapping(value, "tool_choice", ("type", "function"))
    choice(required(named, "type", "tool_choice"), "tool_choice.type", ("function",))
    function = mapping(required(named, "function", "tool_choice"), "tool_choice.function", ("name",))
    name = text(required(function, "name", "tool_choice.function"), "tool_choice.function.name")
    if name not in [tool.name for tool in tools]:
        raise invalid(f"Tool choice '{name[:64]}' not found in 'tools' parameter.", "tool_choice")
    return f"={name}"


def _turns(messages: list[Any]) -> Iterator[Turn]:
    unanswered: list[str] = []
    for index, item in enumerate(messages):
        path = f"messages[{index}]"
        role = choice(required(mapping(item, path), "role", path), f"{path}.role", _MESSAGE_FIELDS)
        message = {
            name: value for name, value in mapping(item, path, _MESSAGE_FIELDS[role]).items() if value is not None
        }
        if role == "tool":
            _answer_call(message, path, unanswered)
        elif unanswered:
            message_text = "An assistant message with 'tool_calls' must be followed by tool messages for each of them."
            raise invalid(message_text, f"{path}.role")
        yield _assistant(message, path, unanswered) if role == "assistant" else _said(role, message, path)
    if unanswered:
        raise invalid("The last tool calls have not all been answered by tool messages.", f"messages[{len(messages)}]")


def _answer_call(message: Mapping[str, Any], path: str, unanswered: list[str]) -> None:
    call_id = text(required(message, "tool_call_id", path), f"{path}.tool_call_id")
    if call_id not in unanswered:
        what = "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
        raise invalid(f"Invalid parameter: {what}", f"{path}.role")
    unanswered.remove(call_id)


def _said(role: str, message: Mapping[str, Any], path: str) -> Turn:
    content = required(message, "content", path)
    if isinstance(content, str):
        return Turn(_ROLES.get(role, role), text(content, f"{path}.content"))
    said, media = read_parts(content, f"{path}.content", USER_PARTS if role == "user" else TEXT_PARTS)
    return Turn(_ROLES.get(role, role), said, media)


def _assistant(message: Mapping[str, Any], path: str, unanswered: list[str]) -> Turn:
    calls = array(message.get("tool_calls", []), f"{path}.tool_calls", least=1 if "tool_calls" in message else 0)
    extra = [_called(call, f"{path}.tool_calls[{index}]", unanswered) for index, call in enumerate(calls)]
    extra += [text(message[name], f"{path}.{name}") for name in ("refusal", "reasoning_content") if name in message]
    if not calls and "content" not in message and "refusal" not in message:
        required(message, "content", path)
    content = message.get("content", "")
    said = (
        text(content, f"{path}.content")
        if isinstance(content, str)
        else read_parts(content, f"{path}.content", OWN_PARTS)[0]
    )
    return Turn("assistant", said, extra="\n".join(extra))


def _called(value: object, path: str, unanswered: list[str]) -> str:
    call = mapping(value, path, ("id", "type", "function", "index"))
    call_id = text(required(call, "id", path), f"{path}.id")
    choice(required(call, "type", path), f"{path}.type", ("function",))
    function = mapping(required(call, "function", path), f"{path}.function", ("name", "arguments"))
    name = _name(required(function, "name", f"{path}.function"), f"{path}.function.name")
    if call_id in unanswered:
        raise invalid(f"Invalid '{path}.id': duplicate tool call id.", f"{path}.id")
    unanswered.append(call_id)
    return f"{name} {text(required(function, 'arguments', f'{path}.function'), f'{path}.function.arguments')}"
