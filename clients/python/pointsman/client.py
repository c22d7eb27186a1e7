"""The client that blocks; ``async_client.py`` has the same surface for asyncio."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import grpc

from pointsman.address import target
from pointsman.administration.audit import Audit
from pointsman.administration.keys import AccessTokens, Keys
from pointsman.administration.kill_switches import KillSwitches
from pointsman.administration.people import Projects, Tenants, Users
from pointsman.administration.plans import Features, Plans, Tasks
from pointsman.administration.policy import Policy
from pointsman.asking import Asking
from pointsman.assembly import Answer
from pointsman.calling import Caller
from pointsman.channel import options, resolve, tls_credentials
from pointsman.credentials import Credential, Token, find
from pointsman.requests import Prompt, complete_request, feedback_request, route_request, whole_request
from pointsman.stream import Completion
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


class Client:
    """Calls a Pointsman and blocks until it answers. Safe to share between threads.

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
        kill_switches: what is stopped.
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
        self.address = resolve(address)
        server = target(self.address)
        self._caller = Caller(find(server, token), timeout)
        self.token_source = self._caller.credential.source
        proof = tls or tls_credentials(server)
        self._channel = (
            grpc.secure_channel(server.endpoint, proof, options(server))
            if proof
            else grpc.insecure_channel(server.endpoint, options(server))
        )
        self._router = RouterServiceStub(self._channel)
        self._catalog = CatalogServiceStub(self._channel)
        self._budgets = BudgetServiceStub(self._channel)
        self._identity = TenantServiceStub(self._channel)
        self.tenants = Tenants(self._caller, self._channel)
        self.users = Users(self._caller, self._channel)
        self.projects = Projects(self._caller, self._channel)
        self.keys = Keys(self._caller, self._channel)
        self.access_tokens = AccessTokens(self._caller, self._channel)
        self.plans = Plans(self._caller, self._channel)
        self.features = Features(self._caller, self._channel)
        self.tasks = Tasks(self._caller, self._channel)
        self.policy = Policy(self._caller, self._channel)
        self.kill_switches = KillSwitches(self._caller, self._channel)
        self.audit = Audit(self._caller, self._channel)

    def who_am_i(self, *, timeout: float | None = None) -> WhoAmIResponse:
        """Who the caller is, as the server sees it."""
        return self._caller.call(self._identity.WhoAmI, WhoAmIRequest(), timeout)

    def complete(self, prompt: Prompt | CompleteRequest, *, timeout: float | None = None) -> Completion:
        """Starts a completion and returns its stream."""
        request = complete_request(prompt)
        return Completion(
            Asking(
                lambda left: self._router.Complete(request, timeout=left, metadata=self._caller.metadata()),
                timeout=self._caller.seconds(timeout),
                repeatable=bool(request.request_id),
            )
        )

    def complete_whole(self, prompt: Prompt | CompleteRequest, *, timeout: float | None = None) -> Answer:
        """Runs a completion and returns its answer, which travels in one response."""
        with self.complete(whole_request(prompt), timeout=timeout) as completion:
            return completion.final()

    def route(self, prompt: Prompt | RouteRequest, *, timeout: float | None = None) -> Decision:
        """Says which model would serve, and why. Calls no provider."""
        return self._caller.call(self._router.Route, route_request(prompt), timeout).decision

    def record_feedback(
        self, target: str | RecordFeedbackRequest, rating: float | None = None, *, timeout: float | None = None
    ) -> Feedback:
        """Records how good an answer was: a completion's id and a rating from 0 to 1, or the whole request."""
        return self._caller.call(self._router.RecordFeedback, feedback_request(target, rating), timeout).feedback

    def usage(self, request: UsageRequest | None = None, *, timeout: float | None = None) -> UsageResponse:
        """Reports what was used and what it cost; every row, however many pages they came on."""
        report, *pages = self._caller.pages(self._router.Usage, request or UsageRequest(), timeout)
        for page in pages:
            report.rows.extend(page.rows)
        report.next_page_token = ""
        return report

    def get_provider(self, provider_id: str, *, timeout: float | None = None) -> Provider:
        """One provider."""
        request = GetProviderRequest(provider_id=provider_id)
        return self._caller.call(self._catalog.GetProvider, request, timeout).provider

    def list_providers(
        self, request: ListProvidersRequest | None = None, *, timeout: float | None = None
    ) -> Iterator[Provider]:
        """Providers by id; asks for further pages as they are needed."""
        for page in self._caller.pages(self._catalog.ListProviders, request or ListProvidersRequest(), timeout):
            yield from page.providers

    def get_model(self, model_id: str, *, timeout: float | None = None) -> Model:
        """One model, by its id, the provider's own id or an alias."""
        return self._caller.call(self._catalog.GetModel, GetModelRequest(model_id=model_id), timeout).model

    def list_models(self, request: ListModelsRequest | None = None, *, timeout: float | None = None) -> Iterator[Model]:
        """Models by id; asks for further pages as they are needed."""
        for page in self._caller.pages(self._catalog.ListModels, request or ListModelsRequest(), timeout):
            yield from page.models

    def create_budget(self, budget: Budget, *, tenant_id: str = "", timeout: float | None = None) -> Budget:
        """Makes a budget; returns it with its id."""
        return self._caller.call(
            self._budgets.CreateBudget, CreateBudgetRequest(budget=budget, tenant_id=tenant_id), timeout
        ).budget

    def get_budget(self, budget_id: str, *, tenant_id: str = "", timeout: float | None = None) -> Budget:
        """One budget with its live state."""
        return self._caller.call(
            self._budgets.GetBudget, GetBudgetRequest(budget_id=budget_id, tenant_id=tenant_id), timeout
        ).budget

    def list_budgets(
        self, request: ListBudgetsRequest | None = None, *, timeout: float | None = None
    ) -> Iterator[Budget]:
        """Budgets by id with their live state; asks for further pages as they are needed."""
        for page in self._caller.pages(self._budgets.ListBudgets, request or ListBudgetsRequest(), timeout):
            yield from page.budgets

    def update_budget(self, request: UpdateBudgetRequest, *, timeout: float | None = None) -> Budget:
        """Changes what the request's mask names, and returns the budget."""
        return self._caller.call(self._budgets.UpdateBudget, request, timeout).budget

    def delete_budget(self, budget_id: str, *, tenant_id: str = "", timeout: float | None = None) -> None:
        """Removes a budget with its counters."""
        self._caller.call(
            self._budgets.DeleteBudget, DeleteBudgetRequest(budget_id=budget_id, tenant_id=tenant_id), timeout
        )

    def resolve_unknown(self, request: ResolveUnknownRequest, *, timeout: float | None = None) -> None:
        """Ends a reservation whose server went away."""
        self._caller.call(self._budgets.ResolveUnknown, request, timeout)

    def compare_usage(self, request: CompareUsageRequest, *, timeout: float | None = None) -> CompareUsageResponse:
        """Compares a provider's own account with the usage entries of all tenants."""
        return self._caller.call(self._budgets.CompareUsage, request, timeout)

    def verify_ledger(self, *, tenant_id: str = "", timeout: float | None = None) -> Iterator[VerifyLedgerResponse]:
        """Recomputes every counter on the server; what differs, what is unknown, and at the end a summary."""
        return self._caller.stream(self._budgets.VerifyLedger, VerifyLedgerRequest(tenant_id=tenant_id), timeout)

    def close(self) -> None:
        """Closes the connection; running calls are cancelled."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
