"""The client for asyncio; ``client.py`` has the same surface and blocks."""

# ruff: noqa: ASYNC109  # a timeout here is gRPC's deadline, which the server sees; asyncio.timeout would not tell it

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

import grpc.aio

from pointsman.address import target
from pointsman.administration.async_audit import AsyncAudit
from pointsman.administration.async_keys import AsyncAccessTokens, AsyncKeys
from pointsman.administration.async_kill_switches import AsyncKillSwitches
from pointsman.administration.async_people import AsyncProjects, AsyncTenants, AsyncUsers
from pointsman.administration.async_plans import AsyncFeatures, AsyncPlans, AsyncTasks
from pointsman.administration.async_policy import AsyncPolicy
from pointsman.asking import Asking
from pointsman.assembly import Answer
from pointsman.async_calling import AsyncCaller
from pointsman.channel import options, resolve, tls_credentials
from pointsman.credentials import Credential, Token, find
from pointsman.requests import Prompt, complete_request, feedback_request, route_request, whole_request
from pointsman.stream import AsyncCompletion
from pointsman.v1.budget_service_pb2 import (
    Budget,
    CompareUsageRequest,
    CompareUsageResponse,
    CreateBudgetRequest,
    DeleteBudgetRequest,
    GetBudgetRequest,
    ListBudgetsRequest,
    ResolveUnknownRequest,
    UpdateBudgetRequest,
    VerifyLedgerRequest,
    VerifyLedgerResponse,
)
from pointsman.v1.budget_service_pb2_grpc import BudgetServiceStub
from pointsman.v1.catalog_service_pb2 import (
    GetModelRequest,
    GetProviderRequest,
    ListModelsRequest,
    ListProvidersRequest,
)
from pointsman.v1.catalog_service_pb2_grpc import CatalogServiceStub
from pointsman.v1.decision_pb2 import Decision
from pointsman.v1.model_pb2 import Model, Provider
from pointsman.v1.router_service_pb2 import (
    CompleteRequest,
    Feedback,
    RecordFeedbackRequest,
    RouteRequest,
    UsageRequest,
    UsageResponse,
)
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub
from pointsman.v1.tenant_service_pb2 import WhoAmIRequest, WhoAmIResponse
from pointsman.v1.tenant_service_pb2_grpc import TenantServiceStub


