"""A whole server, called where a transport calls it: as any principal, with what was reached noted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from pointsman_server import app
from pointsman_server.clock import SystemClock
from pointsman_server.config import Settings
from pointsman_server.errors import PointsmanError
from pointsman_server.identity.audit_proof import Recorded
from pointsman_server.identity.audit_store import AuditQuery
from pointsman_server.identity.credentials import Presented
from pointsman_server.identity.model import Principal
from pointsman_server.ids import new_id
from pointsman_server.services.boundary import Arrival, Boundary
from pointsman_server.services.call import Call
from pointsman_server.services.methods import Method, Servicer, StreamMethod, methods_of
from pointsman_server.storage.storage import Storage

_MOST_ANSWERS = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended: what it answered or the error, and whether its servicer saw it."""

    answers: list[Message]
    error: PointsmanError | None
    reached: bool

    @property
    def reason(self) -> str:
        return self.error.reason if self.error is not None else ""

    @property
    def told(self) -> tuple[object, ...]:
        """All that the caller is told of the error."""
        error = self.error
        if error is None:
            return ()
        return (error.status, error.reason, error.message, dict(error.metadata), error.fields, error.preconditions)


class Watched:
    """A servicer that notes which of its methods were reached."""

    def __init__(self, servicer: Servicer, reached: list[str]) -> None:
        self._servicer = servicer
        self._reached = reached
        self.descriptor: ServiceDescriptor = servicer.descriptor

    def __getattr__(self, name: str) -> Callable[[Message, Call], Any]:
        function = getattr(self._servicer, name)

        def noted(request: Message, call: Call) -> Any:
            self._reached.append(name)
            return function(request, call)

        return noted


@dataclass
class World:
    storage: Storage
    servicers: Sequence[Servicer]
    methods: dict[str, Method] = field(init=False)
    reached: list[str] = field(default_factory=list)
    principal: Principal | None = None

    def __post_init__(self) -> None:
        watched = [Watched(servicer, self.reached) for servicer in self.servicers]
        self.methods = {f"{each.service.rpartition('.')[2]}/{each.name}": each for each in methods_of(watched)}
        self._boundary = Boundary(SystemClock(), new_id, self._authenticate, self.storage.visits)

    async def _authenticate(self, _presented: Presented) -> Principal:
        assert self.principal is not None
        return self.principal

    async def call(self, principal: Principal, name: str, request: Message) -> Outcome:
        """Calls a method as the principal, and reads a bounded part of a stream."""
        method = self.methods[name]
        self.principal = principal
        self.reached.clear()
        answers: list[Message] = []

        async def body(call: Call) -> None:
            if not isinstance(method, StreamMethod):
                answers.append(await method.function(request, call))
                return
            async with aclosing(method.function(request, call)) as stream:
                answers.extend(await _some(stream))

        error: PointsmanError | None = None
        try:
            await self._boundary.run(Arrival(f"pointsman.v1.{name}", new_id("req"), source="unix"), body)
        except PointsmanError as raised:
            error = raised
        return Outcome(answers, error, bool(self.reached))

    async def chain(self, tenant_id: str) -> list[Recorded]:
        """A tenant's audit chain, the oldest entry first."""
        pieces = [piece async for piece in self.storage.audit.export(AuditQuery(tenant_id))]
        return [recorded for piece in pieces for recorded in piece]


async def _some(stream: AsyncGenerator[Message, None]) -> list[Message]:
    found: list[Message] = []
    async for answer in stream:
        found.append(answer)
        if len(found) == _MOST_ANSWERS:
            break
    return found


@asynccontextmanager
async def world(directory: Path) -> AsyncIterator[World]:
    """The app as it serves, with its servicers and its storage taken out as it hands them to its transports."""
    taken: list[Any] = []
    listen, storage = app._listen, app._storage

    async def listening(stack: Any, settings: Any, servicers: Any, *rest: Any) -> app.Addresses:
        taken.append(servicers)
        return await listen(stack, settings, servicers, *rest)

    async def opening(settings: Settings) -> Storage:
        taken.append(await storage(settings))
        opened: Storage = taken[-1]
        return opened

    settings = Settings(
        data_dir=directory / "data", grpc_address=f"unix:{directory}/s", http_address="", local_discovery=False
    )
    with patch.object(app, "_listen", listening), patch.object(app, "_storage", opening):
        async with app.running(settings, {}):
            yield World(taken[0], taken[1])
