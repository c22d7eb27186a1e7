"""The composition root: the only place that constructs, and that knows both the domains and their stores."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from pointsman_server import callers, completing, ruling
from pointsman_server.adapters.transport import Transport
from pointsman_server.background import keep_running
from pointsman_server.clock import SystemClock
from pointsman_server.config import Settings
from pointsman_server.execution.supervisor import Supervisor
from pointsman_server.foundation import Foundation
from pointsman_server.gateway import Gateway
from pointsman_server.http.app import make_app
from pointsman_server.http.server import HttpServer
from pointsman_server.identity.jwt import JwtVerifier
from pointsman_server.ids import new_id
from pointsman_server.issuers import issuers_of
from pointsman_server.ledger.forgetting import Forgetting
from pointsman_server.ledger.generations import GenerationWatch
from pointsman_server.ledger.unknown import UnknownPolicy
from pointsman_server.policy.keeper import PolicyKeeper
from pointsman_server.providers import Providers
from pointsman_server.rpc.server import GrpcServer
from pointsman_server.sandbox import Sandbox
from pointsman_server.services.account_comparison import AccountComparison
from pointsman_server.services.audit_service import AuditService
from pointsman_server.services.boundary import Boundary
from pointsman_server.services.budget_service import BudgetService
from pointsman_server.services.catalog_service import CatalogService
from pointsman_server.services.kill_methods import KillParts
from pointsman_server.services.methods import Servicer
from pointsman_server.services.policy_service import PolicyService
from pointsman_server.services.router_service import RouterService
from pointsman_server.storage.storage import Storage

_log = structlog.get_logger(__name__)

_LAST_SETTLEMENTS_MS = 1_000
_LAST_SETTLEMENT = timedelta(minutes=1)
"""How long after its last moment a completion may take to be settled, before its server counts as hung."""
_YOUNG_OBJECTS = 20_000


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the server listens; ``http`` is empty where only gRPC is served."""

    grpc: str
    http: str


