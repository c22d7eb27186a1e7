"""Whoever looks into another tenant is recorded there before anything is shown, or sees nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from pointsman.v1 import audit_service_pb2 as pb
from pointsman.v1.budget_service_pb2 import GetBudgetRequest, ResolveUnknownRequest, VerifyLedgerRequest
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.errors import ForeignTenant, NotFound, PointsmanError, StoreUnavailable
from pointsman_server.identity.audit_store import AuditQuery
from pointsman_server.identity.model import LOCAL_ADMIN, PLATFORM_TENANT, Principal
from pointsman_server.ids import new_id
from pointsman_server.services.account_comparison import AccountComparison
from pointsman_server.services.audit_service import AuditService
from pointsman_server.services.boundary import Arrival, Boundary
from pointsman_server.services.budget_service import BudgetService
from pointsman_server.services.call import Call
from pointsman_server.services.kill_methods import KillParts
from pointsman_server.services.methods import Method, StreamMethod, methods_of
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import AUDIT_ENTRIES
from sqlalchemy import Column, insert

from tests.access.tenants import make_tenants
from tests.conformance.builders import SetClock
from tests.unit.router.catalogs import snapshot

ADA = Principal("acme", "ada", frozenset({"tenant_admin"}))


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as opened:
        await make_tenants(opened, "acme", "beta")
        yield opened


def _is_number(column: Column[Any]) -> bool:
    return column.type.python_type is int


@pytest.fixture
def methods(storage: Storage) -> dict[str, Method]:
    catalog = Catalog(snapshot())
    accounts, kills = AccountComparison(storage.bookings, catalog), KillParts(storage.kill_switches, catalog)
    budgets = BudgetService(storage.budgets, storage.ledger, accounts, kills, new_id=new_id)
    return {method.name: method for method in methods_of([AuditService(storage.audit), budgets])}


class Caller:
    """Calls methods as a transport does."""

    def __init__(self, storage: Storage, methods: dict[str, Method]) -> None:
        self._storage = storage
        self._methods = methods

    async def __call__(self, principal: Principal, name: str, request: Message) -> None:
        method = self._methods[name]

        async def answer(call: Call) -> None:
            if isinstance(method, StreamMethod):
                async for _ in method.function(request, call):
                    pass
            else:
                await method.function(request, call)

        async def authenticate(_: object) -> Principal:
            return principal

        boundary = Boundary(SetClock(), new_id, authenticate, self._storage.visits)
        service = method.service.rpartition(".")[2]
        await boundary.run(Arrival(f"pointsman.v1.{service}/{name}", "req_1", source="unix"), answer)

    async def looks(self, tenant_id: str) -> list[tuple[str, str, str, str, str]]:
        found, _ = await self._storage.audit.page(AuditQuery(tenant_id), before=None, size=100)
        entries = [recorded.entry for recorded in found]
        return [(e.action, e.resource, e.resource_id, e.actor.user_id, e.actor.tenant_id) for e in entries]


@pytest.fixture
def caller(storage: Storage, methods: dict[str, Method]) -> Caller:
    return Caller(storage, methods)


@pytest.mark.parametrize(
    ("name", "request_", "resource"),
    [
        ("ListAuditEntries", pb.ListAuditEntriesRequest(tenant_id="acme"), "audit_entry"),
        ("ExportAuditEntries", pb.ExportAuditEntriesRequest(tenant_id="acme"), "audit_entry"),
        ("VerifyAudit", pb.VerifyAuditRequest(tenant_id="acme"), "audit_break"),
    ],
)
async def test_a_look_into_another_tenant_stands_in_its_chain(
    caller: Caller, name: str, request_: Message, resource: str
) -> None:
    await caller(LOCAL_ADMIN, name, request_)
    assert await caller.looks("acme") == [(f"AuditService/{name}", resource, "", "local-admin", "local")]
    assert await caller.looks(PLATFORM_TENANT) == []


@pytest.mark.parametrize("odd", ["\x00", "a b", "x" * 129])
async def test_what_is_no_id_is_not_recorded(caller: Caller, odd: str) -> None:
    for budget_id, shown in (("bud_1", "bud_1"), (odd, "")):
        with pytest.raises(PointsmanError):
            await caller(LOCAL_ADMIN, "GetBudget", GetBudgetRequest(tenant_id="acme", budget_id=budget_id))
        look = ("BudgetService/GetBudget", "budget", shown, "local-admin", "local")
        assert (await caller.looks("acme"))[0] == look


async def test_a_look_at_all_tenants_stands_in_the_platforms_chain(caller: Caller) -> None:
    await caller(LOCAL_ADMIN, "VerifyLedger", VerifyLedgerRequest())
    look = ("BudgetService/VerifyLedger", "ledger_difference", "", "local-admin", "local")
    assert await caller.looks(PLATFORM_TENANT) == [look]


async def test_a_look_at_ones_own_is_not_recorded(caller: Caller) -> None:
    await caller(ADA, "ListAuditEntries", pb.ListAuditEntriesRequest(tenant_id="acme"))
    await caller(ADA, "VerifyLedger", VerifyLedgerRequest())
    await caller(LOCAL_ADMIN, "ListAuditEntries", pb.ListAuditEntriesRequest(tenant_id=PLATFORM_TENANT))
    for tenant_id in ("acme", LOCAL_ADMIN.tenant_id, PLATFORM_TENANT):
        assert await caller.looks(tenant_id) == []


async def test_a_look_that_cannot_be_recorded_is_refused(caller: Caller, storage: Storage) -> None:
    await storage._control.control(lambda execute: execute(_IN_THE_WAY, _row()))
    with pytest.raises(StoreUnavailable):
        await caller(LOCAL_ADMIN, "ListAuditEntries", pb.ListAuditEntriesRequest(tenant_id="acme"))
    with pytest.raises(StoreUnavailable):
        await caller(LOCAL_ADMIN, "ExportAuditEntries", pb.ExportAuditEntriesRequest(tenant_id="acme"))


_IN_THE_WAY = insert(AUDIT_ENTRIES)


def _row() -> dict[str, object]:
    first = {column.name: 0 if _is_number(column) else "" for column in AUDIT_ENTRIES.columns}
    return {**first, "tenant_id": "acme", "sequence": 1}


@pytest.mark.parametrize("name", ["ListAuditEntries", "ExportAuditEntries", "VerifyAudit", "EraseAuditPayload"])
async def test_a_tenant_that_is_not_there_is_not_found(caller: Caller, methods: dict[str, Method], name: str) -> None:
    request: Any = methods[name].request_type()
    request.tenant_id = "nobody"
    with pytest.raises(NotFound, match="There is no tenant nobody"):
        await caller(LOCAL_ADMIN, name, request)
    assert await caller.looks("nobody") == []


async def test_a_write_in_a_tenant_that_is_not_there_is_not_found(caller: Caller) -> None:
    request = ResolveUnknownRequest(tenant_id="nobody", reservation_id="rsv_1")
    with pytest.raises(NotFound, match="There is no tenant nobody"):
        await caller(LOCAL_ADMIN, "ResolveUnknown", request)
    # The platform has no calls, and so no reservations.
    request.tenant_id = PLATFORM_TENANT
    with pytest.raises(NotFound, match="There is no tenant platform"):
        await caller(LOCAL_ADMIN, "ResolveUnknown", request)


async def test_who_may_not_look_cannot_tell_what_is_there(caller: Caller) -> None:
    told: list[tuple[str, dict[str, str]]] = []
    for tenant_id in ("beta", "nobody", PLATFORM_TENANT):
        with pytest.raises(ForeignTenant) as caught:
            await caller(ADA, "ListAuditEntries", pb.ListAuditEntriesRequest(tenant_id=tenant_id))
        error: PointsmanError = caught.value
        told.append((error.message, dict(error.metadata)))
    assert told[0] == told[1] == told[2]
    assert await caller.looks("beta") == []


async def test_where_nothing_records_visits_nobody_visits(methods: dict[str, Method]) -> None:
    call = Call(LOCAL_ADMIN, "req_1", received_at=0, method="AuditService/ListAuditEntries")
    method = methods["ListAuditEntries"]
    assert not isinstance(method, StreamMethod)
    for request in (pb.ListAuditEntriesRequest(tenant_id="acme"), pb.ListAuditEntriesRequest(tenant_id="nobody")):
        with pytest.raises(AssertionError, match="nothing records"):
            await method.function(request, call)
