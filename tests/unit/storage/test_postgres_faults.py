"""Trouble with PostgreSQL: clean errors, nothing acknowledged lost, nothing written twice, and it goes on."""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from pointsman.v1.router_service_pb2 import FeedbackType
from pointsman_server.errors import RequestIdReused, StoreUnavailable
from pointsman_server.identity.model import Principal
from pointsman_server.ids import new_id
from pointsman_server.ledger.batch import Changes, ReservationKey
from pointsman_server.ledger.model import Reservation
from pointsman_server.router.feedback import Judgement
from pointsman_server.storage import ledger_postgres
from pointsman_server.storage.control import Execute
from pointsman_server.storage.ledger_postgres import PostgresLedgerStore
from pointsman_server.storage.postgres import PostgresDatabase
from pointsman_server.storage.storage import Storage
from sqlalchemy import text

from tests.conformance.builders import START, TENANT, USER, SetClock, decision, request, settlement
from tests.postgres import PostgresServer

ADA = Principal(TENANT, USER, frozenset())
GOOD = Judgement(FeedbackType.FEEDBACK_TYPE_EXPLICIT, 0.5, decision_id="dec_1")

ENDED = "SELECT reservation_id FROM reservations WHERE state = 'settled' ORDER BY 1"
ENTRIES = "SELECT reservation_id FROM usage_entries ORDER BY 1"
RESERVED = "SELECT reservation_id FROM reservations ORDER BY 1"


def ask(url: str, query: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return [row[0] for row in cursor] if cursor.description else []


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Storage]:
    async with await Storage.open(url, clock=SetClock(), new_id=new_id) as storage:
        yield storage


@pytest.fixture
def store(postgres_url: str) -> Iterator[PostgresLedgerStore]:
    found = PostgresDatabase(postgres_url).open_store()
    yield found
    found.close()


def reserve(store: PostgresLedgerStore, name: str) -> None:
    store.begin()
    store.write(Changes(reserved=[Reservation(name, request(), START)]))


def backend(store: PostgresLedgerStore) -> int:
    return store._connection.info.backend_pid


