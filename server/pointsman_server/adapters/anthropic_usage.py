"""Reads what the Messages API says it used, into disjoint classes.

How it counts: ``input_tokens`` is what was neither read from a cache nor written to one; ``cache_read_input_tokens``
and ``cache_creation_input_tokens`` stand beside it, and the three together are the prompt. ``cache_creation`` splits
the writes by lifetime (``ephemeral_5m_input_tokens``, ``ephemeral_1h_input_tokens``); only the first report of a
stream holds it. ``output_tokens`` holds the thinking, which ``output_tokens_details.thinking_tokens`` tells apart
where the API gives it. Images and documents count as input. Hosts that speak this wire count alike, with fewer fields.

A stream reports twice: ``message_start`` before the answer, whose count of the output means nothing yet, and
``message_delta`` at its end. Figures are cumulative, so a later one replaces an earlier one, and what a later report
leaves out still holds. Hosts that know nothing at the start report zeros there; those are no report.

Nothing here raises: see ``token_count``. No detail exceeds the count that it is part of.
"""

from __future__ import annotations

from collections.abc import Mapping

from pointsman.v1.usage_pb2 import USAGE_FLAG_LATE, TokenUsage, UsageFlag

from pointsman_server.adapters.base import DecodedEvent, UsageReported
from pointsman_server.adapters.token_count import count, first, oddities

_NOTHING: frozenset[UsageFlag.ValueType] = frozenset()
_LATE = frozenset({USAGE_FLAG_LATE})
_COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


class Usage:
    """The reports of one answer so far."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._told: UsageReported | None = None
        self._whole = False

    def take(self, reported: object, out: list[DecodedEvent], *, before: bool = False, late: bool = False) -> None:
        """Takes a report, and appends the usage where it is not what was told already.

        Args:
            reported: the member ``usage``, whatever it is.
            out: where the usage goes.
            before: whether it comes before the answer.
            late: whether it comes after the answer was done.
        """
        if not isinstance(reported, dict):
            return
        self._note(reported)
        self._whole |= not before and count(reported.get("output_tokens")) is not None
        usage = _classes(self._counts)
        if not self._whole:
            usage.ClearField("output_tokens")
            usage.ClearField("reasoning_tokens")
        flags = oddities(reported) | (_LATE if late else _NOTHING)
        told = UsageReported(usage, self._whole, flags)
        if told != self._told and (self._whole or usage.ByteSize() or flags):
            self._told = told
            out.append(told)

    def _note(self, reported: Mapping[str, object]) -> None:
        writes, details = _object(reported, "cache_creation"), _object(reported, "output_tokens_details")
        given = {name: reported.get(name) for name in _COUNTS}
        given |= {name: writes.get(f"ephemeral_{name}_input_tokens") for name in ("5m", "1h")}
        given["thinking"] = details.get("thinking_tokens")
        for name, value in given.items():
            if (number := count(value)) is not None:
                self._counts[name] = number


def _classes(counts: Mapping[str, int]) -> TokenUsage:
    long = counts.get("1h", 0)
    written = first(counts.get("cache_creation_input_tokens"), counts.get("5m", 0) + long)
    output = counts.get("output_tokens", 0)
    usage = TokenUsage(
        input_tokens=counts.get("input_tokens", 0),
        cache_read_tokens=counts.get("cache_read_input_tokens", 0),
        cache_write_long_tokens=min(long, written),
        reasoning_tokens=min(counts.get("thinking", 0), output),
    )
    usage.cache_write_tokens = written - usage.cache_write_long_tokens
    usage.output_tokens = output - usage.reasoning_tokens
    return usage


def _object(reported: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = reported.get(name)
    return value if isinstance(value, dict) else {}
