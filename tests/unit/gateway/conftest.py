"""A gateway over two simulated providers on real sockets, a real transport and a real database."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import tiktoken
from pointsman.v1.completion_pb2 import CompletionEvent, CompletionSpecification, Delivery, Hints
from pointsman.v1.content_pb2 import Message, Part, Role, TextPart
from pointsman.v1.decision_pb2 import Decision
from pointsman.v1.model_pb2 import Capability, ProviderState
from pointsman.v1.router_service_pb2 import CompleteResponse, UsageRow
from pointsman_server.adapters.dialects import DIALECTS
from pointsman_server.adapters.transport import Transport
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.catalog.model import (
    Access,
    Auth,
    AuthScheme,
    Model,
    OnCancel,
    Prices,
    Provider,
    ProviderStatus,
)
from pointsman_server.catalog.snapshot import build
from pointsman_server.clock import Clock, SystemClock
from pointsman_server.errors import PointsmanError
from pointsman_server.execution.attempts import Attempts
from pointsman_server.execution.content import ContentChecker
from pointsman_server.execution.moderation import ModerationSettings, Moderator
from pointsman_server.execution.reading_on import ReadingOnSettings
from pointsman_server.execution.settings import RunSettings
from pointsman_server.execution.supervisor import Supervisor, SupervisorSettings
from pointsman_server.execution.walk import RetrySettings
from pointsman_server.gateway import Gateway
from pointsman_server.identity.model import LOCAL_ADMIN, Principal
from pointsman_server.ids import new_id
from pointsman_server.ledger.claims import IdempotencyKey
from pointsman_server.ledger.generations import Generation, GenerationWatch
from pointsman_server.ledger.reports import UsageQuery
from pointsman_server.policy.engine import PolicyEngine
from pointsman_server.policy.kill_keeper import KillKeeper
from pointsman_server.policy.limits import ServerLimits
from pointsman_server.policy.rule import Rule
from pointsman_server.policy.snapshot import PolicyData, PolicySnapshot
from pointsman_server.router.router import Router
from pointsman_server.router.tokenizers import Tokenizers
from pointsman_server.sandbox import Sandbox
from pointsman_server.secrets.environment import EnvironmentKeys
from pointsman_server.storage.database import Address
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import SetClock

CALL_S = 10.0
PRICES = Prices(input_nanos_per_million=1_000_000_000, output_nanos_per_million=4_000_000_000)
TALENTS = frozenset({Capability.CAPABILITY_TEXT, Capability.CAPABILITY_FUNCTION_CALLING})


def asking(text: str, **hints: object) -> CompletionSpecification:
    """A specification with one user message."""
    message = Message(role=Role.ROLE_USER, parts=[Part(text=TextPart(text=text))])
    return CompletionSpecification(messages=[message], hints=Hints(**hints), labels={"team": "blue"})


async def always(_generation: int) -> None:
    """The rules are those of any version."""


def provider(name: str, base_url: str) -> Provider:
    return Provider(
        id=name,
        display_name=name,
        dialect="openai",
        base_url=base_url,
        auth=Auth(scheme=AuthScheme.NONE, required=False),
        access=Access.LOOPBACK,
        on_cancel=OnCancel.ABORT,
    )


def model(provider_id: str, priority: int, *, prices: Prices | None = PRICES) -> Model:
    return Model(
        id=f"{provider_id}/steady",
        provider_id=provider_id,
        external_id="steady",
        provider_model_id="steady",
        display_name="steady",
        capabilities=TALENTS,
        context_window_tokens=128_000,
        max_output_tokens=8_192,
        prices=prices,
        priority=priority,
    )


@dataclass
class Answer:
    """Everything that a call brought."""

    responses: list[CompleteResponse] = field(default_factory=list)

    @property
    def events(self) -> list[CompletionEvent]:
        return [event for response in self.responses for event in response.events]

    @property
    def text(self) -> str:
        return "".join(event.text_delta.text for event in self.events)

    @property
    def kinds(self) -> list[str]:
        return [event.WhichOneof("kind") or "" for event in self.events]


@dataclass
class World:
    """The gateway under test and what stands around it."""

    first: Sandbox
    second: Sandbox
    storage: Storage
    gateway: Gateway
    supervisor: Supervisor
    askers: list[Principal | PointsmanError] = field(default_factory=lambda: [LOCAL_ADMIN])
    """Who asks, or why it is not let in any more; each time that it is looked up the next, and then the last."""

    async def renew(self) -> Principal:
        found = self.askers.pop(0) if len(self.askers) > 1 else self.askers[0]
        if isinstance(found, PointsmanError):
            raise found
        return found

    def stream(
        self,
        specification: CompletionSpecification,
        *,
        delivery: Delivery.ValueType = Delivery.DELIVERY_STREAM,
        seconds: float | None = CALL_S,
        idempotency_key: IdempotencyKey | None = None,
    ) -> AsyncGenerator[CompleteResponse, None]:
        now = self.gateway.clock.monotonic()
        return self.gateway.complete(
            specification,
            delivery=delivery,
            principal=LOCAL_ADMIN,
            renew=self.renew,
            received_at=now,
            deadline=None if seconds is None else now + seconds,
            idempotency_key=idempotency_key,
        )

    async def complete(self, specification: CompletionSpecification, **options: object) -> Answer:
        """Runs a call to its end; what came before an error is in ``last``."""
        answer = self.last = Answer()
        async for response in self.stream(specification, **options):
            answer.responses.append(response)
        return answer

    async def settled(self) -> None:
        """Waits until every supervisor is done."""
        await self.supervisor.drain(int(CALL_S * 1000))

    async def decision(self, decision_id: str) -> Decision:
        return await self.storage.decisions.get(LOCAL_ADMIN.tenant_id, LOCAL_ADMIN.user_id, decision_id)

    async def usage(self) -> UsageRow:
        return (await self.storage.usage.report(LOCAL_ADMIN.tenant_id, UsageQuery())).total


MakeWorld = Callable[..., World]


@pytest.fixture
def database(tmp_path: Path) -> Address:
    """Where the worlds keep their records."""
    return tmp_path / "pointsman.db"


@pytest.fixture
async def make_world(database: Address) -> AsyncIterator[MakeWorld]:
    """Makes worlds; limits may be given as keywords, and a storage other than the one that they share."""
    system = SystemClock()
    opened: list[Supervisor] = []
    tasks: list[asyncio.Task[None]] = []
    async with (
        Sandbox(burst=True) as first,
        Sandbox(burst=True) as second,
        await Storage.open(database, clock=system, new_id=new_id) as shared,
    ):
        transport = Transport(private_networks=())

        def make(
            *,
            storage: Storage = shared,
            retries: int = 0,
            base_delay_ms: int = 10,
            stalled_reader_ms: int = 5_000,
            chunk_ms: int = 5_000,
            first_token_ms: int = 5_000,
            max_concurrent: int = 1_000,
            total_timeout_ms: int = 60_000,
            read_to_end_ms: int = 5_000,
            max_read_to_end: int = 100,
            first_fields: dict[str, object] | None = None,
            second_fields: dict[str, object] | None = None,
            first_prices: Prices | None = PRICES,
            first_row: dict[str, object] | None = None,
            second_row: dict[str, object] | None = None,
            clock: Clock = system,
            encodings: Mapping[str, tiktoken.Encoding] | None = None,
            watch: GenerationWatch | None = None,
            rules: Sequence[Rule] = (),
            moderation_provider: str = "",
        ) -> World:
            providers = [
                replace(provider("first", first.base_url), **first_fields or {}),
                replace(provider("second", second.base_url), **second_fields or {}),
            ]
            active = ProviderStatus(ProviderState.PROVIDER_STATE_ACTIVE)
            models = [
                replace(model("first", 90, prices=first_prices), **first_row or {}),
                replace(model("second", 10), **second_row or {}),
            ]
            supervisor = Supervisor(
                ledger=storage.ledger,
                attempts=Attempts(dialects=DIALECTS, transport=transport, keys=EnvironmentKeys({}), clock=clock),
                settings=SupervisorSettings(
                    max_concurrent=max_concurrent,
                    retry_budget_percent=20,
                    run=RunSettings(
                        connect_ms=2_000,
                        first_token_ms=first_token_ms,
                        chunk_ms=chunk_ms,
                        stalled_reader_ms=stalled_reader_ms,
                        retry=RetrySettings(retries, base_delay_ms, max_delay_ms=2_000),
                        reading_on=ReadingOnSettings(read_to_end_ms, max_read_to_end),
                    ),
                ),
                claims=storage.claims,
                clock=clock,
                jitter=random.Random(7),
            )
            opened.append(supervisor)
            catalog = Catalog(build(providers, {p.id: active for p in providers}, models))
            policy = PolicyEngine(ServerLimits(512, None, max_attempts=4, allow_fallback=True))
            policy.use(PolicySnapshot(PolicyData(rules=rules)))
            known = watch or GenerationWatch(storage.generations.read, SetClock())  # never deaf
            kills = KillKeeper(storage.kill_switches)
            known.on_change(Generation.KILL, kills.changed)
            tasks.append(asyncio.create_task(kills.run(supervisor.obey)))
            gateway = Gateway(
                catalog=catalog,
                policy=policy,
                tokenizers=Tokenizers(encodings or {}),
                router=Router(overhead_tokens={name: d.overhead_tokens for name, d in DIALECTS.items()}),
                ledger=storage.ledger,
                supervisor=supervisor,
                clock=clock,
                new_id=new_id,
                new_seed=lambda: 1,
                watch=known,
                kills=kills,
                content=ContentChecker(
                    Moderator(
                        ModerationSettings(moderation_provider, "omni-moderation-latest", timeout_ms=300),
                        transport=transport,
                        keys=EnvironmentKeys({}),
                        catalog=catalog,
                    ),
                    window=256,
                ),
                policy_at_least=always,
                total_timeout_ms=total_timeout_ms,
            )
            return World(first, second, storage, gateway, supervisor)

        yield make
        for supervisor in opened:
            await supervisor.drain(0)
        await asyncio.sleep(0)  # what is cancelled before it begins is warned of as never awaited
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await transport.close()


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    """A world with the usual limits; made on the loop, where it starts what it runs."""
    return make_world()
