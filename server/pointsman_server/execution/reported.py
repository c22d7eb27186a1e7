"""The provider's own count of one attempt, from one report or several: never less than any whole one said."""

from __future__ import annotations

from pointsman.v1.usage_pb2 import USAGE_FLAG_CONTRADICTORY, TokenUsage, UsageFlag

from pointsman_server.adapters.base import UsageReported

_INPUT = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_long_tokens", "input_audio_tokens")
_OUTPUT = ("output_tokens", "reasoning_tokens", "output_audio_tokens")


class Reported:
    """What the reports so far come to.

    Attributes:
        usage: by class; ``None``: there was no count.
        whole: whether it counts the output too.
        output_bytes: how much output had come when it was last counted.
        flags: what was odd about the reports.
    """

    __slots__ = ("flags", "output_bytes", "usage", "whole")

    def __init__(self, usage: TokenUsage | None = None, *, whole: bool = False, output_bytes: int = 0) -> None:
        self.usage = usage
        self.whole = whole
        self.output_bytes = output_bytes
        self.flags: frozenset[UsageFlag.ValueType] = frozenset()

    def take(self, report: UsageReported, output_bytes: int) -> None:
        """Takes a report. What counts the input alone, before the answer, is a first word that any other replaces; a
        whole count stands against a lower one, each side on its own.
        """
        self.flags |= report.flags
        earlier, later = self.usage, report.usage
        if earlier is not None and (self.whole or not input_total(later)):
            later = self._larger(earlier, report)
        self.usage = later
        if report.whole:
            self.whole = True
            self.output_bytes = output_bytes

    def _larger(self, earlier: TokenUsage, report: UsageReported) -> TokenUsage:
        later = report.usage
        less_input = input_total(later) < input_total(earlier)
        less_output = output_total(later) < output_total(earlier)
        if report.whole and self.whole and (less_input or less_output):
            self.flags |= {USAGE_FLAG_CONTRADICTORY}
        usage = TokenUsage()
        _copy(earlier if less_input else later, usage, _INPUT)
        _copy(earlier if less_output else later, usage, _OUTPUT)
        return usage


def input_total(usage: TokenUsage) -> int:
    """The input of all classes."""
    return (
        usage.input_tokens
        + usage.cache_read_tokens
        + usage.cache_write_tokens
        + usage.cache_write_long_tokens
        + usage.input_audio_tokens
    )


def output_total(usage: TokenUsage) -> int:
    """The output of all classes."""
    return usage.output_tokens + usage.reasoning_tokens + usage.output_audio_tokens


def _copy(source: TokenUsage, target: TokenUsage, classes: tuple[str, ...]) -> None:
    for name in classes:
        setattr(target, name, getattr(source, name))
