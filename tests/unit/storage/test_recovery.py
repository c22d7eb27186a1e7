"""What a crash left open, where the database has one server: it is unknown, stays charged, and holds no slot."""

from pathlib import Path

import pytest
from pointsman_server.errors import NotFound
from pointsman_server.identity.model import SERVER
from pointsman_server.ids import new_id
from pointsman_server.ledger.audit import Difference, Summary, Unknown
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import TENANT, SetClock, request, settlement

MONEY = Meter(MeterKey(TENANT, "money"), "money", Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, 20_000)
SLOTS = Meter(MeterKey(TENANT, "slots"), "slots", Scope.TENANT, "", Unit.REQUESTS, MeterKind.SLOTS, 0, 3)


async def state(storage: Storage, name: str) -> tuple[int, int, int]:
    balance = (await storage.budgets.get((TENANT,), name)).balance
    return balance.posted, balance.reserved, balance.remaining


async def findings(storage: Storage) -> list[Difference | Unknown | Summary]:
    return [finding async for finding in storage.budgets.verify(None)]


async def test_what_a_crash_left_open_stays_charged_until_it_is_settled(tmp_path: Path) -> None:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as crashing:
        await crashing.budgets.create(MONEY, SERVER)
        await crashing.budgets.create(SLOTS, SERVER)
        held = await crashing.ledger.reserve(request())
        assert await state(crashing, "slots") == (0, 1, 2)

    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as storage:
        assert await state(storage, "money") == (0, 9_000, 11_000)
        assert await state(storage, "slots") == (0, 0, 3)
        unknown, summary = await findings(storage)
        assert isinstance(unknown, Unknown)
        assert summary == Summary(counter_count=2, reservation_count=1, difference_count=0, unknown_count=1)

        orphan = await storage.budgets.unknown(TENANT, held.reservation_id)
        assert orphan.request.charge == held.request.charge
        await storage.ledger.settle(orphan, settlement(cost_nanos=77))
        assert await state(storage, "money") == (77, 0, 19_923)
        assert await findings(storage) == [Summary(2, 1, 0, 0)]
        with pytest.raises(NotFound):
            await storage.budgets.unknown(TENANT, held.reservation_id)


async def test_what_runs_is_not_unknown(tmp_path: Path) -> None:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as storage:
        held = await storage.ledger.reserve(request())
        with pytest.raises(NotFound):
            await storage.budgets.unknown(TENANT, held.reservation_id)
