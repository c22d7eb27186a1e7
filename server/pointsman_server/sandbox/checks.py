"""Checks of what a request holds: each returns the value in its type, or refuses as a provider would."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Mapping
from typing import Any

from pointsman_server.sandbox.conversation import Refusal

Json = Any
"""What ``json.loads`` returns."""

_KINDS = {
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    str: "a string",
    list: "an array",
    dict: "an object",
}


def wrong_type(value: object, param: str, expected: str) -> Refusal:
    """The refusal of a value of another type."""
    got = "null" if value is None else _KINDS[type(value)]
    message = f"Invalid type for '{param}': expected {expected}, but got {got} instead."
    return Refusal(400, message, param=param, code="invalid_type")


def invalid(message: str, param: str) -> Refusal:
    """The refusal of a value that its type allows and its meaning does not."""
    return Refusal(400, message, param=param, code="invalid_value")


def document(body: bytes) -> Mapping[str, Any]:
    """The body as a JSON object."""
    try:
        value = json.loads(body)
    except ValueError:
        raise Refusal(400, "We could not parse the JSON body of your request.") from None
    except RecursionError:
        raise Refusal(400, "The JSON body of your request is nested too deeply.") from None
    if not isinstance(value, dict):
        raise wrong_type(value, "body", "an object")
    return value


def text(value: object, param: str) -> str:
    """A string that can be written as UTF-8."""
    if not isinstance(value, str):
        raise wrong_type(value, param, "a string")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise invalid(f"Invalid '{param}': it is not valid Unicode.", param)
    return value


def choice(value: object, param: str, allowed: Collection[str]) -> str:
    """One of a few strings."""
    found = text(value, param)
    if found not in allowed:
        names = ", ".join(f"'{name}'" for name in sorted(allowed))
        raise invalid(f"Invalid value: '{found[:80]}'. Supported values are: {names}.", param)
    return found


def flag(value: object, param: str) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise wrong_type(value, param, "a boolean")
    return value


def number(value: object, param: str, low: float, high: float) -> float:
    """A number within bounds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong_type(value, param, "a decimal")
    if not low <= value <= high:
        raise invalid(f"Invalid '{param}': {value} is not between {low} and {high}.", param)
    return value


def whole(value: object, param: str, low: int, high: int) -> int:
    """An integer within bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(value, param, "an integer")
    return int(number(value, param, low, high))


def array(value: object, param: str, *, least: int = 0, most: int = 1_000_000) -> list[Any]:
    """An array of allowed length."""
    if not isinstance(value, list):
        raise wrong_type(value, param, "an array")
    if not least <= len(value) <= most:
        bound = f"minimum length {least}" if len(value) < least else f"maximum length {most}"
        what = "empty_array" if not value else "array_length"
        raise Refusal(400, f"Invalid '{param}': expected an array with {bound}.", param=param, code=what)
    return value


def mapping(value: object, param: str, known: Collection[str] | None = None) -> Mapping[str, Any]:
    """An object, with no fields but the known ones."""
    if not isinstance(value, dict):
        raise wrong_type(value, param, "an object")
    for name in value:
        if known is not None and name not in known:
            path = f"{param}.{name}" if param else name
            raise Refusal(400, f"Unknown parameter: '{path[:120]}'.", param=path, code="unknown_parameter")
    return value


def required(fields: Mapping[str, Any], name: str, param: str) -> Json:
    """A field that must be there."""
    if name not in fields:
        path = f"{param}.{name}" if param else name
        message = f"Missing required parameter: '{path}'."
        raise Refusal(400, message, param=path, code="missing_required_parameter")
    return fields[name]


def base64_bytes(value: str, param: str) -> bytes:
    """The bytes of a base64 text."""
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(f"Invalid '{param}': it is not valid base64.", param) from None
    if not data:
        raise invalid(f"Invalid '{param}': it is empty.", param)
    return data
