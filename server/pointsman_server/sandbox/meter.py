"""The sandbox's own count of what it generated and sent: the truth that Pointsman's ledger is checked against."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from pointsman_server.sandbox.answer import Delta
from pointsman_server.sandbox.models import SandboxModel

Outcome = Literal["running", "ended", "client_gone", "failed", "refused"]


_MOST_ENTRIES: Final = 100_000


@dataclass(slots=True)
class Entry:
    """One request.

    Attributes:
        input_tokens: without the cached ones.
        output_tokens: without the reasoning ones; like those, as far as they were sent.
        outcome: ``failed``: the sandbox broke it, as it was told to; ``refused``: an error status, nothing charged.
        fault: what broke it, or what was reported wrongly.
    """

    id: str
    model: str = ""
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cost_nanos: int = 0
    streamed: bool = False
    status: int = 200
    outcome: Outcome = "running"
    fault: str = ""

    def admit(self, model: SandboxModel, input_tokens: int, cached_tokens: int) -> None:
        """Counts the input: generation begins."""
        self.input_tokens = input_tokens
        self.cached_tokens = cached_tokens
        self._charge(model)

    def count(self, model: SandboxModel, delta: Delta) -> None:
        """Counts a delta that is sent."""
        if delta.kind == "reasoning":
            self.reasoning_tokens += delta.tokens
        else:
            self.output_tokens += delta.tokens
        self._charge(model)

    def _charge(self, model: SandboxModel) -> None:
        output_tokens = self.output_tokens + self.reasoning_tokens
        self.cost_nanos = model.cost_nanos(self.input_tokens, self.cached_tokens, output_tokens)


class Meter:
    """The requests since the start or the last reset, in order: the last hundred thousand of them.

    Attributes:
        at_once: how many requests are being answered.
        most_at_once: how many ever were.
    """

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_MOST_ENTRIES)
        self._opened = 0
        self.at_once = 0
        self.most_at_once = 0

    @contextmanager
    def open(self, request_id: str) -> Iterator[Entry]:
        """Begins the entry of a request, which is being answered meanwhile."""
        entry = Entry(request_id)
        self._entries.append(entry)
        self._opened += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield entry
        finally:
            self.at_once -= 1

    def reset(self) -> None:
        """Forgets all entries."""
        self._entries.clear()
        self._opened = 0
        self.most_at_once = self.at_once

    @property
    def entries(self) -> list[Entry]:
        """The entries that are kept."""
        return list(self._entries)

    @property
    def cost_nanos(self) -> int:
        """What the kept requests cost together."""
        return sum(entry.cost_nanos for entry in self._entries)

    @property
    def outcomes(self) -> Counter[str]:
        """How many of the kept requests ended in which way."""
        return Counter(entry.outcome for entry in self._entries)

    def report(self) -> dict[str, Any]:
        """The whole meter as JSON: ``{"cost_nanos", "outcomes", "most_at_once", "forgotten", "requests": […]}``."""
        return {
            "cost_nanos": self.cost_nanos,
            "outcomes": dict(self.outcomes),
            "most_at_once": self.most_at_once,
            "forgotten": self._opened - len(self._entries),
            "requests": [asdict(entry) for entry in self._entries],
        }