class AsyncClient:
    """Calls a Pointsman from asyncio. Make it where the event loop runs.

    Every method takes ``timeout`` in seconds, which overrides the client's own, and raises ``PointsmanError``.

    Args:
        address: ``host:port``, ``unix:/path``, or ``https://host:port`` for TLS. Unset: ``POINTSMAN_ADDRESS``, the
            current context of ``pointsman login``, else ``127.0.0.1:50051``.
        token: an API key, an access token or a JWT, or what gives the one of the moment. Unset: ``POINTSMAN_TOKEN``,
            or what ``pointsman login`` or a new server on this machine stored; ``credentials.py`` has the order.
        timeout: how long a call may take, in seconds. Unset: as long as the server allows.
        tls: how the server, and this client, prove themselves. Unset: for ``https://``, by the authorities in the file
            ``POINTSMAN_ROOT_CERTIFICATES``, else by those that gRPC trusts.

    Attributes:
        address: the server's.
        token_source: where the token came from, in words; empty: there is none.
        tenants, users, projects, keys, access_tokens: who may ask.
        plans, features, tasks: what tenants buy.
        policy: the rules.
        audit: the record of changes.

    Raises:
        CredentialUnusable: a file with a token is open to others, or cannot be read.
    """

    def __init__(
        self,
        address: str | None = None,
        *,
        token: Token | Credential | None = None,
        timeout: float | None = None,
        tls: grpc.ChannelCredentials | None = None,
    ) -> None:
        asyncio.get_running_loop()  # without one, gRPC would bind to a loop that never runs
        self.address = resolve(address)
        server = target(self.address)
        self._caller = AsyncCaller(find(server, token), timeout)
        self.token_source = self._caller.credential.source
        proof = tls or tls_credentials(server)
        self._channel = (
            grpc.aio.secure_channel(server.endpoint, proof, options(server))
            if proof
            else grpc.aio.insecure_channel(server.endpoint, options(server))
        )
        self._router = RouterServiceStub(self._channel)
        self._catalog = CatalogServiceStub(self._channel)
        self._budgets = BudgetServiceStub(self._channel)
        self._identity = TenantServiceStub(self._channel)
        self.tenants = AsyncTenants(self._caller, self._channel)
        self.users = AsyncUsers(self._caller, self._channel)
        self.projects = AsyncProjects(self._caller, self._channel)
        self.keys = AsyncKeys(self._caller, self._channel)
        self.access_tokens = AsyncAccessTokens(self._caller, self._channel)
        self.plans = AsyncPlans(self._caller, self._channel)
        self.features = AsyncFeatures(self._caller, self._channel)
        self.tasks = AsyncTasks(self._caller, self._channel)
        self.policy = AsyncPolicy(self._caller, self._channel)
        self.kill_switches = AsyncKillSwitches(self._caller, self._channel)
        self.audit = AsyncAudit(self._caller, self._channel)

    async def who_am_i(self, *, timeout: float | None = None) -> WhoAmIResponse:
        """Who the caller is, as the server sees it."""
        return await self._caller.call(self._identity.WhoAmI, WhoAmIRequest(), timeout)

    def complete(self, prompt: Prompt | CompleteRequest, *, timeout: float | None = None) -> AsyncCompletion:
        """Starts a completion and returns its stream."""
        request = complete_request(prompt)
        return AsyncCompletion(
            Asking(
                lambda left: self._router.Complete(request, timeout=left, metadata=self._caller.metadata()),
                timeout=self._caller.seconds(timeout),
                repeatable=bool(request.request_id),
            )
        )

    async def complete_whole(self, prompt: Prompt | CompleteRequest, *, timeout: float | None = None) -> Answer:
        """Runs a completion and returns its answer, which travels in one response."""
        async with self.complete(whole_request(prompt), timeout=timeout) as completion:
            return await completion.final()

    async def route(self, prompt: Prompt | RouteRequest, *, timeout: float | None = None) -> Decision:
        """Says which model would serve, and why. Calls no provider."""
        return (await self._caller.call(self._router.Route, route_request(prompt), timeout)).decision

    async def record_feedback(
        self, target: str | RecordFeedbackRequest, rating: float | None = None, *, timeout: float | None = None
    ) -> Feedback:
        """Records how good an answer was: a completion's id and a rating from 0 to 1, or the whole request."""
        return (
            await self._caller.call(self._router.RecordFeedback, feedback_request(target, rating), timeout)
        ).feedback

    async def usage(self, request: UsageRequest | None = None, *, timeout: float | None = None) -> UsageResponse:
        """Reports what was used and what it cost; every row, however many pages they came on."""
        report, *pages = [
            page async for page in self._caller.pages(self._router.Usage, request or UsageRequest(), timeout)
        ]
        for page in pages:
            report.rows.extend(page.rows)
        report.next_page_token = ""
        return report

    async def get_provider(self, provider_id: str, *, timeout: float | None = None) -> Provider:
        """One provider."""
        request = GetProviderRequest(provider_id=provider_id)
        return (await self._caller.call(self._catalog.GetProvider, request, timeout)).provider

    async def list_providers(
        self, request: ListProvidersRequest | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[Provider]:
        """Providers by id; asks for further pages as they are needed."""
        async for page in self._caller.pages(self._catalog.ListProviders, request or ListProvidersRequest(), timeout):
            for provider in page.providers:
                yield provider

    async def get_model(self, model_id: str, *, timeout: float | None = None) -> Model:
        """One model, by its id, the provider's own id or an alias."""
        return (await self._caller.call(self._catalog.GetModel, GetModelRequest(model_id=model_id), timeout)).model

    async def list_models(
        self, request: ListModelsRequest | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[Model]:
        """Models by id; asks for further pages as they are needed."""
        async for page in self._caller.pages(self._catalog.ListModels, request or ListModelsRequest(), timeout):
            for model in page.models:
                yield model

    async def create_budget(self, budget: Budget, *, tenant_id: str = "", timeout: float | None = None) -> Budget:
        """Makes a budget; returns it with its id."""
        return (
            await self._caller.call(
                self._budgets.CreateBudget, CreateBudgetRequest(budget=budget, tenant_id=tenant_id), timeout
            )
        ).budget

    async def get_budget(self, budget_id: str, *, tenant_id: str = "", timeout: float | None = None) -> Budget:
        """One budget with its live state."""
        return (
            await self._caller.call(
                self._budgets.GetBudget, GetBudgetRequest(budget_id=budget_id, tenant_id=tenant_id), timeout
            )
        ).budget

    async def list_budgets(
        self, request: ListBudgetsRequest | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[Budget]:
        """Budgets by id with their live state; asks for further pages as they are needed."""
        async for page in self._caller.pages(self._budgets.ListBudgets, request or ListBudgetsRequest(), timeout):
            for budget in page.budgets:
                yield budget

    async def update_budget(self, request: UpdateBudgetRequest, *, timeout: float | None = None) -> Budget:
        """Changes what the request's mask names, and returns the budget."""
        return (await self._caller.call(self._budgets.UpdateBudget, request, timeout)).budget

    async def delete_budget(self, budget_id: str, *, tenant_id: str = "", timeout: float | None = None) -> None:
        """Removes a budget with its counters."""
        await self._caller.call(
            self._budgets.DeleteBudget, DeleteBudgetRequest(budget_id=budget_id, tenant_id=tenant_id), timeout
        )

    async def resolve_unknown(self, request: ResolveUnknownRequest, *, timeout: float | None = None) -> None:
        """Ends a reservation whose server went away."""
        await self._caller.call(self._budgets.ResolveUnknown, request, timeout)

    async def compare_usage(
        self, request: CompareUsageRequest, *, timeout: float | None = None
    ) -> CompareUsageResponse:
        """Compares a provider's own account with the usage entries of all tenants."""
        return await self._caller.call(self._budgets.CompareUsage, request, timeout)

    async def verify_ledger(
        self, *, tenant_id: str = "", timeout: float | None = None
    ) -> AsyncIterator[VerifyLedgerResponse]:
        """Recomputes every counter on the server; what differs, what is unknown, and at the end a summary."""
        async for response in self._caller.stream(
            self._budgets.VerifyLedger, VerifyLedgerRequest(tenant_id=tenant_id), timeout
        ):
            yield response

    async def close(self) -> None:
        """Closes the connection; running calls are cancelled."""
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
