"""Checks tools, the choice among them, and the form of the answer."""

from __future__ import annotations

from collections.abc import Sequence

from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.content_pb2 import (
    TOOL_CHOICE_MODE_NAMED,
    TOOL_CHOICE_MODE_REQUIRED,
    OutputFormat,
    Tool,
    ToolChoice,
)

from pointsman_server.services.validate import json_schema, limits
from pointsman_server.services.validate.parts import TOOL_NAME, TOOL_NAME_RULE
from pointsman_server.services.validate.violations import Violations


def schema_bytes(specification: CompletionSpecification) -> int:
    """How many characters of JSON Schema the specification holds: checking them takes the most time by far."""
    return len(specification.output_format.json_schema.json_schema) + sum(
        len(tool.parameters_json_schema) for tool in specification.tools
    )


def tools(specification: CompletionSpecification, path: str, violations: Violations) -> None:
    """Checks tools, tool choice and output format."""
    if schema_bytes(specification) > limits.MAX_ALL_SCHEMAS_BYTES:
        violations.add(path, f"has JSON Schemas of more than {limits.MAX_ALL_SCHEMAS_BYTES} bytes; send fewer tools")
        return
    _declared(specification.tools, f"{path}.tools", violations)
    names = {tool.name for tool in specification.tools}
    _choice(specification.tool_choice, names, f"{path}.tool_choice", violations)
    if specification.HasField("output_format"):
        _output_format(specification.output_format, f"{path}.output_format", violations)


def _declared(declared: Sequence[Tool], path: str, violations: Violations) -> None:
    if len(declared) > limits.MAX_TOOLS:
        violations.add(path, f"has {len(declared)} tools; use at most {limits.MAX_TOOLS}")
        return
    names: dict[str, int] = {}
    for index, tool in enumerate(declared):
        at = f"{path}[{index}]"
        if not TOOL_NAME.fullmatch(tool.name):
            violations.add(f"{at}.name", f"is not a tool's name; {TOOL_NAME_RULE}")
        elif (first := names.setdefault(tool.name, index)) != index:
            violations.add(f"{at}.name", f"repeats {path}[{first}].name; give each tool its own name")
        if tool.parameters_json_schema:
            _schema(tool.parameters_json_schema, f"{at}.parameters_json_schema", violations)


def _choice(choice: ToolChoice, names: set[str], path: str, violations: Violations) -> None:
    violations.enum(choice, "mode", f"{path}.mode")
    if choice.mode == TOOL_CHOICE_MODE_NAMED:
        if choice.tool_name not in names:
            violations.add(f"{path}.tool_name", "names no tool of specification.tools; name one that is declared there")
    elif choice.tool_name:
        violations.add(f"{path}.tool_name", "is set without TOOL_CHOICE_MODE_NAMED; set that mode or leave it out")
    if choice.mode == TOOL_CHOICE_MODE_REQUIRED and not names:
        violations.add(f"{path}.mode", "requires a tool call, but there are no tools; declare one in tools")


def _output_format(output: OutputFormat, path: str, violations: Violations) -> None:
    kind = output.WhichOneof("kind")
    if kind is None:
        violations.add(path, "has no kind; set json_object or json_schema, or leave it out for free text")
    elif kind == "json_schema":
        at = f"{path}.json_schema"
        form = output.json_schema
        if form.name and not TOOL_NAME.fullmatch(form.name):
            violations.add(f"{at}.name", f"is not a schema's name; {TOOL_NAME_RULE}")
        _schema(form.json_schema, f"{at}.json_schema", violations, object_only=False)


def _schema(text: str, path: str, violations: Violations, *, object_only: bool = True) -> None:
    try:
        json_schema.check(text, object_only=object_only)
    except json_schema.NoJsonSchema as problem:
        violations.add(path, str(problem))
