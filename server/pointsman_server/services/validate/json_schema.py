"""Checks that a text is a JSON Schema (draft 2020-12) that a provider can be given."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError

from pointsman_server.services.validate import limits

_REFERENCES = ("$ref", "$dynamicRef")
# Their values are data, not schemas: a "$ref" in them means nothing.
_DATA_KEYWORDS = frozenset({"const", "default", "enum", "examples"})
_MAX_POINTER_CHARACTERS = 120
_NO_FORMATS = FormatChecker(formats=())


class NoJsonSchema(Exception):
    """The text is not such a schema; the message says what is wrong and what to do."""


def check(text: str, *, object_only: bool) -> None:
    """Checks a schema.

    The format ``regex`` is left out: patterns are of ECMA 262, and Python's own expressions differ.

    Raises:
        NoJsonSchema: says what is wrong, where, and what to do.
    """
    schema = _parse(text)
    if object_only and schema.get("type") != "object":
        raise NoJsonSchema('is not an object\'s schema; give it "type": "object"')
    _check_references(schema)
    try:
        Draft202012Validator.check_schema(schema, format_checker=_NO_FORMATS)
    except SchemaError as error:
        raise NoJsonSchema(
            f"is no valid JSON Schema at {_pointer(error.absolute_path)}: the value breaks the rule "
            f'"{error.validator}" of draft 2020-12; mend it there'
        ) from error


def _parse(text: str) -> dict[str, Any]:
    size = len(text.encode())
    if size > limits.MAX_SCHEMA_BYTES:
        raise NoJsonSchema(f"has {size} bytes; use at most {limits.MAX_SCHEMA_BYTES}")
    try:
        schema = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise NoJsonSchema(f"is no JSON at line {error.lineno}, column {error.colno}; mend it there") from error
    except (RecursionError, ValueError) as error:
        raise NoJsonSchema("is no JSON that can be read: nested too deep, or a number is out of range") from error
    if not isinstance(schema, dict):
        raise NoJsonSchema('is no JSON object; send a schema such as {"type": "object"}')
    if _deeper_than(schema, limits.MAX_SCHEMA_DEPTH):
        raise NoJsonSchema(f"is nested deeper than {limits.MAX_SCHEMA_DEPTH} levels; use $defs and $ref")
    return schema


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(constant)


def _deeper_than(value: object, levels: int) -> bool:
    layer: list[object] = [value]
    for _ in range(levels):
        layer = [child for parent in layer for child in _children(parent)]
        if not layer:
            return False
    return any(True for parent in layer for _ in _children(parent))


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _check_references(schema: Mapping[str, Any]) -> None:
    for reference in _references(schema):
        if not reference.startswith("#"):
            raise NoJsonSchema("refers to a schema elsewhere; put it under $defs and refer to it by #/$defs/…")
        if not _resolves(schema, reference):
            raise NoJsonSchema(f"has no {reference[:_MAX_POINTER_CHARACTERS]}, to which it refers; define it")


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, child in value.items():
            if key in _REFERENCES and isinstance(child, str):
                yield child
            elif key not in _DATA_KEYWORDS:
                yield from _references(child)
    elif isinstance(value, list):
        for child in value:
            yield from _references(child)


def _resolves(schema: Mapping[str, Any], reference: str) -> bool:
    if not reference.startswith("#/"):
        return True  # the schema itself, or an anchor
    place: object = schema
    for token in reference[2:].split("/"):
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(place, dict) and key in place:
            place = place[key]
        elif isinstance(place, list) and key.isdigit() and int(key) < len(place):
            place = place[int(key)]
        else:
            return False
    return True


def _pointer(path: Iterable[str | int]) -> str:
    pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return f"#{pointer}"[:_MAX_POINTER_CHARACTERS]
