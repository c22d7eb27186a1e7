"""Writes prompt-cache breakpoints: at most four, those of the longer lifetime first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pointsman.v1.completion_pb2 import Warning  # noqa: A004  # the contract's word
from pointsman.v1.content_pb2 import CacheBreakpoint, CacheLifetime

from pointsman_server.adapters.request_body import dropped

MOST_BREAKPOINTS = 4
"""How many the API takes."""

_TTLS = {CacheLifetime.CACHE_LIFETIME_SHORT: "5m", CacheLifetime.CACHE_LIFETIME_LONG: "1h"}


@dataclass(frozen=True, slots=True)
class _Mark:
    block: dict[str, Any]
    lifetime: CacheLifetime.ValueType
    field: str


class Breakpoints:
    """Collects the breakpoints of a request in the order of its prompt: tools, system text, messages."""

    def __init__(self) -> None:
        self._marks: list[_Mark] = []

    def mark(self, block: dict[str, Any], breakpoint_: CacheBreakpoint, field: str) -> None:
        """Notes that the prompt is to be cached up to the end of ``block``; ``field`` names it in warnings."""
        self._marks.append(_Mark(block, breakpoint_.lifetime, field))

    def write(self) -> Iterator[Warning]:
        """Writes the last four into their blocks, and yields a warning for whatever is not as it was asked.

        Of many breakpoints the last cache the most. The API refuses a longer lifetime after a shorter one: such a
        breakpoint gets the shorter, which never costs more than what was asked.
        """
        for mark in self._marks[:-MOST_BREAKPOINTS]:
            yield dropped(mark.field, f"A request has at most {MOST_BREAKPOINTS} cache breakpoints; the last are kept.")
        seen_short = False
        for mark in self._marks[-MOST_BREAKPOINTS:]:
            lifetime = mark.lifetime
            if lifetime == CacheLifetime.CACHE_LIFETIME_LONG and seen_short:
                lifetime = CacheLifetime.CACHE_LIFETIME_SHORT
                yield dropped(f"{mark.field}.lifetime", "A longer cache lifetime cannot follow a shorter one.")
            seen_short |= lifetime != CacheLifetime.CACHE_LIFETIME_LONG
            ttl = {"ttl": _TTLS[lifetime]} if lifetime in _TTLS else {}
            mark.block["cache_control"] = {"type": "ephemeral"} | ttl
