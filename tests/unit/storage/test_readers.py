"""The reading side: it cannot write, sees one state, and says so when the database is gone."""

import asyncio
import threading
from pathlib import Path

import pytest
from pointsman_server.errors import ConfigurationError, StoreUnavailable
from pointsman_server.ids import new_id
from pointsman_server.storage.database import reading
from pointsman_server.storage.sqlite import open_readers, upgrade
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import RESERVATIONS
from sqlalchemy import func, select, text

from tests.conformance.builders import TENANT, USER, SetClock, decision, request

COUNT = select(func.count()).select_from(RESERVATIONS)


async def test_a_reader_cannot_write(tmp_path: Path) -> None:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as storage:
        with pytest.raises(StoreUnavailable) as caught:
            async with reading(storage._readers) as connection:
                await connection.execute(text("DELETE FROM reservations"))
        assert "readonly" in str(caught.value.__cause__)


async def test_a_reader_sees_one_state_while_others_write(tmp_path: Path) -> None:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as storage:
        async with reading(storage._readers) as connection:
            before = (await connection.execute(COUNT)).scalar_one()
            await storage.ledger.reserve(request())
            assert (await connection.execute(COUNT)).scalar_one() == before
        async with reading(storage._readers) as connection:
            assert (await connection.execute(COUNT)).scalar_one() == before + 1


async def test_more_reads_than_connections_all_come_through(tmp_path: Path) -> None:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as storage:
        await storage.ledger.record(decision())
        found = await asyncio.gather(*(storage.decisions.get(TENANT, USER, "dec_1") for _ in range(40)))
        assert all(each.decision_id == "dec_1" for each in found)


async def test_a_database_that_is_gone_is_an_unavailable_store(tmp_path: Path) -> None:
    readers = open_readers(tmp_path / "nowhere" / "p.db")
    with pytest.raises(StoreUnavailable):
        async with reading(readers):
            pass
    await readers.dispose()
    # The driver's thread ends by itself, after a last word to this loop.
    for thread in threading.enumerate():
        if "worker_thread" in thread.name:
            await asyncio.to_thread(thread.join)


async def test_reads_that_were_cancelled_leave_their_connections_free(tmp_path: Path) -> None:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as storage:
        await storage.ledger.record(decision())
        for ticks in range(30):
            task = asyncio.create_task(storage.decisions.get(TENANT, USER, "dec_1"))
            for _ in range(ticks % 10):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        assert (await storage.decisions.get(TENANT, USER, "dec_1")).decision_id == "dec_1"


async def test_a_path_with_any_characters_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "100% of it?#"
    folder.mkdir()
    upgrade(folder / "p.db")
    async with await Storage.open(folder / "p.db", clock=SetClock(), new_id=new_id) as storage:
        await storage.ledger.record(decision())
        assert (await storage.decisions.get(TENANT, USER, "dec_1")).decision_id == "dec_1"


async def test_closing_twice_is_closing_once(tmp_path: Path) -> None:
    storage = await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id)
    await storage.close()
    await storage.close()
    assert not (tmp_path / "p.db-wal").exists()


async def test_a_database_that_another_program_holds_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.db"
    upgrade(path)

    def hold(_: Path) -> str:
        raise StoreUnavailable("held") from OSError("held by another program")

    monkeypatch.setattr("pointsman_server.storage.sqlite.upgrade", hold)
    with pytest.raises(ConfigurationError, match="held by another program"):
        await Storage.open(path, clock=SetClock(), new_id=new_id)
