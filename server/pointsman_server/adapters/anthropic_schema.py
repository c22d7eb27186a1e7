"""Writes JSON Schemas as Anthropic's enforcement takes them.

It takes objects that are closed, and few keywords that bound values. The others move into the description, where the
model reads them; nobody enforces them, so that the caller is told. Anthropic's own SDK does the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pointsman_server.adapters.request_body import unsayable

_KEPT = ("$ref", "type", "enum", "const", "anyOf", "allOf", "description", "title", "properties", "required", "items")
_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)  # fmt: skip


def enforceable(schema: object) -> tuple[Any, list[str]]:
    """Returns the schema as it can be enforced, and the keywords that it then only describes.

    Raises:
        ProviderFailure: it nests too deeply.
    """
    moved: dict[str, None] = {}
    try:
        return _enforceable(schema, moved), list(moved)
    except RecursionError as error:
        raise unsayable("a JSON Schema nests too deeply") from error


def _enforceable(schema: object, moved: dict[str, None]) -> Any:  # noqa: ANN401  # whatever a schema may be
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for definitions in ("$defs", "definitions"):
        if definitions in schema:
            kept[definitions] = _each(schema[definitions], moved)
    if "$ref" in schema:
        return kept | {"$ref": schema["$ref"]}
    rest: dict[str, Any] = {}
    for name, value in schema.items():
        if _is_kept(name, value):
            kept[name] = _nested(name, value, moved)
        elif name == "oneOf":
            kept["anyOf"] = _nested("anyOf", value, moved)
        elif name not in kept and not (name == "additionalProperties" and value is False):
            rest[name] = value
    moved.update(dict.fromkeys(rest))
    return _described(_closed(kept), rest)


def _closed(kept: dict[str, Any]) -> dict[str, Any]:
    """An object without members that it does not name. What lists its values leaves nothing for a type to say."""
    if _is_literal(kept):
        kept.pop("type", None)
    elif kept.get("type") == "object" or "properties" in kept:
        kept.setdefault("properties", {})
        kept["additionalProperties"] = False
    return kept


def _is_literal(schema: Mapping[str, object]) -> bool:
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return isinstance(values, list) and not any(isinstance(value, dict | list) for value in values)


def _is_kept(name: str, value: object) -> bool:
    if name == "format":
        return value in _FORMATS
    if name == "minItems":
        return value in (0, 1)
    return name in _KEPT


def _nested(name: str, value: object, moved: dict[str, None]) -> Any:  # noqa: ANN401  # as above
    if name == "properties":
        return _each(value, moved)
    if name == "items":
        return _enforceable(value, moved)
    if name in {"anyOf", "allOf"} and isinstance(value, list):
        return [_enforceable(item, moved) for item in value]
    return value


def _each(schemas: object, moved: dict[str, None]) -> Any:  # noqa: ANN401  # as above
    if not isinstance(schemas, dict):
        return schemas
    return {name: _enforceable(schema, moved) for name, schema in schemas.items()}


def _described(kept: dict[str, Any], rest: Mapping[str, object]) -> dict[str, Any]:
    if rest:
        told = "{" + ", ".join(f"{name}: {value}" for name, value in rest.items()) + "}"
        before = kept.get("description")
        kept["description"] = f"{before}\n\n{told}" if before else told
    return kept
