"""The writer's thread: batches, trouble with the database, and the bound on what waits."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from pointsman_server.errors import BudgetExhausted, Overloaded, StoreUnavailable
from pointsman_server.ids import new_id
from pointsman_server.ledger import ledger as ledger_module
from pointsman_server.ledger.batch import Reserve, Settle
from pointsman_server.ledger.ledger import GroupCommitLedger
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, ScopeKey, Unit
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.store import FateUnknown
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.ledger.writer import GroupCommitWriter
from pointsman_server.storage.control import Execute
from pointsman_server.storage.ledger_sqlite import SqliteLedgerStore
from pointsman_server.storage.sqlite import upgrade
from pointsman_server.storage.tables import METERS, REQUEST_IDS
from sqlalchemy import bindparam, func, insert, select, update

from tests.conformance.builders import START, TENANT, SetClock, failed, request, settlement

Writer = GroupCommitWriter[Execute]

INSERT = insert(REQUEST_IDS)
COUNT = select(func.count()).select_from(REQUEST_IDS).where(REQUEST_IDS.c.tenant_id == bindparam("tenant_id"))


@asynccontextmanager
async def writing(path: Path, **bounds: int) -> AsyncIterator[tuple[Writer, SqliteLedgerStore]]:
    upgrade(path)
    store = SqliteLedgerStore(path, SetClock())
    writer: Writer = GroupCommitWriter(store, **bounds)
    try:
        yield writer, store
    finally:
        await writer.close()


def reserve(name: int | str) -> Reserve:
    return Reserve(Reservation(f"rsv_{name}", request(), START))


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return found


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Holds the write lock as a foreign program would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        yield
        foreign.execute("ROLLBACK")


async def taken(writer: Writer) -> None:
    """Returns when the thread has taken what was queued, and waits for the lock."""
    while writer._waiting:  # noqa: ASYNC110  # the thread tells no one
        await asyncio.sleep(0.001)


def remember(name: str) -> Callable[[Execute], int]:
    def write(execute: Execute) -> int:
        row: dict[str, Any] = {"tenant_id": "t", "user_id": "u", "method": "m", "request_id": name, "created_at": 0}
        execute(INSERT, row | {"body_digest": b"", "outcome": b""})
        found: int = execute(COUNT, {"tenant_id": "t"})[0][0]
        return found

    return write


async def test_what_waits_together_is_committed_together(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    async with writing(path, max_batch=50) as (writer, store):
        commits: list[str] = []
        async with locked(path):
            store._connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
            first = writer.submit(reserve("first"), admission=True)
            await taken(writer)
            rest = [writer.submit(reserve(number), admission=True) for number in range(100)]
        await asyncio.gather(first, *rest)
        assert len(commits) == 3  # the first alone, then two full batches
    assert count(path, "reservations") == 101


async def test_admissions_are_refused_beyond_the_bound_and_endings_never(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    held = reserve("held")
    async with writing(path, max_waiting=3) as (writer, _):
        await writer.apply(held, admission=True)
        async with locked(path):
            first = writer.submit(reserve("first"), admission=True)
            await taken(writer)
            admitted = [writer.submit(reserve(number), admission=True) for number in range(3)]
            with pytest.raises(Overloaded):
                await writer.apply(reserve("refused"), admission=True)
            with pytest.raises(Overloaded):
                await writer.control(remember("refused"))
            ending = writer.submit(Settle(held.reservation, settlement()), admission=False)
        await asyncio.gather(first, *admitted, ending)
    assert (count(path, "reservations"), count(path, "usage_entries")) == (5, 1)


async def test_a_lock_that_is_never_freed_is_an_unavailable_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pointsman_server.storage.sqlite.BUSY_TIMEOUT_MS", 20)
    path = tmp_path / "p.db"
    async with writing(path) as (writer, _):
        async with locked(path):
            with pytest.raises(StoreUnavailable):
                await writer.apply(reserve(1), admission=True)
        await writer.apply(reserve(2), admission=True)
    assert count(path, "reservations") == 1


async def test_a_full_disk_fails_the_batch_and_nothing_later(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    async with writing(path) as (writer, store):
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        results = await asyncio.gather(
            *(writer.apply(reserve(number), admission=True) for number in range(200)), return_exceptions=True
        )
        refused = [result for result in results if not isinstance(result, Reservation)]
        assert refused
        assert all(isinstance(error, StoreUnavailable) for error in refused)
        assert len(set(map(id, refused))) == len(refused)  # each caller raises its own

        store._connection.execute(f"PRAGMA max_page_count = {pages + 1_000}")
        await asyncio.gather(*(writer.apply(reserve(f"later_{n}"), admission=True) for n in range(200)))
    assert count(path, "reservations") == 400 - len(refused)


async def test_a_file_that_became_unreadable_is_an_unavailable_store(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    async with writing(path) as (writer, store):
        await writer.apply(reserve(1), admission=True)
        store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        path.write_bytes(b"\0" * path.stat().st_size)
        store._connection.execute("PRAGMA shrink_memory")
        with pytest.raises(StoreUnavailable) as caught:
            await asyncio.gather(*(writer.apply(reserve(number), admission=True) for number in range(2, 6)))
        assert caught.value.message == "The store cannot be written now; nothing was recorded."


async def test_every_submission_beside_a_bad_one_is_written(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    unknown = reserve("unknown").reservation
    async with writing(path) as (writer, _):
        good = [writer.submit(reserve(number), admission=True) for number in range(30)]
        bad = [writer.submit(Settle(unknown, settlement()), admission=False) for _ in range(3)]
        more = [writer.submit(reserve(number), admission=True) for number in range(30, 60)]
        results = await asyncio.gather(*good, *bad, *more, return_exceptions=True)
    assert [type(result) for result in results[30:33]] == [StoreUnavailable] * 3
    assert not any(isinstance(result, BaseException) for result in results[:30] + results[33:])
    assert count(path, "reservations") == 60


async def test_control_writes_share_the_transaction_and_return_what_they_found(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    async with writing(path) as (writer, _):
        counts = await asyncio.gather(*(writer.control(remember(f"r{number}")) for number in range(10)))
        assert counts == list(range(1, 11))


async def test_a_control_write_that_raises_leaves_nothing_and_stops_no_one(tmp_path: Path) -> None:
    def broken(execute: Execute) -> None:
        remember("half")(execute)
        raise ValueError

    path = tmp_path / "p.db"
    async with writing(path) as (writer, _):
        failing = writer.control(broken)
        results = await asyncio.gather(failing, writer.control(remember("whole")), return_exceptions=True)
        assert isinstance(results[0], StoreUnavailable)
        assert results[1] == 1


async def test_a_caller_whose_loop_is_gone_stops_no_one(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    async with writing(path) as (writer, _):
        async with locked(path):
            thread = threading.Thread(target=lambda: asyncio.run(_submit_and_leave(writer)))
            thread.start()
            await asyncio.to_thread(thread.join)
        await writer.apply(reserve("mine"), admission=True)
    assert count(path, "reservations") == 2


async def _submit_and_leave(writer: Writer) -> None:
    writer.submit(reserve("theirs"), admission=True)


async def test_callers_of_two_loops_are_answered_in_their_own(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    async with writing(path) as (writer, _):
        theirs = asyncio.to_thread(lambda: asyncio.run(writer.apply(reserve("theirs"), admission=True)))
        await asyncio.gather(theirs, *(writer.apply(reserve(number), admission=True) for number in range(20)))
    assert count(path, "reservations") == 21


async def test_after_close_nothing_is_taken(tmp_path: Path) -> None:
    async with writing(tmp_path / "p.db") as (writer, _):
        await writer.close()
        with pytest.raises(StoreUnavailable):
            await writer.apply(reserve(1), admission=False)


async def test_a_reserve_that_is_cancelled_as_the_writer_closes_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    async with writing(path) as (writer, _):
        ledger = GroupCommitLedger(writer, clock=SetClock(), new_id=new_id)
        async with locked(path):
            reserving = asyncio.create_task(ledger.reserve(request()))
            await asyncio.sleep(0)
            closing_down = asyncio.create_task(writer.close())
            await asyncio.sleep(0)
            reserving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reserving
        await closing_down
    assert count(path, "reservations WHERE state = 'open'") == 1


class Forgetful(SqliteLedgerStore):
    """Keeps a commit and does not say so, then is away for a while."""

    failures = 0
    forget = False

    def begin(self) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("away")
        super().begin()

    def commit(self) -> None:
        super().commit()
        if self.forget:
            self.forget, self.failures = False, 2
            raise FateUnknown("who knows")


class Losing(SqliteLedgerStore):
    """Loses meters of plans and rules so many times, as where another server removes them."""

    losses = 0

    def meters(self, scopes: Iterable[ScopeKey], keys: Iterable[MeterKey]) -> list[Meter]:
        found = super().meters(scopes, keys)
        if not self.losses:
            return found
        self.losses -= 1
        return [each for each in found if not each.of_policy]


async def test_a_batch_whose_meters_are_removed_meanwhile_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    upgrade(path)
    store = Losing(path, SetClock())
    writer: Writer = GroupCommitWriter(store)
    ledger = GroupCommitLedger(writer, clock=SetClock(), new_id=new_id)
    steps = Meter(MeterKey(TENANT, ""), "m", Scope.POLICY, "run_1", Unit.REQUESTS, MeterKind.TOTAL, 0, 9)
    limited = replace(request(), policy_meters=(steps,))
    store.losses = 1
    made = await ledger.reserve(limited)
    assert [line.amount for line in made.lines] == [1]
    store.losses = 2
    with structlog.testing.capture_logs() as logs, pytest.raises(StoreUnavailable):
        await ledger.reserve(limited)
    assert [log["event"] for log in logs] == ["ledger_operation_failed"]
    await writer.close()
    assert (count(path, "meters"), count(path, "reservations")) == (1, 1)


async def test_what_was_kept_without_a_word_is_voided_once_the_store_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "WITHDRAW_AGAIN_S", 0.001)
    path = tmp_path / "p.db"
    upgrade(path)
    store = Forgetful(path, SetClock())
    writer: Writer = GroupCommitWriter(store)
    ledger = GroupCommitLedger(writer, clock=SetClock(), new_id=new_id)
    store.forget = True
    with pytest.raises(FateUnknown):
        await ledger.reserve(request())
    async with asyncio.timeout(5):
        while count(path, "reservations WHERE state = 'voided'") < 1:  # noqa: ASYNC110  # the thread tells no one
            await asyncio.sleep(0.001)
        first = await ledger.reserve(request())
        store.forget = True
        with pytest.raises(FateUnknown):
            await ledger.settle_and_reserve(first, failed(), request(attempt=2))
        store.failures = 0
        second = await ledger.settle_and_reserve(first, failed(), request(attempt=2))
        while count(path, "reservations WHERE state = 'voided'") < 2:  # noqa: ASYNC110  # the thread tells no one
            await asyncio.sleep(0.001)
        await ledger.void(second)
    await writer.close()
    assert count(path, "reservations WHERE state = 'open'") == 0
    assert count(path, "usage_entries") == 1


async def test_a_call_counts_once_where_a_fallback_was_kept_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    upgrade(path)
    add_meters(path)
    store = Forgetful(path, SetClock())
    writer: Writer = GroupCommitWriter(store)
    ledger = GroupCommitLedger(writer, clock=SetClock(), new_id=new_id)
    first = await ledger.reserve(request())
    for forget in (True, True, False):
        store.forget = forget
        while True:
            try:
                second = await ledger.settle_and_reserve(first, failed(), request(attempt=2))
            except FateUnknown:
                break
            except StoreUnavailable:  # away, as ``Forgetful`` is after each commit that it forgets
                continue
            break
    assert counted(path) == {"calls": (0, 1), "slots": (0, 1)}, "a limit of one slot still lets it go on"
    await ledger.settle(second, settlement())
    assert counted(path) == {"calls": (1, 0), "slots": (0, 0)}
    await writer.close()
    assert count(path, "reservations WHERE state = 'voided'") == 2
    assert count(path, "usage_entries") == 2


async def test_a_fallback_that_was_lost_and_then_finds_no_room_counts_the_call(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    upgrade(path)
    add_meters(path)
    store = Forgetful(path, SetClock())
    writer: Writer = GroupCommitWriter(store)
    ledger = GroupCommitLedger(writer, clock=SetClock(), new_id=new_id)
    first = await ledger.reserve(request())
    store.forget = True
    with pytest.raises(FateUnknown):
        await ledger.settle_and_reserve(first, failed(), request(attempt=2))
    store.failures = 0
    await writer.control(lambda execute: execute(FREEZE_MONEY, {"id": "money"}))
    with pytest.raises(BudgetExhausted):
        await ledger.settle_and_reserve(first, failed(), request(attempt=2))
    await writer.close()
    assert counted(path) == {"calls": (1, 0), "slots": (0, 0)}
    with closing(sqlite3.connect(path)) as connection:
        (lines,) = connection.execute("SELECT lines FROM reservations WHERE state = 'settled'").fetchone()
    assert len(json.loads(lines)) == 3, "the settled attempt keeps what it held itself"


async def test_a_caller_that_leaves_a_lost_fallback_holds_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    upgrade(path)
    add_meters(path)
    store = Forgetful(path, SetClock())
    writer: Writer = GroupCommitWriter(store)
    ledger = GroupCommitLedger(writer, clock=SetClock(), new_id=new_id)
    first = await ledger.reserve(request())
    store.forget = True
    with pytest.raises(FateUnknown):
        await ledger.settle_and_reserve(first, failed(), request(attempt=2))
    store.failures = 0
    async with locked(path):
        asking = asyncio.create_task(ledger.settle_and_reserve(first, failed(), request(attempt=2)))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    await writer.close()
    assert counted(path)["slots"] == (0, 0)
    assert count(path, "reservations WHERE state = 'open'") == 0


async def test_an_overrun_is_told_once_it_is_durable(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    upgrade(path)
    add_meters(path)
    store = Forgetful(path, SetClock())
    writer: Writer = GroupCommitWriter(store)
    with structlog.testing.capture_logs() as logs:
        made = await writer.apply(reserve("one"), admission=True)
        assert isinstance(made, Reservation)
        broken = writer.submit(
            Settle(made, settlement(cost_nanos=9_001)), Settle(UNKNOWN, settlement()), admission=False
        )
        with pytest.raises(StoreUnavailable):
            await broken
        assert [log["event"] for log in logs] == ["ledger_operation_failed"], "what was rolled back is no overrun"
        await writer.apply(Settle(made, settlement(cost_nanos=9_001)), admission=False)
        (alarm,) = (log for log in logs if log["event"] == "ledger_overrun")
        assert (alarm["meter_id"], alarm["held"], alarm["posted"]) == ("money", 9_000, 9_001)
        made = await writer.apply(reserve("two"), admission=True)
        assert isinstance(made, Reservation)
        store.forget = True
        with pytest.raises(FateUnknown):
            await writer.apply(Settle(made, settlement(cost_nanos=9_002)), admission=False)
        assert [log["posted"] for log in logs if log["event"] == "ledger_overrun"] == [9_001, 9_002]
    await writer.close()


UNKNOWN = Reservation("rsv_unknown", request(), START)
FREEZE_MONEY = update(METERS).where(METERS.c.meter_id == bindparam("id")).values(frozen=True)


def add_meters(path: Path) -> None:
    """Money, calls in an hour, and one slot."""
    rows = [("money", "nanos", "hour", 10**6), ("calls", "requests", "hour", 9), ("slots", "requests", "slots", 1)]
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, unit, kind, limit in rows:
            values = (TENANT, name, name, "tenant", "", unit, kind, 0, limit, False, 0, 0, "budget")
            connection.execute(f"INSERT INTO meters VALUES ({', '.join('?' * len(values))})", values)


def counted(path: Path) -> dict[str, tuple[int, int]]:
    """What the meters of calls have posted and reserved."""
    statement = "SELECT meter_id, posted, reserved FROM meter_counters WHERE meter_id != 'money'"
    with closing(sqlite3.connect(path)) as connection:
        return {name: (posted, reserved) for name, posted, reserved in connection.execute(statement)}
