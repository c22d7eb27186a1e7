"""BudgetService: sets limits, shows what is left of them, and proves the ledger."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import ClassVar

from google.protobuf.descriptor import ServiceDescriptor
from pointsman.v1 import budget_service_pb2 as pb

from pointsman_server.errors import RoleRequired
from pointsman_server.identity.model import ADMIN_ROLES, PLATFORM_ADMIN, PLATFORM_TENANT, Principal
from pointsman_server.ids import NewId
from pointsman_server.ledger.adjustments import Resolver
from pointsman_server.ledger.budgets import BudgetChange, BudgetQuery, BudgetStore
from pointsman_server.ledger.meters import PLATFORM_SCOPES
from pointsman_server.ledger.model import AttemptOutcome, Settlement
from pointsman_server.ledger.store import Ledger
from pointsman_server.ledger.unknown import RESOLVED_KIND
from pointsman_server.services import paging, validate
from pointsman_server.services.account_comparison import AccountComparison
from pointsman_server.services.budget_messages import SCOPES, budget_message, finding_message, read_meter
from pointsman_server.services.call import Call


class BudgetService:
    """Checks each request and hands it on. Every method needs an administrator."""

    descriptor: ClassVar[ServiceDescriptor] = pb.DESCRIPTOR.services_by_name["BudgetService"]

    def __init__(self, budgets: BudgetStore, ledger: Ledger, accounts: AccountComparison, *, new_id: NewId) -> None:
        self._budgets = budgets
        self._ledger = ledger
        self._accounts = accounts
        self._new_id = new_id

    async def create_budget(self, request: pb.CreateBudgetRequest, call: Call) -> pb.CreateBudgetResponse:
        """Makes a budget."""
        _owners(call.principal)
        validate.create_budget(request)
        of_platform = SCOPES[request.budget.scope] in PLATFORM_SCOPES
        if of_platform:
            _require_platform_admin(call.principal)
        owner = PLATFORM_TENANT if of_platform else call.principal.tenant_id
        budget = await self._budgets.create(read_meter(request.budget, owner, self._new_id("bud")))
        return pb.CreateBudgetResponse(budget=budget_message(budget))

    async def get_budget(self, request: pb.GetBudgetRequest, call: Call) -> pb.GetBudgetResponse:
        """One budget with its live state."""
        owners = _owners(call.principal)
        validate.named_budget(request)
        return pb.GetBudgetResponse(budget=budget_message(await self._budgets.get(owners, request.budget_id)))

    async def list_budgets(self, request: pb.ListBudgetsRequest, call: Call) -> pb.ListBudgetsResponse:
        """Budgets with their live state, ordered by id."""
        owners = _owners(call.principal)
        validate.list_budgets(request)
        size = paging.page_size(request)
        query = BudgetQuery(
            owners=owners,
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
        owners = _owners(call.principal)
        validate.update_budget(request)
        budget, paths = request.budget, set(request.update_mask.paths)
        change = BudgetChange(
            name=budget.name if "name" in paths else None,
            limit=budget.limit if "limit" in paths else None,
            frozen=budget.frozen if "frozen" in paths else None,
        )
        return pb.UpdateBudgetResponse(
            budget=budget_message(await self._budgets.update(owners, budget.budget_id, change))
        )

    async def delete_budget(self, request: pb.DeleteBudgetRequest, call: Call) -> pb.DeleteBudgetResponse:
        """Removes a budget."""
        owners = _owners(call.principal)
        validate.named_budget(request)
        await self._budgets.delete(owners, request.budget_id)
        return pb.DeleteBudgetResponse()

    async def resolve_unknown(self, request: pb.ResolveUnknownRequest, call: Call) -> pb.ResolveUnknownResponse:
        """Ends a reservation whose server went away, with what an administrator knows that it used."""
        _owners(call.principal)
        validate.resolve_unknown(request)
        tenant_id = request.tenant_id or call.principal.tenant_id
        if tenant_id != call.principal.tenant_id:
            _require_platform_admin(call.principal)
        reservation = await self._budgets.unknown(tenant_id, request.reservation_id)
        if request.HasField("cost_nanos"):
            await self._ledger.settle(reservation, self._settlement(request), resolver=Resolver.OPERATOR)
        else:
            await self._ledger.void(reservation, resolver=Resolver.OPERATOR)
        return pb.ResolveUnknownResponse()

    async def verify_ledger(
        self, _request: pb.VerifyLedgerRequest, call: Call
    ) -> AsyncGenerator[pb.VerifyLedgerResponse, None]:
        """Recomputes every counter, and says what differs."""
        _owners(call.principal)
        everyone = PLATFORM_ADMIN in call.principal.roles
        async with aclosing(self._budgets.verify(None if everyone else call.principal.tenant_id)) as findings:
            async for finding in findings:
                yield finding_message(finding)

    async def compare_usage(self, request: pb.CompareUsageRequest, call: Call) -> pb.CompareUsageResponse:
        """Compares what a provider says that it billed with the usage entries of all tenants."""
        _require_platform_admin(call.principal)
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


def _owners(principal: Principal) -> tuple[str, ...]:
    """The tenants whose budgets the principal may see and change.

    Raises:
        RoleRequired: it is no administrator.
    """
    if not principal.roles & ADMIN_ROLES:
        raise RoleRequired("Budgets are an administrator's to see and change.", metadata={"role": "tenant_admin"})
    if PLATFORM_ADMIN in principal.roles:
        return (principal.tenant_id, PLATFORM_TENANT)
    return (principal.tenant_id,)


def _require_platform_admin(principal: Principal) -> None:
    if PLATFORM_ADMIN not in principal.roles:
        message = "What concerns all tenants is a platform administrator's alone."
        raise RoleRequired(message, metadata={"role": PLATFORM_ADMIN})