async def serve(settings: Settings, environment: Mapping[str, str]) -> None:
    """Serves until SIGTERM or SIGINT, then drains: what runs may end, nothing new begins. A second one cuts the rest.

    Raises:
        ConfigurationError: a setting or an operator's file is wrong.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        addresses, supervisor = await _start(stack, settings, environment)
        _spare_the_collector()
        _log.info("serving", grpc_address=addresses.grpc, http_address=addresses.http)
        await stop.wait()
        _log.info("draining", running=supervisor.running_count)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, supervisor.cut)
    _log.info("stopped")


@asynccontextmanager
async def running(settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[Addresses]:
    """A server inside this loop; drains when left.

    Raises:
        ConfigurationError: a setting or an operator's file is wrong.
    """
    async with AsyncExitStack() as stack:
        addresses, _ = await _start(stack, settings, environment)
        yield addresses


async def _start(
    stack: AsyncExitStack, settings: Settings, environment: Mapping[str, str]
) -> tuple[Addresses, Supervisor]:
    """Constructs everything, lower layers first; the stack takes it down in the opposite order."""
    base = await _found(stack, settings, environment)
    policy = await ruling.keeper_of(base, stack)
    supervisor = completing.supervisor_of(base)
    kills = await ruling.kills_of(base)
    gateway = await completing.gateway_of(base, supervisor, policy, kills)
    issuers = issuers_of(settings, base.transport, base.clock)
    for issuer in issuers:
        keep_running(stack, "issuer-keys", issuer.keys.run())
    known = await callers.known_to(base, JwtVerifier(issuers, base.clock))
    servicers = _servicers(base, gateway, policy, known)
    boundary = Boundary(base.clock, new_id, known.authenticator, visits=base.storage.visits)
    addresses = await _listen(stack, settings, servicers, boundary, supervisor)
    _forbid_own(base.transport, addresses)
    keep_running(stack, "discovery", base.providers.discovery.run(settings.local_discovery_interval_ms))
    keep_running(stack, "checkpoints", supervisor.checkpoints.run())
    keep_running(stack, "kill-switches", kills.run(supervisor.obey))
    keep_running(stack, "generations", base.watch.run())
    keep_running(stack, "price-watch", base.providers.price_watch.run())
    keep_running(stack, "forgetting", Forgetting(base.storage.claims, base.storage.idle_meters, base.clock).run())
    return addresses, supervisor


async def _found(stack: AsyncExitStack, settings: Settings, environment: Mapping[str, str]) -> Foundation:
    clock = SystemClock()
    transport = Transport(private_networks=settings.private_networks, max_response_bytes=settings.max_response_bytes)
    stack.push_async_callback(transport.close)
    router = completing.router_of(settings)
    providers = Providers(settings, environment, transport, clock, prepare=router.prepare)
    storage = await stack.enter_async_context(await _storage(settings))
    keep_running(stack, "sweeper", storage.sweeper.run())
    await providers.discovery.refresh()
    await _open_sandbox(stack, settings, providers)
    watch = GenerationWatch(storage.generations.read, clock)
    await watch.look()
    return Foundation(settings, clock, transport, providers, router, storage, watch)


def _servicers(
    base: Foundation, gateway: Gateway, policy: PolicyKeeper, known: callers.Callers
) -> tuple[Servicer, ...]:
    storage, catalog = base.storage, base.providers.catalog
    accounts = AccountComparison(storage.bookings, catalog)
    return (
        RouterService(gateway, storage.feedback, storage.usage),
        CatalogService(catalog, clock=base.clock),
        BudgetService(
            storage.budgets, storage.ledger, accounts, KillParts(storage.kill_switches, catalog), new_id=new_id
        ),
        AuditService(storage.audit),
        PolicyService(storage.rules, ruling.evaluation_of(base, policy)),
        known.service,
    )


def _forbid_own(transport: Transport, addresses: Addresses) -> None:
    """Lets no provider be this very server."""
    for address in (addresses.grpc, addresses.http):
        host, _, port = address.rpartition(":")
        if port.isdigit():
            transport.forbid(host.strip("[]"), int(port))


async def _storage(settings: Settings) -> Storage:
    longest = timedelta(milliseconds=settings.total_timeout_ms + settings.read_to_end_ms)
    policy = UnknownPolicy(timedelta(hours=settings.unknown_after_hours), settings.unknown_margin_percent)
    return await Storage.open(
        settings.database,
        new_id=new_id,
        largest_life=longest + _LAST_SETTLEMENT,
        unknown_policy=policy if settings.unknown_policy == "checkpoint" else None,
    )


def simulates(settings: Settings, providers: Providers) -> bool:
    """Whether ``serve`` runs the simulated provider inside, as things are now."""
    return settings.sandbox == "on" or (settings.sandbox == "auto" and not providers.active)


async def _open_sandbox(stack: AsyncExitStack, settings: Settings, providers: Providers) -> None:
    if simulates(settings, providers):
        sandbox = await stack.enter_async_context(Sandbox())
        await providers.serve_inside(sandbox.base_url)


async def renew_admin_token(settings: Settings) -> None:
    """Makes another key for the first administrator, in the place of one that was lost.

    Raises:
        ConfigurationError: a server uses the database, it cannot be used, or the file cannot be written.
    """
    async with await _storage(settings) as storage:
        await callers.renew_admin_token(storage, settings)


async def _listen(
    stack: AsyncExitStack,
    settings: Settings,
    servicers: Sequence[Servicer],
    boundary: Boundary,
    supervisor: Supervisor,
) -> Addresses:
    http_address = ""
    if settings.http_address:
        app = make_app(
            servicers,
            boundary,
            allowed_hosts=settings.http_allowed_hosts,
            max_request_bytes=settings.max_request_bytes,
        )
        http = HttpServer(app, address=settings.http_address, tls=settings.tls)
        http_address = await http.start()
        stack.push_async_callback(http.stop)
    grpc = GrpcServer(
        servicers,
        boundary,
        address=settings.grpc_address,
        max_request_bytes=settings.max_request_bytes,
        stalled_reader_ms=settings.stalled_reader_ms,
        tls=settings.tls,
    )
    grpc_address = await grpc.start()
    stack.push_async_callback(_drain, grpc, supervisor, settings.drain_ms)
    return Addresses(grpc_address, http_address)


async def _drain(grpc: GrpcServer, supervisor: Supervisor, grace_ms: int) -> None:
    """Ends the calls. Completions end first: by themselves, or by their supervisor, who tells how far they got."""
    await asyncio.gather(grpc.drain((grace_ms + _LAST_SETTLEMENTS_MS) / 1000), supervisor.drain(grace_ms))


def _spare_the_collector() -> None:
    """Leaves what was made at the start out of every later collection, and collects what is young less often.

    A call makes some thousand objects and leaves hardly a cycle behind: looking for cycles after each 700 of them costs
    a tenth of the processor's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 10, 10)
