"""The kill switch over a real store: who may stop what, what bad input gets, and what is shown to whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pointsman.v1 import budget_service_pb2 as pb
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.errors import InvalidRequest, RoleRequired
from pointsman_server.ids import new_id
from pointsman_server.services.call import Call
from pointsman_server.services.kill_methods import KillMethods, KillParts
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import SetClock
from tests.unit.router.catalogs import model, snapshot
from tests.unit.services.tenants import ADMIN, OPERATOR, populate
from tests.unit.services.tenants import call as tenant_call

WHY = "a secret reason"


def call(principal: Any, *, tenant_id: str = "") -> Call:
    return tenant_call(principal, "BudgetService/Test", tenant_id=tenant_id)


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as opened:
        await populate(opened)
        yield opened


@pytest.fixture
def service(storage: Storage) -> KillMethods:
    catalog = Catalog(snapshot(model("alpha/one", aliases=("fast",)), model("beta/two")))
    return KillMethods(KillParts(storage.kill_switches, catalog))


async def pull(service: KillMethods, by: Call, scope: str | int = "TENANT", **fields: Any) -> pb.KillSwitch:
    number = scope if isinstance(scope, int) else pb.KillSwitchScope.Value(f"KILL_SWITCH_SCOPE_{scope}")
    given = {"scope": number, "justification": WHY, **fields}
    return (await service.pull_kill_switch(pb.PullKillSwitchRequest(**given), by)).kill_switch


async def listed(service: KillMethods, by: Call, **fields: Any) -> pb.ListKillSwitchesResponse:
    return await service.list_kill_switches(pb.ListKillSwitchesRequest(**fields), by)


async def test_a_tenants_administrator_stops_its_own_tenant(service: KillMethods) -> None:
    pulled = await pull(service, call(ADMIN), cut_running=True)
    assert pulled.kill_switch_id.startswith("kil_")
    assert (pulled.tenant_id, pulled.of_platform, pulled.cut_running) == ("acme", False, True)
    assert (pulled.pull.user_id, pulled.pull.justification) == (ADMIN.user_id, WHY)
    model_of_it = await pull(service, call(ADMIN), "MODEL", scope_id="alpha/one")
    assert (model_of_it.tenant_id, model_of_it.scope_id) == ("acme", "alpha/one")
    with pytest.raises(RoleRequired, match="Stopping everybody"):
        await pull(service, call(ADMIN), "GLOBAL")
    request = pb.ReleaseKillSwitchRequest(kill_switch_id=pulled.kill_switch_id, justification="over")
    released = (await service.release_kill_switch(request, call(ADMIN))).kill_switch
    assert released.release.justification == "over"
    assert list((await listed(service, call(ADMIN))).kill_switches) == [model_of_it]
    assert (await listed(service, call(ADMIN), with_released=True)).total_size == 2


async def test_what_an_operator_pulls_tells_tenants_neither_who_nor_why(service: KillMethods) -> None:
    everybodys = await pull(service, call(OPERATOR), "PROVIDER", scope_id="alpha")
    assert (everybodys.tenant_id, everybodys.of_platform) == ("", True)
    tenants = await pull(service, call(OPERATOR, tenant_id="acme"), "PROVIDER", scope_id="beta", tenant_id="acme")
    assert (tenants.tenant_id, tenants.of_platform) == ("acme", True)
    shown = await listed(service, call(ADMIN))
    assert [each.kill_switch_id for each in shown.kill_switches] == [everybodys.kill_switch_id, tenants.kill_switch_id]
    assert WHY not in str(shown)
    assert OPERATOR.user_id not in str(shown)
    assert list((await listed(service, call(OPERATOR))).kill_switches) == [everybodys, tenants]
    with pytest.raises(RoleRequired):
        await service.release_kill_switch(
            pb.ReleaseKillSwitchRequest(kill_switch_id=tenants.kill_switch_id), call(ADMIN)
        )


async def test_an_operator_stops_everybody(service: KillMethods) -> None:
    pulled = await pull(service, call(OPERATOR), "GLOBAL")
    assert (pulled.tenant_id, pulled.scope) == ("", pb.KILL_SWITCH_SCOPE_GLOBAL)
    request = pb.ReleaseKillSwitchRequest(kill_switch_id=pulled.kill_switch_id)
    assert (await service.release_kill_switch(request, call(OPERATOR))).kill_switch.HasField("release")


async def test_a_list_comes_in_pages(service: KillMethods) -> None:
    pulled = [await pull(service, call(ADMIN)) for _ in range(3)]
    first = await listed(service, call(ADMIN), page_size=2)
    second = await listed(service, call(ADMIN), page_size=2, page_token=first.next_page_token)
    assert [*first.kill_switches, *second.kill_switches] == pulled
    assert (first.total_size, second.next_page_token) == (3, "")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"scope": 0}, "scope"),
        ({"scope": 9}, "scope"),
        ({"justification": ""}, "justification"),
        ({"justification": "x" * 501}, "justification"),
        ({"scope_id": "alpha"}, "scope_id"),
        ({"scope": pb.KILL_SWITCH_SCOPE_PROVIDER}, "scope_id"),
        ({"scope": pb.KILL_SWITCH_SCOPE_PROVIDER, "scope_id": "alpah"}, "scope_id"),
        ({"scope": pb.KILL_SWITCH_SCOPE_MODEL, "scope_id": "fast"}, "scope_id"),
        ({"scope": pb.KILL_SWITCH_SCOPE_MODEL, "scope_id": "gone/one"}, "scope_id"),
        ({"scope": pb.KILL_SWITCH_SCOPE_GLOBAL, "tenant_id": "acme"}, "tenant_id"),
        ({"tenant_id": "a b"}, "tenant_id"),
        ({"request_id": "a b"}, "request_id"),
    ],
)
async def test_what_cannot_be_stopped_is_named(service: KillMethods, fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidRequest) as told:
        await pull(service, call(OPERATOR), **fields)
    assert [violation.field for violation in told.value.fields] == [wrong]
    assert (await listed(service, call(OPERATOR), with_released=True)).total_size == 0


async def test_a_release_and_a_list_are_checked_too(service: KillMethods) -> None:
    bad = pb.ReleaseKillSwitchRequest(justification="x" * 501, tenant_id="a b", request_id="a b")
    with pytest.raises(InvalidRequest) as told:
        await service.release_kill_switch(bad, call(ADMIN))
    wrong = {violation.field for violation in told.value.fields}
    assert wrong == {"kill_switch_id", "tenant_id", "justification", "request_id"}
    with pytest.raises(InvalidRequest, match="page_size"):
        await listed(service, call(ADMIN), page_size=-1)
