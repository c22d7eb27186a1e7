"""Writes the names of Gemini's fields one way: its server takes ``inlineData`` and ``inline_data`` alike."""

from __future__ import annotations

import re
from typing import Any, Final

from pointsman_server.sandbox.checks import Json

_UNDERSCORE: Final = re.compile(r"_([a-z])")
_CALLERS: Final = frozenset({"args", "response", "parametersJsonSchema", "responseJsonSchema", "partMetadata"})
"""Fields whose content is the caller's own."""


def in_camel_case(value: Json, parent: str = "") -> Any:  # noqa: ANN401  # whatever JSON came
    """The same value with its fields' names in camel case; names that callers chose stay."""
    if isinstance(value, list):
        return [in_camel_case(item, parent) for item in value]
    if not isinstance(value, dict):
        return value
    named = value if parent == "properties" else {_camel(name): part for name, part in value.items()}
    return {
        name: part if name in _CALLERS and parent != "properties" else in_camel_case(part, _inside(name, parent))
        for name, part in named.items()
    }


def _camel(name: str) -> str:
    return _UNDERSCORE.sub(lambda match: match[1].upper(), name)


def _inside(name: str, parent: str) -> str:
    # A property may itself be called properties: what stands in it is a schema, not names.
    return "" if parent == "properties" else name
