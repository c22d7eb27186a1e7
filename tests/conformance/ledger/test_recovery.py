"""What a start does with what an earlier server left open, on every store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pointsman_server.identity.model import SERVER
from pointsman_server.ledger.audit import Unknown
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import TENANT, request, settlement

OpenStorage = Callable[[], Awaitable[Storage]]

MONEY = Meter(MeterKey(TENANT, "money"), "money", Scope.TENANT, "", Unit.NANOS, MeterKind.MONTH, 0, 20_000)
SLOTS = Meter(MeterKey(TENANT, "slots"), "slots", Scope.TENANT, "", Unit.REQUESTS, MeterKind.SLOTS, 0, 1)


async def held(storage: Storage, name: str) -> tuple[int, int]:
    balance = (await storage.budgets.get((TENANT,), name)).balance
    return balance.posted, balance.reserved


async def test_what_was_left_open_is_unknown_stays_charged_and_holds_no_slot(
    storage: Storage, open_storage: OpenStorage
) -> None:
    for meter in (MONEY, SLOTS):
        await storage.budgets.create(meter, SERVER)
    lost = await storage.ledger.reserve(request())
    await storage.close()

    async with await open_storage() as reopened:
        unknown, _ = [finding async for finding in reopened.budgets.verify(TENANT)]
        assert isinstance(unknown, Unknown)
        assert unknown.reservation.reservation_id == lost.reservation_id
        assert (await held(reopened, "money"), await held(reopened, "slots")) == ((0, 9_000), (0, 0))
        await reopened.ledger.reserve(request(completion_id="cmp_2"))


async def test_a_late_settlement_of_an_unknown_one_frees_its_slot_no_second_time(
    storage: Storage, open_storage: OpenStorage
) -> None:
    for meter in (MONEY, SLOTS):
        await storage.budgets.create(meter, SERVER)
    lost = await storage.ledger.reserve(request())
    await storage.close()

    async with await open_storage() as reopened:
        following = await reopened.ledger.reserve(request(completion_id="cmp_2"))
        await reopened.ledger.settle(lost, settlement())
        assert (await held(reopened, "money"), await held(reopened, "slots")) == ((4_321, 9_000), (0, 1))
        await reopened.ledger.settle(following, settlement())
        assert (await held(reopened, "money"), await held(reopened, "slots")) == ((8_642, 0), (0, 0))
        (summary,) = [finding async for finding in reopened.budgets.verify(TENANT)]
        assert not isinstance(summary, Unknown)
