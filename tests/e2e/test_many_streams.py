"""Many callers at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import grpc
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub

from tests.e2e.processes import Server
from tests.e2e.requests import CALL_SECONDS, Answer, asking, collected

if TYPE_CHECKING:
    from pointsman.v1.router_service_pb2 import CompleteRequest
    from pointsman.v1.router_service_pb2_grpc import RouterServiceAsyncStub

STREAMS = 200


async def ask(stub: RouterServiceAsyncStub, request: CompleteRequest, server: Server) -> Answer:
    call = stub.Complete(request, timeout=CALL_SECONDS, metadata=tuple(server.headers.items()))
    return collected([response async for response in call])


async def test_two_hundred_streams_are_neither_lost_nor_mixed_up(server: Server) -> None:
    async with grpc.aio.insecure_channel(server.grpc_address) as channel:
        stub: RouterServiceAsyncStub = RouterServiceStub(channel)
        asked = [asking(f"My number is {number * 7919}.", max_output_tokens=64) for number in range(STREAMS)]
        answers = await asyncio.gather(*(ask(stub, request, server) for request in asked))
    assert len({answer.started.completion_id for answer in answers}) == STREAMS
    # The sandbox repeats what it was asked.
    assert [number for number, answer in enumerate(answers) if str(number * 7919) not in answer.text] == []
