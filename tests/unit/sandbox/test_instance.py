"""Instances that the sandbox makes of JSON Schemas."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pointsman_server.sandbox.conversation import Refusal
from pointsman_server.sandbox.instance import instance

TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["name", "children"],
        }
    },
    "$ref": "#/$defs/node",
}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a", "b"]},
        {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False},
        {"properties": {"a": {"type": "boolean"}}, "required": ["a"]},
        {"type": "object", "required": ["x"], "additionalProperties": {"type": "integer"}},
        {"type": "array", "items": {"type": "number"}, "minItems": 3},
        {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2, "maxItems": 2},
        {"items": {"type": "null"}},
        {"type": "array", "maxItems": 0},
        {"type": "string", "minLength": 40},
        {"type": "string", "maxLength": 2},
        {"type": "string", "pattern": "^[A-Z]{3}$"},
        {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        *(
            {"type": "string", "format": name}
            for name in ("date", "date-time", "email", "uuid", "uri", "ipv4", "other")
        ),
        {"type": "integer", "minimum": 7},
        {"type": "integer", "exclusiveMinimum": 7},
        {"type": "integer", "maximum": -7},
        {"type": "integer", "minimum": 3, "maximum": 3},
        {"type": "integer", "minimum": 10, "maximum": 20, "multipleOf": 7},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"type": "number", "minimum": 0.5, "maximum": 0.75},
        {"minimum": 5},
        {"type": ["null", "string"]},
        {"type": ["string", "null"]},
        {"const": {"a": [1]}},
        {"enum": ["x", "y"]},
        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        {"oneOf": [False, {"type": "string"}]},
        {
            "allOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"required": ["b"]}],
            "type": "object",
        },
        {"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"type": "integer", "minimum": 4}}},
        {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "boolean"}}},
        {"type": "object", "properties": {"a": True}},
        TREE,
        {"anyOf": [TREE["$defs"]["node"], {"type": "null"}], "$defs": TREE["$defs"]},
    ],
)
def test_an_instance_satisfies_its_schema(schema: dict[str, Any]) -> None:
    value = instance(schema, "word")
    Draft202012Validator(schema).validate(value)
    assert value == instance(schema, "word")


def test_plain_strings_hold_the_word() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    assert instance(schema, "Lisbon") == {"city": "Lisbon"}


def test_optional_properties_that_never_end_are_left_out() -> None:
    schema = {"type": "object", "properties": {"next": {"$ref": "#"}, "name": {"type": "string"}}, "required": ["name"]}
    Draft202012Validator(schema).validate(instance(schema, "word"))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "strin"},
        {"type": "object", "required": "a"},
        {"$ref": "#/$defs/missing"},
        {"$ref": "https://example.com/schema.json"},
        {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]},
        {"type": "array", "items": {"$ref": "#"}, "minItems": 1},
        {"anyOf": [False, False]},
        {"type": "string", "pattern": "^z{50}$"},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"type": "array", "items": {"const": 1}, "minItems": 2, "uniqueItems": True},
        {"type": "object", "properties": {"a": False}, "required": ["a"]},
    ],
)
def test_a_schema_that_cannot_be_satisfied_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        instance(schema, "word")
    assert caught.value.status == 400


_LEAVES = st.sampled_from(
    [{"type": kind} for kind in ("string", "integer", "number", "boolean", "null")] + [{"enum": ["a", 1]}]
)
_SCHEMAS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda items, least: {"type": "array", "items": items, "minItems": least}, inner, st.integers(0, 3)),
        st.builds(
            lambda properties, every: {
                "type": "object",
                "properties": properties,
                "required": list(properties) if every else [],
                "additionalProperties": False,
            },
            st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3),
            st.booleans(),
        ),
        st.builds(lambda options: {"anyOf": options}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=8,
)


@given(_SCHEMAS, st.text(max_size=5))
def test_plain_schemas_are_always_satisfied(schema: dict[str, Any], word: str) -> None:
    Draft202012Validator(schema).validate(instance(schema, word))
