"""Reads a request of Anthropic's Messages wire, as strictly as Anthropic's own server does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pointsman_server.sandbox.anthropic_blocks import CacheControls, read_blocks
from pointsman_server.sandbox.anthropic_turns import read_turns
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
from pointsman_server.sandbox.conversation import Ask, Tool, Turn

_MOST_TOKENS: Final = 1 << 31
_LEAST_BUDGET_TOKENS: Final = 1024
_EFFORTS: Final = ("low", "medium", "high", "xhigh", "max")
_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_SAMPLING: Final[Mapping[str, Callable[[object, str], object]]] = {
    "temperature": lambda value, param: number(value, param, 0, 1),
    "top_p": lambda value, param: number(value, param, 0, 1),
    "top_k": lambda value, param: whole(value, param, 0, _MOST_TOKENS),
}
_WITHOUT_SAMPLING_SINCE: Final = "2026-10-21"
_READ: Final = frozenset(
    {
        "model", "messages", "max_tokens", "system", "stream", "stop_sequences", "tools", "tool_choice", "thinking",
        "output_config", "metadata", "service_tier",
    }
)  # fmt: skip
_BOUNDS: Final = frozenset(
    {"minimum", "maximum", "multipleOf", "minLength", "maxLength", "pattern", "maxItems", "uniqueItems"}
)


def read_request(body: bytes, version: str) -> Ask:
    """The request in the sandbox's own terms.

    Raises:
        Refusal: it is not what this version of the wire allows.
    """
    fields = mapping(document(body), "", _READ | _SAMPLING.keys())
    cap_tokens = whole(required(fields, "max_tokens", ""), "max_tokens", 1, _MOST_TOKENS)
    thinking = _thinking(fields.get("thinking", {"type": "disabled"}), cap_tokens)
    _check_sampling(fields, version, thinks=thinking != "disabled")
    config = mapping(fields.get("output_config", {}), "output_config", ("effort", "format"))
    caches = CacheControls()
    tools = tuple(_tools(fields.get("tools", []), caches))
    tool_choice, parallel = _tool_choice(fields.get("tool_choice"), tools)
    if thinking == "enabled" and tool_choice not in ("auto", "none"):
        raise invalid("Thinking may not be enabled when tool_choice forces tool use.", "tool_choice")
    system = list(_system(fields["system"], caches)) if "system" in fields else []
    turns = read_turns(required(fields, "messages", ""), caches, thinks_in_budget=thinking == "enabled")
    mapping(fields.get("metadata", {}), "metadata", ("user_id",))
    choice(fields.get("service_tier", "auto"), "service_tier", ("auto", "standard_only"))
    return Ask(
        model=text(required(fields, "model", ""), "model"),
        turns=(*system, *turns),
        tools=tools,
        tool_choice=tool_choice,
        parallel_tools=parallel,
        schema=_schema(config.get("format")),
        max_output_tokens=cap_tokens,
        stop=_stop(fields.get("stop_sequences", [])),
        effort=_effort(thinking, config.get("effort")),
        stream=flag(fields.get("stream", False), "stream"),
    )


def _thinking(value: object, cap_tokens: int) -> str:
    thinking = mapping(value, "thinking", ("type", "budget_tokens", "display"))
    kinds = ("enabled", "adaptive", "disabled")
    kind = choice(required(thinking, "type", "thinking"), "thinking.type", kinds)
    if kind != "enabled":
        mapping(value, "thinking", ("type", "display") if kind == "adaptive" else ("type",))
    else:
        path = "thinking.budget_tokens"
        budget = whole(required(thinking, "budget_tokens", "thinking"), path, _LEAST_BUDGET_TOKENS, _MOST_TOKENS)
        if budget >= cap_tokens:
            raise invalid("`max_tokens` must be greater than `thinking.budget_tokens`.", path)
    choice(thinking.get("display") or "summarized", "thinking.display", ("summarized", "omitted"))
    return kind


def _effort(thinking: str, effort: object) -> str:
    asked = choice("high" if effort is None else effort, "output_config.effort", _EFFORTS)
    if thinking == "adaptive":
        return asked
    return "medium" if thinking == "enabled" else "none"


def _check_sampling(fields: Mapping[str, Any], version: str, *, thinks: bool) -> None:
    given = [name for name in _SAMPLING if name in fields]
    for name in given:
        if version >= _WITHOUT_SAMPLING_SINCE:
            raise invalid(f"{name}: Extra inputs are not permitted", name)
        _SAMPLING[name](fields[name], name)
        if thinks:
            raise invalid(f"`{name}` may not be set when thinking is enabled.", name)
    if {"temperature", "top_p"} <= set(given):
        raise invalid("`temperature` and `top_p` cannot both be specified for this model.", "top_p")


def _system(value: object, caches: CacheControls) -> Iterator[Turn]:
    said = read_blocks(value, "system", ("text",), caches)
    yield Turn("system", "\n".join(said.texts))


def _tools(value: object, caches: CacheControls) -> Iterator[Tool]:
    seen = set()
    for index, item in enumerate(array(value, "tools")):
        path = f"tools.{index}"
        known = ("type", "name", "description", "input_schema", "strict", "cache_control")
        tool = mapping(item, path, known)
        choice(tool.get("type") or "custom", f"{path}.type", ("custom",))
        name = text(required(tool, "name", path), f"{path}.name")
        if not _NAME.fullmatch(name) or name in seen:
            raise invalid("tools: names must be unique and match '^[a-zA-Z0-9_-]{1,128}$'", f"{path}.name")
        seen.add(name)
        schema = mapping(required(tool, "input_schema", path), f"{path}.input_schema")
        choice(required(schema, "type", f"{path}.input_schema"), f"{path}.input_schema.type", ("object",))
        if flag(tool.get("strict", False), f"{path}.strict"):
            _check_enforceable(schema, f"{path}.input_schema")
        caches.check(tool, path)
        yield Tool(name, schema, text(tool.get("description", ""), f"{path}.description"))


def _tool_choice(value: object, tools: tuple[Tool, ...]) -> tuple[str, bool]:
    """The choice in the sandbox's terms, and whether several tools may be called."""
    if value is None:
        return "auto", True
    named = mapping(value, "tool_choice")
    kind = choice(required(named, "type", "tool_choice"), "tool_choice.type", ("auto", "any", "tool", "none"))
    known = {"tool": ("type", "name", "disable_parallel_tool_use"), "none": ("type",)}
    mapping(value, "tool_choice", known.get(kind, ("type", "disable_parallel_tool_use")))
    if not tools:
        raise invalid("tool_choice may only be specified while providing tools", "tool_choice")
    parallel = not flag(named.get("disable_parallel_tool_use", False), "tool_choice.disable_parallel_tool_use")
    if kind != "tool":
        return "required" if kind == "any" else kind, parallel
    name = text(required(named, "name", "tool_choice"), "tool_choice.name")
    if name not in [tool.name for tool in tools]:
        raise invalid(f"Tool '{name[:64]}' not found in provided tools", "tool_choice.name")
    return f"={name}", parallel


