"""Servers that share a database: each start is a new one, which lives as long as the others see its heart beat.

No two clocks are compared. A server counts its heartbeats in the database, and the others watch the count: one whose
count stood still for a whole lease, by the watcher's own timer, is dead for ever. Should it come back, it goes on under
a new id, and what it held under the old one is unknown until it is settled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol, TypeVar

from pointsman_server.ledger.model import Reservation

AccessT_contra = TypeVar("AccessT_contra", contravariant=True)

HEARTBEAT_S: Final = 2.0
"""Between two heartbeats. Each is a commit, though under load one that was due anyway."""

LEASE_S: Final = 10.0
"""How long a heart may stand still. It leaves room for a database that restarts or fails over, in which nobody can
write, and for a pause of some seconds; until it is over, a dead server's slots are held.
"""

_LONGEST_LOOK_S: Final = 2 * HEARTBEAT_S


class ReplicaState(StrEnum):
    """Where a server stands; whoever left or is dead never lives again."""

    ALIVE = "alive"
    LEFT = "left"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Host:
    """Where a server runs, for people to read."""

    hostname: str
    process_id: int


class Living(NamedTuple):
    """A server that nobody has declared dead, and how often its heart has beaten."""

    replica_id: str
    heartbeats: int


class Registry(Protocol[AccessT_contra]):
    """Keeps the servers. Every method runs inside a transaction of the writer."""

    def enter(self, access: AccessT_contra, replica_id: str, host: Host, now: datetime) -> None:
        """Makes a server known, alive, and forgets those that have been gone for long."""
        ...

    def beat(self, access: AccessT_contra, replica_id: str, now: datetime) -> Sequence[Living]:
        """Counts a heartbeat, and returns who lives."""
        ...

    def end(self, access: AccessT_contra, replica: Living, state: ReplicaState) -> bool:
        """Ends a server, unless its heart has beaten meanwhile; says whether it did."""
        ...

    def leave(self, access: AccessT_contra, replica_id: str) -> None:
        """Ends a server that stops of itself."""
        ...

    def bury(self, access: AccessT_contra) -> None:
        """Declares every server dead: whoever asks knows that it is alone."""
        ...

    def forgotten(self, access: AccessT_contra, since: datetime, count: int) -> Sequence[Reservation]:
        """Returns reservations, at most so many, that have been unknown since then or longer."""
        ...

    def lost(self, access: AccessT_contra, now: datetime, count: int) -> Sequence[Reservation]:
        """Returns open reservations, at most so many, whose server does not live or whose largest life is over."""
        ...


class Watch:
    """Tells who has died, from what one server sees of the others."""

    def __init__(self) -> None:
        self._silent: dict[Living, float] = {}
        self._looked_at: float | None = None

    def look(self, living: Iterable[Living], now: float) -> Collection[Living]:
        """Takes who lives, and returns those of them whose heart has stood still for a lease.

        Only time in which this server looked counts. After a pause of its own, or an outage of the database, it cannot
        know whether the others could have written.

        Args:
            living: whom the database says to live.
            now: monotonic, in seconds.
        """
        passed = 0.0 if self._looked_at is None else min(now - self._looked_at, _LONGEST_LOOK_S)
        self._looked_at = now
        self._silent = {each: self._silent[each] + passed if each in self._silent else 0.0 for each in living}
        return [each for each, silent_s in self._silent.items() if silent_s >= LEASE_S]
