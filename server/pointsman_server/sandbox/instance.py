"""Makes an instance of a JSON Schema: the smallest plain one, the same each time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from jsonschema.exceptions import SchemaError
from jsonschema.validators import validator_for

from pointsman_server.sandbox.checks import Json
from pointsman_server.sandbox.conversation import Refusal

_DEEPEST: Final = 12
# Beyond this depth, properties and items that may be left out are.
_GENEROUS_DEPTH: Final = 3
_FORMATS: Final = {
    "date": "2024-01-31",
    "date-time": "2024-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "P1D",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
# Tried in turn where a pattern is asked for; the validator decides.
_PATTERN_CANDIDATES: Final = (
    "a",
    "A",
    "0",
    "abc",
    "ABC",
    "12",
    "123",
    "1234",
    "12345",
    "a1",
    "A1",
    "ABC-123",
    *_FORMATS.values(),
)


def instance(schema: dict[str, Json], word: str) -> Json:
    """A value that satisfies the schema; ``word`` is what plain strings hold.

    Raises:
        Refusal: it is no JSON Schema, or none that the sandbox can satisfy.
    """
    validator_class = validator_for(schema)
    try:
        validator_class.check_schema(schema)
        value = _Maker(schema, word).make(schema, 0)
    except SchemaError:
        raise Refusal(400, "The schema is not a valid JSON Schema.", param="schema") from None
    except (_Unsatisfied, KeyError, RecursionError):
        raise Refusal(400, "The sandbox cannot satisfy this schema.", param="schema") from None
    if not validator_class(schema).is_valid(value):
        raise Refusal(400, "The sandbox cannot satisfy this schema.", param="schema")
    return value


class _Unsatisfied(Exception):
    """The schema nests without an end, or asks for what the maker does not know."""


class _Maker:
    def __init__(self, root: Mapping[str, Json], word: str) -> None:
        self._root = root
        self._word = word

    def make(self, schema: Json, depth: int) -> Json:
        if depth > _DEEPEST or schema is False:
            raise _Unsatisfied
        if schema is True:
            return self._word
        if "const" in schema or "enum" in schema:
            return schema["const"] if "const" in schema else schema["enum"][0]
        if "$ref" in schema:
            return self.make(self._resolve(schema["$ref"]), depth + 1)
        return self._composed(schema, depth)

    def _composed(self, schema: Mapping[str, Json], depth: int) -> Json:
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._first_of(schema, schema[key], depth)
        if "allOf" in schema:
            return self.make(_merged(schema, self._resolved(schema["allOf"])), depth + 1)
        return self._typed(schema, depth)

    def _resolve(self, reference: str) -> Json:
        if not reference.startswith("#"):
            raise _Unsatisfied
        node: Json = self._root
        for part in reference[1:].split("/")[1:]:
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def _resolved(self, parts: list[Json]) -> list[Json]:
        """The parts as objects: references followed, ``True`` as ``{}``, without what nothing satisfies."""
        found = []
        for part in parts:
            if isinstance(part, dict) and "$ref" in part:
                found.append(self._resolve(part["$ref"]))
            elif part is not False:
                found.append({} if part is True else part)
        return found

    def _first_of(self, schema: Mapping[str, Json], options: list[Json], depth: int) -> Json:
        base = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        for option in self._resolved(options):
            try:
                return self.make(_merged(base, [option]), depth + 1)
            except _Unsatisfied:
                continue
        raise _Unsatisfied

    def _typed(self, schema: Mapping[str, Json], depth: int) -> Json:
        kinds = schema.get("type") or _implied_type(schema)
        match kinds[0] if isinstance(kinds, list) else kinds:
            case "object":
                value: Json = self._object(schema, depth)
            case "array":
                value = self._array(schema, depth)
            case "string":
                value = self._string(schema)
            case "integer" | "number" as kind:
                value = _number(schema, whole=kind == "integer")
            case kind:
                value = True if kind == "boolean" else None
        return value

    def _object(self, schema: Mapping[str, Json], depth: int) -> dict[str, Json]:
        required = schema.get("required", [])
        value: dict[str, Json] = {}
        for name, part in schema.get("properties", {}).items():
            if name in required:
                value[name] = self.make(part, depth + 1)
            elif depth < _GENEROUS_DEPTH:
                self._offer(value, name, part, depth)
        for name in required:
            if name not in value:
                value[name] = self.make(schema.get("additionalProperties", True), depth + 1)
        return value

    def _offer(self, value: dict[str, Json], name: str, part: Json, depth: int) -> None:
        try:
            value[name] = self.make(part, depth + 1)
        except _Unsatisfied:
            # It may be left out, so it is.
            value.pop(name, None)

    def _array(self, schema: Mapping[str, Json], depth: int) -> list[Json]:
        least = schema.get("minItems", 0)
        items = schema.get("items", True)
        fixed = [self.make(part, depth + 1) for part in schema.get("prefixItems", [])]
        wanted = max(least, 1 if depth < _GENEROUS_DEPTH and schema.get("maxItems", 1) > 0 else 0)
        try:
            return fixed + [self._item(items, index, depth) for index in range(len(fixed), wanted)]
        except _Unsatisfied:
            if least > len(fixed):
                raise
            return fixed

    def _item(self, items: Json, index: int, depth: int) -> Json:
        options = items.get("enum") if isinstance(items, Mapping) else None
        return options[index % len(options)] if options else self.make(items, depth + 1)

    def _string(self, schema: Mapping[str, Json]) -> str:
        if "pattern" in schema:
            validator = validator_for(schema)(schema)
            return next((text for text in _PATTERN_CANDIDATES if validator.is_valid(text)), self._word)
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        least = schema.get("minLength", 0)
        text = self._word if len(self._word) >= least else self._word.ljust(least, "x")
        most = schema.get("maxLength")
        return text if most is None else text[:most]


def _implied_type(schema: Mapping[str, Json]) -> str:
    if "properties" in schema or "required" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    return "number" if "minimum" in schema or "maximum" in schema else "string"


def _merged(base: Mapping[str, Json], parts: list[Json]) -> dict[str, Json]:
    merged = {key: value for key, value in base.items() if key != "allOf"}
    for part in parts:
        for key, value in part.items():
            if key == "properties":
                merged[key] = {**merged.get(key, {}), **value}
            elif key == "required":
                merged[key] = [*merged.get(key, []), *value]
            else:
                merged[key] = value
    return merged


def _number(schema: Mapping[str, Json], *, whole: bool) -> Json:
    step = schema.get("multipleOf", 1)
    bounds = [schema[key] for key in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum") if key in schema]
    candidates = [step]
    for bound in bounds:
        near = math.ceil(bound / step) * step
        candidates += [bound, near, near + step, near - step]
    candidates.append(sum(bounds) / len(bounds) if bounds else 0)
    validator = validator_for(schema)(schema)
    fitting = (int(value) if whole and value == int(value) else value for value in candidates)
    return next((value for value in fitting if validator.is_valid(value)), step)
