"""The sandbox's own count of what it generated and sent: the truth that Pointsman's ledger is checked against."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pointsman_server.sandbox.answer import Delta
from pointsman_server.sandbox.models import SandboxModel

Outcome = Literal["running", "ended", "client_gone", "failed", "refused"]


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
    model: str
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
        self.cost_nanos = model.cost_nanos(input_tokens, cached_tokens, 0)

    def count(self, model: SandboxModel, delta: Delta) -> None:
        """Counts a delta that is sent."""
        if delta.kind == "reasoning":
            self.reasoning_tokens += delta.tokens
        else:
            self.output_tokens += delta.tokens
        self.cost_nanos += delta.tokens * model.output_nanos


class Meter:
    """All requests since the start or the last reset, in order."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def open(self, request_id: str, model: str) -> Entry:
        """Begins the entry of a request."""
        entry = Entry(request_id, model)
        self.entries.append(entry)
        return entry

    def reset(self) -> None:
        """Forgets all entries."""
        self.entries.clear()

    @property
    def cost_nanos(self) -> int:
        """What all requests cost together."""
        return sum(entry.cost_nanos for entry in self.entries)

    @property
    def outcomes(self) -> Counter[str]:
        """How many requests ended in which way."""
        return Counter(entry.outcome for entry in self.entries)

    def report(self) -> dict[str, Any]:
        """The whole meter as JSON: ``{"cost_nanos", "outcomes", "requests": […]}``."""
        return {
            "cost_nanos": self.cost_nanos,
            "outcomes": dict(self.outcomes),
            "requests": [asdict(entry) for entry in self.entries],
        }
