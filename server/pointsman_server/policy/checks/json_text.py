"""Checks what a JSON text says, rather than how it is written: escapes hide nothing, and masks break no syntax."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Change = Callable[[str], str]
"""Gives back a text as it may stay."""


def changed(text: str, change: Change) -> str:
    """The text with every string in it changed, names too; the same text where nothing changes.

    What is no JSON is changed as it stands, and so is what says a name twice or nests too deeply to be read.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object)
        after = _changed(value, change)
    except (ValueError, RecursionError):
        return change(text)
    return text if after == value else json.dumps(after, ensure_ascii=False)


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
        return {change(name): _changed(each, change) for name, each in value.items()}
    if isinstance(value, int) and not isinstance(value, bool):
        written = str(value)
        after = change(written)
        return value if after == written else after
    return value
