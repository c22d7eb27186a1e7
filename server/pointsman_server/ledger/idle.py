"""Meters of plans and rules that nothing has counted on for long: a limit that calls bring again gets a new one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from pointsman_server.ledger.book import Book
from pointsman_server.ledger.meters import Counter, CounterKey, Meter, MeterKey
from pointsman_server.ledger.windows import MeterKind

IDLE: Final = timedelta(days=1)
"""How long a meter stands at the least after it last counted something, so that those in use do not come and go."""

IDLE_TOTAL: Final = timedelta(days=30)
"""The same for totals, which let go of nothing by themselves: a run that is taken up later begins anew."""


class Idle(NamedTuple):
    """A meter as it was last changed.

    Attributes:
        counters: all that it has.
        updated_at: when it was made, or its limit last changed.
    """

    meter: Meter
    counters: Mapping[CounterKey, Counter]
    updated_at: datetime

    def may_go(self, now: datetime) -> bool:
        """Whether nothing would be let in without it that it now refuses, but for a total that stood idle for long."""
        is_total = self.meter.kind is MeterKind.TOTAL
        latest = max([self.updated_at, *(counter.decided_at for counter in self.counters.values())])
        if now - latest < (IDLE_TOTAL if is_total else IDLE) or any(each.reserved for each in self.counters.values()):
            return False
        balance = Book([self.meter], self.counters).balance(self.meter, now)
        return is_total or not balance.posted + balance.reserved


class IdleMeters(Protocol):
    """Removes what may go."""

    async def forget(self, after: MeterKey | None) -> MeterKey | None:
        """Removes those of some meters that may go, with their counters; returns the last that was looked at, after
        which to go on. ``None``: there are no more.

        Raises:
            StoreUnavailable: the store cannot be read or written.
        """
        ...
