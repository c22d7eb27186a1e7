"""The composition root: the only place that constructs, and that knows both the domains and their stores."""

from __future__ import annotations

import asyncio
import gc
import random
import secrets
import signal
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from pointsman_server import callers
from pointsman_server.adapters.dialects import DIALECTS
from pointsman_server.adapters.transport import Transport
from pointsman_server.clock import Clock, SystemClock
from pointsman_server.config import Settings
from pointsman_server.errors import ConfigurationError
from pointsman_server.execution.attempts import Attempts
from pointsman_server.execution.content import ContentChecker
from pointsman_server.execution.moderation import ModerationSettings, Moderator
from pointsman_server.execution.reading_on import ReadingOnSettings
from pointsman_server.execution.settings import RunSettings
from pointsman_server.execution.supervisor import Supervisor, SupervisorSettings
from pointsman_server.execution.usage_view import UsageWatch
from pointsman_server.execution.walk import RetrySettings
from pointsman_server.gateway import Gateway
from pointsman_server.http.app import make_app
from pointsman_server.http.server import HttpServer
from pointsman_server.identity.jwt import JwtVerifier
from pointsman_server.ids import new_id
from pointsman_server.issuers import issuers_of
from pointsman_server.ledger.forgetting import Forgetting
from pointsman_server.ledger.generations import Generation, GenerationWatch
from pointsman_server.ledger.unknown import UnknownPolicy
from pointsman_server.policy.engine import PolicyEngine
from pointsman_server.policy.keeper import PolicyKeeper, UnreadablePolicy
from pointsman_server.policy.limits import ServerLimits
from pointsman_server.providers import Providers
from pointsman_server.router import vocabularies
from pointsman_server.router.model import Defaults, Profile
from pointsman_server.router.router import Router
from pointsman_server.router.tokenizers import Tokenizers
from pointsman_server.rpc.server import GrpcServer
from pointsman_server.sandbox import Sandbox
from pointsman_server.services.account_comparison import AccountComparison
from pointsman_server.services.audit_service import AuditService
from pointsman_server.services.boundary import Boundary
from pointsman_server.services.budget_service import BudgetService
from pointsman_server.services.catalog_service import CatalogService
from pointsman_server.services.methods import Servicer
from pointsman_server.services.policy_evaluation import PolicyEvaluation
from pointsman_server.services.policy_service import PolicyService
from pointsman_server.services.router_service import RouterService
from pointsman_server.storage.storage import Storage
from pointsman_server.toml_document import suggestion

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
    clock = SystemClock()
    transport = Transport(private_networks=settings.private_networks, max_response_bytes=settings.max_response_bytes)
    stack.push_async_callback(transport.close)
    router = _router(settings)
    providers = Providers(settings, environment, transport, clock, prepare=router.prepare)
    storage = await stack.enter_async_context(await _storage(settings))
    _watch(stack, "sweeper", storage.sweeper.run())
    await providers.discovery.refresh()
    await _open_sandbox(stack, settings, providers)
    generations = GenerationWatch(storage.generations.read, clock)
    await generations.look()
    policy = await _policy(stack, settings, storage, generations, clock)
    supervisor = _supervisor(
        settings, storage, Attempts(dialects=DIALECTS, transport=transport, keys=providers.keys, clock=clock), clock
    )
    tokenizers = await asyncio.to_thread(_tokenizers, settings)
    content = _content(settings, providers, transport)
    gateway = _gateway(
        settings,
        providers,
        storage,
        supervisor,
        clock,
        content=content,
        tokenizers=tokenizers,
        router=router,
        policy=policy,
        watch=generations,
    )
    issuers = issuers_of(settings, transport, clock)
    for issuer in issuers:
        _watch(stack, "issuer-keys", issuer.keys.run())
    known = await callers.known_to(
        storage, settings, catalog=providers.catalog, jwt=JwtVerifier(issuers, clock), watch=generations, clock=clock
    )
    servicers = (
        RouterService(gateway, storage.feedback, storage.usage),
        CatalogService(providers.catalog, clock=clock),
        BudgetService(
            storage.budgets, storage.ledger, AccountComparison(storage.bookings, providers.catalog), new_id=new_id
        ),
        AuditService(storage.audit),
        PolicyService(
            storage.rules, _evaluation(policy, providers, storage, router=router, watch=generations, clock=clock)
        ),
        known.service,
    )
    boundary = Boundary(clock, new_id, known.authenticator, visits=storage.visits)
    addresses = await _listen(stack, settings, servicers, boundary, supervisor)
    _forbid_own(transport, addresses)
    _watch(stack, "discovery", providers.discovery.run(settings.local_discovery_interval_ms))
    _watch(stack, "checkpoints", supervisor.checkpoints.run())
    _watch(stack, "generations", generations.run())
    _watch(stack, "price-watch", providers.price_watch.run())
    _watch(stack, "forgetting", Forgetting(storage.claims, storage.idle_meters, clock).run())
    return addresses, supervisor


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


