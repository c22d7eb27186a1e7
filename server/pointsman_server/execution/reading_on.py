"""Reading an answer to its end for nobody, because it is billed anyway: which, how long, and how many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pointsman_server.catalog.model import OnCancel
from pointsman_server.router.model import Candidate


@dataclass(frozen=True, slots=True)
class ReadingOnSettings:
    """Limits of what is read for nobody.

    Attributes:
        longest_ms: how long one answer is read on.
        most_per_tenant: how many answers are at once.
    """

    longest_ms: int
    most_per_tenant: int


def bills_on(candidate: Candidate) -> bool:
    """Whether the provider bills the whole answer though it is not read: what its row says, else whatever costs
    something and runs elsewhere.
    """
    stated = candidate.provider.on_cancel
    if stated is not None:
        return stated is OnCancel.READ_TO_END
    return not candidate.provider.local and candidate.worst_case_cost_nanos != 0


class ReadingOn:
    """Counts the answers that are read for nobody, by tenant."""

    def __init__(self, settings: ReadingOnSettings) -> None:
        self.longest_s = settings.longest_ms / 1000
        self._most_per_tenant = settings.most_per_tenant
        self._running: Counter[str] = Counter()

    @contextmanager
    def place(self, tenant_id: str) -> Iterator[bool]:
        """Takes a place while it lasts; false: the tenant has none left."""
        if self._running[tenant_id] >= self._most_per_tenant:
            yield False
            return
        self._running[tenant_id] += 1
        try:
            yield True
        finally:
            self._running[tenant_id] -= 1
            if not self._running[tenant_id]:
                del self._running[tenant_id]
