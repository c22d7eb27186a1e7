"""When a kept thing was made and last changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp


@dataclass(frozen=True, slots=True)
class Times:
    """Both in UTC."""

    created_at: datetime
    updated_at: datetime

    def stamps(self) -> dict[str, Timestamp]:
        """They, under the names that the contract's messages have for them."""
        return {"create_time": _stamp(self.created_at), "update_time": _stamp(self.updated_at)}


def times_of(message: Any) -> Times | None:  # noqa: ANN401  # every message that has both
    """The times that a message has; ``None``: it has none."""
    if not message.HasField("create_time"):
        return None
    return Times(message.create_time.ToDatetime(UTC), message.update_time.ToDatetime(UTC))


def _stamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
