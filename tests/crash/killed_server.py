"""Runs the real server, and kills it with SIGKILL at the n-th passage of a named point.

``python -m tests.crash.killed_server POINT:N`` arms a point from the start; a line of the same form on the standard
input arms one later. The product has no hooks: the points are wrapped around its methods here. ``forgetful`` makes a
server that tells callers of settlements which it does not keep: whoever checks it must notice.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import aiohttp
from alembic.ddl.impl import DefaultImpl
from pointsman_server.__main__ import main
from pointsman_server.execution.attempts import Attempts
from pointsman_server.execution.relay import Relay
from pointsman_server.execution.shared_relay import SharedRelay
from pointsman_server.execution.supervisor import Supervisor
from pointsman_server.ledger.batch import Changes, ReservationState
from pointsman_server.ledger.ledger import GroupCommitLedger
from pointsman_server.ledger.model import Reservation
from pointsman_server.storage import postgres, sqlite
from pointsman_server.storage.ledger_postgres import PostgresLedgerStore
from pointsman_server.storage.ledger_sqlite import SqliteLedgerStore

MID_STREAM_EVENTS: Final = 4
BYTES_LEAVE_S: Final = 0.02
DRAINS_S: Final = 0.05
FORGETFUL: Final = "forgetful"


class Trap:
    """The point that is armed, if any."""

    def __init__(self) -> None:
        self._point = ""
        self._left = 0

    def arm(self, text: str) -> None:
        """Arms ``POINT:N``."""
        point, _, passages = text.strip().partition(":")
        self._point, self._left = point, int(passages)

    def pass_by(self, point: str) -> None:
        """Ends the process where this is the passage that was asked for."""
        if point != self._point:
            return
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


TRAP: Final = Trap()

Points = Callable[..., Iterator[str]]
"""Says of a call, by its arguments, which points it passes."""


def before(owner: object, name: str, points: Points, *, after_s: float = 0) -> None:
    """Puts points before a method; ``after_s``: a while after its call."""
    usual = getattr(owner, name)

    async def waiting(*given: Any, **named: Any) -> Any:
        passed = list(points(*given, **named))
        await asyncio.sleep(after_s if passed else 0)
        for point in passed:
            TRAP.pass_by(point)
        return await usual(*given, **named)

    def at_once(*given: Any, **named: Any) -> Any:
        for point in points(*given, **named):
            TRAP.pass_by(point)
        return usual(*given, **named)

    setattr(owner, name, functools.wraps(usual)(waiting if inspect.iscoroutinefunction(usual) else at_once))


def after(owner: object, name: str, points: Points) -> None:
    """Puts points after a method or function that is not asynchronous."""
    usual = getattr(owner, name)

    @functools.wraps(usual)
    def wrapped(*given: Any, **named: Any) -> Any:
        result = usual(*given, **named)
        for point in points(*given, **named):
            TRAP.pass_by(point)
        return result

    setattr(owner, name, wrapped)


def point(name: str) -> Points:
    """Every call passes this one."""
    return lambda *_, **__: iter((name,))


class Transactions:
    """Points around the transactions of one store, by what they write."""

    def __init__(self, store: type, *, forgetful: bool) -> None:
        self._wrote: list[str] = []
        if forgetful:
            self._forget(store)
        before(store, "begin", point("before_begin"))
        before(store, "write", point("rows_locked"))
        after(store, "write", self._note)
        before(store, "commit", lambda *_: iter(self._wrote))
        after(store, "commit", self._committed)

    def _note(self, _: object, changes: Changes) -> Iterator[str]:
        self._wrote = ["written", *_kinds(changes)]
        return iter(())

    def _committed(self, _: object) -> Iterator[str]:
        wrote, self._wrote = self._wrote, []
        return (f"{name}_and_committed" for name in wrote)

    def _forget(self, store: Any) -> None:
        usual = store.commit

        def commit(made: Any) -> None:
            if "settled" in self._wrote:
                made.rollback()
            else:
                usual(made)

        store.commit = commit


def _kinds(changes: Changes) -> Iterator[str]:
    if changes.entries:
        yield "settled"
    if _followed(changes):
        yield "moved_on"
    if any(ending.state is ReservationState.VOIDED for ending in changes.ended.values()):
        yield "voided"
    if changes.orphaned:
        yield "recovered"


def _followed(changes: Changes) -> bool:
    """Whether an attempt was settled and the next one of its completion reserved."""
    settled = {_attempt(entry[0], 1) for entry in changes.entries}
    return any(_attempt(reservation) in settled for reservation in changes.reserved)


def _attempt(reservation: Reservation, later: int = 0) -> tuple[str, int]:
    return reservation.request.charge.completion_id, reservation.request.attempt + later


def _relayed(relay: Relay | SharedRelay, events: Any) -> Iterator[str]:
    if not relay.sent_count:
        yield "first_delta"
    elif relay.sent_count >= MID_STREAM_EVENTS:
        yield "mid_stream"
    if any(event.HasField("finished") for event in events):
        yield "before_finished"


def place(*, forgetful: bool) -> None:
    """Wraps the points around the product."""
    for store in (SqliteLedgerStore, PostgresLedgerStore):
        Transactions(store, forgetful=forgetful)
    before(Attempts, "run", point("before_dispatch"))
    before(aiohttp.ClientResponse, "start", point("request_sent"), after_s=BYTES_LEAVE_S)
    for relay in (Relay, SharedRelay):
        before(relay, "send", _relayed)
    before(GroupCommitLedger, "settle", point("before_settle"))
    before(Supervisor, "drain", point("draining"), after_s=DRAINS_S)
    after(DefaultImpl, "create_table", point("migrating"))
    for database in (sqlite, postgres):
        after(database, "upgrade_connection", point("migrated"))


def main_with_points() -> None:
    """Serves with the points in place."""
    place(forgetful=FORGETFUL in sys.argv)
    for armed in sys.argv[1:]:
        if armed != FORGETFUL:
            TRAP.arm(armed)
    threading.Thread(target=lambda: [*map(TRAP.arm, sys.stdin)], daemon=True).start()
    main(["serve"])


if __name__ == "__main__":
    main_with_points()
