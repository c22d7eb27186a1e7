"""BudgetService: sets limits, shows what is left of them, proves the ledger, and stops calls."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import ClassVar

from google.protobuf.descriptor import ServiceDescriptor
from pointsman.v1 import budget_service_pb2 as pb

from pointsman_server.errors import RoleRequired
from pointsman_server.identity.audit import Change, Deed
from pointsman_server.identity.model import PLATFORM_TENANT, Principal, Role
from pointsman_server.ids import NewId
from pointsman_server.ledger.adjustments import Resolver
from pointsman_server.ledger.budget_messages import SCOPES, read_meter
from pointsman_server.ledger.budgets import BudgetChange, BudgetQuery, BudgetStore
from pointsman_server.ledger.meters import PLATFORM_SCOPES
from pointsman_server.ledger.model import AttemptOutcome, Settlement
from pointsman_server.ledger.store import Ledger
from pointsman_server.ledger.unknown import RESOLVED_KIND
from pointsman_server.services import paging, validate
from pointsman_server.services.account_comparison import AccountComparison
from pointsman_server.services.budget_messages import budget_message, finding_message, unknown_message
from pointsman_server.services.call import Call
from pointsman_server.services.kill_methods import KillMethods, KillParts


class BudgetService(KillMethods):
    """Checks each request and hands it on."""

    descriptor: ClassVar[ServiceDescriptor] = pb.DESCRIPTOR.services_by_name["BudgetService"]

    def __init__(
        self, budgets: BudgetStore, ledger: Ledger, accounts: AccountComparison, kills: KillParts, *, new_id: NewId
    ) -> None:
        super().__init__(kills)
        self._budgets = budgets
        self._ledger = ledger
        self._accounts = accounts
        self._new_id = new_id

    async def create_budget(self, request: pb.CreateBudgetRequest, call: Call) -> pb.CreateBudgetResponse:
        """Makes a budget."""
        validate.create_budget(request)
        owner = call.tenant_id
        if SCOPES[request.budget.scope] in PLATFORM_SCOPES:
            _require_platform_admin(call.principal)
            owner = PLATFORM_TENANT
        budget = await self._budgets.create(read_meter(request.budget, owner, self._new_id("bud")), call.actor)
        return pb.CreateBudgetResponse(budget=budget_message(budget))

    async def get_budget(self, request: pb.GetBudgetRequest, call: Call) -> pb.GetBudgetResponse:
        """One budget with its live state."""
        validate.named_budget(request)
        return pb.GetBudgetResponse(budget=budget_message(await self._budgets.get(_owners(call), request.budget_id)))

    async def list_budgets(self, request: pb.ListBudgetsRequest, call: Call) -> pb.ListBudgetsResponse:
        """Budgets with their live state, ordered by id."""
        validate.list_budgets(request)
        size = paging.page_size(request)
        query = BudgetQuery(
            owners=_owners(call),
            scope=SCOPES[request.scope] if request.scope else None,
            scope_id=request.scope_id,
            after=paging.last_id(request),
            page_size=size + 1,  # one more than is shown says whether there is a next page
        )
        found, total = await self._budgets.page(query)
        shown = [budget_message(budget) for budget in found[:size]]
        return pb.ListBudgetsResponse(
            budgets=shown,
            next_page_token=paging.token(request, shown[-1].budget_id) if len(found) > size else "",
            total_size=total,
        )

    async def update_budget(self, request: pb.UpdateBudgetRequest, call: Call) -> pb.UpdateBudgetResponse:
        """Changes a budget's name or limit, freezes it or unfreezes it."""
        validate.update_budget(request)
        budget, paths = request.budget, set(request.update_mask.paths)
        change = BudgetChange(
            name=budget.name if "name" in paths else None,
            limit=budget.limit if "limit" in paths else None,
            frozen=budget.frozen if "frozen" in paths else None,
        )
        return pb.UpdateBudgetResponse(
            budget=budget_message(await self._budgets.update(_owners(call), budget.budget_id, change, call.actor))
        )

    async def delete_budget(self, request: pb.DeleteBudgetRequest, call: Call) -> pb.DeleteBudgetResponse:
        """Removes a budget."""
        validate.named_budget(request)
        await self._budgets.delete(_owners(call), request.budget_id, call.actor)
        return pb.DeleteBudgetResponse()

    async def resolve_unknown(self, request: pb.ResolveUnknownRequest, call: Call) -> pb.ResolveUnknownResponse:
        """Ends a reservation whose server went away, with what an administrator knows that it used."""
        validate.resolve_unknown(request)
        reservation = await self._budgets.unknown(call.tenant_id, request.reservation_id)
        change = Change(
            "BudgetService/ResolveUnknown", "reservation", request.reservation_id, unknown_message(reservation), request
        )
        deed = Deed(call.tenant_id, call.actor, change)
        if request.HasField("cost_nanos"):
            settlement = self._settlement(request)
            await self._ledger.settle(reservation, settlement, resolver=Resolver.OPERATOR, deed=deed)
        else:
            await self._ledger.void(reservation, resolver=Resolver.OPERATOR, deed=deed)
        return pb.ResolveUnknownResponse()

    async def verify_ledger(
        self, request: pb.VerifyLedgerRequest, call: Call
    ) -> AsyncGenerator[pb.VerifyLedgerResponse, None]:
        """Recomputes every counter, and says what differs."""
        validate.verify_ledger(request)
        everyone = call.principal.has(Role.PLATFORM_ADMIN) and not call.named_tenant_id
        async with aclosing(self._budgets.verify(None if everyone else call.tenant_id)) as findings:
            async for finding in findings:
                yield finding_message(finding)

    async def compare_usage(self, request: pb.CompareUsageRequest, _call: Call) -> pb.CompareUsageResponse:
        """Compares what a provider says that it billed with the usage entries of all tenants."""
        validate.compare_usage(request)
        return await self._accounts.answer(request)

    def _settlement(self, request: pb.ResolveUnknownRequest) -> Settlement:
        return Settlement(
            outcome=AttemptOutcome.FAILED,
            failure_kind=RESOLVED_KIND,
            usage=request.usage,
            cost_nanos=request.cost_nanos,
            latency_ms=0,
            time_to_first_token_ms=None,
        )


def _owners(call: Call) -> tuple[str, ...]:
    """The tenants whose budgets the call is about."""
    if call.principal.has(Role.PLATFORM_ADMIN) and not call.named_tenant_id:
        return (call.tenant_id, PLATFORM_TENANT)
    return (call.tenant_id,)


def _require_platform_admin(principal: Principal) -> None:
    if not principal.has(Role.PLATFORM_ADMIN):
        message = "What concerns all tenants is a platform administrator's alone."
        raise RoleRequired(message, metadata={"role": Role.PLATFORM_ADMIN})
