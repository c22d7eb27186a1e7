"""The sandbox: a simulated provider that listens on a real socket."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from itertools import count
from types import TracebackType
from typing import Final, Self

from pointsman_server.clock import Clock, SystemClock
from pointsman_server.sandbox import moderation
from pointsman_server.sandbox.broken_bodies import send_broken_body
from pointsman_server.sandbox.conversation import Ask, Refusal
from pointsman_server.sandbox.engine import find_model, generate
from pointsman_server.sandbox.faults import Fault, InvalidFault, Script, describe, read_fault
from pointsman_server.sandbox.http1 import HttpServer, Reply, Request
from pointsman_server.sandbox.meter import Entry, Meter
from pointsman_server.sandbox.models import MODELS
from pointsman_server.sandbox.playback import JSON, Playback, hang, pace_of
from pointsman_server.sandbox.prompt_cache import PromptCache
from pointsman_server.sandbox.routes import Route, route
from pointsman_server.sandbox.wire import Wire

_MODELS_PATH: Final = "/v1/models"


class Sandbox:
    """A simulated provider; serves inside ``async with``.

    Attributes:
        meter: what it generated, sent and would charge.
        script: what goes wrong with the next requests.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        speed: float = 1.0,
        burst: bool = False,
    ) -> None:
        """Prepares it.

        Args:
            host: where to listen.
            port: 0 picks one.
            clock: tells the time that answers bear.
            speed: how many times as fast as its models' own pace it answers.
            burst: whether it sends every answer at once.
        """
        self.meter = Meter()
        self.script = Script()
        self._host = host
        self._port = port
        self._clock = clock or SystemClock()
        self._speed = speed
        self._burst = burst
        self._cache = PromptCache()
        self._numbers = count(1)
        self._http = HttpServer(self._handle)

    @property
    def root_url(self) -> str:
        """What clients of Anthropic and Google take as their base URL."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def base_url(self) -> str:
        """What an OpenAI client takes as its base URL."""
        return f"{self.root_url}/v1"

    async def __aenter__(self) -> Self:
        self._port = await self._http.start(self._host, self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.stop()

    def reset(self) -> None:
        """Forgets the meter, the script and the prompt cache."""
        self.meter.reset()
        self.script.clear()
        self._cache.clear()

    async def _handle(self, request: Request, reply: Reply) -> None:
        found = route(request)
        try:
            if request.path.startswith("/_sandbox/"):
                reply.send(200, JSON, json.dumps(self._control(request)).encode())
            elif found.asks == "completion":
                self._need(request, "POST")
                await self._complete(found.wire, request, reply)
            elif found.asks == "moderation":
                self._need(request, "POST")
                await self._moderate(found.wire, request, reply)
            else:
                reply.send(200, JSON, self._list(found, request))
        except Refusal as refusal:
            reply.send(refusal.status, JSON, found.wire.refusal(refusal))

    def _need(self, request: Request, method: str) -> None:
        if request.method != method:
            raise Refusal(405, f"Method not allowed: {request.method[:16]} {request.path[:80]}")

    def _list(self, found: Route, request: Request) -> bytes:
        if found.asks == "nothing":
            raise Refusal(404, f"Invalid URL ({request.method[:16]} {request.path[:80]})")
        self._need(request, "GET")
        return found.wire.model(find_model(found.model)) if found.model else found.wire.models(MODELS.values())

    def _control(self, request: Request) -> object:
        match request.method, request.path:
            case "GET", "/_sandbox/meter":
                return self.meter.report()
            case "POST", "/_sandbox/reset":
                self.reset()
            case "POST", "/_sandbox/script":
                for fault in _faults(request.body):
                    self.script.push(fault)
            case _:
                raise Refusal(404, f"Invalid URL ({request.method[:16]} {request.path[:80]})")
        return {"queued": len(self.script.queue)}

    async def _moderate(self, wire: Wire, request: Request, reply: Reply) -> None:
        asked = moderation.read(request.body)
        fault = self.script.take(asked.model, "")
        number = next(self._numbers)
        if not await self._misbehave(wire, fault, reply, Entry(id=f"moderation-{number}")):
            reply.send(200, JSON, moderation.answer(asked, number))

    async def _complete(self, wire: Wire, request: Request, reply: Reply) -> None:
        with self.meter.open(f"sandbox-{next(self._numbers)}") as entry:
            try:
                ask = wire.read(request.body)
                entry.model = ask.model
                fault = self._fault(ask)
                entry.fault = describe(fault)
                if not await self._misbehave(wire, fault, reply, entry):
                    await self._answer(wire, ask, fault, reply, entry)
            except Refusal as refusal:
                entry.status, entry.outcome = refusal.status, "refused"
                raise
            except asyncio.CancelledError:
                entry.outcome = "client_gone"
                raise

    def _fault(self, ask: Ask) -> Fault:
        instructions = "\n".join(turn.text for turn in ask.turns if turn.role == "system")
        try:
            return self.script.take(ask.model, f"{instructions}\n{ask.last_user_text}")
        except InvalidFault as error:
            raise Refusal(400, str(error), param="messages", code="invalid_fault") from None

    async def _misbehave(self, wire: Wire, fault: Fault, reply: Reply, entry: Entry) -> bool:
        """Does what a fault asks for in place of an answer; whether it did."""
        if fault.hang:
            await hang()
        if fault.status is not None:
            refusal = Refusal(fault.status, f"The sandbox was told to answer {fault.status}.", code=fault.code)
            headers = {} if fault.retry_after is None else {"retry-after": fault.retry_after}
            reply.send(fault.status, fault.content_type or JSON, wire.refusal(refusal), headers)
            entry.status, entry.outcome = fault.status, "refused"
        elif fault.redirect is not None:
            reply.send(fault.redirect, JSON, b"", {"location": _MODELS_PATH})
            entry.status, entry.outcome = fault.redirect, "refused"
        elif fault.body is not None:
            await send_broken_body(reply, fault)
            entry.outcome = "failed"
        else:
            return False
        return True

    async def _answer(self, wire: Wire, ask: Ask, fault: Fault, reply: Reply, entry: Entry) -> None:
        generation = generate(ask, fault, self._cache)
        writer = wire.writer(ask, entry.id, int(self._clock.now().timestamp()))
        pace = pace_of(generation.model, fault, speed=self._speed, burst=self._burst)
        playback = Playback(reply, writer, ask, generation=generation, fault=fault, pace=pace, entry=entry)
        await playback.run()


def _faults(body: bytes) -> list[Fault]:
    try:
        found = json.loads(body)
        return [read_fault(values) for values in found.get("faults", [found])]
    except (ValueError, TypeError, AttributeError) as error:
        message = f'Expected a fault, or {{"faults": [fault, …]}}: {error}'
        raise Refusal(400, message, code="invalid_fault") from None


async def serve(address: str, *, speed: float = 1.0, burst: bool = False) -> None:
    """Runs a sandbox alone at ``host:port``, prints where, and ends on SIGTERM or SIGINT.

    Raises:
        OSError: the address cannot be listened at.
        ValueError: it is no address.
    """
    host, _, port = address.rpartition(":")
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with Sandbox(host=host.strip("[]") or "127.0.0.1", port=int(port), speed=speed, burst=burst) as sandbox:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stopped.set)
        sys.stdout.write(f"sandbox: {sandbox.base_url}\n")
        sys.stdout.flush()
        try:
            await stopped.wait()
        finally:
            for name in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(name)
