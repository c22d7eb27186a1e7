"""Figures as people read them: money exactly, durations and tokens shortly."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from pointsman.cli.names import name_of
from pointsman.v1.completion_pb2 import (
    FINISH_REASON_STOP,
    FINISH_REASON_TOOL_CALLS,
    FINISH_REASON_UNSPECIFIED,
    Finished,
    FinishReason,
)
from pointsman.v1.usage_pb2 import TokenUsage

_NANOS = 1_000_000_000
_SECOND_MS = 1_000
_MINUTE_MS = 60_000
_WHOLE = {FINISH_REASON_UNSPECIFIED, FINISH_REASON_STOP, FINISH_REASON_TOOL_CALLS}
UNKNOWN = "unknown"
NONE = "–"  # noqa: RUF001  # an en dash: nothing to show


def dollars(nanos: int | None) -> str:
    """Nano-dollars as dollars, every digit kept: ``$0.000123``, ``$1.50``."""
    if nanos is None:
        return UNKNOWN
    whole, rest = divmod(abs(nanos), _NANOS)
    decimals = f"{rest:09d}".rstrip("0").ljust(2, "0")
    return f"{'-' if nanos < 0 else ''}${whole:,}.{decimals}"


def cost(message: Message, field: str) -> str:
    """An optional field of nano-dollars as dollars."""
    return dollars(getattr(message, field) if message.HasField(field) else None)


def milliseconds(value: int) -> str:
    """A time span: ``340 ms``, ``1.2 s``, ``2 min 5 s``."""
    if value < _SECOND_MS:
        return f"{value} ms"
    if value < _MINUTE_MS:
        return f"{value // _SECOND_MS}.{value % _SECOND_MS // 100} s"
    minutes, rest = divmod(value, _MINUTE_MS)
    return f"{minutes} min {rest // _SECOND_MS} s"


def elapsed(duration: Duration) -> str:
    """A time span, as ``milliseconds``."""
    return milliseconds(duration.ToMilliseconds())


def moment(timestamp: Timestamp) -> str:
    """A point in time, in UTC."""
    return timestamp.ToDatetime().strftime("%Y-%m-%d %H:%M:%S UTC")


def input_tokens(usage: TokenUsage) -> int:
    """All input classes together."""
    written_tokens = usage.cache_write_tokens + usage.cache_write_long_tokens
    return usage.input_tokens + usage.cache_read_tokens + written_tokens + usage.input_audio_tokens


def output_tokens(usage: TokenUsage) -> int:
    """All output classes together."""
    return usage.output_tokens + usage.reasoning_tokens + usage.output_audio_tokens


def tokens(usage: TokenUsage) -> str:
    """What a completion used: ``12 in (8 cached) + 34 out (20 reasoning) tokens``."""
    cached = f" ({usage.cache_read_tokens:,} cached)" if usage.cache_read_tokens else ""
    reasoning = f" ({usage.reasoning_tokens:,} reasoning)" if usage.reasoning_tokens else ""
    about = "about " if usage.estimated else ""
    return f"{about}{input_tokens(usage):,} in{cached} + {output_tokens(usage):,} out{reasoning} tokens"


def summary(finished: Finished) -> str:
    """One line about a completion: model, tokens, cost, time, and what cut the answer short."""
    price = f"cost {UNKNOWN}" if not finished.HasField("cost_nanos") else dollars(finished.cost_nanos)
    first = (
        f" (first token {elapsed(finished.time_to_first_token)})" if finished.HasField("time_to_first_token") else ""
    )
    cut = [f"ended by {name_of(FinishReason, finished.finish_reason)}"] if finished.finish_reason not in _WHOLE else []
    return " · ".join([finished.model_id, tokens(finished.usage), price, elapsed(finished.latency) + first, *cut])
