"""Reads chunks of a stream that differ from an earlier one in a single text: nearly all of them do.

JSON's grammar makes this exact: where one string literal of a document is exchanged for another, nothing else of its
value changes.
"""

from __future__ import annotations

from collections.abc import Callable
from json.decoder import scanstring  # type: ignore[attr-defined]  # the stubs leave it out

from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.adapters.payload import parse

_PROBE = "probe"
_LEAST_FITS = 8
"""A shape is looked for again only where the last one fitted so many chunks: else each search would be in vain."""


class ChunkShape:
    """What stands before and after the text in the chunks of one response."""

    def __init__(self, member: str) -> None:
        self._key = f'"{member}":'
        self._head = ""
        self._tail = ""
        self._fits = _LEAST_FITS

    @property
    def is_sought(self) -> bool:
        """Whether to ``learn`` from a chunk that did not fit."""
        return self._fits >= _LEAST_FITS

    def text(self, data: str) -> str | None:
        """The text of a chunk that is as the one that was learnt but for it; ``None``: the chunk must be read whole."""
        head, tail = self._head, self._tail
        if not head or not data.startswith(head) or not data.endswith(tail) or "\\u" in data:
            return None
        try:
            text, end = scanstring(data, len(head))
        except ValueError:
            return None
        if end != len(data) - len(tail):
            return None
        self._fits += 1
        return str(text)

    def learn(self, data: str, exchange: Callable[[str], object]) -> None:
        """Takes a chunk for an example.

        Args:
            data: its JSON.
            exchange: returns its value with another text in the place that differs.
        """
        self._fits = 0
        before, key, after = data.partition(self._key)
        literal = after.lstrip(" ")
        if not literal.startswith('"'):
            return
        head = before + key + after[: len(after) - len(literal)] + '"'
        try:
            _, end = scanstring(data, len(head))
            tail = data[end:]
            if parse(f'{head}{_PROBE}"{tail}') == exchange(_PROBE):
                self._head, self._tail = head, tail
        except (ValueError, ProviderFailure):
            return
