"""CompareUsage over a real store and a catalog: names, alarms, and who may ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import budget_service_pb2 as pb
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.errors import InvalidRequest, NotFound, RoleRequired
from pointsman_server.identity.model import LOCAL_ADMIN, Principal
from pointsman_server.ids import new_id
from pointsman_server.services.access import ACCESS, authorized
from pointsman_server.services.account_comparison import AccountComparison
from pointsman_server.services.budget_service import BudgetService
from pointsman_server.services.call import Call
from pointsman_server.services.kill_methods import KillParts
from pointsman_server.storage.storage import Storage
from structlog.testing import capture_logs

from tests.conformance.builders import SetClock, request, settlement
from tests.unit.router.catalogs import model, snapshot

PLATFORM = Call(principal=LOCAL_ADMIN, request_id="req", received_at=0)
TENANT_ADMIN = Call(Principal("acme", "ada", frozenset({"tenant_admin"})), request_id="req", received_at=0)


def stamp(text: str) -> Timestamp:
    made = Timestamp()
    made.FromJsonString(text)
    return made


NOVEMBER = {"start_time": stamp("2026-11-01T00:00:00Z"), "end_time": stamp("2026-12-01T00:00:00Z")}


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as opened:
        yield opened


@pytest.fixture
def service(storage: Storage) -> BudgetService:
    catalog = Catalog(snapshot(model("alpha/gpt-x", aliases=("gpt-x-latest",)), model("alpha/gpt-y")))
    accounts = AccountComparison(storage.bookings, catalog)
    return BudgetService(
        storage.budgets, storage.ledger, accounts, KillParts(storage.kill_switches, catalog), new_id=new_id
    )


async def compare(service: BudgetService, *rows: pb.BilledUsage, **fields: Any) -> pb.CompareUsageResponse:
    asked = pb.CompareUsageRequest(**{"provider_id": "alpha", **NOVEMBER, "rows": rows, **fields})
    return await service.compare_usage(asked, PLATFORM)


async def spend(storage: Storage, cost_nanos: int, model_id: str = "alpha/gpt-x") -> None:
    held = await storage.ledger.reserve(replace(request(), provider_id="alpha", model_id=model_id))
    await storage.ledger.settle(held, settlement(cost_nanos=cost_nanos))


@pytest.mark.parametrize("name", ["gpt-x", "gpt-x-2026-08-07", "gpt-x-20260807", "gpt-x-latest", "alpha/gpt-x"])
async def test_a_model_is_known_by_every_name_that_accounts_use(
    service: BudgetService, storage: Storage, name: str
) -> None:
    await spend(storage, 4_000)
    (row,) = (await compare(service, pb.BilledUsage(model=name, cost_nanos=4_000))).rows
    assert (list(row.model_ids), row.billed, row.booked, row.alert) == (["alpha/gpt-x"], 4_000, 4_000, False)


async def test_a_model_that_left_the_catalog_is_known_by_its_bookings(service: BudgetService, storage: Storage) -> None:
    await spend(storage, 4_000, "alpha/gone")
    answer = await compare(service, pb.BilledUsage(model="gone", cost_nanos=4_000))
    assert [list(row.model_ids) for row in answer.rows] == [["alpha/gone"]]


async def test_a_difference_raises_an_alarm(service: BudgetService, storage: Storage) -> None:
    await spend(storage, 4_000)
    with capture_logs() as logs:
        answer = await compare(service, pb.BilledUsage(model="gpt-x", cost_nanos=5_000))
    assert answer.alert_count == 1
    assert logs == [
        {
            "event": "provider_account_differs", "log_level": "error", "provider": "alpha",
            "models": ["alpha/gpt-x"], "figure": "cost_nanos", "billed": 5_000, "booked": 4_000,
        }
    ]  # fmt: skip


async def test_the_tolerance_is_a_thousandth_unless_it_is_said(service: BudgetService, storage: Storage) -> None:
    await spend(storage, 1_001_000)
    billed = pb.BilledUsage(model="gpt-x", cost_nanos=1_000_000)
    assert (await compare(service, billed)).alert_count == 0
    assert (await compare(service, billed, tolerance_ppm=0)).alert_count == 1


async def test_an_unknown_provider_is_not_found(service: BudgetService) -> None:
    with pytest.raises(NotFound):
        await compare(service, pb.BilledUsage(cost_nanos=1), provider_id="nobody")


def test_accounts_are_a_platform_administrators() -> None:
    row = ACCESS["BudgetService/CompareUsage"]
    assert authorized(row, pb.CompareUsageRequest(), PLATFORM) is PLATFORM
    with pytest.raises(RoleRequired):
        authorized(row, pb.CompareUsageRequest(), TENANT_ADMIN)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no provider": ({"provider_id": ""}, "provider_id"),
    "no start": ({"start_time": None}, "start_time"),
    "no end": ({"end_time": None}, "end_time"),
    "an end before the start": ({"end_time": NOVEMBER["start_time"]}, "end_time"),
    "no rows": ({"rows": []}, "rows"),
    "too many rows": ({"rows": [pb.BilledUsage(cost_nanos=1)] * 10_001}, "rows"),
    "a row of nothing": ({"rows": [pb.BilledUsage(model="a")]}, "rows[0]"),
    "less than nothing": ({"rows": [pb.BilledUsage(output_tokens=-1)]}, "rows[0].output_tokens"),
    "a long name": ({"rows": [pb.BilledUsage(model="a" * 257, cost_nanos=1)]}, "rows[0].model"),
    "no tolerance that there is": ({"tolerance_ppm": 1_000_001}, "tolerance_ppm"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_a_wrong_account_is_refused_by_field(service: BudgetService, case: str) -> None:
    fields, path = WRONG[case]
    with pytest.raises(InvalidRequest) as refused:
        await compare(service, **{"rows": [pb.BilledUsage(cost_nanos=1)], **fields})
    assert [violation.field for violation in refused.value.fields] == [path]