class Wire:
    """Stands between a client and the server, and can cut the line at a commit."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut_at_commit = ""  # "before" or "after" the server has seen it
        self.refuse = False
        self._lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        for line in self._lines:
            line.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed: the test is over
                return
            if self.refuse:
                client.close()
                continue
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            self._lines += [client, server]
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self._back, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        for data in chunks(client):
            cut = self.cut_at_commit if b"COMMIT" in data else ""
            if cut:
                self.cut_at_commit = ""
                hang_up(client)  # the reply has no way back
            if cut == "before" or not sent(server, data):
                break
        hang_up(client)
        hang_up(server)

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        for data in chunks(server):
            if not sent(client, data):
                break
        hang_up(client)
        hang_up(server)


def sent(line: socket.socket, data: bytes) -> bool:
    """Whether the line still stood."""
    try:
        line.sendall(data)
    except OSError:
        return False
    return True


def chunks(line: socket.socket) -> Iterator[bytes]:
    while True:
        try:
            data = line.recv(65536)
        except OSError:
            return
        if not data:
            return
        yield data


def hang_up(line: socket.socket) -> None:
    with suppress(OSError):  # the other side was faster
        line.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(postgres: PostgresServer) -> Iterator[Wire]:
    between = Wire(f"{postgres.socket}/.s.PGSQL.5432")
    yield between
    between.close()


@pytest.fixture
def wired_url(wire: Wire, postgres_url: str) -> str:
    assert "/reused?" in postgres_url
    return f"postgresql://postgres@127.0.0.1:{wire.port}/reused?sslmode=disable&gssencmode=disable"


@pytest.mark.parametrize(("cut", "kept"), [("before", False), ("after", True)])
def test_a_commit_whose_answer_is_lost_is_what_the_server_says(
    wire: Wire, wired_url: str, cut: str, *, kept: bool
) -> None:
    store = PostgresDatabase(wired_url).open_store()
    reserve(store, "rsv_1")
    wire.cut_at_commit = cut
    if kept:
        store.commit()
    else:
        with pytest.raises(StoreUnavailable):
            store.commit()
    assert ask(wired_url, RESERVED) == (["rsv_1"] if kept else [])

    reserve(store, "rsv_2")  # on a line of its own
    store.commit()
    store.close()
    assert ask(wired_url, RESERVED) == (["rsv_1", "rsv_2"] if kept else ["rsv_2"])


def test_a_fate_that_nobody_tells_is_an_error(
    wire: Wire, wired_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_postgres, "FATE_SECONDS", 0.1)
    store = PostgresDatabase(wired_url).open_store()
    reserve(store, "rsv_1")
    wire.cut_at_commit, wire.refuse = "after", True
    with pytest.raises(StoreUnavailable):
        store.commit()
    with pytest.raises(StoreUnavailable):
        store.begin()
    wire.refuse = False
    reserve(store, "rsv_2")
    store.commit()
    store.close()
    assert ask(postgres_url, RESERVED)[-1] == "rsv_2"


def test_a_server_that_never_saw_the_transaction_kept_nothing(store: PostgresLedgerStore) -> None:
    """As after a takeover by a server that was behind."""
    store.begin()
    store._transaction = "99999999999"
    store._connection.close()
    with pytest.raises(StoreUnavailable):
        store.commit()


async def test_many_lines_cut_at_commits_lose_and_double_nothing(wire: Wire, wired_url: str, postgres_url: str) -> None:
    acknowledged: list[str] = []
    refused = 0

    async def caller(storage: Storage) -> None:
        nonlocal refused
        for _ in range(10):
            try:
                held = await storage.ledger.reserve(request())
                await storage.ledger.settle(held, settlement())
            except StoreUnavailable:
                refused += 1
            else:
                acknowledged.append(held.reservation_id)

    async def cutter() -> None:
        for number in itertools.count():
            wire.cut_at_commit = ("after", "before")[number % 2]
            while wire.cut_at_commit:  # noqa: ASYNC110  # a thread takes it
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.005)

    async with opened(wired_url) as storage:
        cutting = asyncio.create_task(cutter())
        await asyncio.gather(*(caller(storage) for _ in range(20)))
        cutting.cancel()
    entries = ask(postgres_url, ENTRIES)
    assert refused > 0
    assert set(acknowledged) <= set(entries)
    assert len(entries) == len(set(entries))
    assert entries == ask(postgres_url, ENDED)


def test_a_backend_that_is_terminated_in_a_batch_undoes_the_batch(
    store: PostgresLedgerStore, postgres_url: str
) -> None:
    reserve(store, "rsv_1")
    ask(postgres_url, f"SELECT pg_terminate_backend({backend(store)}, 2000)")
    with pytest.raises(StoreUnavailable):
        store.write(Changes(reserved=[Reservation("rsv_2", request(), START)]))
    store.rollback()
    reserve(store, "rsv_3")
    store.commit()
    assert ask(postgres_url, RESERVED) == ["rsv_3"]


def test_a_backend_that_is_terminated_before_its_commit_kept_nothing(
    store: PostgresLedgerStore, postgres_url: str
) -> None:
    reserve(store, "rsv_1")
    ask(postgres_url, f"SELECT pg_terminate_backend({backend(store)}, 2000)")
    with pytest.raises(StoreUnavailable):
        store.commit()
    assert ask(postgres_url, RESERVED) == []


async def test_a_restart_between_batches_fails_no_call(postgres: PostgresServer, postgres_url: str) -> None:
    async with opened(postgres_url) as storage:
        await storage.ledger.record(decision())
        held = await storage.ledger.reserve(request())
        await asyncio.to_thread(postgres.restart)
        await storage.ledger.settle(held, settlement())
        judged = await storage.feedback.record(ADA, GOOD)
        assert judged.rating == 0.5
    assert ask(postgres_url, ENTRIES) == [held.reservation_id]


async def test_rows_that_another_session_holds_fail_one_batch_and_stop_none(postgres_url: str) -> None:
    async with opened(postgres_url) as storage:
        held = await storage.ledger.reserve(request())
        with psycopg.connect(postgres_url) as other:
            other.execute("SELECT * FROM reservations FOR UPDATE")
            began = time.monotonic()
            with pytest.raises(StoreUnavailable):
                await storage.ledger.settle(held, settlement())
            assert 1 < time.monotonic() - began < 4
            await storage.ledger.reserve(request())
        await storage.ledger.settle(held, settlement())
    assert ask(postgres_url, ENTRIES) == [held.reservation_id]


def test_a_server_that_pauses_while_it_holds_rows_loses_them(store: PostgresLedgerStore, postgres_url: str) -> None:
    reserve(store, "rsv_1")
    store.commit()
    paused = PostgresDatabase(postgres_url).open_store()
    paused.begin()
    assert ReservationKey(TENANT, "rsv_1") in paused.held([ReservationKey(TENANT, "rsv_1")])

    began = time.monotonic()
    store.begin()
    try:
        store.held([ReservationKey(TENANT, "rsv_1")])
    except StoreUnavailable:  # its own patience may end a moment before the other's
        store.begin()
        store.held([ReservationKey(TENANT, "rsv_1")])
    assert time.monotonic() - began < 5
    store.commit()
    with pytest.raises(StoreUnavailable):
        paused.commit()
    paused.close()


def test_two_that_lock_the_same_rows_never_wait_in_a_circle(postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url)
    keys = [ReservationKey(TENANT, f"rsv_{number:02}") for number in range(40)]
    first = database.open_store()
    first.begin()
    first.write(Changes(reserved=[Reservation(key.reservation_id, request(), START) for key in keys]))
    first.commit()
    first.close()
    failed: list[Exception] = []

    def lock(order: list[ReservationKey]) -> None:
        store = database.open_store()
        try:
            for _ in range(40):
                store.begin()
                store.held(order)
                store.commit()
        except StoreUnavailable as error:
            failed.append(error)
        store.close()

    threads = [threading.Thread(target=lock, args=(order,)) for order in (keys, keys[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


@contextmanager
def failing(url: str, sqlstate: str, table: str = "usage_entries") -> Iterator[None]:
    """Every new row of the table meets the error of the server, as if the disk were full."""
    ask(
        url,
        f"""
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN RAISE EXCEPTION USING ERRCODE = ''{sqlstate}''; END';
        CREATE TRIGGER fail BEFORE INSERT ON {table} EXECUTE FUNCTION fail();
    """,
    )
    try:
        yield
    finally:
        ask(url, "DROP FUNCTION fail() CASCADE")


@pytest.mark.parametrize(
    "sqlstate", ["53100", "40P01", "57014", "XX001"], ids=["disk full", "deadlock", "late", "corrupt"]
)
async def test_trouble_of_the_server_fails_the_call_and_nothing_later(postgres_url: str, sqlstate: str) -> None:
    async with opened(postgres_url) as storage:
        held = [await storage.ledger.reserve(request(completion_id=f"cmp_{n}")) for n in range(5)]
        with failing(postgres_url, sqlstate):
            ends = (storage.ledger.settle(each, settlement()) for each in held)
            results = await asyncio.gather(*ends, return_exceptions=True)
            assert all(isinstance(result, StoreUnavailable) for result in results)
            assert len(set(map(id, results))) == 5
        await asyncio.gather(*(storage.ledger.settle(each, settlement()) for each in held))
    assert ask(postgres_url, ENTRIES) == sorted(each.reservation_id for each in held)


async def test_a_value_that_postgresql_cannot_hold_fails_alone(postgres_url: str) -> None:
    async with opened(postgres_url) as storage:
        held = [await storage.ledger.reserve(request(completion_id=f"cmp_{n}")) for n in range(20)]
        kinds = ["\0" if n == 7 else "" for n in range(20)]
        ends = (
            storage.ledger.settle(each, settlement(failure_kind=kind)) for each, kind in zip(held, kinds, strict=True)
        )
        results = await asyncio.gather(*ends, return_exceptions=True)
    assert [n for n, result in enumerate(results) if result is not None] == [7]
    assert len(ask(postgres_url, ENTRIES)) == 19


async def test_feedback_that_meets_a_fresh_row_of_its_request_id_sees_it(postgres_url: str) -> None:
    async with opened(postgres_url) as storage:
        await storage.ledger.record(decision())
        with psycopg.connect(postgres_url) as other:
            other.execute(
                "INSERT INTO request_ids VALUES (%s, %s, 'RecordFeedback', 'req_1', 'another', '', 0)", (TENANT, USER)
            )
            recording = asyncio.create_task(storage.feedback.record(ADA, replace(GOOD, request_id="req_1")))
            await waiting_for_a_lock(postgres_url)
        with pytest.raises(RequestIdReused):
            await recording
    assert ask(postgres_url, "SELECT feedback_id FROM feedback") == []


async def waiting_for_a_lock(url: str) -> None:
    for _ in range(1_000):
        if ask(url, "SELECT pid FROM pg_locks WHERE NOT granted"):
            return
        await asyncio.sleep(0.005)
    raise AssertionError("nothing waits")


@pytest.mark.parametrize("sqlstate", ["53100", "23514", "23505"], ids=["disk full", "refused", "taken every time"])
async def test_feedback_that_cannot_be_written_is_an_unavailable_store(postgres_url: str, sqlstate: str) -> None:
    async with opened(postgres_url) as storage:
        await storage.ledger.record(decision())
        with failing(postgres_url, sqlstate, "feedback"), pytest.raises(StoreUnavailable):
            await storage.feedback.record(ADA, GOOD)
        assert (await storage.feedback.record(ADA, GOOD)).rating == 0.5


def test_what_goes_wrong_at_a_start_is_told_and_the_lock_given_back(postgres_url: str) -> None:
    def fail(execute: Execute) -> None:
        execute(text("SELECT 1 / 0"), {})

    def start(store: PostgresLedgerStore) -> None:
        with store.alone():
            store.begin()
            store.control(fail)

    broken = PostgresLedgerStore(lambda: psycopg.connect(postgres_url))
    with pytest.raises(psycopg.errors.DivisionByZero):
        start(broken)
    following = PostgresLedgerStore(lambda: psycopg.connect(postgres_url))
    with following.alone() as alone:
        assert alone
    following.close()
