"""BudgetService over a real store: what administrators set and see, and what others may not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from pointsman.v1 import budget_service_pb2 as pb
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.errors import InvalidRequest, LimitSetElsewhere, NotFound, RoleRequired, TooManyBudgets
from pointsman_server.identity.audit_store import AuditQuery
from pointsman_server.identity.model import LOCAL_ADMIN, PLATFORM_TENANT, Principal
from pointsman_server.ids import new_id
from pointsman_server.ledger.budgets import MAX_BUDGETS_AT_SCOPE
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import Progress, Reservation
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.services.account_comparison import AccountComparison
from pointsman_server.services.budget_service import BudgetService
from pointsman_server.services.call import Call
from pointsman_server.services.kill_methods import KillParts
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import START, TENANT, SetClock, request, settlement
from tests.unit.router.catalogs import snapshot

PLATFORM = Call(principal=LOCAL_ADMIN, request_id="req", received_at=0)
TENANT_ADMIN = Call(Principal("acme", "ada", frozenset({"tenant_admin"})), request_id="req", received_at=0)

MONTHLY = {
    "name": "monthly",
    "scope": pb.BUDGET_SCOPE_TENANT,
    "unit": pb.BUDGET_UNIT_NANOS,
    "kind": pb.BUDGET_KIND_MONTH,
    "limit": 20_000,
}


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as opened:
        yield opened


def accounts(storage: Storage) -> AccountComparison:
    return AccountComparison(storage.bookings, Catalog(snapshot()))


def kills(storage: Storage) -> KillParts:
    return KillParts(storage.kill_switches, Catalog(snapshot()))


@pytest.fixture
def service(storage: Storage) -> BudgetService:
    return BudgetService(storage.budgets, storage.ledger, accounts(storage), kills(storage), new_id=new_id)


async def create(service: BudgetService, call: Call = TENANT_ADMIN, **fields: Any) -> pb.Budget:
    response = await service.create_budget(pb.CreateBudgetRequest(budget=pb.Budget(**{**MONTHLY, **fields})), call)
    return response.budget


async def get(service: BudgetService, budget_id: str, call: Call = TENANT_ADMIN) -> pb.Budget:
    return (await service.get_budget(pb.GetBudgetRequest(budget_id=budget_id), call)).budget


async def verify(service: BudgetService, call: Call = TENANT_ADMIN) -> list[pb.VerifyLedgerResponse]:
    return [response async for response in service.verify_ledger(pb.VerifyLedgerRequest(), call)]


async def test_a_budget_shows_what_is_held_used_and_left(service: BudgetService, storage: Storage) -> None:
    made = await create(service)
    assert made.budget_id.startswith("bud_")
    held = await storage.ledger.reserve(request())
    state = (await get(service, made.budget_id)).state
    assert (state.posted, state.reserved, state.remaining) == (0, 9_000, 11_000)
    await storage.ledger.settle(held, settlement())
    state = (await get(service, made.budget_id)).state
    assert (state.posted, state.reserved, state.remaining) == (4_321, 0, 15_679)
    assert state.window_start_time.ToJsonString() == "2026-11-01T00:00:00Z"
    assert state.window_end_time.ToJsonString() == "2026-12-01T00:00:00Z"


async def test_every_kind_comes_back_as_it_was_made(service: BudgetService) -> None:
    for kind in pb.BudgetKind.values()[1:]:
        period = Duration(seconds=90) if kind in {pb.BUDGET_KIND_ROLLING, pb.BUDGET_KIND_RATE} else None
        made = await create(service, kind=kind, unit=pb.BUDGET_UNIT_REQUESTS, period=period, frozen=True)
        found = await get(service, made.budget_id)
        assert (found.kind, found.unit, found.frozen) == (kind, pb.BUDGET_UNIT_REQUESTS, True)
        assert found.period == (period or Duration())
        windowed = kind not in {pb.BUDGET_KIND_RATE, pb.BUDGET_KIND_SLOTS, pb.BUDGET_KIND_TOTAL}
        assert found.state.HasField("window_end_time") is windowed
        assert found.state.remaining == 20_000


async def test_every_unit_comes_back_as_it_was_made(service: BudgetService) -> None:
    *plain, named = pb.BudgetUnit.values()[1:]
    assert named == pb.BUDGET_UNIT_NAMED
    units = [*((unit, "") for unit in plain), *((named, name) for name in ("images", "documents", "audio_clips"))]
    for number, (unit, name) in enumerate(units):
        made = await create(service, unit=unit, unit_name=name, scope=pb.BUDGET_SCOPE_USER, scope_id=f"user-{number}")
        found = await get(service, made.budget_id)
        assert (found.unit, found.unit_name) == (unit, name)


async def test_only_what_the_mask_names_is_changed(service: BudgetService) -> None:
    made = await create(service)
    for field, value in (("name", "new"), ("limit", 7), ("frozen", True), ("frozen", False)):
        change = pb.Budget(**{"budget_id": made.budget_id, field: value})
        request_ = pb.UpdateBudgetRequest(budget=change, update_mask=FieldMask(paths=[field]))
        answer = (await service.update_budget(request_, TENANT_ADMIN)).budget
        setattr(made, field, value)
        assert (answer.name, answer.limit, answer.frozen) == (made.name, made.limit, made.frozen)


async def test_a_deleted_budget_is_not_found(service: BudgetService) -> None:
    made = await create(service)
    await service.delete_budget(pb.DeleteBudgetRequest(budget_id=made.budget_id), TENANT_ADMIN)
    with pytest.raises(NotFound):
        await get(service, made.budget_id)


async def test_budgets_are_listed_in_pages(service: BudgetService) -> None:
    made = [(await create(service, name=f"b{number}")).name for number in range(5)]
    listing = pb.ListBudgetsRequest(page_size=2)
    names: list[str] = []
    while True:
        page = await service.list_budgets(listing, TENANT_ADMIN)
        assert page.total_size == 5
        names += [budget.name for budget in page.budgets]
        listing.page_token = page.next_page_token
        if not listing.page_token:
            break
    assert names == made


@pytest.mark.parametrize("scope", [pb.BUDGET_SCOPE_GLOBAL, pb.BUDGET_SCOPE_PROVIDER])
async def test_what_holds_for_all_is_the_platforms(service: BudgetService, scope: pb.BudgetScope.ValueType) -> None:
    fields = {"scope": scope, "scope_id": "openai" if scope == pb.BUDGET_SCOPE_PROVIDER else ""}
    with pytest.raises(RoleRequired):
        await create(service, **fields)
    made = await create(service, PLATFORM, **fields)
    assert (await get(service, made.budget_id, PLATFORM)).limit == 20_000
    with pytest.raises(NotFound):
        await get(service, made.budget_id)


async def test_a_platform_administrator_may_name_whose_budgets(service: BudgetService) -> None:
    theirs = await create(service, replace(PLATFORM, named_tenant_id="acme"))
    platforms = await create(service, PLATFORM, scope=pb.BUDGET_SCOPE_GLOBAL)
    assert (await get(service, theirs.budget_id)).name == "monthly"
    for call, expected in ((replace(PLATFORM, named_tenant_id="acme"), theirs), (PLATFORM, platforms)):
        found = (await service.list_budgets(pb.ListBudgetsRequest(), call)).budgets
        assert [budget.budget_id for budget in found] == [expected.budget_id]
    with pytest.raises(NotFound):
        await get(service, theirs.budget_id, PLATFORM)


async def test_every_change_of_a_budget_stands_in_the_audit_log(service: BudgetService, storage: Storage) -> None:
    budget_id = (await create(service)).budget_id
    for values, path in (({"limit": 7}, "limit"), ({"name": "new"}, "name")):
        changed = pb.Budget(budget_id=budget_id, **values)
        await service.update_budget(
            pb.UpdateBudgetRequest(budget=changed, update_mask=FieldMask(paths=[path])), TENANT_ADMIN
        )
    await service.delete_budget(pb.DeleteBudgetRequest(budget_id=budget_id), TENANT_ADMIN)
    found = await recorded(storage)
    assert [(action, resource, name) for action, resource, name, _ in found] == [
        ("BudgetService/CreateBudget", "budget", budget_id),
        ("BudgetService/UpdateBudget", "budget", budget_id),
        ("BudgetService/UpdateBudget", "budget", budget_id),
        ("BudgetService/DeleteBudget", "budget", budget_id),
    ]
    held = [({}, "20000 monthly"), ("20000 monthly", "7 monthly"), ("7 monthly", "7 new"), ("7 new", {})]
    assert [(_brief(payload, "before"), _brief(payload, "after")) for *_, payload in found] == held


def _brief(payload: dict[str, Any], side: str) -> object:
    return f"{payload[side]['limit']} {payload[side]['name']}" if side in payload else {}


async def recorded(storage: Storage, tenant_id: str = "acme") -> list[tuple[str, str, str, dict[str, Any]]]:
    pieces = [piece async for piece in storage.audit.export(AuditQuery(tenant_id))]
    return [
        (each.entry.action, each.entry.resource, each.entry.resource_id, json.loads(each.payload))
        for piece in pieces
        for each in piece
    ]


async def test_a_change_that_is_refused_leaves_no_entry(service: BudgetService, storage: Storage) -> None:
    for _ in range(MAX_BUDGETS_AT_SCOPE):
        await create(service)
    with pytest.raises(TooManyBudgets):
        await create(service)
    assert len(await recorded(storage)) == MAX_BUDGETS_AT_SCOPE


async def test_a_platforms_budget_is_recorded_in_the_platforms_chain(service: BudgetService, storage: Storage) -> None:
    made = await create(service, PLATFORM, scope=pb.BUDGET_SCOPE_GLOBAL)
    ((_, _, name, _),) = await recorded(storage, PLATFORM_TENANT)
    assert name == made.budget_id


@pytest.mark.parametrize("settled", [True, False])
async def test_an_unknown_reservation_is_listed_until_it_is_resolved(tmp_path: Path, settled: bool) -> None:  # noqa: FBT001  # a parameter
    held: Reservation
    for run in ("the one that crashes", "the one after"):
        async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as storage:
            service = BudgetService(storage.budgets, storage.ledger, accounts(storage), kills(storage), new_id=new_id)
            if run == "the one that crashes":
                made = await create(service)
                held = await storage.ledger.reserve(request())
                continue
            found, summary = await verify(service)
            assert found.unknown.reservation_id == held.reservation_id
            assert (found.unknown.worst_case_cost_nanos, summary.summary.unknown_count) == (9_000, 1)
            resolving = pb.ResolveUnknownRequest(reservation_id=held.reservation_id)
            if settled:
                resolving.usage.CopyFrom(TokenUsage(input_tokens=5))
                resolving.cost_nanos = 50
            await service.resolve_unknown(resolving, TENANT_ADMIN)
            assert (await get(service, made.budget_id)).state.posted == (50 if settled else 0)
            assert [response.WhichOneof("finding") for response in await verify(service)] == ["summary"]
            with pytest.raises(NotFound):
                await service.resolve_unknown(resolving, TENANT_ADMIN)


async def test_what_was_last_known_of_an_unknown_reservation_is_told(tmp_path: Path) -> None:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as crashing:
        held = await crashing.ledger.reserve(request())
        await crashing.ledger.checkpoint([Progress(TENANT, held.reservation_id, 7, 3, 55)])
        await crashing.ledger.reserve(request(completion_id="cmp_2"))
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as storage:
        service = BudgetService(storage.budgets, storage.ledger, accounts(storage), kills(storage), new_id=new_id)
        *found, _ = await verify(service)
        known = {each.unknown.reservation_id: each.unknown for each in found}
    checkpoint = known.pop(held.reservation_id).checkpoint
    assert (checkpoint.usage, checkpoint.cost_nanos) == (
        TokenUsage(input_tokens=7, output_tokens=3, estimated=True),
        55,
    )
    assert checkpoint.create_time.ToDatetime(UTC) == START
    assert [each.HasField("checkpoint") for each in known.values()] == [False]


async def test_of_two_who_resolve_at_once_one_is_told_that_it_was_too_late(tmp_path: Path) -> None:
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as crashing:
        held = await crashing.ledger.reserve(request())
    async with await Storage.open(tmp_path / "p.db", clock=SetClock(), new_id=new_id) as storage:
        service = BudgetService(storage.budgets, storage.ledger, accounts(storage), kills(storage), new_id=new_id)
        asked = [pb.ResolveUnknownRequest(reservation_id=held.reservation_id, cost_nanos=cost) for cost in (50, 60)]
        answers = await asyncio.gather(
            *(service.resolve_unknown(each, TENANT_ADMIN) for each in asked), return_exceptions=True
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["NotFound", "ResolveUnknownResponse"]
        ((action, _, name, payload),) = await recorded(storage)
        assert (action, name) == ("BudgetService/ResolveUnknown", held.reservation_id)
        assert payload["before"]["worstCaseCostNanos"] == "9000"
        assert payload["after"]["costNanos"] in {"50", "60"}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": ""}, "budget.name"),
    "an id": ({"budget_id": "mine"}, "budget.budget_id"),
    "a state": ({"state": pb.BudgetState(posted=1)}, "budget.state"),
    "no scope": ({"scope": 0}, "budget.scope"),
    "an unknown unit": ({"unit": 99}, "budget.unit"),
    "a name of no named unit": ({"unit_name": "images"}, "budget.unit_name"),
    "a named unit without name": ({"unit": pb.BUDGET_UNIT_NAMED}, "budget.unit_name"),
    "a misspelt name": ({"unit": pb.BUDGET_UNIT_NAMED, "unit_name": "imagse"}, "budget.unit_name"),
    "another unit's name": ({"unit": pb.BUDGET_UNIT_NAMED, "unit_name": "tokens"}, "budget.unit_name"),
    "slots of images": (
        {"unit": pb.BUDGET_UNIT_NAMED, "unit_name": "images", "kind": pb.BUDGET_KIND_SLOTS},
        "budget.unit",
    ),
    "no kind": ({"kind": 0}, "budget.kind"),
    "a user without id": ({"scope": pb.BUDGET_SCOPE_USER}, "budget.scope_id"),
    "a tenant with id": ({"scope_id": "acme"}, "budget.scope_id"),
    "a rate without period": ({"kind": pb.BUDGET_KIND_RATE}, "budget.period"),
    "a period of parts": ({"kind": pb.BUDGET_KIND_ROLLING, "period": Duration(seconds=1, nanos=1)}, "budget.period"),
    "a month with period": ({"period": Duration(seconds=1)}, "budget.period"),
    "a negative limit": ({"limit": -1}, "budget.limit"),
    "too much": ({"limit": 10**18 + 1}, "budget.limit"),
    "slots of money": ({"kind": pb.BUDGET_KIND_SLOTS}, "budget.unit"),
    "a scope of plans and rules": ({"scope": pb.BUDGET_SCOPE_POLICY}, "budget.scope"),
    "a source": ({"source": "rule:pol_1"}, "budget.source"),
}


async def test_who_misspells_a_unit_is_told_which_there_are(service: BudgetService) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await create(service, unit=pb.BUDGET_UNIT_NAMED, unit_name="imagse")
    (violation,) = refused.value.fields
    assert violation.description == "is nothing that is counted; use one of images, documents, audio_clips"


@pytest.mark.parametrize("case", WRONG)
async def test_a_wrong_budget_is_refused_by_field(service: BudgetService, case: str) -> None:
    fields, path = WRONG[case]
    with pytest.raises(InvalidRequest) as refused:
        await create(service, **fields)
    assert [violation.field for violation in refused.value.fields] == [path]


@pytest.mark.parametrize(
    ("paths", "fields", "path"),
    [
        ([], {}, "update_mask"),
        (["unit"], {}, "update_mask.paths[0]"),
        (["name"], {}, "budget.name"),
        (["limit"], {"limit": -1}, "budget.limit"),
    ],
)
async def test_a_wrong_change_is_refused_by_field(
    service: BudgetService, paths: list[str], fields: dict[str, Any], path: str
) -> None:
    change = pb.UpdateBudgetRequest(budget=pb.Budget(budget_id="bud_1", **fields), update_mask=FieldMask(paths=paths))
    with pytest.raises(InvalidRequest) as refused:
        await service.update_budget(change, TENANT_ADMIN)
    assert [violation.field for violation in refused.value.fields] == [path]


async def test_a_limit_of_a_rule_is_shown_with_it_and_changed_there(service: BudgetService, storage: Storage) -> None:
    made = await create(service)
    key = MeterKey(TENANT, "")
    steps = Meter(key, "steps", Scope.POLICY, "run_1", Unit.REQUESTS, MeterKind.TOTAL, 0, 25, source="rule:pol_1")
    await storage.ledger.reserve(replace(request(), policy_meters=(steps,)))
    listed = await service.list_budgets(pb.ListBudgetsRequest(), TENANT_ADMIN)
    budget, shown = listed.budgets
    assert (budget.budget_id, budget.source) == (made.budget_id, "budget")
    assert (shown.scope, shown.scope_id, shown.source) == (pb.BUDGET_SCOPE_POLICY, "run_1", "rule:pol_1")
    assert (shown.kind, shown.limit, shown.state.reserved) == (pb.BUDGET_KIND_TOTAL, 25, 1)
    change = pb.UpdateBudgetRequest(
        budget=pb.Budget(budget_id=shown.budget_id, limit=99), update_mask=FieldMask(paths=["limit"])
    )
    with pytest.raises(LimitSetElsewhere, match=r"steps is a limit of rule pol_1, and no budget: change the rule\."):
        await service.update_budget(change, TENANT_ADMIN)
    only = await service.list_budgets(pb.ListBudgetsRequest(scope=pb.BUDGET_SCOPE_POLICY), TENANT_ADMIN)
    assert [each.budget_id for each in only.budgets] == [shown.budget_id]


async def test_a_usage_without_its_cost_resolves_nothing(service: BudgetService) -> None:
    wrong = pb.ResolveUnknownRequest(reservation_id="rsv_1", usage=TokenUsage(input_tokens=-1))
    with pytest.raises(InvalidRequest) as refused:
        await service.resolve_unknown(wrong, TENANT_ADMIN)
    assert [violation.field for violation in refused.value.fields] == ["cost_nanos", "usage.input_tokens"]
