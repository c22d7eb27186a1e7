"""Kinds of rules that limit an amount: of several the least holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pointsman_server.policy.model import CallFacts
from pointsman_server.policy.rules.base import Form, Kind
from pointsman_server.policy.situation import Situation

MAX_AMOUNT = 10**18

Measure = Callable[[CallFacts], int | None]
"""Reads off a call how much of it there is; ``None``: that is not known."""


@dataclass(frozen=True)
class AmountKind(Kind[int, int]):
    """Limits an amount.

    Attributes:
        unit: what is counted, in the plural.
        measure: what of it a call has; ``None``: nothing that policy could check.
        cure: what a caller can do.
        least: the smallest amount that a rule may set.
    """

    unit: str
    measure: Measure | None = field(default=None, compare=False)
    cure: str = ""
    least: int = 0

    @property
    def form(self) -> Form:
        return Form.AMOUNT

    def merge(self, values: Sequence[int]) -> int:
        return min(values)

    def words(self, limit: int) -> str:
        return f"at most {limit} {self.unit}"

    def problem(self, value: int) -> str | None:
        if self.least <= value <= MAX_AMOUNT:
            return None
        return f"is {value}; use {self.least} to {MAX_AMOUNT}"

    @property
    def refuses(self) -> bool:
        return self.measure is not None

    def refusal(self, limit: int, at: Situation) -> str | None:
        found = None if self.measure is None else self.measure(at.facts)
        if found is None or found <= limit:
            return None
        return f"{self.key} is {limit}, and the call has {found} {self.unit}; {self.cure}."


def stated(key: str) -> Measure:
    """Reads the amount that a call states under the key."""
    return lambda facts: facts.amounts.get(key)
