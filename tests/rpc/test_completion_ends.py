"""How completions end over gRPC in a whole server: what the caller is told, and what is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from google.rpc.status_pb2 import Status
from pointsman.v1.completion_pb2 import CompletionFailure, CompletionSpecification
from pointsman.v1.content_pb2 import Message, Part, Role, TextPart
from pointsman.v1.router_service_pb2 import CompleteRequest, CompleteResponse, UsageRequest, UsageRow
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub
from pointsman_server.app import Addresses, running
from pointsman_server.config import Settings

HANGING = "hello [[sandbox: burst hang_after=3]]"


def asking(text: str) -> CompleteRequest:
    message = Message(role=Role.ROLE_USER, parts=[Part(text=TextPart(text=text))])
    return CompleteRequest(specification=CompletionSpecification(messages=[message]))


def settings(directory: Path) -> Settings:
    return Settings(
        data_dir=directory / "data",
        grpc_address=f"unix:{directory}/s",
        http_address="",
        local_discovery=False,
        drain_ms=100,
    )


class Caller:
    """The first administrator's stub."""

    def __init__(self, stub: RouterServiceStub, token: str) -> None:
        self._stub = stub
        self._metadata = (("authorization", f"Bearer {token}"),)

    def complete(
        self, request: CompleteRequest, timeout: float | None = None
    ) -> grpc.aio.UnaryStreamCall[CompleteRequest, CompleteResponse]:
        return self._stub.Complete(request, timeout=timeout, metadata=self._metadata)

    async def usage(self) -> UsageRow:
        return (await self._stub.Usage(UsageRequest(), metadata=self._metadata)).total


@asynccontextmanager
async def calling(addresses: Addresses) -> AsyncIterator[Caller]:
    token = (Path(addresses.grpc.removeprefix("unix:")).parent / "data" / "admin-token").read_text().strip()
    async with grpc.aio.insecure_channel(addresses.grpc) as channel:
        yield Caller(RouterServiceStub(channel), token)


async def read_all(call: grpc.aio.UnaryStreamCall[CompleteRequest, CompleteResponse]) -> None:
    while await call.read():
        pass


async def failure(
    call: grpc.aio.UnaryStreamCall[CompleteRequest, CompleteResponse],
) -> tuple[grpc.aio.AioRpcError, CompletionFailure]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read_all(call)
    packed = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
    told = CompletionFailure()
    assert any(detail.Unpack(told) for detail in Status.FromString(packed).details)
    return caught.value, told


async def test_a_deadline_is_told_and_recorded_as_one(tmp_path: Path) -> None:
    async with running(settings(tmp_path), {}) as addresses, calling(addresses) as caller:
        call = caller.complete(asking(HANGING), timeout=1)
        error, told = await failure(call)
        assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert told.usage.output_tokens > 0
        assert told.last_sequence == 3
        total = await caller.usage()
        assert (total.attempts, total.failed_attempts, total.cancelled_attempts) == (1, 1, 0)


async def test_a_shutdown_tells_how_far_the_stream_got(tmp_path: Path) -> None:
    server = running(settings(tmp_path), {})
    addresses = await server.__aenter__()
    async with calling(addresses) as caller:
        call = caller.complete(asking(HANGING))
        await call.read()
        (error, told), _ = await asyncio.gather(failure(call), server.__aexit__(None, None, None))
    assert error.code() == grpc.StatusCode.UNAVAILABLE
    assert told.last_sequence == 3
    async with running(settings(tmp_path), {}) as addresses, calling(addresses) as caller:
        assert (await caller.usage()).cancelled_attempts == 1


async def test_a_cancel_reaches_the_provider_and_is_recorded(tmp_path: Path) -> None:
    async with running(settings(tmp_path), {}) as addresses, calling(addresses) as caller:
        call = caller.complete(asking(HANGING))
        await call.read()
        call.cancel()
        async with asyncio.timeout(10):
            while not (await caller.usage()).attempts:  # noqa: ASYNC110  # what is waited for is behind a socket
                await asyncio.sleep(0.01)
        total = await caller.usage()
        assert (total.attempts, total.cancelled_attempts, total.estimated_attempts) == (1, 1, 1)
