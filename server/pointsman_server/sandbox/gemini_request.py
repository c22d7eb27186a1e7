"""Reads a request of Gemini's generateContent wire, as strictly as Google's own server does."""

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
from pointsman_server.sandbox.gemini_names import in_camel_case
from pointsman_server.sandbox.gemini_schema import json_schema
from pointsman_server.sandbox.gemini_turns import read_turns
from pointsman_server.sandbox.models import MODELS

_MOST_TOKENS: Final = 1 << 31
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")
_TOP: Final = ("contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "safetySettings")
_CONFIG: Final = "generationConfig"
_MODES: Final = {"MODE_UNSPECIFIED": "auto", "AUTO": "auto", "VALIDATED": "auto", "NONE": "none", "ANY": "required"}
_BUDGETS: Final = ((0, "none"), (1_024, "low"), (8_192, "medium"), (1 << 31, "high"))

# Checked and then without effect: the sandbox has no chance to sample.
_IGNORED: Final[Mapping[str, Callable[[object, str], object]]] = {
    "temperature": lambda value, param: number(value, param, 0, 2),
    "topP": lambda value, param: number(value, param, 0, 1),
    "topK": lambda value, param: whole(value, param, 1, 1_000),
    "presencePenalty": lambda value, param: number(value, param, -2, 2),
    "frequencyPenalty": lambda value, param: number(value, param, -2, 2),
    "seed": lambda value, param: whole(value, param, -(2**31), 2**31 - 1),
    "candidateCount": lambda value, param: whole(value, param, 1, 1),
    "mediaResolution": text,
    "responseModalities": array,
}
_READ: Final = (
    "maxOutputTokens",
    "stopSequences",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "thinkingConfig",
)


def read_request(body: bytes, model: str, *, stream: bool) -> Ask:
    """The request in the sandbox's own terms; the model and the way of answering stand in the path.

    Raises:
        Refusal: it is not what the wire allows.
    """
    fields = mapping(in_camel_case(document(body)), "", _TOP)
    config = mapping(fields.get(_CONFIG, {}), _CONFIG, (*_READ, *_IGNORED))
    for name, check in _IGNORED.items():
        if name in config:
            check(config[name], f"{_CONFIG}.{name}")
    contents = array(required(fields, "contents", ""), "contents", least=1)
    known = MODELS.get(model)
    reasons = known is not None and known.reasons
    tools = tuple(_tools(fields.get("tools", [])))
    tool_choice, allowed = _tool_choice(fields.get("toolConfig", {}), tools)
    effort, show_reasoning = _thinking(config.get("thinkingConfig"), reasons=reasons)
    return Ask(
        model=model,
        turns=(*_system(fields.get("systemInstruction")), *read_turns(contents, signed=reasons)),
        tools=tuple(tool for tool in tools if not allowed or tool.name in allowed),
        tool_choice=tool_choice,
        schema=_schema(config),
        max_output_tokens=_cap(config),
        stop=_stop(config.get("stopSequences", [])),
        effort=effort,
        stream=stream,
        show_reasoning=show_reasoning,
    )


def _system(value: object) -> Iterator[Turn]:
    if value is None:
        return
    path = "systemInstruction"
    parts = array(required(mapping(value, path, ("role", "parts")), "parts", path), f"{path}.parts", least=1)
    said = []
    for index, part in enumerate(parts):
        at = f"{path}.parts[{index}]"
        said.append(text(required(mapping(part, at, ("text",)), "text", at), f"{at}.text"))
    yield Turn("system", "\n".join(said))


def _tools(value: object) -> Iterator[Tool]:
    seen = set()
    for index, item in enumerate(array(value, "tools")):
        path = f"tools[{index}]"
        declared = required(mapping(item, path, ("functionDeclarations",)), "functionDeclarations", path)
        for at, declaration in enumerate(array(declared, f"{path}.functionDeclarations", least=1, most=512)):
            tool = _tool(declaration, f"{path}.functionDeclarations[{at}]")
            if tool.name in seen:
                raise invalid(f"Duplicate function declaration found: {tool.name}", path)
            seen.add(tool.name)
            yield tool


def _tool(value: object, path: str) -> Tool:
    function = mapping(value, path, ("name", "description", "parameters", "parametersJsonSchema"))
    name = text(required(function, "name", path), f"{path}.name")
    if not _NAME.fullmatch(name):
        message = "Invalid function name. Must start with a letter or an underscore."
        raise invalid(message, f"{path}.name")
    if "parameters" in function and "parametersJsonSchema" in function:
        raise invalid("parameters_json_schema is mutually exclusive with parameters.", path)
    schema = json_schema(mapping(function.get("parameters", {}), f"{path}.parameters"))
    schema = mapping(function.get("parametersJsonSchema", schema), f"{path}.parametersJsonSchema")
    return Tool(name, schema, text(function.get("description", ""), f"{path}.description"))


def _tool_choice(value: object, tools: tuple[Tool, ...]) -> tuple[str, frozenset[str]]:
    """The choice, and the names of the only tools that may be called; empty: all may."""
    outer = mapping(value, "toolConfig", ("functionCallingConfig",))
    path = "toolConfig.functionCallingConfig"
    config = mapping(outer.get("functionCallingConfig", {}), path, ("mode", "allowedFunctionNames"))
    mode = choice(config.get("mode", "AUTO"), f"{path}.mode", _MODES)
    names = array(config.get("allowedFunctionNames", []), f"{path}.allowedFunctionNames")
    allowed = frozenset(text(name, f"{path}.allowedFunctionNames") for name in names)
    if mode == "ANY" and not tools:
        raise invalid("Function calling config is set without function_declarations.", path)
    if allowed and mode not in {"ANY", "VALIDATED"}:
        raise invalid("allowed_function_names is only allowed with the modes ANY and VALIDATED.", path)
    if not allowed <= {tool.name for tool in tools}:
        raise invalid("allowed_function_names names a function that is not declared.", path)
    return (f"={min(allowed)}" if mode == "ANY" and len(allowed) == 1 else _MODES[mode]), allowed


def _schema(config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    kinds = ("text/plain", "application/json")
    kind = choice(config.get("responseMimeType", kinds[0]), f"{_CONFIG}.responseMimeType", kinds)
    given = [name for name in ("responseSchema", "responseJsonSchema") if name in config]
    if len(given) > 1:
        raise invalid("response_json_schema is mutually exclusive with response_schema.", _CONFIG)
    if given and kind != kinds[1]:
        raise invalid("A response schema needs the response_mime_type application/json.", _CONFIG)
    if not given:
        return {} if kind == kinds[1] else None
    schema = mapping(config[given[0]], f"{_CONFIG}.{given[0]}")
    return mapping(json_schema(schema), _CONFIG) if given == ["responseSchema"] else schema


def _cap(config: Mapping[str, Any]) -> int | None:
    if "maxOutputTokens" not in config:
        return None
    return whole(config["maxOutputTokens"], f"{_CONFIG}.maxOutputTokens", 1, _MOST_TOKENS)


def _stop(value: object) -> tuple[str, ...]:
    path = f"{_CONFIG}.stopSequences"
    found = tuple(text(stop, path) for stop in array(value, path, most=5))
    if "" in found:
        raise invalid("A stop sequence may not be empty.", path)
    return found


def _thinking(value: object, *, reasons: bool) -> tuple[str | None, bool]:
    """The effort, and whether thoughts are shown."""
    if value is None:
        return None, False
    path = f"{_CONFIG}.thinkingConfig"
    config = mapping(value, path, ("includeThoughts", "thinkingBudget", "thinkingLevel"))
    if not reasons:
        raise Refusal(400, "Thinking is not supported by this model.", param=path)
    shown = flag(config.get("includeThoughts", False), f"{path}.includeThoughts")
    if "thinkingLevel" in config and "thinkingBudget" in config:
        raise invalid("You can only set only one of thinking budget and thinking level.", path)
    if "thinkingLevel" in config:
        levels = ("MINIMAL", "LOW", "MEDIUM", "HIGH")
        return choice(config["thinkingLevel"], f"{path}.thinkingLevel", levels).lower(), shown
    budget = whole(config.get("thinkingBudget", -1), f"{path}.thinkingBudget", -1, _MOST_TOKENS)
    if budget == 0 and shown:
        raise invalid("include_thoughts is only enabled when thinking is enabled.", path)
    return next((effort for most, effort in _BUDGETS if 0 <= budget <= most), None), shown