def _schema(value: object) -> Mapping[str, Any] | None:
    if value is None:
        return None
    path = "output_config.format"
    form = mapping(value, path, ("type", "schema"))
    choice(required(form, "type", path), f"{path}.type", ("json_schema",))
    schema = mapping(required(form, "schema", path), f"{path}.schema")
    _check_enforceable(schema, f"{path}.schema")
    return schema


def _check_enforceable(schema: object, param: str) -> None:
    """What is enforced closes its objects and bounds no values."""
    if isinstance(schema, list):
        for part in schema:
            _check_enforceable(part, param)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        message = "For 'object' type, 'additionalProperties' must be explicitly set to false"
        raise invalid(message, param)
    if refused := sorted(_BOUNDS & schema.keys()):
        raise invalid(f"For '{schema.get('type')}' type, properties {', '.join(refused)} are not supported", param)
    for name, part in schema.items():
        if name in ("properties", "$defs") and isinstance(part, dict):
            _check_enforceable(list(part.values()), param)
        elif name not in ("enum", "const"):
            _check_enforceable(part, param)


def _stop(value: object) -> tuple[str, ...]:
    found = tuple(text(stop, f"stop_sequences.{index}") for index, stop in enumerate(array(value, "stop_sequences")))
    if any(not stop.strip() for stop in found):
        raise invalid("stop_sequences: each stop sequence must contain non-whitespace", "stop_sequences")
    return found
