"""Turns the OpenAPI schemas of Gemini's wire into JSON Schemas."""

from __future__ import annotations

from typing import Any

from pointsman_server.sandbox.checks import Json


def json_schema(value: Json) -> Any:  # noqa: ANN401  # a schema's members are of any type
    """The same schema with types in lower case and ``nullable`` as a type."""
    if isinstance(value, list):
        return [json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    schema = {name: _member(name, part) for name, part in value.items() if name not in {"nullable", "propertyOrdering"}}
    kind = schema.get("type")
    if isinstance(kind, str):
        schema["type"] = [kind.lower(), "null"] if value.get("nullable") else kind.lower()
    return schema


def _member(name: str, part: Json) -> Json:
    if name == "properties" and isinstance(part, dict):
        return {key: json_schema(schema) for key, schema in part.items()}
    if name in {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"}:
        return int(part)  # the wire writes 64-bit integers as strings
    return part if name in {"enum", "example", "default", "required"} else json_schema(part)
