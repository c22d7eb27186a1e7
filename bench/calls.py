"""One call of each kind, checked and timed: a completion, a routing, and the upstream's or a peer's own wire."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import cycle
from typing import TYPE_CHECKING

import aiohttp
import grpc
from pointsman.v1.completion_pb2 import Delivery
from pointsman.v1.content_pb2 import Role
from pointsman.v1.router_service_pb2 import CompleteRequest, RouteRequest
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub

from bench.upstream import MODEL, QUESTIONS, TEXT

if TYPE_CHECKING:
    # The asyncio side of the stub exists in its types alone.
    from pointsman.v1.router_service_pb2_grpc import RouterServiceAsyncStub

CALL_SECONDS = 60
PINNED = f"bench/{MODEL}"

Metadata = tuple[tuple[str, str], ...]
Check = Callable[[str, bool], bool]
"""Whether a text, and whether its end was told, are the right answer."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One call, in milliseconds from when it was due."""

    first_ms: float
    total_ms: float


Call = Callable[[], Awaitable[Timing]]
Calls = Callable[[], AbstractAsyncContextManager[Call]]
"""Opens a connection; what comes out makes one call over it."""


def completing(address: str, delivery: Delivery.ValueType, check: Check, *, token: str = "") -> Calls:
    """``Complete`` calls."""
    asked = cycle([_completion(question, delivery) for question in QUESTIONS])

    metadata = bearer(token)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Call]:
        async with grpc.aio.insecure_channel(address) as channel:
            stub: RouterServiceAsyncStub = RouterServiceStub(channel)
            yield lambda: _complete(stub, next(asked), check, metadata)

    return opened


def routing(address: str, *, pinned: bool, token: str = "") -> Calls:
    """``Route`` calls; without a pin, every model in the catalog competes."""
    asked = cycle([_routing(question, pinned=pinned) for question in QUESTIONS])

    metadata = bearer(token)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Call]:
        async with grpc.aio.insecure_channel(address) as channel:
            stub: RouterServiceAsyncStub = RouterServiceStub(channel)
            yield lambda: _route(stub, next(asked), metadata)

    return opened


def chatting(base_url: str, headers: Mapping[str, str], *, stream: bool) -> Calls:
    """Calls of the OpenAI wire: to the upstream itself, or to a peer in front of it."""
    bodies = cycle([_chat_body(question, stream=stream) for question in QUESTIONS])

    @asynccontextmanager
    async def opened() -> AsyncIterator[Call]:
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=timeout) as session:
            yield lambda: _chat(session, f"{base_url}/chat/completions", next(bodies))

    return opened


def bearer(token: str) -> Metadata:
    """The metadata with a token; none for none."""
    return (("authorization", f"Bearer {token}"),) if token else ()


def is_answer(text: str, finished: bool) -> bool:  # noqa: FBT001  # what was seen, not a switch
    """Whether Pointsman's answer is the upstream's, to the end."""
    return text == TEXT and finished


def is_relayed(text: str, _finished: bool) -> bool:  # noqa: FBT001  # as is_answer
    """Whether the bare relay handed everything on."""
    return "delta 19" in text and text.endswith("data: [DONE]\n\n")


def _completion(question: str, delivery: Delivery.ValueType) -> CompleteRequest:
    asked = CompleteRequest(delivery=delivery)
    asked.specification.messages.add(role=Role.ROLE_USER).parts.add().text.text = question
    asked.specification.hints.pinned_models.append(PINNED)
    return asked


def _routing(question: str, *, pinned: bool) -> RouteRequest:
    asked = RouteRequest()
    asked.specification.messages.add(role=Role.ROLE_USER).parts.add().text.text = question
    if pinned:
        asked.specification.hints.pinned_models.append(PINNED)
    return asked


def _chat_body(question: str, *, stream: bool) -> Mapping[str, object]:
    return {"model": MODEL, "stream": stream, "messages": [{"role": "user", "content": question}]}


async def _complete(stub: RouterServiceAsyncStub, asked: CompleteRequest, check: Check, metadata: Metadata) -> Timing:
    start = time.perf_counter()
    first = 0.0
    texts: list[str] = []
    finished = False
    async for response in stub.Complete(asked, timeout=CALL_SECONDS, metadata=metadata):
        first = first or time.perf_counter() - start
        for event in response.events:
            texts.append(event.text_delta.text)
            texts += [part.text.text for part in event.finished.message.parts]
            finished = finished or event.HasField("finished")
    if not check("".join(texts), finished):
        raise RuntimeError(f"a wrong answer: {''.join(texts)!r}")
    return Timing(first * 1000, (time.perf_counter() - start) * 1000)


async def _route(stub: RouterServiceAsyncStub, asked: RouteRequest, metadata: Metadata) -> Timing:
    start = time.perf_counter()
    response = await stub.Route(asked, timeout=CALL_SECONDS, metadata=metadata)
    if list(response.decision.plan) != [PINNED]:
        raise RuntimeError(f"a wrong plan: {response.decision.plan}")
    total_ms = (time.perf_counter() - start) * 1000
    return Timing(total_ms, total_ms)


async def _chat(session: aiohttp.ClientSession, url: str, body: Mapping[str, object]) -> Timing:
    start = time.perf_counter()
    first = 0.0
    received = bytearray()
    async with session.post(url, json=body) as response:
        if response.status != HTTPStatus.OK:
            raise RuntimeError(f"status {response.status}: {(await response.text())[:300]}")
        async for data in response.content.iter_any():
            first = first or time.perf_counter() - start
            received += data
    if _text(received.decode()) != TEXT:
        raise RuntimeError(f"a wrong answer: {bytes(received[:500])!r}")
    return Timing(first * 1000, (time.perf_counter() - start) * 1000)


def _text(answer: str) -> str:
    if not answer.startswith("data:"):
        return str(json.loads(answer)["choices"][0]["message"]["content"])
    chunks = [line.removeprefix("data:").strip() for line in answer.splitlines() if line.startswith("data:")]
    choices = [choice for chunk in chunks if chunk != "[DONE]" for choice in json.loads(chunk)["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)
