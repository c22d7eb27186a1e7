"""Checks what a JSON text says, rather than how it is written: escapes hide nothing, and masks break no syntax."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

Change = Callable[[str], str]
"""Gives back a text as it may stay."""

_ESCAPED = re.compile(r"\\u00([2-7][0-9A-Fa-f])|\\/")
_SYNTAX = '"\\\x7f'
"""What escapes may say and plain text may not, without another meaning."""


def changed(text: str, change: Change) -> str:
    """The text with every string in it changed, names too; the same text where nothing changes.

    What is no JSON is changed as it stands, but for letters, digits and signs that are escaped; so is what says a name
    twice, nests too deeply to be read, or has a number that JSON could not write again.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_float)
        after = _changed(value, change)
    except (ValueError, RecursionError):
        plain = _ESCAPED.sub(_unescaped, text)
        after_plain = change(plain)
        return text if after_plain == plain else after_plain
    return text if after == value else _written(after)


def _written(value: Any) -> str:  # noqa: ANN401  # any JSON
    """Half of a pair of surrogates is no text that could be sent, so it stays escaped, and all else with it."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isascii() or text == text.encode(errors="ignore").decode() else json.dumps(value)


def _unescaped(match: re.Match[str]) -> str:
    character = "/" if match[1] is None else chr(int(match[1], 16))
    return match[0] if character in _SYNTAX else character


def _float(written: str) -> float:
    value = float(written)
    return value if value - value == 0 else _no_number(written)


def _no_number(written: str) -> float:
    raise ValueError(f"{written} is no number that JSON could write again")


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError("a name is there twice, and one of the two would not be looked at")
    return found


def _changed(value: Any, change: Change) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_changed(each, change) for each in value]
    if isinstance(value, dict):
        return _members(value, change)
    if isinstance(value, int) and not isinstance(value, bool):
        written = str(value)
        after = change(written)
        return value if after == written else after
    return value


def _members(value: dict[str, Any], change: Change) -> dict[str, Any]:
    """Names that become alike are numbered, so that none takes another one's place."""
    found: dict[str, Any] = {}
    for name, each in value.items():
        after = change(name)
        unique, count = after, 1
        while unique in found or (unique != name and unique in value):
            count += 1
            unique = f"{after}{count}"
        found[unique] = _changed(each, change)
    return found