def _supervisor(settings: Settings, storage: Storage, attempts: Attempts, clock: Clock) -> Supervisor:
    retry = RetrySettings(settings.retries, settings.retry_base_delay_ms, settings.retry_max_delay_ms)
    run = RunSettings(
        connect_ms=settings.connect_timeout_ms,
        first_token_ms=settings.first_token_timeout_ms,
        chunk_ms=settings.chunk_timeout_ms,
        stalled_reader_ms=settings.stalled_reader_ms,
        retry=retry,
        reading_on=ReadingOnSettings(settings.read_to_end_ms, settings.max_read_to_end),
    )
    return Supervisor(
        ledger=storage.ledger,
        attempts=attempts,
        claims=storage.claims,
        settings=SupervisorSettings(settings.max_concurrent_completions, settings.retry_budget_percent, run),
        clock=clock,
        jitter=random.Random(),  # noqa: S311  # it spreads retries, it guards nothing
    )


def _tokenizers(settings: Settings) -> Tokenizers:
    found = vocabularies.load(settings.tokenizer_dir)
    for name, vocabulary in found.items():
        _log.info("vocabulary", tokenizer=name, path=str(vocabulary.path), published=vocabulary.published)
    return Tokenizers({name: vocabulary.encoding for name, vocabulary in found.items()})


def _content(settings: Settings, providers: Providers, transport: Transport) -> ContentChecker:
    asked = ModerationSettings(settings.moderation_provider, settings.moderation_model, settings.moderation_timeout_ms)
    known = providers.catalog.snapshot.providers
    if asked.provider_id and asked.provider_id not in known:
        near = suggestion(asked.provider_id, known)
        raise ConfigurationError(f"moderation_provider: there is no provider {asked.provider_id}.{near}")
    moderator = Moderator(asked, transport=transport, keys=providers.keys, catalog=providers.catalog)
    return ContentChecker(moderator, window=settings.content_window_characters)


async def _policy(
    stack: AsyncExitStack, settings: Settings, storage: Storage, watch: GenerationWatch, clock: Clock
) -> PolicyKeeper:
    """Loads the rules and plans, and follows their changes, and the budgets that they speak of."""
    usage = UsageWatch(storage.shares, clock)
    _watch(stack, "budget-usage", usage.run())
    engine = PolicyEngine(
        ServerLimits(
            default_output_tokens=settings.default_output_tokens,
            max_output_tokens=settings.max_output_tokens,
            max_attempts=settings.max_attempts,
            allow_fallback=settings.allow_fallback,
            max_request_bytes=settings.max_request_bytes,
        ),
        usage,
    )
    keeper = PolicyKeeper(storage.policy, engine)
    try:
        await keeper.load()
    except UnreadablePolicy as error:
        raise ConfigurationError(f"The rules in the database cannot be used: {error}.") from error
    watch.on_change(Generation.POLICY, keeper.changed)
    _watch(stack, "policy", keeper.run())
    return keeper


def _evaluation(
    policy: PolicyKeeper,
    providers: Providers,
    storage: Storage,
    *,
    router: Router,
    watch: GenerationWatch,
    clock: Clock,
) -> PolicyEvaluation:
    async def newest() -> None:
        await watch.look()
        await policy.at_least(watch.current.policy)

    return PolicyEvaluation(
        engine=policy.engine,
        newest=newest,
        standings=storage.credentials,
        budgets=storage.budgets,
        router=router,
        catalog=providers.catalog,
        clock=clock,
    )


def _router(settings: Settings) -> Router:
    return Router(
        overhead_tokens={name: dialect.overhead_tokens for name, dialect in DIALECTS.items()},
        defaults=Defaults(
            provider_priority=settings.provider_priority,
            profile=Profile.BALANCED if settings.cost_optimization else Profile.BEST,
        ),
    )


def _gateway(
    settings: Settings,
    providers: Providers,
    storage: Storage,
    supervisor: Supervisor,
    clock: Clock,
    *,
    content: ContentChecker,
    tokenizers: Tokenizers,
    router: Router,
    policy: PolicyKeeper,
    watch: GenerationWatch,
) -> Gateway:
    return Gateway(
        catalog=providers.catalog,
        policy=policy.engine,
        policy_at_least=policy.at_least,
        tokenizers=tokenizers,
        router=router,
        ledger=storage.ledger,
        supervisor=supervisor,
        clock=clock,
        new_id=new_id,
        new_seed=lambda: secrets.randbits(64),
        watch=watch,
        content=content,
        total_timeout_ms=settings.total_timeout_ms,
    )


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


def _watch(stack: AsyncExitStack, name: str, work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)


def _spare_the_collector() -> None:
    """Leaves what was made at the start out of every later collection, and collects what is young less often.

    A call makes some thousand objects and leaves hardly a cycle behind: looking for cycles after each 700 of them costs
    a tenth of the processor's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 10, 10)
