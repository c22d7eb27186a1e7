"""A bounded cache whose entries end: the least recently used one makes room."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")


class BoundedCache(Generic[ValueT]):
    """Keeps values by digest for some time. Times are of the monotonic clock, in seconds."""

    def __init__(self, capacity: int, life_s: float) -> None:
        self._capacity = capacity
        self._life_s = life_s
        self._entries: OrderedDict[bytes, tuple[float, ValueT]] = OrderedDict()

    def get(self, key: bytes, now: float) -> ValueT | None:
        """The value; ``None``: there is none, or its time is over."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[0] <= now:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def put(self, key: bytes, value: ValueT, now: float) -> None:
        """Keeps a value."""
        self._entries[key] = (now + self._life_s, value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._capacity:
            self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forgets everything."""
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)
